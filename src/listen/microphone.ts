// One camera's microphone for as long as somebody wants to hear it: opens a session, shares its sound, opens it again when it breaks.
import { cameraKey, type CameraOptions } from '../camera.js';
import { abortReason, type Clock } from '../clock.js';
import { abortedError, TalkError, toTalkError, type TalkErrorCode } from '../errors.js';
import { STEADY_LISTEN_MS } from '../limits.js';
import { logger } from '../logger.js';
import { Backoff } from './backoff.js';
import { Chunker } from './chunks.js';
import { ListenSession, type ListenDeps, type ListenOptions } from './listen-session.js';
import { Recorder, recordPlan, type RecordPlan } from './recorder.js';
import type { HeardSound, ListenState, Recording, SoundChunk } from './states.js';

const log = logger('microphone');

/** Plain data. */
export interface MicrophoneOptions {
  readonly camera: CameraOptions;
  /** `stream1`, `stream2` or a path. */
  readonly stream: string;
  /** Length of the chunks of continuous listening, ms: 10 to 10000. */
  readonly chunkMs: number;
}

/** What a microphone needs of a session. */
export type HeardSession = Pick<ListenSession, 'track' | 'stats' | 'ended' | 'close' | 'destroy'>;
export type OpenListenSession = (camera: CameraOptions, options: ListenOptions) => Promise<HeardSession>;

export interface MicrophoneDeps {
  readonly clock: Clock;
  readonly openSession: OpenListenSession;
  readonly onState?: ((state: ListenState) => void) | undefined;
  /** Chunks of continuous listening. */
  readonly onChunk?: ((chunk: SoundChunk) => void) | undefined;
  /** 0 to 1; spreads reconnects. */
  readonly random?: (() => number) | undefined;
}

/** Continuous listening, from start() to stop() or to its failure. */
interface Listening {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** Whether anything has been heard: from then on every failure but a refused password is taken for passing. */
  heard: boolean;
  chunker?: Chunker;
}

interface ActiveRecording {
  readonly plan: RecordPlan;
  readonly resolve: (recording: Recording) => void;
  readonly reject: (error: Error) => void;
  recorder?: Recorder;
  /** `filledMs` of the session when it began. */
  filledBefore: number;
}

/** Trying again by ourselves would spend another attempt on a refused password, or meet the same mistake. */
const HOPELESS: ReadonlySet<TalkErrorCode> = new Set([
  'TALK_ERR_AUTH',
  'TALK_ERR_LOCKED',
  'TALK_ERR_ARGUMENT',
  'TALK_ERR_ABORTED',
]);

/** The opener of real sessions. */
export function listenSessions(deps: ListenDeps): OpenListenSession {
  return (camera, options) => ListenSession.open(camera, deps, options);
}

export class Microphone {
  readonly #options: MicrophoneOptions;
  readonly #deps: MicrophoneDeps;
  readonly #backoff: Backoff;
  readonly #recordings = new Set<ActiveRecording>();
  #listening: Listening | undefined;
  #running: Promise<void> | undefined;
  /** The current session, from opening to closed. */
  #hearing: Promise<void> = Promise.resolve();
  /** Aborts what is going on when nobody wants to hear any more. */
  #attempt = new AbortController();
  /** Aborts the pause before the next try. */
  #pause = new AbortController();
  #session: HeardSession | undefined;
  #heardSince: number | undefined;

  /** Throws TALK_ERR_ARGUMENT for a chunk length out of bounds. */
  constructor(options: MicrophoneOptions, deps: MicrophoneDeps) {
    const { chunkMs } = options;
    if (!Number.isFinite(chunkMs) || chunkMs < 10 || chunkMs > 10_000) {
      throw new TalkError('TALK_ERR_ARGUMENT', `chunkMs: expected a number from 10 to 10000, not ${chunkMs}`);
    }
    this.#options = options;
    this.#deps = deps;
    this.#backoff = new Backoff(deps.random);
  }

  /**
   * Listens until stop(), through every interruption: chunks go to `onChunk`. Resolves when stopped; rejects with what made it give up.
   * While it listens, another call gives the same promise.
   */
  start(): Promise<void> {
    this.#listening ??= newListening();
    const { promise } = this.#listening;
    this.#wake();
    return promise;
  }

  /** One recording, beside continuous listening or alone. Rejects with a coded error when the session fails, or with the signal's reason. */
  async record(plan: RecordPlan, signal?: AbortSignal): Promise<Recording> {
    const checked = recordPlan(plan);
    if (signal?.aborted === true) throw abortReason(signal);
    let withdraw = (): void => undefined;
    try {
      return await new Promise<Recording>((resolve, reject) => {
        const filledBefore = this.#session?.stats.filledMs ?? 0;
        const recording: ActiveRecording = { plan: checked, resolve, reject, filledBefore };
        withdraw = () => {
          this.#recordings.delete(recording);
          reject(abortReason(signal));
          this.#release();
        };
        signal?.addEventListener('abort', withdraw, { once: true });
        this.#recordings.add(recording);
        this.#wake();
      });
    } finally {
      signal?.removeEventListener('abort', withdraw);
    }
  }

  /** Ends listening and recordings, which resolve with what they have, and resolves when the session is closed. */
  async stop(): Promise<void> {
    for (const recording of this.#recordings) this.#finish(recording);
    this.#listening?.resolve();
    this.#listening = undefined;
    this.#release();
    await this.#hearing.catch(() => undefined);
    // Somebody may have begun anew meanwhile.
    if (!this.#wanted) await this.#running;
  }

  /** Ends now; recordings are aborted. */
  async destroy(): Promise<void> {
    this.#rejectRecordings(abortedError(cameraKey(this.#options.camera)));
    this.#session?.destroy();
    await this.stop();
  }

  get #wanted(): boolean {
    return this.#listening !== undefined || this.#recordings.size > 0;
  }

  #wake(): void {
    this.#pause.abort();
    this.#running ??= this.#run();
  }

  #release(): void {
    if (this.#wanted) return;
    this.#attempt.abort(abortedError(cameraKey(this.#options.camera)));
    this.#pause.abort();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    let last: ListenState = { name: 'stopped' };
    while (this.#wanted) {
      this.#attempt = new AbortController();
      const { signal } = this.#attempt;
      try {
        this.#hearing = this.#hear(signal);
        await this.#hearing;
        last = { name: 'stopped' };
      } catch (error) {
        if (signal.aborted) continue;
        last = await this.#failed(error);
      }
    }
    this.#running = undefined;
    this.#backoff.reset();
    this.#deps.onState?.(last);
  }

  /** One session, from opening to closing. Throws what ended it, unless that was the signal. */
  async #hear(signal: AbortSignal): Promise<void> {
    const { camera, stream } = this.#options;
    this.#heardSince = undefined;
    delete this.#listening?.chunker;
    const session = await this.#deps.openSession(camera, {
      stream,
      signal,
      onStage: (name) => this.#deps.onState?.({ name }),
      onSound: (sound) => this.#take(sound),
    });
    this.#session = session;
    try {
      const { codec, clockRate } = session.track;
      this.#deps.onState?.({ name: 'listening', codec: codec.name, sampleRate: clockRate });
      await eitherAborts(signal, session.ended);
      if (!signal.aborted) throw session.ended.reason;
    } finally {
      this.#session = undefined;
      await session.close();
    }
  }

  #take(sound: HeardSound): void {
    this.#heardSince ??= this.#deps.clock.now();
    const listening = this.#listening;
    if (listening !== undefined) {
      listening.heard = true;
      listening.chunker ??= new Chunker(sound.sampleRate, this.#options.chunkMs);
      for (const chunk of listening.chunker.push(sound)) this.#deps.onChunk?.(chunk);
    }
    for (const recording of this.#recordings) {
      recording.recorder ??= new Recorder(recording.plan, sound.sampleRate);
      if (recording.recorder.push(sound)) this.#finish(recording);
    }
    this.#release();
  }

  #finish(recording: ActiveRecording): void {
    this.#recordings.delete(recording);
    const recorder = recording.recorder ?? new Recorder(recording.plan, this.#session?.track.clockRate ?? NO_RATE);
    const filledMs = (this.#session?.stats.filledMs ?? 0) - recording.filledBefore;
    recording.resolve(recorder.finish(filledMs, this.#deps.clock.now()));
  }

  #rejectRecordings(error: Error): void {
    for (const recording of this.#recordings) recording.reject(error);
    this.#recordings.clear();
  }

  /** Tells everybody, and waits for the next try if there is one. Returns the state to end with. */
  async #failed(error: unknown): Promise<ListenState> {
    const { clock, onState } = this.#deps;
    const key = cameraKey(this.#options.camera);
    const failure = toTalkError(error, 'TALK_ERR_PROTOCOL', `Listening to the camera at ${key} failed`, key);
    this.#rejectRecordings(failure);
    const listening = this.#listening;
    const failed: ListenState = { name: 'failed', code: failure.code };
    if (listening === undefined) return failed;
    if (HOPELESS.has(failure.code) || !(failure.retryable || listening.heard)) {
      this.#listening = undefined;
      listening.reject(failure);
      return failed;
    }
    if (clock.now() - (this.#heardSince ?? Infinity) >= STEADY_LISTEN_MS) this.#backoff.reset();
    const inMs = this.#backoff.next();
    log('%s lost with %s, next try in %d ms', key, failure.code, inMs);
    onState?.({ name: 'retrying', code: failure.code, inMs });
    this.#pause = new AbortController();
    await clock.wait(inMs, this.#pause.signal).catch(() => undefined);
    return { name: 'stopped' };
  }
}

/** Of a recording stopped before the camera said what its rate is, Hz; it is empty. */
const NO_RATE = 8_000;

function newListening(): Listening {
  let resolve = (): void => undefined;
  let reject: Listening['reject'] = () => undefined;
  const promise = new Promise<void>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return { promise, resolve, reject, heard: false };
}

async function eitherAborts(...signals: readonly AbortSignal[]): Promise<void> {
  const done = new AbortController();
  await new Promise<void>((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true, signal: done.signal });
    }
  });
  done.abort();
}
