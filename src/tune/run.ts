// Finds a camera's best settings by listening to it: which session is played in which mode, codec and size, one after the other. Listening comes first, so that a
// wrong password is sent once. What was heard is session.ts's, what follows from it choose.ts's.
import { unlessAborted } from '../abort.js';
import { cameraKey, isHttpTalk, type CameraOptions, type TalkMode } from '../camera-options.js';
import { checkSound } from '../check/run.js';
import type { SoundVerdict } from '../check/verdict.js';
import { isTalkError, TalkError } from '../errors.js';
import { EAR_FILE_TIMEOUT_MS, TUNE_TIMEOUT_MS } from '../limits.js';
import { refusesMode } from '../multitrans/talk-reply.js';
import { tuneByRecording } from './by-recording.js';
import { codecsOf, isSettable, modesFor, preferredModes, sizeSettingOf, tunedOf, type PlayedCodec } from './choices.js';
import { adviceOf, SESSIONS } from './choose.js';
import type { TunedSetting, TuneProgress, TuneResult } from './result.js';
import { openEars, type Ear } from './ears.js';
import { Findings, type Grant } from './findings.js';
import { chirpRemarks, remark } from './sentences.js';
import type { TuneDeps } from './session.js';
import { tuneByTrains } from './trains.js';

export interface TuneOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as each sound is to be played; must not throw. */
  readonly onProgress?: ((progress: TuneProgress) => void) | undefined;
  /** Another camera in earshot. */
  readonly ear?: CameraOptions | undefined;
  /**
   * Where a recording of the run will be, made by a phone or anything else that hears the camera. It is used when no ear hears: everything is played then, and the
   * file waited for, which must be newer than the run's beginning.
   */
  readonly earFile?: string | undefined;
}

/** What tunes a camera, as those see it who have it done. */
export interface Tuner {
  /** Talks and listens for about a minute and tells the best settings, or why they could not be found out. */
  tune(camera: CameraOptions, options?: TuneOptions): Promise<TuneResult>;
}

/** Whom the chirp is waited for: what a loudspeaker swallows at most, ms. */
const CHECK_LEAD_IN_MS = 2_000;
/** A camera that is busy is asked again after so long, ms: some free their talk slot slowly. */
const BUSY_PAUSE_MS = 3_000;
const BUSY_TRIES = 4;
/** Sounds that are played when all goes well: a chirp, a size, and the sessions that say what is lost. */
const USUAL_SOUNDS = 1 + SESSIONS;

/** Where the camera is heard. */
interface Place {
  readonly camera: CameraOptions;
  readonly ear: Ear;
  readonly verdict: SoundVerdict;
}

/**
 * Rejects with TALK_ERR_BUSY when other clips come in between, TALK_ERR_TIMEOUT, whatever listening and speaking reject with, or the signal's reason.
 * What the camera does not let us hear is no failure: the result says it.
 */
export async function tune(camera: CameraOptions, deps: TuneDeps, options: TuneOptions = {}): Promise<TuneResult> {
  const { clock } = deps;
  const { signal } = options;
  const late = new AbortController();
  const over = new AbortController();
  const mostMs = TUNE_TIMEOUT_MS + (options.earFile === undefined ? 0 : EAR_FILE_TIMEOUT_MS);
  clock.wait(mostMs, over.signal).then(
    () => late.abort(tooLong(camera, mostMs)),
    () => undefined,
  );
  const given = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  try {
    return await new Tuning(camera, deps, given, options).run();
  } finally {
    over.abort();
  }
}

class Tuning {
  readonly #camera: CameraOptions;
  readonly #ignoresBusy: boolean;
  readonly #deps: TuneDeps;
  readonly #signal: AbortSignal;
  readonly #options: TuneOptions;
  readonly #findings: Findings;
  /** The microphone could have heard the chirp and did not. */
  #missed = false;
  #done = 0;
  #of = USUAL_SOUNDS;

  constructor(camera: CameraOptions, deps: TuneDeps, signal: AbortSignal, options: TuneOptions) {
    // A minute of sounds is no announcement: it goes over nobody's talk, and a camera that says busy has granted nothing.
    this.#camera = { ...camera, ignoreBusy: false };
    this.#ignoresBusy = camera.ignoreBusy;
    this.#findings = new Findings(tunedOf(camera));
    this.#deps = deps;
    this.#signal = signal;
    this.#options = options;
  }

  async run(): Promise<TuneResult> {
    const { ear } = this.#options;
    const wanted: Ear[] = [{ kind: 'own', camera: this.#camera }];
    if (ear !== undefined) wanted.push({ kind: 'other', camera: ear });
    const { ears, silent, close } = await openEars(wanted, this.#deps.listen, this.#signal);
    try {
      if (silent !== undefined) this.#findings.unheard([silent]);
      await this.#measure(ears);
      return this.#findings.result();
    } finally {
      await close();
    }
  }

  async #measure(ears: readonly Ear[]): Promise<void> {
    const place = await this.#findPlace(ears);
    const mode = await this.#chooseMode();
    if (place === undefined) {
      if (mode === undefined) return;
      this.#findings.measuredIn(mode);
      await this.#hearRecording({ ...this.#camera, mode });
      return;
    }
    this.#findings.measuredIn(place.camera.mode);
    const right = await this.#findCodec(place);
    if (right === undefined) return;
    const recognised = await tuneByTrains(right.camera, {
      ear: right.ear,
      latencyMs: right.verdict.delayMs ?? 0,
      findings: this.#findings,
      deps: this.#deps,
      signal: this.#signal,
      tell: (setting, value, more) => {
        this.#of += more;
        this.#tell(setting, value);
      },
    });
    // The train is recognised at its own speed alone.
    if (recognised) this.#findings.found('codec', right.codec);
    else this.#findings.unknown('codec', [remark('unknown.onlyChirp')]);
  }

  async #hearRecording(camera: CameraOptions): Promise<void> {
    const { readRecording } = this.#deps;
    if (readRecording === undefined) return;
    const read = (signal: AbortSignal): Promise<Float32Array> => {
      const setting = sizeSettingOf(camera);
      this.#options.onProgress?.({ setting, value: '', done: this.#done, of: this.#done, waits: true });
      return readRecording(signal);
    };
    await tuneByRecording(
      camera,
      this.#findings,
      { ...this.#deps, readRecording: read },
      {
        signal: this.#signal,
        tell: (setting, value, left) => {
          this.#of = this.#done + left;
          this.#tell(setting, value);
        },
      },
    );
  }

  /** The first mode in which the camera is heard: the present one, then full duplex; echo cancellation takes the very sound away and comes last. */
  async #findPlace(ears: readonly Ear[]): Promise<Place | undefined> {
    for (const mode of modesFor(this.#camera)) {
      const camera = { ...this.#camera, mode };
      for (const ear of ears) {
        const verdict = await this.#check('mode', mode, camera, ear);
        if (verdict === undefined) break;
        if (verdict.verdict === 'heard') return { camera, ear, verdict };
      }
    }
    return undefined;
  }

  /** The present mode stays if the camera grants it; otherwise the first that it does. What is granted beside one that nobody can tell of is only good to measure in. */
  async #chooseMode(): Promise<TalkMode | undefined> {
    let doubt: string | undefined;
    let refusal = '';
    for (const mode of preferredModes(this.#camera)) {
      const grant = this.#findings.grant(mode) ?? (await this.#ask(mode));
      if (grant === 'granted') {
        const settable = isSettable(this.#camera, mode);
        if (doubt === undefined && settable) return this.#findings.found('mode', mode);
        const why = settable ? remark('unknown.otherModes', undefined, doubt) : remark('unknown.notSettable', { mode });
        this.#findings.unknown('mode', [why]);
        return mode;
      }
      refusal = grant.refusal;
      if (!grant.ofMode) doubt ??= refusal;
    }
    this.#findings.unknown('mode', [remark('unknown.noMode', undefined, refusal)]);
    return undefined;
  }

  async #ask(mode: TalkMode): Promise<Grant> {
    const { speaker } = this.#deps;
    const camera = { ...this.#camera, mode, drainMs: 0, idleMs: 0 };
    await this.#granting(mode, async () => {
      await unlessAborted(speaker.disconnect(camera), this.#signal);
      await speaker.connect(camera, this.#signal);
      await unlessAborted(speaker.disconnect(camera), this.#signal);
    });
    return this.#findings.grant(mode) ?? 'granted';
  }

  /** The codec with which the chirp comes at its speed. */
  async #findCodec(place: Place): Promise<(Place & { readonly codec: PlayedCodec }) | undefined> {
    const [present, other] = codecsOf(this.#camera);
    this.#findings.volume(adviceOf(place.verdict));
    const { mode } = place.camera;
    const alone = isHttpTalk(this.#camera.dialect) ? [remark('unknown.onlyAlaw')] : [];
    this.#findings.tried('codec', present, mode, place.ear.kind, [...chirpRemarks(place.verdict, mode), ...alone]);
    if (place.verdict.speed === 1) return { ...place, codec: present };
    if (other === undefined) {
      this.#findings.unknownCodec([...chirpRemarks(place.verdict, mode), ...alone]);
      return undefined;
    }
    this.#of += 1;
    const camera = { ...place.camera, codec: other };
    const verdict = await this.#check('codec', other, camera, place.ear);
    if (verdict?.speed === 1) return { ...place, camera, verdict, codec: other };
    const key = place.verdict.speed === 2 ? 'unknown.doubleSpeed' : 'unknown.halfSpeed';
    const said = verdict === undefined ? [remark('unknown.notTaken', { codec: other })] : chirpRemarks(verdict, mode);
    this.#findings.unknownCodec([remark(key, { codec: present, other }), ...said]);
    return undefined;
  }

  /** Plays the chirp. Undefined when the camera does not grant this. */
  async #check(
    setting: TunedSetting,
    value: string,
    camera: CameraOptions,
    ear: Ear,
  ): Promise<SoundVerdict | undefined> {
    this.#tell(setting, value);
    const { clock, listen, speaker, talkRate } = this.#deps;
    const bare = { ...camera, leadInMs: CHECK_LEAD_IN_MS, drainMs: 0, idleMs: 0 };
    const verdict = await this.#granting(camera.mode, () =>
      checkSound(
        bare,
        { clock, speaker, talkRate: talkRate(camera), listen: (hearing) => listen(ear.camera, hearing) },
        { signal: this.#signal },
      ),
    );
    const said = verdict === undefined ? [remark('heard.refused')] : chirpRemarks(verdict, camera.mode);
    this.#findings.tried(setting, value, camera.mode, ear.kind, said);
    // Echo cancellation takes the very sound away: hearing nothing then explains nothing.
    if (verdict === undefined || verdict.verdict === 'heard' || camera.mode === 'aec') return verdict;
    // Nor does a mode that may mute the microphone, where another one has told more.
    if (verdict.verdict === 'not heard' || !this.#missed) this.#findings.unheard(said);
    this.#missed ||= verdict.verdict === 'not heard';
    return verdict;
  }

  /** Undefined when the camera refuses the talk in this mode; one that knows no talk at all, or none with this log-in, rejects. */
  async #granting<T>(mode: TalkMode, attempt: () => Promise<T>): Promise<T | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        const result = await attempt();
        this.#findings.grants(mode, 'granted');
        return result;
      } catch (error) {
        if (!isTalkError(error)) throw error;
        if (error.code === 'TALK_ERR_REFUSED') {
          this.#findings.grants(mode, { refusal: error.message, ofMode: refusesMode(error) });
          return undefined;
        }
        if (error.code !== 'TALK_ERR_BUSY') throw error;
        if (tries === BUSY_TRIES) throw this.#ignoresBusy ? busyAllTheSame(error) : error;
        await this.#deps.clock.wait(BUSY_PAUSE_MS, this.#signal);
      }
    }
  }

  #tell(setting: TunedSetting, value: string | number): void {
    const done = this.#done++;
    this.#options.onProgress?.({ setting, value, done, of: Math.max(this.#of, this.#done) });
  }
}

function busyAllTheSame({ message, camera, cause }: TalkError): TalkError {
  const why = `${message}; ignoreBusy does not hold while the best settings are looked for`;
  return new TalkError('TALK_ERR_BUSY', why, { camera, cause });
}

function tooLong(camera: CameraOptions, mostMs: number): TalkError {
  const key = cameraKey(camera);
  const why = `Finding the best settings of the camera at ${key} took longer than ${mostMs / 1_000} s`;
  return new TalkError('TALK_ERR_TIMEOUT', `${why}; is it saying something else?`, { camera: key });
}
