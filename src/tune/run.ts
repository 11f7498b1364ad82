// Finds a camera's best settings by listening to it: which session is played in which mode, codec and size, one after the other. Listening comes first, so that a
// wrong password is sent once. What was heard is session.ts's, what follows from it choose.ts's.
import { MODES, PACKET_BYTES, cameraKey, type CameraOptions, type Codec, type TalkMode } from '../camera-options.js';
import { checkSound } from '../check/run.js';
import type { SoundVerdict } from '../check/verdict.js';
import { isTalkError, TalkError } from '../errors.js';
import { TUNE_TIMEOUT_MS } from '../limits.js';
import { drain, latency, leadIn, problemOf, isClear, SESSIONS, wholeness, type TrainReport } from './choose.js';
import type { TunedSetting, TuneProgress, TuneResult, VolumeAdvice } from './result.js';
import { openEars, type Ear } from './ears.js';
import { Findings } from './findings.js';
import { playTrain, type Expected, type TuneDeps } from './session.js';

export interface TuneOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as each sound is to be played; must not throw. */
  readonly onProgress?: ((progress: TuneProgress) => void) | undefined;
  /** Another camera in earshot. */
  readonly ear?: CameraOptions | undefined;
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
/** Beyond the sessions that are needed, for those in which something came in between. */
const SPARE_SESSIONS = 2;

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
  clock.wait(TUNE_TIMEOUT_MS, over.signal).then(
    () => late.abort(tooLong(camera)),
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
  readonly #deps: TuneDeps;
  readonly #signal: AbortSignal;
  readonly #options: TuneOptions;
  readonly #findings = new Findings();
  #done = 0;
  #of = USUAL_SOUNDS;
  #expected: Expected = { latencyMs: 0, near: false };
  /** Whether the train was recognised in any session. */
  #recognised = false;

  constructor(camera: CameraOptions, deps: TuneDeps, signal: AbortSignal, options: TuneOptions) {
    this.#camera = camera;
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
      if (silent !== undefined) this.#findings.unheard(silent);
      await this.#measure(ears);
      return this.#findings.result();
    } finally {
      await close();
    }
  }

  async #measure(ears: readonly Ear[]): Promise<void> {
    const place = await this.#findPlace(ears);
    const mode = await this.#chooseMode();
    if (place === undefined) return;
    this.#findings.measuredIn(place.camera.mode, mode);
    const right = await this.#findCodec(place);
    if (right === undefined) return;
    this.#expected = { latencyMs: right.verdict.delayMs ?? 0, near: false };
    await this.#findLosses(right, await this.#findSize(right));
    // The train is recognised at its own speed alone.
    if (this.#recognised) this.#findings.found('codec', right.codec);
    else this.#findings.unknown('codec', 'The chirp seemed to come at its speed, and nothing else was recognised');
  }

  /** The first mode in which the camera is heard: the present one, then full duplex; echo cancellation takes the very sound away and comes last. */
  async #findPlace(ears: readonly Ear[]): Promise<Place | undefined> {
    for (const mode of modesFor(this.#camera.mode)) {
      const camera = { ...this.#camera, mode };
      for (const ear of ears) {
        const verdict = await this.#check('mode', mode, camera, ear);
        if (verdict === undefined) break;
        if (verdict.verdict === 'heard') return { camera, ear, verdict };
      }
    }
    return undefined;
  }

  /** The present mode stays if the camera grants it; otherwise the first that it does. */
  async #chooseMode(): Promise<TalkMode | undefined> {
    const { mode: present } = this.#camera;
    const modes = [present, ...modesFor(present).filter((mode) => mode !== present)];
    for (const mode of modes) {
      if (this.#findings.granted(mode) ?? (await this.#isGranted(mode))) return this.#findings.found('mode', mode);
    }
    this.#findings.unknown('mode', 'The camera grants none of the talk modes');
    return undefined;
  }

  async #isGranted(mode: TalkMode): Promise<boolean> {
    const { speaker } = this.#deps;
    const camera = { ...this.#camera, mode, drainMs: 0, idleMs: 0 };
    return this.#granting(mode, camera, async () => {
      await speaker.disconnect(camera);
      await speaker.connect(camera, this.#signal);
      await speaker.disconnect(camera);
      return true;
    }).then((granted) => granted === true);
  }

  /** The codec with which the chirp comes at its speed. */
  async #findCodec(place: Place): Promise<(Place & { readonly codec: Codec }) | undefined> {
    // What the camera is sent when nothing is chosen.
    const present = this.#camera.codec === 'auto' ? 'pcma8k' : this.#camera.codec;
    const other = present === 'pcma8k' ? 'pcmu16k' : 'pcma8k';
    this.#findings.volume(adviceOf(place.verdict));
    this.#findings.tried('codec', present, place.camera.mode, place.ear.kind, place.verdict.text);
    if (place.verdict.speed === 1) return { ...place, codec: present };
    this.#of += 1;
    const camera = { ...place.camera, codec: other } as const;
    const verdict = await this.#check('codec', other, camera, place.ear);
    if (verdict?.speed === 1) return { ...place, camera, verdict, codec: other };
    const speed = place.verdict.speed === 2 ? 'twice' : 'half';
    const why = `The camera plays ${present} at ${speed} the speed, and ${other} is no better: ${verdict?.text ?? 'it is not taken'}`;
    this.#findings.unknownFrom('codec', why);
    return undefined;
  }

  /** The largest packets without gaps; what was heard with them, or with the present ones when there are none. */
  async #findSize({
    camera,
    ear,
  }: Place): Promise<{ readonly camera: CameraOptions; readonly reports: TrainReport[] }> {
    for (const packetBytes of [...PACKET_BYTES].sort((a, b) => b - a).filter((bytes) => bytes > 0)) {
      const sized = { ...camera, packetBytes };
      const reports = [await this.#train('packetBytes', packetBytes, sized, ear)];
      // One session may have been disturbed, and one that is not recognised proves no gaps.
      if (reports.every((report) => wholeness(report) === 'unsure')) {
        this.#of += 1;
        reports.push(await this.#train('packetBytes', packetBytes, sized, ear));
      }
      const last = reports.at(-1);
      const judged = last === undefined ? 'unsure' : wholeness(last);
      if (judged === 'whole') {
        this.#findings.found('packetBytes', packetBytes);
        return { camera: sized, reports };
      }
      if (judged === 'unsure') {
        const why = `Whether packets of ${packetBytes} bytes leave gaps could not be told: ${problemOf(reports)}`;
        this.#findings.unknown('packetBytes', why);
        return { camera, reports: [] };
      }
      this.#of += 1;
    }
    this.#findings.unknown('packetBytes', 'There are gaps with packets of every size');
    return { camera, reports: [] };
  }

  /** What is lost at the beginning and at the end. */
  async #findLosses(
    { ear }: Place,
    { camera, reports }: { readonly camera: CameraOptions; readonly reports: TrainReport[] },
  ): Promise<void> {
    const clear = (): number => reports.filter(({ heard }) => isClear(heard)).length;
    for (let spare = SPARE_SESSIONS; clear() < SESSIONS && spare >= 0;) {
      const before = clear();
      reports.push(await this.#train('leadInMs', 0, camera, ear));
      if (clear() === before) spare -= 1;
    }
    const [begin, end] = [leadIn(reports), drain(reports)];
    if ('value' in begin) this.#findings.found('leadInMs', begin.value);
    else this.#findings.unknown('leadInMs', begin.why);
    if ('value' in end) this.#findings.found('drainMs', end.value);
    else this.#findings.unknown('drainMs', end.why);
    this.#findings.latency(latency(reports));
  }

  async #train(setting: TunedSetting, value: number, camera: CameraOptions, ear: Ear): Promise<TrainReport> {
    this.#tell(setting, value);
    const report = await playTrain(camera, ear.camera, this.#expected, this.#deps, this.#signal);
    if (report.latencyMs !== undefined) this.#expected = { latencyMs: report.latencyMs, near: true };
    this.#recognised ||= typeof report.heard === 'object' || report.heard === 'noisy';
    this.#findings.heard(setting, value, camera.mode, ear.kind, report);
    return report;
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
    const verdict = await this.#granting(camera.mode, camera, () =>
      checkSound(
        bare,
        { clock, speaker, talkRate: talkRate(camera), listen: (hearing) => listen(ear.camera, hearing) },
        { signal: this.#signal },
      ),
    );
    const heard = verdict?.text ?? 'The camera does not grant this mode';
    this.#findings.tried(setting, value, camera.mode, ear.kind, heard);
    // Echo cancellation takes the very sound away: hearing nothing then explains nothing.
    if (verdict !== undefined && verdict.verdict !== 'heard' && camera.mode !== 'aec')
      this.#findings.unheard(verdict.text);
    return verdict;
  }

  /** Undefined when the camera refuses the talk. */
  async #granting<T>(mode: TalkMode, camera: CameraOptions, attempt: () => Promise<T>): Promise<T | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        const result = await attempt();
        this.#findings.grants(mode, true);
        return result;
      } catch (error) {
        const code = isTalkError(error) ? error.code : undefined;
        if (code === 'TALK_ERR_REFUSED' || code === 'TALK_ERR_UNSUPPORTED') {
          this.#findings.grants(mode, false);
          return undefined;
        }
        if (code !== 'TALK_ERR_BUSY' || tries === BUSY_TRIES) throw error;
        await this.#deps.clock.wait(BUSY_PAUSE_MS, this.#signal);
      }
    }
  }

  #tell(setting: TunedSetting, value: string | number): void {
    const done = this.#done++;
    this.#options.onProgress?.({ setting, value, done, of: Math.max(this.#of, this.#done) });
  }
}

function modesFor(present: TalkMode): TalkMode[] {
  const first: TalkMode[] = [present, 'full_duplex', ...MODES];
  return [...new Set<TalkMode>([...first.filter((mode) => mode !== 'aec'), 'aec'])];
}

function adviceOf({ levelDb = -Infinity, snrDb = -Infinity, clipping = false }: SoundVerdict): VolumeAdvice {
  const advice = clipping ? 'lower' : snrDb < SOFT_SNR_DB ? 'raise' : 'keep';
  return { advice, levelDb, snrDb, clipping };
}

/** What is softer beside the noise of the room is not understood, dB. */
const SOFT_SNR_DB = 10;

function tooLong(camera: CameraOptions): TalkError {
  const key = cameraKey(camera);
  const why = `Finding the best settings of the camera at ${key} took longer than ${TUNE_TIMEOUT_MS / 1_000} s`;
  return new TalkError('TALK_ERR_TIMEOUT', `${why}; is it saying something else?`, { camera: key });
}
