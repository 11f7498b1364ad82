// The fields of a camera dialog -> what `cameraOptions` takes.
import type { NodeAPI } from 'node-red';
import { CAMERA_DEFAULTS } from '../../src/index.js';
import { dialogFields, type Dialog, type Fields, type Untestable } from '../shared/dialog-fields.js';

const CAMERA: Dialog = {
  type: 'tplink-camera',
  fields: [...Object.keys(CAMERA_DEFAULTS), 'host', 'password'],
  secret: 'password',
  destination: ['host', 'port', 'httpPort', 'username'],
  defaults: { ...CAMERA_DEFAULTS },
};

/** See `dialogFields`. */
export function testedCamera(RED: NodeAPI, body: unknown): Fields | Untestable {
  return dialogFields(RED, body, CAMERA);
}
