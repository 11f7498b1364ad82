// All cameras of a process: one line each, clips prepared once for all who speak them.
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { discardSources, type AudioSource } from '../audio/source.js';
import { PreparedCache } from '../audio/cache.js';
import { prepare, type Prepared } from '../audio/prepare.js';
import { cameraKey, type CameraOptions } from '../camera.js';
import { checkSound, type CheckDeps, type CheckOptions } from '../check/run.js';
import type { SoundVerdict } from '../check/verdict.js';
import { abortReason, monotonicClock, wallTime, type Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { listenSessions, Microphone, type MicrophoneDeps, type MicrophoneOptions } from '../listen/microphone.js';
import { codecProfile } from '../multitrans/profile.js';
import { PasswordGuard } from '../password-guard.js';
import { playChime } from '../probe/chime.js';
import { probe, WebGuards, type ProbeOptions } from '../probe/probe.js';
import type { ProbeStep } from '../probe/report.js';
import { reportSound } from '../probe/sound.js';
import { askAside } from '../probe/trial.js';
import { control, type ControlResult } from '../webapi/actions.js';
import type { Line } from './line.js';
import { Session, type SessionDeps } from './session.js';
import { StallWatch } from './stall-watch.js';
import { SPEAK_DEFAULTS, type SpeakOptions } from './speak-options.js';
import { Station } from './station.js';
import type { SessionState, TalkOutcome } from './states.js';

export interface PoolOptions {
  readonly clock?: Clock;
  /** ffmpeg's path; looked for in FFMPEG_PATH and PATH otherwise. */
  readonly ffmpegPath?: string | undefined;
  /** Another pool's memory of refused passwords; one of its own otherwise. */
  readonly guard?: PasswordGuard;
  /** For tests: how sessions are opened. */
  readonly openSession?: (
    camera: CameraOptions,
    deps: SessionDeps,
    options: Parameters<typeof Session.open>[2],
  ) => Promise<Session>;
}

/** How to listen, and who hears. */
export type ListeningOptions = Omit<MicrophoneOptions, 'camera'> & Pick<MicrophoneDeps, 'onState' | 'onChunk'>;

export class Pool {
  readonly #clock: Clock;
  readonly #ffmpegPath: string | undefined;
  readonly #deps: SessionDeps;
  readonly #webGuards: WebGuards;
  readonly #openSession: NonNullable<PoolOptions['openSession']>;
  readonly #cache = new PreparedCache();
  readonly #stations = new Map<string, Station>();
  #closed = false;

  constructor(options: PoolOptions = {}) {
    this.#clock = options.clock ?? monotonicClock;
    this.#ffmpegPath = options.ffmpegPath;
    this.#openSession = options.openSession ?? ((camera, deps, open) => Session.open(camera, deps, open));
    this.#deps = {
      clock: this.#clock,
      guard: options.guard ?? new PasswordGuard(this.#clock),
      stallWatch: new StallWatch(this.#clock),
      clientId: randomUUID(),
    };
    this.#webGuards = new WebGuards(this.#clock);
  }

  /**
   * One camera's line, however many ask for it.
   * Throws TALK_ERR_ARGUMENT when the line is in use with another user name or password.
   */
  line(camera: CameraOptions): Line {
    return this.#station(camera).line;
  }

  /** Cuts what the camera is saying and clears the clips of this owner that wait. */
  stop(camera: CameraOptions, owner: string): void {
    this.line(camera).stop(owner);
  }

  /** Cuts what the camera is saying. */
  skip(camera: CameraOptions): void {
    this.line(camera).skip();
  }

  /** Opens the session ahead of time. Rejects with the session's error or the signal's reason. */
  connect(camera: CameraOptions, signal?: AbortSignal): Promise<void> {
    return this.line(camera).connect(camera, signal);
  }

  /** Closes the session after what was accepted has been said. */
  disconnect(camera: CameraOptions): Promise<void> {
    return this.line(camera).disconnect();
  }

  /** Somebody intends to use this camera; `onSession` hears of its session. Call the result to leave: the last one to leave ends the line. */
  register(
    camera: CameraOptions,
    user: string,
    onSession: (state: SessionState) => void = () => undefined,
  ): () => Promise<void> {
    const station = this.#station(camera);
    const { key } = station;
    const leave = station.enter(user, onSession);
    return async () => {
      if (!leave() || this.#stations.get(key) !== station) return;
      this.#stations.delete(key);
      const why = `The camera at ${key} was taken out of use or redeployed`;
      await station.destroy(new TalkError('TALK_ERR_CLOSED', why, { camera: key }));
    };
  }

  /** What one camera's session is doing. */
  sessionState(camera: CameraOptions): SessionState {
    return this.#stations.get(cameraKey(camera))?.session ?? 'closed';
  }

  /**
   * Speaks the sources as one announcement on all cameras; decoded once. Resolves when every camera is done, one result per camera in their order.
   * Rejects at once with TALK_ERR_ARGUMENT for options that cannot be; failures of single cameras are rejections in the result.
   */
  async speak(
    cameras: readonly CameraOptions[],
    sources: readonly AudioSource[],
    options: SpeakOptions = {},
  ): Promise<PromiseSettledResult<TalkOutcome>[]> {
    let lines: Line[];
    try {
      lines = this.#linesFor(cameras, sources, options.signal);
    } catch (error) {
      discardSources(sources);
      throw error;
    }
    const unneeded = new AbortController();
    // One listener per camera is no leak, however many cameras there are.
    const signal = options.signal === undefined ? undefined : AbortSignal.any([options.signal]);
    if (signal !== undefined) setMaxListeners(0, signal);
    const prepared = new Map<string, Prepared>();
    const clipFor = (camera: CameraOptions): Prepared => {
      const { encoding, sampleRate } = codecProfile(camera);
      const known = prepared.get(encoding);
      if (known !== undefined) return known;
      const made = prepare(sources, {
        encoding,
        sampleRate,
        gainDb: options.gain ?? SPEAK_DEFAULTS.gain,
        normalize: options.normalize ?? SPEAK_DEFAULTS.normalize,
        maxSeconds: options.maxSeconds ?? SPEAK_DEFAULTS.maxSeconds,
        ffmpegPath: this.#ffmpegPath,
        signal: unneeded.signal,
        clock: this.#clock,
        cache: this.#cache,
      });
      prepared.set(encoding, made);
      return made;
    };
    try {
      return await Promise.allSettled(
        cameras.map((camera, index) => {
          const preparation = clipFor(camera);
          return (lines[index] as Line).speak(camera, preparation.clip, {
            signal,
            priority: options.priority ?? SPEAK_DEFAULTS.priority,
            whenBusy: options.whenBusy ?? SPEAK_DEFAULTS.whenBusy,
            maxQueue: options.maxQueue ?? SPEAK_DEFAULTS.maxQueue,
            retries: options.retries ?? SPEAK_DEFAULTS.retries,
            owner: options.owner ?? SPEAK_DEFAULTS.owner,
            speakerVolume: options.speakerVolume,
            onWarning: options.onWarning,
            cached: () => preparation.cached,
            onState: (state) => options.onState?.(state, index),
          });
        }),
      );
    } finally {
      // Ends the decoding of what nobody waits for any more.
      unneeded.abort();
    }
  }

  /**
   * A microphone of one's own on the camera's stream, which is opened once for all who listen to it. Call its stop() at the end.
   * Throws TALK_ERR_ARGUMENT for what cannot be, or when the camera is in use with another user name or password.
   */
  microphone(camera: CameraOptions, { stream, chunkMs, onState, onChunk }: ListeningOptions): Microphone {
    const { streams } = this.#station(camera);
    return new Microphone(
      { camera, stream, chunkMs },
      { clock: this.#clock, openSession: streams.open, onState, onChunk },
    );
  }

  /**
   * Asks the camera's web interface for one of CONTROL_ACTIONS; arguments and results are those of the tplink-control node.
   * Rejects with TALK_ERR_ARGUMENT, _LOGIN, _LOCKED, _API, _CONNECT, _TIMEOUT, _CLOSED, _PROTOCOL, _UNSUPPORTED or the signal's reason.
   */
  async control(
    camera: CameraOptions,
    action: string,
    argument?: unknown,
    signal?: AbortSignal,
  ): Promise<ControlResult> {
    return control(this.#station(camera).webApi(camera), action, argument, { now: () => wallTime().getTime(), signal });
  }

  /** `probe` with this pool's memory of refused passwords; a talk of its own is left alone. */
  probe(camera: CameraOptions, options: Pick<ProbeOptions, 'signal' | 'onStep'> = {}): Promise<ProbeStep[]> {
    return probe(camera, {
      ...options,
      clock: this.#clock,
      guard: this.#deps.guard,
      webGuards: this.#webGuards,
      talkInUse: () => this.#stations.get(cameraKey(camera))?.line.busy === true,
    });
  }

  /** Plays a chime with options that may still be on trial. Never rejects for what the camera does. */
  chime(camera: CameraOptions, { signal }: Pick<SpeakOptions, 'signal'> = {}): Promise<ProbeStep> {
    return this.#onTrial(camera, signal, (pool) => playChime(camera, pool, { clock: this.#clock, signal }));
  }

  /** `checkSound` in steps, with options that may still be on trial. Never rejects for what the camera does. */
  soundReport(camera: CameraOptions, options: Pick<ProbeOptions, 'signal' | 'onStep'> = {}): Promise<ProbeStep[]> {
    const { signal } = options;
    return this.#onTrial(camera, signal, (pool) => reportSound(camera, pool, { ...options, clock: this.#clock }));
  }

  /** Plays a chirp and finds it in the camera's own microphone; rejects as `checkSound` does. `stream1` unless told otherwise. */
  async checkSound(
    camera: CameraOptions,
    { stream = 'stream1', ...options }: CheckOptions & { readonly stream?: string | undefined } = {},
  ): Promise<SoundVerdict> {
    const { streams } = this.#station(camera);
    const talkRate = codecProfile(camera).sampleRate;
    const listen: CheckDeps['listen'] = (hearing) => streams.open(camera, { stream, ...hearing });
    return checkSound(camera, { clock: this.#clock, listen, speaker: this, talkRate }, options);
  }

  /** Lets everything accepted end, refuses the rest. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#stations.values()].map((station) => station.close()));
    this.#stations.clear();
  }

  /** Ends everything now. */
  async destroy(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#stations.values()].map((station) => station.destroy()));
    this.#stations.clear();
  }

  /** On the camera's line when that has the same user name and password, else on one that ends with it; on none while another talks. */
  #onTrial<T>(camera: CameraOptions, signal: AbortSignal | undefined, ask: (pool?: Pool) => Promise<T>): Promise<T> {
    const known = this.#stations.get(cameraKey(camera));
    if (known?.fits(camera) === true) return ask(this);
    if (known?.line.busy === true) return ask();
    const [{ clock, guard }, openSession, ffmpegPath] = [this.#deps, this.#openSession, this.#ffmpegPath];
    return askAside(new Pool({ clock, guard, openSession, ffmpegPath }), signal, ask);
  }

  #linesFor(
    cameras: readonly CameraOptions[],
    sources: readonly AudioSource[],
    signal: AbortSignal | undefined,
  ): Line[] {
    if (signal?.aborted === true) throw abortReason(signal);
    const codecs = new Set(cameras.map((camera) => codecProfile(camera).encoding));
    if (codecs.size > 1 && sources.some(({ kind }) => kind === 'live')) {
      const why = 'Live audio cannot go to cameras with different codecs at once; send one message for each codec';
      throw new TalkError('TALK_ERR_ARGUMENT', why);
    }
    return cameras.map((camera) => this.line(camera));
  }

  #station(camera: CameraOptions): Station {
    if (this.#closed) throw new TalkError('TALK_ERR_ABORTED', 'The pool is closed');
    const key = cameraKey(camera);
    const known = this.#stations.get(key);
    if (known !== undefined) {
      known.adopt(camera);
      return known;
    }
    const { clock, guard } = this.#deps;
    const station = new Station(camera, {
      clock,
      guard,
      openSession: (options, open) => this.#openSession(options, this.#deps, open),
      openListenSession: listenSessions({ clock, guard, ffmpegPath: this.#ffmpegPath }),
    });
    this.#stations.set(key, station);
    return station;
  }
}
