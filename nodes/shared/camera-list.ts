// The camera nodes at work in this process, and who follows their sessions. Node-RED's own list of flows knows those inside a subflow only as a template.
import type { CameraNode } from './camera-node.js';

const nodes = new Set<CameraNode>();
const followers = new Map<string, Set<() => void>>();

/** Adds a node; the result takes it out. */
export function enlist(node: CameraNode): () => void {
  nodes.add(node);
  return () => void nodes.delete(node);
}

/** In the order in which they began. */
export function camerasAtWork(): readonly CameraNode[] {
  return [...nodes];
}

/** Calls the listener when the session of the camera node with this id changes, also of one that takes its place; the result ends it. */
export function followSession(id: string, listener: () => void): () => void {
  const listeners = followers.get(id) ?? new Set();
  followers.set(id, listeners.add(listener));
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && followers.get(id) === listeners) followers.delete(id);
  };
}

export function sessionChanged(id: string): void {
  for (const listener of [...(followers.get(id) ?? [])]) listener();
}
