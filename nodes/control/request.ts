// Message and node configuration -> which action with which argument. Pure; throws TALK_ERR_ARGUMENT. What an argument may be is the library's.
import { isDate } from 'node:util/types';
import { CONTROL_ACTIONS, given, readChoice, type ControlAction } from '../../src/index.js';
import type { MessageFields } from '../shared/message.js';

export interface ControlRequest {
  readonly action: ControlAction;
  /** Undefined when there is none. */
  readonly argument: unknown;
}

/** `msg.action`, else the node's, else `info`; the argument is `msg.payload` where the action takes one. */
export function controlRequest(msg: MessageFields, config: { readonly action?: unknown }): ControlRequest {
  const wanted = given(msg['action']) ?? given(config.action) ?? 'info';
  const action = readChoice('msg.action', wanted, CONTROL_ACTIONS);
  return { action, argument: ignoresPayload(action, msg['payload']) ? undefined : msg['payload'] };
}

/** The timestamp that an inject node sends by default is no argument for what takes none, or only a word. */
function ignoresPayload(action: ControlAction, payload: unknown): boolean {
  if (action === 'info' || action === 'reboot') return true;
  return action === 'clock' && (typeof payload === 'number' || isDate(payload));
}
