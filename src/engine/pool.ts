// All cameras of a process: one line each, clips prepared once for all who speak them.
import { randomUUID } from 'node:crypto';
import type { Allowed } from '../audio/allowed.js';
import { discardSources, type PreparedSource } from '../audio/source.js';
import { PreparedCache } from '../audio/cache.js';
import { Memory } from '../audio/memory.js';
import { warmUpAudio } from '../audio/warm-up.js';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import { checkSound, type CheckDeps, type CheckOptions } from '../check/run.js';
import type { SoundVerdict } from '../check/verdict.js';
import { monotonicClock, wallTime, type Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { listenSessions, Microphone } from '../listen/microphone.js';
import { codecProfile } from '../multitrans/profile.js';
import { PasswordGuard } from '../password/guard.js';
import { playChime } from '../probe/chime.js';
import { probe } from '../probe/probe.js';
import type { ProbeStep } from '../probe/report.js';
import { reportSound } from '../probe/sound.js';
import { EarFile } from './ear-file.js';
import { reportTune, type TuneReport } from '../probe/tune.js';
import { onTemporaryPool } from './temporary-pool.js';
import { control, type ControlResult } from '../webapi/actions.js';
import { announce } from '../talk/announce.js';
import type { Engine, ListeningOptions, ProbeWishes, TuneWishes } from './engine.js';
import type { Line } from '../talk/line.js';
import type { SessionDeps } from '../talk/open-talk.js';
import { answers, Session } from '../talk/session.js';
import { StallWatch, type ReadSendQueues } from '../talk/stall-watch.js';
import { speakOptions, type FilledSpeakOptions, type SpeakOptions } from '../talk/options.js';
import { SharedCamera } from './shared-camera.js';
import { WatchedWire } from './watched-wire.js';
import type { SessionState, TalkOutcome } from '../talk/states.js';
import type { TuneResult } from '../tune/result.js';
import { tune, type TuneOptions } from '../tune/run.js';
import type { TuneDeps } from '../tune/session.js';
import type { OnWire } from '../wire.js';

export interface PoolOptions {
  readonly clock?: Clock;
  /** ffmpeg's path; looked for in FFMPEG_PATH and PATH otherwise. */
  readonly ffmpegPath?: string | undefined;
  /** What may be read; anything otherwise. */
  readonly allowed?: Allowed | undefined;
  /** Another pool's memory of refused passwords; one of its own otherwise. */
  readonly guard?: PasswordGuard;
  /** Hears what the session of each camera does, by `host:port`. */
  readonly onSession?: ((camera: string, state: SessionState) => void) | undefined;
  /** Is told what goes over the connections to all cameras, secrets included. */
  readonly onWire?: OnWire | undefined;
  /** For tests: another network than the system's, and what of it waits to be sent. */
  readonly network?: Required<Pick<SessionDeps, 'connect'>> & { readonly readSendQueues: ReadSendQueues };
  /** For tests: how sessions are opened. */
  readonly openSession?: (
    camera: CameraOptions,
    deps: SessionDeps,
    options: Parameters<typeof Session.open>[2],
  ) => Promise<Session>;
}

export class Pool implements Engine {
  readonly #options: PoolOptions;
  readonly #clock: Clock;
  readonly #ffmpegPath: string | undefined;
  readonly #allowed: Allowed | undefined;
  readonly #deps: SessionDeps;
  readonly #openSession: NonNullable<PoolOptions['openSession']>;
  readonly #onSession: NonNullable<PoolOptions['onSession']>;
  readonly #cache = new PreparedCache();
  readonly #memory = new Memory();
  readonly #cameras = new Map<string, SharedCamera>();
  #closed = false;

  constructor(options: PoolOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? monotonicClock;
    this.#ffmpegPath = options.ffmpegPath;
    this.#allowed = options.allowed;
    this.#openSession = options.openSession ?? ((camera, deps, open) => Session.open(camera, deps, open));
    this.#onSession = options.onSession ?? (() => undefined);
    this.#deps = {
      clock: this.#clock,
      guard: options.guard ?? new PasswordGuard(this.#clock),
      stallWatch: new StallWatch(this.#clock, options.network?.readSendQueues),
      clientId: randomUUID(),
      onWire: options.onWire,
      ...(options.network === undefined ? {} : { connect: options.network.connect }),
    };
  }

  /**
   * One camera's line, however many ask for it.
   * Throws TALK_ERR_ARGUMENT when the line is in use with another user name or password.
   */
  line(camera: CameraOptions): Line {
    return this.#shared(camera).line;
  }

  stop(camera: CameraOptions, owner: string): Promise<void> {
    return promised(() => this.line(camera).stop(owner));
  }

  skip(camera: CameraOptions): Promise<void> {
    return promised(() => this.line(camera).skip());
  }

  async connect(camera: CameraOptions, signal?: AbortSignal): Promise<void> {
    await this.line(camera).connect(camera, signal);
  }

  async disconnect(camera: CameraOptions): Promise<void> {
    await this.line(camera).disconnect();
  }

  register(
    camera: CameraOptions,
    user: string,
    onSession: (state: SessionState) => void = () => undefined,
  ): () => Promise<void> {
    const shared = this.#shared(camera);
    const { key } = shared;
    const leave = shared.enter(user, onSession);
    return async () => {
      if (!leave() || this.#cameras.get(key) !== shared) return;
      this.#cameras.delete(key);
      const why = `The camera at ${key} was taken out of use or redeployed`;
      await shared.destroy(new TalkError('TALK_ERR_CLOSED', why, { camera: key }));
    };
  }

  sessionState(camera: CameraOptions): SessionState {
    return this.#cameras.get(cameraKey(camera))?.session ?? 'closed';
  }

  /**
   * Speaks the sources as one announcement on all cameras; decoded once. Resolves when every camera is done, one result per camera in their order.
   * Rejects at once with TALK_ERR_ARGUMENT for options that cannot be; failures of single cameras are rejections in the result.
   */
  async speak(
    cameras: readonly CameraOptions[],
    sources: readonly PreparedSource[],
    options: SpeakOptions = {},
  ): Promise<PromiseSettledResult<TalkOutcome>[]> {
    return announce(cameras, sources, optionsFor(sources, options), {
      clock: this.#clock,
      cache: this.#cache,
      memory: this.#memory,
      ffmpegPath: this.#ffmpegPath,
      allowed: this.#allowed,
      lineOf: (camera) => this.line(camera),
    });
  }

  /** Resolves when these cameras have nothing to say and their loudspeakers have their own volume back. Never rejects. */
  async volumesRestored(cameras: readonly CameraOptions[]): Promise<void> {
    await Promise.all(cameras.map(async (camera) => this.#cameras.get(cameraKey(camera))?.line.volumeRestored()));
  }

  microphone(camera: CameraOptions, { stream, chunkMs, onState, onChunk }: ListeningOptions): Microphone {
    const { streams } = this.#shared(camera);
    return new Microphone(
      { camera, stream, chunkMs },
      { clock: this.#clock, openSession: streams.open, onState, onChunk },
    );
  }

  async control(
    camera: CameraOptions,
    action: string,
    argument?: unknown,
    signal?: AbortSignal,
  ): Promise<ControlResult> {
    return control(this.#shared(camera).webApi(camera), action, argument, { now: () => wallTime().getTime(), signal });
  }

  probe(camera: CameraOptions, options: ProbeWishes = {}): Promise<ProbeStep[]> {
    return probe(camera, {
      onWire: this.#deps.onWire,
      ...options,
      clock: this.#clock,
      guard: this.#deps.guard,
      talkInUse: () => this.#cameras.get(cameraKey(camera))?.line.busy === true,
    });
  }

  chime(camera: CameraOptions, { signal }: Pick<SpeakOptions, 'signal'> = {}): Promise<ProbeStep> {
    return this.#onTrial(camera, { signal }, (pool) => playChime(camera, pool, { clock: this.#clock, signal }));
  }

  soundReport(camera: CameraOptions, options: ProbeWishes = {}): Promise<ProbeStep[]> {
    return this.#onTrial(camera, options, (pool) => reportSound(camera, pool, { ...options, clock: this.#clock }));
  }

  tuneReport(camera: CameraOptions, options: TuneWishes = {}): Promise<TuneReport> {
    return this.#onTrial(camera, options, (pool = this) =>
      reportTune(camera, pool, { ...options, clock: this.#clock }),
    );
  }

  /** Rejects as the check does (check/run.ts). */
  async checkSound(
    camera: CameraOptions,
    { stream = 'stream1', ...options }: CheckOptions & { readonly stream?: string | undefined } = {},
  ): Promise<SoundVerdict> {
    const { streams } = this.#shared(camera);
    const talkRate = codecProfile(camera).sampleRate;
    const listen: CheckDeps['listen'] = (hearing) => streams.open(camera, { stream, ...hearing });
    return checkSound(camera, { clock: this.#clock, listen, speaker: this, talkRate }, options);
  }

  /** Rejects as tuning does (tune/run.ts). */
  async tune(camera: CameraOptions, options: TuneOptions = {}): Promise<TuneResult> {
    const known = this.#cameras.get(cameraKey(camera));
    if (known?.fits(camera) === false) {
      return this.#onTrial(camera, options, async (pool) => {
        if (pool !== undefined) return pool.tune(camera, options);
        throw new TalkError('TALK_ERR_BUSY', `The camera at ${known.key} is being spoken to`, { camera: known.key });
      });
    }
    const listen: TuneDeps['listen'] = (ear, hearing) =>
      this.#shared(ear).streams.open(ear, { stream: 'stream1', ...hearing });
    const talkRate = (talker: CameraOptions): number => codecProfile(talker).sampleRate;
    const [clock, ffmpegPath, allowed] = [this.#clock, this.#ffmpegPath, this.#allowed];
    const file =
      options.earFile === undefined ? undefined : await EarFile.at(options.earFile, { clock, ffmpegPath, allowed });
    const readRecording = file && ((signal: AbortSignal): Promise<Float32Array> => file.read(signal));
    return tune(camera, { clock, listen, speaker: this, talkRate, readRecording }, options);
  }

  async warmUp(): Promise<void> {
    await warmUpAudio({ ffmpegPath: this.#ffmpegPath, clock: this.#clock });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#cameras.values()].map((shared) => shared.close()));
    this.#cameras.clear();
  }

  async destroy(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#cameras.values()].map((shared) => shared.destroy()));
    this.#cameras.clear();
  }

  /** Asks the camera's own line when it has the same user name and password. Otherwise a temporary one, or none while somebody else talks. */
  #onTrial<T>(
    camera: CameraOptions,
    { signal, onWire }: Pick<ProbeWishes, 'signal' | 'onWire'>,
    ask: (pool?: Pool) => Promise<T>,
  ): Promise<T> {
    const known = this.#cameras.get(cameraKey(camera));
    if (known?.fits(camera) === true) return known.wire.during(onWire, () => ask(this));
    if (known?.line.busy === true) return ask();
    const wire = new WatchedWire(this.#deps.onWire);
    const { clock, guard } = this.#deps;
    const pool = new Pool({ ...this.#options, clock, guard, onSession: undefined, onWire: wire.onWire });
    return wire.during(onWire, () => onTemporaryPool(pool, signal, ask));
  }

  #shared(camera: CameraOptions): SharedCamera {
    if (this.#closed) throw new TalkError('TALK_ERR_ABORTED', 'The pool is closed');
    const key = cameraKey(camera);
    const known = this.#cameras.get(key);
    if (known !== undefined) {
      known.adopt(camera);
      return known;
    }
    const wire = new WatchedWire(this.#deps.onWire);
    const deps = { ...this.#deps, onWire: wire.onWire };
    const shared = new SharedCamera(camera, {
      ...deps,
      wire,
      openSession: (options, open) => this.#openSession(options, deps, open),
      answers: (options, signal) => answers(options, deps, signal),
      onSession: (state) => this.#onSession(key, state),
      openListenSession: listenSessions({ ...deps, ffmpegPath: this.#ffmpegPath }),
    });
    this.#cameras.set(key, shared);
    return shared;
  }
}

/** Runs `step` at once and turns what it throws into a rejection. */
function promised(step: () => void): Promise<void> {
  return new Promise((resolve) => {
    step();
    resolve();
  });
}

/** Nobody reads the sources of what is refused. */
function optionsFor(sources: readonly PreparedSource[], options: SpeakOptions): FilledSpeakOptions {
  try {
    return speakOptions(options);
  } catch (error) {
    discardSources(sources);
    throw error;
  }
}
