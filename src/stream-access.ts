// Where a camera is listened to, and as whom: the camera's own address and account unless its options name others. Pure.
import type { CameraOptions } from './camera-options.js';

/** What a listening session connects and logs in with. */
export type StreamAccess = Pick<CameraOptions, 'host' | 'port' | 'username' | 'password' | 'dialect'>;

/** Each of user name and password is the camera's own unless there is one for listening. */
export function streamAccess(camera: CameraOptions): StreamAccess {
  const { host, port, dialect } = camera;
  const username = camera.listenUsername || camera.username;
  const password = camera.listenPassword || camera.password;
  return { host, port, dialect, username, password };
}
