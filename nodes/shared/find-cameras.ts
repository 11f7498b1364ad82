// Which cameras a message is for: the node's own, or those that `msg.camera` names, by id, else by name, in any flow, or all of them.
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

/** Instead of a name: all cameras of the flows. */
const ALL = '*';

/** The cameras a message is for: those of `msg.camera`, else the node's own. Throws TALK_ERR_ARGUMENT when there is none. */
export function chosenCameras(RED: NodeAPI, own: readonly CameraNode[], msg: MessageFields): CameraOptions[] {
  const names = cameraNames(msg);
  if (names?.some((name) => name.trim() === ALL) === true) return everyCamera(RED);
  if (names !== undefined) return findCameras(RED, names);
  const [first, ...others] = own;
  if (first !== undefined) return others.length === 0 ? [first.camera()] : eachOnce(own.map(optionsOf));
  throw new TalkError('TALK_ERR_ARGUMENT', 'No camera: choose one in the node, or name one in msg.camera');
}

/** Whether the message names a camera. */
export function isAddressed(msg: MessageFields): boolean {
  return given(msg['camera']) !== undefined;
}

/** Whether the message names a list of cameras, or all. */
export function namesSeveral({ camera }: MessageFields): boolean {
  return Array.isArray(camera) || (typeof camera === 'string' && camera.trim() === ALL);
}

/** Every camera that works, once. The others said at deploy what is wrong with them; one twin of a pair in conflict works. */
function everyCamera(RED: NodeAPI): CameraOptions[] {
  const cameras = eachOnce(workingCameras(cameraNodes(RED)));
  if (cameras.length > 0) return cameras;
  throw new TalkError('TALK_ERR_ARGUMENT', 'msg.camera: "*" means all cameras, but no camera in the flows works');
}

/** The options of those whose settings are complete and right. */
export function workingCameras(nodes: readonly CameraNode[]): CameraOptions[] {
  return nodes.flatMap((node) => {
    try {
      return node.usable() ? node.camera() : [];
    } catch {
      return [];
    }
  });
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

/** The same camera may be named by several nodes, of which the first counts. */
export function eachOnce(cameras: readonly CameraOptions[]): CameraOptions[] {
  const once = new Map<string, CameraOptions>();
  for (const camera of cameras) if (!once.has(cameraKey(camera))) once.set(cameraKey(camera), camera);
  return [...once.values()];
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
