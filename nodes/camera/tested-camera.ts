// The fields of a camera dialog -> what `cameraOptions` takes.
import type { NodeAPI } from 'node-red';
import { CAMERA_DEFAULTS, cameraOptions, type CameraOptions } from '../../src/index.js';
import type { CameraNode } from '../shared/camera-node.js';
import { dialogFields, isFields, type Dialog, type Fields, type Untestable } from '../shared/dialog-fields.js';
import type { Refusal } from '../shared/report-route.js';

const CAMERA: Dialog = {
  type: 'tplink-camera',
  fields: [...Object.keys(CAMERA_DEFAULTS), 'host', 'password', 'listenPassword'],
  defaults: { ...CAMERA_DEFAULTS },
};

/**
 * Where the camera is talked to, and where it is listened to; without a password for listening the camera's own goes there too.
 * The dialect says whose password it is: the camera's, or that of a TP-Link account.
 */
const TALKING = ['host', 'port', 'httpPort', 'streamPort', 'dialect', 'username'];
const LISTENING = ['host', 'port', 'username', 'listenUsername', 'streamUrl', 'listenBasic'];

/** See `dialogFields`. */
export function testedCamera(RED: NodeAPI, body: unknown): Fields | Untestable {
  const alsoListens = !isFields(body) || (body['listenPassword'] ?? '') === '';
  const secrets = {
    password: alsoListens ? [...TALKING, ...LISTENING, 'listenPassword'] : TALKING,
    listenPassword: LISTENING,
  };
  return dialogFields(RED, body, { ...CAMERA, secrets });
}

/** A deployed one by its id, or the fields of one that was changed in the editor. Throws TALK_ERR_ARGUMENT for a wrong one. */
export function triedCamera(RED: NodeAPI, camera: unknown): CameraOptions | Refusal {
  if (typeof camera === 'string') {
    const node = RED.nodes.getNode(camera) as CameraNode | null;
    return node?.camera() ?? { status: 409, key: 'notDeployed' };
  }
  const fields = testedCamera(RED, camera);
  return typeof fields === 'string' ? { status: 409, key: fields } : cameraOptions(fields);
}
