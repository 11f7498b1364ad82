// The camera nodes at work in this process. Node-RED's own list of flows knows those inside a subflow only as a template.
import type { CameraNode } from './camera-node.js';

const nodes = new Set<CameraNode>();

/** Adds a node; the result takes it out. */
export function enlist(node: CameraNode): () => void {
  nodes.add(node);
  return () => void nodes.delete(node);
}

/** In the order in which they began. */
export function camerasAtWork(): readonly CameraNode[] {
  return [...nodes];
}
