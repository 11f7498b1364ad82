// The camera nodes that a node names in its own settings: one, a list, or both. Looked up anew each time: Node-RED deploys a camera again without the nodes that name it in a list.
import type { Node } from 'node-red';
import { camerasAtWork } from './camera-list.js';
import type { CameraNode } from './camera-node.js';

export interface NamedCameras {
  /** The id of a camera node. */
  readonly camera?: string;
  /** Ids of further ones. Node-RED makes a list of one inside a subflow a string. */
  readonly cameras?: unknown;
}

/** Those at work, in the order of the settings; what is gone or switched off is left out. */
export function ownCameras(node: Node, config: NamedCameras): CameraNode[] {
  const known = camerasAtWork();
  const found = idsIn([config.camera, ...listed(config)]).flatMap(
    // Inside a subflow a list holds the ids of the template, which each instance has nodes of its own for.
    (id) =>
      known.find((camera) => camera.z === node.z && Reflect.get(camera, '_alias') === id) ??
      known.find((camera) => camera.id === id) ??
      [],
  );
  return [...new Set(found)];
}

/** Whether there is a list, so that reports come as one. */
export function hasList(config: NamedCameras): boolean {
  return listed(config).length > 0;
}

function listed({ cameras }: NamedCameras): string[] {
  return idsIn(Array.isArray(cameras) ? cameras : [cameras]);
}

function idsIn(values: readonly unknown[]): string[] {
  return values.filter((value): value is string => typeof value === 'string' && value !== '');
}
