// One connection that may carry speech: opens whole or throws, takes packets, ends by close, destroy or the camera's doing.
import { randomBytes } from 'node:crypto';
import { throwIfAborted } from '../abort.js';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { isTalkError, TalkError } from '../errors.js';
import { MAX_BUFFERED_BYTES, STALL_TIMEOUT_MS } from '../limits.js';
import { TalkDialogue, type Granted, type OpenStep } from '../multitrans/dialogue.js';
import type { TalkProfile } from '../multitrans/profile.js';
import type { PasswordGuard } from '../password/guard.js';
import { Packetizer } from '../rtp/packetizer.js';
import { openDialogue, type OpeningStage } from '../connection/handshake.js';
import { openConnection } from '../connection/open.js';
import type { RtspConnection } from '../connection/rtsp-connection.js';
import type { Connect } from '../connection/tcp.js';
import type { OnWire } from '../wire.js';
import type { StallWatch } from './stall-watch.js';

const STEPS: Readonly<Record<OpeningStage, string>> = {
  connecting: 'the first request',
  authenticating: 'the log-in',
  opening: 'the talk request',
};

export interface SessionDeps {
  readonly clock: Clock;
  readonly guard: PasswordGuard;
  readonly stallWatch: StallWatch;
  /** X-Client-UUID: one per pool, as an app has one per installation. */
  readonly clientId: string;
  readonly connect?: Connect;
  /** Is told what goes over the connections. */
  readonly onWire?: OnWire | undefined;
}

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onStage?: ((stage: OpeningStage) => void) | undefined;
}

export class Session {
  readonly #connection: RtspConnection;
  readonly #key: string;
  readonly #packetizer: Packetizer;
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
    const connection = await openConnection(camera, deps, options.signal);
    try {
      const granted = await openTalk(connection, camera, deps, options);
      return new Session(connection, cameraKey(camera), granted, deps.stallWatch);
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  private constructor(connection: RtspConnection, key: string, granted: Granted, stallWatch: StallWatch) {
    this.#connection = connection;
    this.#key = key;
    this.granted = granted;
    this.#packetizer = new Packetizer({
      channel: granted.profile.channel,
      payloadType: granted.profile.payloadType,
      ssrc: randomBytes(4).readUInt32BE(),
      sequenceNumber: randomBytes(2).readUInt16BE(),
      timestamp: randomBytes(4).readUInt32BE(),
    });
    this.#stallWatch = stallWatch;
    this.#unwatch = stallWatch.watch(connection.socket, () => connection.fail(this.#stalled()));
    if (connection.ended.aborted) this.#unwatch();
    else connection.ended.addEventListener('abort', this.#unwatch, { once: true });
  }

  get profile(): TalkProfile {
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

  /** Sends one RTP payload. Throws the error that ended the session, or TALK_ERR_STALLED. */
  send(payload: Uint8Array): void {
    this.#connection.write(this.#packetizer.packetize(payload));
    if (this.#connection.socket.writableLength > MAX_BUFFERED_BYTES) {
      this.#connection.fail(this.#stalled());
      this.ended.throwIfAborted();
    }
  }

  /** Sends FIN, which is how talk ends (PROTOCOL.md S1), and resolves when the socket is closed. */
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

/** Whether the camera takes connections at its RTSP port just now; nothing is said on the one it gets. Rejects with the signal's reason. */
export async function answers(
  camera: CameraOptions,
  deps: Pick<SessionDeps, 'clock' | 'connect' | 'onWire'>,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    (await openConnection(camera, deps, signal)).destroy();
    return true;
  } catch (error) {
    throwIfAborted(signal);
    if (!isTalkError(error)) throw error;
    return false;
  }
}

async function openTalk(
  connection: RtspConnection,
  camera: CameraOptions,
  deps: SessionDeps,
  options: OpenOptions,
): Promise<Granted> {
  const dialogue = new TalkDialogue({
    camera,
    clientId: deps.clientId,
    clientNonce: () => randomBytes(8).toString('hex'),
    onForm: (form, isAnswered) => deps.guard.offered('talk', camera, form, isAnswered),
  });
  const { granted } = await openDialogue<OpenStep>(connection, dialogue, {
    camera,
    clock: deps.clock,
    way: 'talk',
    guard: deps.guard,
    nameOf: (_, stage) => STEPS[stage],
    onStage: options.onStage,
    signal: options.signal,
  });
  return granted;
}
