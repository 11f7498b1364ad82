// One camera's microphone while somebody wants to hear it: opens a session, hands on its sound, opens another when it breaks.
import { cameraKey, type CameraOptions } from '../camera-options.js';
import { abortReason, onAbort, throwIfAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import { deferred, type Deferred } from '../deferred.js';
import { abortedError, toTalkError } from '../errors.js';
import { logger } from '../logger.js';
import { readNumber, readText } from '../options.js';
import { Chunker } from './chunks.js';
import { ListenSession, type ListenDeps, type ListenOptions } from './session.js';
import { LISTEN_RANGES } from './options.js';
import { Reconnect } from './reconnect.js';
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

/** What a microphone needs from a session. */
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
interface Listening extends Deferred {
  readonly reconnect: Reconnect;
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

/** The opener of real sessions. */
export function listenSessions(deps: ListenDeps): OpenListenSession {
  return (camera, options) => ListenSession.open(camera, deps, options);
}

export class Microphone {
  readonly #options: MicrophoneOptions;
  readonly #deps: MicrophoneDeps;
  readonly #recordings = new Set<ActiveRecording>();
  #listening: Listening | undefined;
  #running: Promise<void> | undefined;
  /** The current session, from opening to closed. */
  #hearing: Promise<void> = Promise.resolve();
  /** Aborts what is going on when nobody listens any more. */
  #attempt = new AbortController();
  /** Aborts the pause before the next try. */
  #pause = new AbortController();
  #session: HeardSession | undefined;

  /** Throws TALK_ERR_ARGUMENT for a chunk length out of bounds and a stream that is no text. */
  constructor(options: MicrophoneOptions, deps: MicrophoneDeps) {
    readText('stream', options.stream, 'stream1, stream2 or a path');
    readNumber('chunkMs', options.chunkMs, LISTEN_RANGES.chunkMs);
    this.#options = options;
    this.#deps = deps;
  }

  /**
   * Listens until stop(), through every interruption: chunks go to `onChunk`. Resolves when stopped. Rejects when it gives up: TALK_ERR_ARGUMENT,
   * TALK_ERR_ABORTED. Everything else is tried again, a refused password when the guard lets it go (after an hour); see ListenState.
   * While it listens, another call gives the same promise and does what tryNow() does.
   */
  start(): Promise<void> {
    this.#listening ??= newListening(this.#deps.random);
    const { promise } = this.#listening;
    this.tryNow();
    return promise;
  }

  /** Ends the pause before the next try; a problem is told again. Does nothing unless it listens. */
  tryNow(): void {
    if (this.#listening === undefined) return;
    this.#listening.reconnect.asked();
    this.#wake();
  }

  /** One recording, beside continuous listening or alone. Rejects with a coded error when the session fails, or with the signal's reason. */
  async record(plan: RecordPlan, signal?: AbortSignal): Promise<Recording> {
    const checked = recordPlan(plan);
    throwIfAborted(signal);
    const { promise, resolve, reject } = deferred<Recording>();
    const filledBefore = this.#session?.stats.filledMs ?? 0;
    const recording: ActiveRecording = { plan: checked, resolve, reject, filledBefore };
    const ignore = onAbort(signal, () => {
      this.#recordings.delete(recording);
      reject(abortReason(signal));
      this.#release();
    });
    this.#recordings.add(recording);
    this.#wake();
    try {
      return await promise;
    } finally {
      ignore();
    }
  }

  /** Ends listening and recordings, which resolve with what they have, and resolves when the session is closed. */
  async stop(): Promise<void> {
    for (const recording of this.#recordings) this.#finish(recording);
    this.#listening?.resolve();
    this.#listening = undefined;
    this.#release();
    await this.#hearing.catch(() => undefined);
    // A new start may have come meanwhile.
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
    this.#deps.onState?.(last);
  }

  /** One session, from opening to closing. Throws what ended it, unless that was the signal. */
  async #hear(signal: AbortSignal): Promise<void> {
    const { camera, stream } = this.#options;
    delete this.#listening?.chunker;
    // Sound may stand in the same segment as the answer to PLAY; nobody hears it before he is told that it comes.
    const early: HeardSound[] = [];
    let take = (sound: HeardSound): void => void early.push(sound);
    const session = await this.#deps.openSession(camera, {
      stream,
      signal,
      onStage: (name) => this.#deps.onState?.({ name }),
      onSound: (sound) => take(sound),
    });
    this.#session = session;
    try {
      const { codec, clockRate } = session.track;
      this.#deps.onState?.({ name: 'listening', codec: codec.name, sampleRate: clockRate });
      take = (sound) => this.#take(sound);
      early.forEach(take);
      await eitherAborts(signal, session.ended);
      if (!signal.aborted) throw session.ended.reason;
    } finally {
      this.#session = undefined;
      await session.close();
    }
  }

  #take(sound: HeardSound): void {
    const listening = this.#listening;
    if (listening !== undefined) {
      listening.reconnect.heard(this.#deps.clock.now());
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
    const reaction = listening.reconnect.failed(failure, clock.now());
    if (reaction.kind === 'give up') {
      this.#listening = undefined;
      listening.reject(failure);
      return failed;
    }
    const { inMs, tell } = reaction;
    log('%s lost with %s, next try in %d ms', key, failure.code, inMs);
    onState?.({ name: 'retrying', code: failure.code, inMs, ...(tell && { problem: failure.message }) });
    this.#pause = new AbortController();
    await clock.wait(inMs, this.#pause.signal).catch(() => undefined);
    return { name: 'stopped' };
  }
}

/** Rate of a recording that was stopped before the camera named its own, Hz; it is empty. */
const NO_RATE = 8_000;

function newListening(random: (() => number) | undefined): Listening {
  return { ...deferred(), reconnect: new Reconnect(random) };
}

async function eitherAborts(...signals: readonly AbortSignal[]): Promise<void> {
  const { promise, resolve } = deferred();
  const ignores = signals.map((signal) => onAbort(signal, resolve));
  await promise;
  for (const ignore of ignores) ignore();
}
