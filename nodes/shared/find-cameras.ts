// Which cameras a message is for: the node's own, or those that `msg.camera` names, by id, else by name, in any flow.
import type { NodeAPI } from 'node-red';
import {
  TalkError,
  cameraKey,
  excerpt,
  given,
  invalid,
  shown,
  toTalkError,
  type CameraOptions,
} from '../../src/index.js';
import { camerasAtWork } from './camera-list.js';
import type { CameraNode } from './camera-node.js';
import type { MessageFields } from './message.js';

/** The cameras a message is for: those of `msg.camera`, else the node's own. Throws TALK_ERR_ARGUMENT when there is none. */
export function chosenCameras(RED: NodeAPI, own: CameraNode | null, msg: MessageFields): CameraOptions[] {
  const names = cameraNames(msg);
  if (names !== undefined) return findCameras(RED, names);
  if (own !== null) return [own.camera()];
  throw new TalkError('TALK_ERR_ARGUMENT', 'No camera: choose one in the node, or name one in msg.camera');
}

/** Whether a camera is to be had at all, as far as node and message say. */
export function isAddressed(own: CameraNode | null, msg: MessageFields): boolean {
  return own?.usable() === true || given(msg['camera']) !== undefined;
}

/**
 * The options of each camera, once, however often it is named.
 * Throws TALK_ERR_ARGUMENT for a name no camera node has, or several have, and for a camera whose settings are wrong.
 */
function findCameras(RED: NodeAPI, names: readonly string[]): CameraOptions[] {
  const known = cameraNodes(RED);
  const found = names.map((name) => {
    const wanted = name.trim();
    const byId = known.find((node) => node.id === wanted);
    if (byId !== undefined) return byId;
    const [named, ...others] = known.filter((node) => node.name === wanted);
    if (named === undefined) {
      const names = known.flatMap((node) => node.name || []);
      const hint =
        names.length === 0 ? 'no camera has a name yet' : `known are ${names.slice(0, 10).map(brief).join(', ')}`;
      throw new TalkError('TALK_ERR_ARGUMENT', `msg.camera: no camera is called ${shown(name)}; ${hint}`);
    }
    if (others.length > 0) {
      throw new TalkError(
        'TALK_ERR_ARGUMENT',
        `msg.camera: ${others.length + 1} cameras are called ${shown(name)}; give them different names or use an id`,
      );
    }
    return named;
  });
  return eachOnce(found.map(optionsOf));
}

/** The same camera may be named by several nodes. */
export function eachOnce(cameras: readonly CameraOptions[]): CameraOptions[] {
  return [...new Map(cameras.map((camera) => [cameraKey(camera), camera])).values()];
}

function optionsOf(node: CameraNode): CameraOptions {
  try {
    return node.camera();
  } catch (error) {
    const { code, message } = toTalkError(error, 'TALK_ERR_ARGUMENT', String(error));
    throw new TalkError(code, `Camera ${shown(node.name || node.id)}: ${message}`);
  }
}

/** Ten of them fit into one error text. */
function brief(name: string): string {
  return excerpt(name, 20);
}

/** Those of the flows, and those inside subflow instances, which the flows know as a template only. */
function cameraNodes(RED: NodeAPI): CameraNode[] {
  const nodes: CameraNode[] = [];
  RED.nodes.eachNode((definition) => {
    if (definition.type !== 'tplink-camera') return;
    const node = RED.nodes.getNode(definition.id) as CameraNode | null;
    if (node !== null) nodes.push(node);
  });
  return [...new Set([...nodes, ...camerasAtWork()])];
}

/** Names or ids of `msg.camera`; undefined when the node's own camera is meant. */
export function cameraNames(msg: MessageFields): readonly string[] | undefined {
  const camera = given(msg['camera']);
  if (camera === undefined) return undefined;
  const names: readonly unknown[] = Array.isArray(camera) ? camera : [camera];
  if (names.length === 0) throw invalid('msg.camera', 'the name of a camera, or an array of names', camera);
  return [
    ...new Set(
      names.map((name) => {
        if (typeof name !== 'string' || name.trim() === '')
          throw invalid('msg.camera', 'the name of a camera, or an array of names', name);
        return name;
      }),
    ),
  ];
}
