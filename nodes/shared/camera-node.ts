// A camera node as the nodes that use it see it: types only.
import type { Node } from 'node-red';
import type { CameraOptions, SessionState } from '../../src/index.js';

export interface CameraCredentials {
  username?: string;
  password?: string;
  listenUsername?: string;
  listenPassword?: string;
}

export interface CameraNode extends Node<CameraCredentials> {
  /** What people call it; also how `msg.camera` finds it. */
  readonly name: string;
  /** The validated options. Throws the coded error that keeps this node from working; a conflict that has gone is forgotten. */
  camera: () => CameraOptions;
  /** False while the node has no address. */
  usable: () => boolean;
  /** What the camera's session is doing. */
  session: () => SessionState;
}
