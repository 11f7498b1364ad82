// A listening session without a socket: gives sound when told, ends when told. For tests of the microphone above it.
import type { CameraOptions } from '../../src/camera-options.js';
import { abortReason } from '../../src/abort.js';
import type { Clock } from '../../src/clock.js';
import { TalkError, type TalkErrorCode } from '../../src/errors.js';
import type { ListenOptions } from '../../src/listen/session.js';
import type { HeardSession, OpenListenSession } from '../../src/listen/microphone.js';
import type { ListenStats } from '../../src/listen/states.js';

export class FakeListenSession implements HeardSession {
  readonly track = {
    uri: 'rtsp://cam/stream1/track2',
    payloadType: 8,
    clockRate: 8_000,
    channels: 1,
    codec: { name: 'PCMA' },
  } as const;
  filledMs = 0;
  /** How it was ended by its owner. */
  endedBy: 'close' | 'destroy' | undefined;
  readonly #clock: Clock;
  readonly #options: ListenOptions;
  readonly #ended = new AbortController();

  constructor(clock: Clock, options: ListenOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get stats(): ListenStats {
    return { packets: 0, lost: 0, late: 0, foreign: 0, malformed: 0, filledMs: this.filledMs };
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** So many milliseconds of sound, heard up to now; silence unless told otherwise. */
  sound(ms: number, samples: Float32Array = new Float32Array(ms * 8)): void {
    if (!this.ended.aborted) this.#options.onSound({ samples, sampleRate: 8_000, heardAt: this.#clock.now() - ms });
  }

  /** The camera's doing. */
  die(code: TalkErrorCode = 'TALK_ERR_CLOSED'): void {
    this.#ended.abort(new TalkError(code, 'The camera at cam:554 dropped the connection', { camera: 'cam:554' }));
  }

  /** Takes half a second of the clock, unless it is over already. */
  async close(): Promise<void> {
    const over = this.ended.aborted;
    this.#end('close');
    if (!over) await this.#clock.wait(500);
  }

  destroy(): void {
    this.#end('destroy');
  }

  #end(how: 'close' | 'destroy'): void {
    if (this.#ended.signal.aborted) return;
    this.endedBy = how;
    this.#ended.abort(new TalkError('TALK_ERR_ABORTED', 'The connection was closed'));
  }
}

/** Opens fake sessions; plays the failures given first. Opening takes 100 ms of the clock. */
export class FakeListenSessions {
  readonly opened: FakeListenSession[] = [];
  /** When a session was asked for. */
  readonly asked: number[] = [];
  readonly failures: (TalkErrorCode | { readonly code: TalkErrorCode; readonly retryAfterMs: number })[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get last(): FakeListenSession {
    const last = this.opened.at(-1);
    if (last === undefined) throw new Error('No session was opened');
    return last;
  }

  readonly open: OpenListenSession = async (_camera: CameraOptions, options: ListenOptions) => {
    this.asked.push(this.#clock.now());
    if (options.signal?.aborted === true) throw abortReason(options.signal);
    options.onStage?.('connecting');
    await this.#clock.wait(100, options.signal);
    const failure = this.failures.shift();
    if (failure !== undefined) {
      const { code, retryAfterMs } = typeof failure === 'string' ? { code: failure } : failure;
      throw new TalkError(code, `Opening failed with ${code}`, { camera: 'cam:554', retryAfterMs });
    }
    const session = new FakeListenSession(this.#clock, options);
    this.opened.push(session);
    return session;
  };
}
