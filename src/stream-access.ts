// Where a camera is listened to, and as whom: the camera's own address and account unless its options name others. Pure.
import { cameraKey, type CameraOptions } from './camera-options.js';
import { TalkError } from './errors.js';
import { refused } from './options.js';
import { parseStreamUrl, STREAM_URL_EXPECTED } from './stream-url.js';

/** What a listening session connects and logs in with. */
export interface StreamAccess extends Pick<CameraOptions, 'host' | 'port' | 'username' | 'password' | 'dialect'> {
  /** What `streamUrl` names, without the first slash: it is asked for whatever the stream is called. */
  readonly path?: string;
  /** Whether the password may go there as Basic, if Digest is not offered. */
  readonly basic?: boolean;
}

/**
 * Each of user name and password is the camera's own unless there is one for listening; the camera's password goes to no other user of another address.
 * In dialect `tapo` the password is that of the TP-Link account, which never comes here: listening needs the camera account.
 * Throws TALK_ERR_ARGUMENT where that is not given, and for a `streamUrl` that `cameraOptions` refuses.
 */
export function streamAccess(camera: CameraOptions): StreamAccess {
  const { dialect, streamUrl, listenBasic } = camera;
  if (lacksCameraAccount(camera)) throw noCameraAccount(camera);
  const username = camera.listenUsername || camera.username;
  const isOwn = dialect !== 'tapo' && (!streamUrl || username === camera.username);
  const password = camera.listenPassword || (isOwn ? camera.password : '');
  const account = { dialect, username, password, ...(listenBasic && { basic: true }) };
  if (!streamUrl) return { host: camera.host, port: camera.port, ...account };
  const url = parseStreamUrl(streamUrl);
  if (url === undefined) throw refused('Camera option streamUrl', STREAM_URL_EXPECTED);
  const { host, port, path } = url;
  return { host, port, ...account, ...(path !== undefined && { path }) };
}

/** Whether the camera cannot be listened to because it wants an account of its own for that. */
export function lacksCameraAccount(camera: CameraOptions): boolean {
  const { dialect, streamUrl, listenUsername, listenPassword } = camera;
  return dialect === 'tapo' && !streamUrl && (!listenUsername || !listenPassword);
}

function noCameraAccount(camera: CameraOptions): TalkError {
  const key = cameraKey(camera);
  const missing = camera.listenUsername ? 'listenPassword' : 'listenUsername';
  const why = `Camera option ${missing}: expected the camera account of the Tapo camera at ${key}, made in the Tapo app (Camera Settings > Advanced Settings > Camera Account)`;
  return new TalkError('TALK_ERR_ARGUMENT', `${why}; the TP-Link account is for talking alone`, { camera: key });
}
