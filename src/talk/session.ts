// One connection that may carry speech: opens whole or throws, takes packets, ends by close, destroy or the camera's doing.
import { throwIfAborted } from '../abort.js';
import { cameraKey, isHttpTalk, type CameraOptions } from '../camera-options.js';
import { isTalkError, TalkError } from '../errors.js';
import type { Granted, PacketProfile } from '../granted.js';
import { MAX_BUFFERED_BYTES, STALL_TIMEOUT_MS } from '../limits.js';
import { openConnection, openHttpConnection } from '../connection/open.js';
import { openHttpTalk, streamAddress } from './open-http-talk.js';
import { openRtsp } from './open-rtsp.js';
import type { OpenOptions, OpenTalk, SessionDeps } from './open-talk.js';
import type { StallWatch } from './stall-watch.js';

export class Session {
  readonly #connection: OpenTalk['connection'];
  readonly #key: string;
  readonly #pack: OpenTalk['pack'];
  readonly #stallWatch: StallWatch;
  readonly #unwatch: () => void;
  /** What the camera granted. */
  readonly granted: Granted;

  /**
   * Connects and opens talk. Throws TALK_ERR_CONNECT, _TIMEOUT, _AUTH, _LOCKED, _UNSUPPORTED, _BUSY, _REFUSED, _PROTOCOL, _CLOSED
   * or the signal's reason; the socket is closed then.
   */
  static async open(camera: CameraOptions, deps: SessionDeps, options: OpenOptions = {}): Promise<Session> {
    deps.guard.check('talk', camera);
    options.onStage?.('connecting');
    const open = isHttpTalk(camera.dialect) ? openHttpTalk : openRtsp;
    return new Session(await open(camera, deps, options), cameraKey(camera), deps.stallWatch);
  }

  private constructor({ connection, granted, pack }: OpenTalk, key: string, stallWatch: StallWatch) {
    this.#connection = connection;
    this.#key = key;
    this.granted = granted;
    this.#pack = pack;
    this.#stallWatch = stallWatch;
    this.#unwatch = stallWatch.watch(connection.socket, () => connection.fail(this.#stalled()));
    if (connection.ended.aborted) this.#unwatch();
    else connection.ended.addEventListener('abort', this.#unwatch, { once: true });
  }

  get profile(): PacketProfile {
    return this.granted.profile;
  }

  /** Aborts when the session is over; its reason is the error, TALK_ERR_ABORTED when it was our own doing. */
  get ended(): AbortSignal {
    return this.#connection.ended;
  }

  get bytesSent(): number {
    return this.#connection.socket.bytesWritten;
  }

  /**
   * Waits until the camera's system has taken the first so many of `bytesSent`: true, or false where nobody can know (the system tells only on Linux).
   * Throws TALK_ERR_STALLED after STALL_TIMEOUT_MS, which ends the session, what ended it meanwhile, or the signal's reason.
   */
  async taken(bytes: number, signal: AbortSignal): Promise<boolean> {
    const either = AbortSignal.any([signal, this.ended]);
    const taken = await this.#stallWatch.hasTaken(this.#connection.socket, bytes, either);
    if (taken !== false) return taken === true;
    const stalled = this.#stalled();
    this.#connection.fail(stalled);
    throw stalled;
  }

  /** Sends one payload. Throws the error that ended the session, or TALK_ERR_STALLED. */
  send(payload: Uint8Array): void {
    this.#connection.write(this.#pack(payload));
    if (this.#connection.socket.writableLength > MAX_BUFFERED_BYTES) {
      this.#connection.fail(this.#stalled());
      this.ended.throwIfAborted();
    }
  }

  /** Sends FIN, which is how talk ends (PROTOCOL.md S1), after what the HTTP talk says before it; resolves when the socket is closed. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Ends now. */
  destroy(): void {
    this.#connection.destroy();
  }

  #stalled(): TalkError {
    return new TalkError(
      'TALK_ERR_STALLED',
      `The camera at ${this.#key} took nothing for ${STALL_TIMEOUT_MS / 1_000} s; it hangs or is out of reach`,
      { camera: this.#key },
    );
  }
}

/** Whether the camera takes connections at its port for talk just now; nothing is said on the one it gets. Rejects with the signal's reason. */
export async function answers(
  camera: CameraOptions,
  deps: Pick<SessionDeps, 'clock' | 'connect' | 'onWire'>,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const opening = isHttpTalk(camera.dialect)
      ? openHttpConnection(streamAddress(camera), deps, signal)
      : openConnection(camera, deps, signal);
    (await opening).destroy();
    return true;
  } catch (error) {
    throwIfAborted(signal);
    if (!isTalkError(error)) throw error;
    return false;
  }
}
