// A message on its way through a node: types only.
import type { NodeMessageInFlow } from 'node-red';

/** What the nodes pass on. */
export type Message = NodeMessageInFlow & Record<string, unknown>;

/** A message for those who only read it. */
export type MessageFields = Readonly<Record<string, unknown>>;
