// A TCP connection to a camera's RTSP port: opened in bounded time, or a coded error. What is said on it is not known here.
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import { throwIfAborted } from '../abort.js';
import { withDeadline, type Clock } from '../clock.js';
import { deferred } from '../deferred.js';
import { TalkError } from '../errors.js';
import { CONNECT_TIMEOUT_MS } from '../limits.js';

export type Connect = (
  camera: Pick<CameraOptions, 'host' | 'port'>,
  clock: Clock,
  signal?: AbortSignal,
) => Promise<Socket>;

/** Begins a TCP connection; that of Node.js unless a test has a network of its own. */
export type Dial = (options: TcpNetConnectOpts) => Socket;

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens on that port',
  EHOSTUNREACH: 'no route to it; is it switched on and on this network?',
  ENETUNREACH: 'no route to that network',
  EHOSTDOWN: 'it is down',
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name could not be looked up just now',
  ECONNRESET: 'it dropped the connection',
  ETIMEDOUT: 'no answer',
};

/** An idle TCP connection is probed so that a camera which lost power is noticed between clips. */
const KEEP_ALIVE_MS = 5_000;

/** Throws TALK_ERR_CONNECT with the errno in `cause.code`, or the signal's reason. */
export const connectTcp: Connect = connectBy(connect);

/** The same on another network. */
export function connectBy(dial: Dial): Connect {
  return (camera, clock, signal) => open(dial, camera, clock, signal);
}

async function open(dial: Dial, ...[camera, clock, signal]: Parameters<Connect>): Promise<Socket> {
  const key = cameraKey(camera);
  throwIfAborted(signal);
  // Without noDelay the second packet waits 42 ms for the first one's acknowledgement.
  const socket = dial({
    host: camera.host,
    port: camera.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
  const connected = deferred();
  const onError = (error: NodeJS.ErrnoException): void => connected.reject(refused(key, error));
  socket.once('connect', connected.resolve);
  socket.on('error', onError);
  try {
    await withDeadline(clock, connected.promise, CONNECT_TIMEOUT_MS, () => unanswered(key), signal);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    // A destroyed socket may still report an error. The owner of a live one listens from this tick on.
    if (!socket.destroyed) socket.off('error', onError);
  }
}

function refused(key: string, error: NodeJS.ErrnoException): TalkError {
  const code = error.code ?? 'unknown';
  return new TalkError('TALK_ERR_CONNECT', `No connection to the camera at ${key}: ${REASONS[code] ?? code}`, {
    camera: key,
    cause: { code },
  });
}

function unanswered(key: string): TalkError {
  return new TalkError(
    'TALK_ERR_CONNECT',
    `No connection to the camera at ${key}: no answer within ${CONNECT_TIMEOUT_MS / 1_000} s; check the address and whether it is switched on`,
    { camera: key, cause: { code: 'ETIMEDOUT' } },
  );
}
