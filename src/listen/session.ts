// One connection over which a camera's microphone is heard: opens whole or throws, gives sound, ends by close, destroy or the camera's doing.
import { randomBytes } from 'node:crypto';
import { ffmpegMissing, findFfmpeg } from '../audio/ffmpeg-path.js';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { TalkError, toTalkError } from '../errors.js';
import { LISTEN_DECODE_MS, LISTEN_STALL_MS } from '../limits.js';
import { logger } from '../logger.js';
import type { PasswordGuard } from '../password/guard.js';
import type { OnForm } from '../rtsp/digest-login.js';
import type { InterleavedFrame, RtspRequest } from '../rtsp/message.js';
import { serializeRequest } from '../rtsp/serialize.js';
import { streamAccess, type StreamAccess } from '../stream-access.js';
import { openDialogue, type OpeningStage } from '../connection/handshake.js';
import { openConnection } from '../connection/open.js';
import type { Connect } from '../connection/tcp.js';
import type { RtspConnection } from '../connection/rtsp-connection.js';
import type { OnWire } from '../wire.js';
import { aacDecoder } from './aac/decoder.js';
import type { AudioTrack } from './audio-track.js';
import { g711Decoder } from './decoder.js';
import { KeepAliveHabit, type KeepAliveMethod } from './keep-alive.js';
import {
  ListenDialogue,
  type ListenEnd,
  type ListenGrant,
  type ListenStep,
  type NextListenRequest,
} from './dialogue.js';
import { SoundReceiver, type OnSound } from './receiver.js';
import type { ListenStats } from './states.js';

const log = logger('listen');

export interface ListenDeps {
  readonly clock: Clock;
  readonly guard: PasswordGuard;
  readonly ffmpegPath?: string | undefined;
  readonly connect?: Connect | undefined;
  /** Is told what goes over the connections. */
  readonly onWire?: OnWire | undefined;
}

export interface ListenOptions {
  /** `stream1`, `stream2` or a path. */
  readonly stream: string;
  /** Called from the first packet on, which may come before `open` resolves. Must not throw. */
  readonly onSound: OnSound;
  readonly onStage?: ((stage: OpeningStage) => void) | undefined;
  /** What is known of this camera's keep-alives, which this session adds to. */
  readonly habit?: KeepAliveHabit | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A session that is being opened. */
interface Attempt {
  readonly connection: RtspConnection;
  readonly dialogue: ListenDialogue;
  /** From the moment the camera has said what it will send. */
  receiver?: SoundReceiver;
}

export class ListenSession {
  readonly #connection: RtspConnection;
  readonly #dialogue: ListenDialogue;
  readonly #receiver: SoundReceiver;
  readonly #access: StreamAccess;
  readonly #clock: Clock;
  /** What the camera granted. */
  readonly grant: ListenGrant;

  /**
   * Connects and has the camera send its sound. Throws TALK_ERR_ARGUMENT, _CONNECT, _TIMEOUT, _AUTH, _LOCKED, _UNSUPPORTED, _FFMPEG, _BUSY,
   * _REFUSED, _PROTOCOL, _CLOSED or the signal's reason; socket and decoder are closed then.
   */
  static async open(camera: CameraOptions, deps: ListenDeps, options: ListenOptions): Promise<ListenSession> {
    const access = streamAccess(camera);
    const clientNonce = (): string => randomBytes(8).toString('hex');
    const habit = options.habit ?? new KeepAliveHabit();
    const onForm: OnForm = (form, isAnswered) => deps.guard.offered('listen', access, form, isAnswered);
    const dialogue = new ListenDialogue({ camera: access, stream: options.stream, clientNonce, onForm, habit });
    deps.guard.check('listen', access);
    options.onStage?.('connecting');
    const { clock, connect, onWire } = deps;
    const onFrame = (frame: InterleavedFrame): void => attempt.receiver?.take(frame, clock.now());
    const connection = await openConnection(access, { clock, connect, onWire, onFrame }, options.signal);
    const attempt: Attempt = { connection, dialogue };
    try {
      const grant = await play(attempt, access, deps, options);
      return new ListenSession(attempt, grant, access, deps.clock, habit);
    } catch (error) {
      connection.destroy();
      await attempt.receiver?.close();
      throw error;
    }
  }

  private constructor(attempt: Attempt, grant: ListenGrant, access: StreamAccess, clock: Clock, habit: KeepAliveHabit) {
    if (attempt.receiver === undefined) throw new TalkError('TALK_ERR_PROTOCOL', 'Nothing was set up to be heard');
    this.#connection = attempt.connection;
    this.#dialogue = attempt.dialogue;
    this.#receiver = attempt.receiver;
    this.#access = access;
    this.#clock = clock;
    this.grant = grant;
    const end = (): void => void this.#receiver.close();
    if (this.ended.aborted) end();
    else this.ended.addEventListener('abort', end, { once: true });
    void this.#watchSilence();
    void this.#keepAlive(habit);
  }

  get track(): AudioTrack {
    return this.grant.track;
  }

  get stats(): ListenStats {
    return this.#receiver.stats;
  }

  /** Aborts when the session is over; its reason is the error, TALK_ERR_ABORTED when it was our own doing. */
  get ended(): AbortSignal {
    return this.#connection.ended;
  }

  /** Sends TEARDOWN and resolves when socket and decoder are closed. */
  async close(): Promise<void> {
    if (!this.ended.aborted) this.#connection.write(serializeRequest(this.#dialogue.teardown()));
    await Promise.all([this.#connection.close(), this.#receiver.close()]);
  }

  /** Ends now. */
  destroy(): void {
    this.#connection.destroy();
  }

  async #watchSilence(): Promise<void> {
    const clock = this.#clock;
    const openedAt = clock.now();
    let decoded = 0;
    let decodedAt = openedAt;
    for (;;) {
      const now = clock.now();
      const quietMs = now - (this.#receiver.lastAt ?? openedAt);
      if (this.#receiver.decoded > decoded) decodedAt = now;
      decoded = this.#receiver.decoded;
      if (quietMs >= LISTEN_STALL_MS) this.#connection.fail(this.#stalled());
      else if (now - decodedAt >= LISTEN_DECODE_MS) this.#connection.fail(this.#undecodable());
      if (!(await pause(clock, LISTEN_STALL_MS - quietMs, this.ended))) return;
    }
  }

  #undecodable(): TalkError {
    const key = cameraKey(this.#access);
    const what = `The camera at ${key} sends sound that cannot be decoded: none for ${LISTEN_DECODE_MS / 1_000} s`;
    return new TalkError('TALK_ERR_AUDIO', what, { camera: key });
  }

  #stalled(): TalkError {
    const key = cameraKey(this.#access);
    const { packets, foreign } = this.stats;
    const what =
      packets > 0
        ? 'stopped sending sound'
        : foreign > 0
          ? 'sends sound of another kind than announced'
          : 'sends no sound';
    return new TalkError('TALK_ERR_STALLED', `The camera at ${key} ${what}: none for ${LISTEN_STALL_MS / 1_000} s`, {
      camera: key,
    });
  }

  async #keepAlive(habit: KeepAliveHabit): Promise<void> {
    let used: KeepAliveMethod | undefined;
    let times = 0;
    while (await pause(this.#clock, this.grant.keepAliveMs, this.ended)) {
      times = used === habit.method ? times + 1 : 1;
      habit.lasted(times);
      await this.#sayAlive();
      used = habit.method;
    }
    const { code } = this.ended.reason as TalkError;
    if (used !== undefined && code !== 'TALK_ERR_ABORTED') habit.lost(used);
  }

  /** One keep-alive, by other methods too where the camera does not take the first. Never rejects. */
  async #sayAlive(): Promise<void> {
    let request: RtspRequest | undefined = this.#dialogue.keepAlive();
    while (request !== undefined) {
      try {
        const step: ListenStep = this.#dialogue.receive(await this.#connection.exchange(request, 'the keep-alive'));
        request = step.kind === 'send' ? step.request : undefined;
      } catch (error) {
        if (this.ended.aborted) return;
        const failure = toTalkError(error, 'TALK_ERR_PROTOCOL', 'The keep-alive failed', cameraKey(this.#access));
        if (failure.code !== 'TALK_ERR_TIMEOUT') {
          this.#connection.fail(failure);
          return;
        }
        // It ends nothing: as long as sound comes, the session is good.
        log('%s', failure.message);
        request = this.#dialogue.unanswered();
      }
    }
  }
}

/** False when the signal ended the wait. */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.wait(ms, signal);
    return true;
  } catch {
    return false;
  }
}

const STEPS: Readonly<Record<string, string>> = {
  DESCRIBE: 'the request for the stream',
  SETUP: 'the request for its sound',
  PLAY: 'the request to play',
};

async function play(
  attempt: Attempt,
  access: StreamAccess,
  deps: ListenDeps,
  options: ListenOptions,
): Promise<ListenGrant> {
  const { connection, dialogue } = attempt;
  const end = await openDialogue<ListenEnd, NextListenRequest>(connection, dialogue, {
    camera: access,
    clock: deps.clock,
    way: 'listen',
    guard: deps.guard,
    nameOf: ({ method }) => STEPS[method] ?? method,
    prepare: async ({ grant }) => {
      if (grant === undefined) return;
      connection.expectRtp([grant.channels.rtp, grant.channels.rtcp]);
      attempt.receiver ??= await createReceiver(grant, connection, deps, options.onSound);
    },
    onStage: options.onStage,
    signal: options.signal,
  });
  if (end.kind === 'playing') return end.grant;
  throw new TalkError('TALK_ERR_PROTOCOL', 'A keep-alive was answered before the stream played');
}

/** Throws TALK_ERR_FFMPEG when the track needs ffmpeg and there is none. */
async function createReceiver(
  grant: ListenGrant,
  connection: RtspConnection,
  { clock, ffmpegPath }: ListenDeps,
  onSound: OnSound,
): Promise<SoundReceiver> {
  const { codec, clockRate: sampleRate, channels } = grant.track;
  if (codec.name !== 'AAC') {
    const encoding = codec.name === 'PCMA' ? 'alaw' : 'mulaw';
    return new SoundReceiver(grant, (events) => g711Decoder(encoding, { sampleRate, channels }, events), onSound);
  }
  if ((await findFfmpeg(ffmpegPath)) === undefined) throw ffmpegMissing(ffmpegPath, 'AAC');
  const onError = (error: Error): void =>
    connection.fail(toTalkError(error, 'TALK_ERR_FFMPEG', 'The sound could not be decoded'));
  const options = { config: codec.config, sampleRate, clock, ffmpegPath };
  return new SoundReceiver(grant, (events) => aacDecoder(options, { ...events, onError }), onSound);
}
