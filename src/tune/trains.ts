// The sessions of tuning by an ear that hears at once: which sizes are heard whole, and what is lost at both ends of three sessions with the best one.
import { PACKET_BYTES, type CameraOptions } from '../camera-options.js';
import { drain, isClear, latency, leadIn, problemOf, SESSIONS, wholeness, type TrainReport } from './choose.js';
import type { Ear } from './ears.js';
import type { Findings } from './findings.js';
import type { TunedSetting } from './result.js';
import { remark } from './sentences.js';
import { playTrain, type Expected, type TuneDeps } from './session.js';

/** Beyond the sessions that are needed, for those in which something came in between. */
const SPARE_SESSIONS = 2;

export interface TrainsOptions {
  readonly ear: Ear;
  /** From packet to sound, as the chirp had it. */
  readonly latencyMs: number;
  readonly findings: Findings;
  readonly deps: TuneDeps;
  readonly signal: AbortSignal;
  /** Told before each session; `more`: how many more there will be than was thought. */
  readonly tell: (setting: TunedSetting, value: number, more: number) => void;
}

/** Finds out size, lead-in, drain and latency of the camera, which is sent the right codec. False when the train was recognised in no session. */
export async function tuneByTrains(camera: CameraOptions, options: TrainsOptions): Promise<boolean> {
  const trains = new Trains(options);
  await trains.findLosses(await trains.findSize(camera));
  return trains.recognised;
}

interface Sized {
  readonly camera: CameraOptions;
  readonly reports: TrainReport[];
}

class Trains {
  readonly #options: TrainsOptions;
  #expected: Expected;
  #more = 0;
  recognised = false;

  constructor(options: TrainsOptions) {
    this.#options = options;
    this.#expected = { latencyMs: options.latencyMs, near: false };
  }

  /** The largest packets without gaps; what was heard with them, or with the present ones when there are none. */
  async findSize(camera: CameraOptions): Promise<Sized> {
    const { findings } = this.#options;
    for (const packetBytes of [...PACKET_BYTES].sort((a, b) => b - a).filter((bytes) => bytes > 0)) {
      const sized = { ...camera, packetBytes };
      const reports = [await this.#train('packetBytes', packetBytes, sized)];
      // One session may have been disturbed, and one that is not recognised proves no gaps.
      if (reports.every((report) => wholeness(report) === 'unsure')) {
        this.#more += 1;
        reports.push(await this.#train('packetBytes', packetBytes, sized));
      }
      const last = reports.at(-1);
      const judged = last === undefined ? 'unsure' : wholeness(last);
      if (judged === 'whole') {
        findings.found('packetBytes', packetBytes);
        return { camera: sized, reports };
      }
      if (judged === 'unsure') {
        findings.unknown('packetBytes', [remark('unknown.unsureGaps', { packetBytes }), problemOf(reports)]);
        return { camera, reports: [] };
      }
      this.#more += 1;
    }
    findings.unknown('packetBytes', [remark('unknown.gaps')]);
    return { camera, reports: [] };
  }

  /** What is lost at the beginning and at the end. */
  async findLosses({ camera, reports }: Sized): Promise<void> {
    const { findings } = this.#options;
    const clear = (): number => reports.filter(({ heard }) => isClear(heard)).length;
    for (let spare = SPARE_SESSIONS; clear() < SESSIONS && spare >= 0;) {
      const before = clear();
      reports.push(await this.#train('leadInMs', 0, camera));
      if (clear() === before) spare -= 1;
    }
    const [begin, end] = [leadIn(reports), drain(reports)];
    if ('value' in begin) findings.found('leadInMs', begin.value);
    else findings.unknown('leadInMs', begin.why);
    if ('value' in end) findings.found('drainMs', end.value);
    else findings.unknown('drainMs', end.why);
    findings.latency(latency(reports));
  }

  async #train(setting: TunedSetting, value: number, camera: CameraOptions): Promise<TrainReport> {
    const { ear, findings, deps, signal, tell } = this.#options;
    tell(setting, value, this.#more);
    this.#more = 0;
    const report = await playTrain(camera, ear.camera, this.#expected, deps, signal);
    if (report.latencyMs !== undefined) this.#expected = { latencyMs: report.latencyMs, near: true };
    this.recognised ||= isClear(report.heard) || report.heard === 'noisy';
    findings.heard(setting, value, camera.mode, ear.kind, report);
    return report;
  }
}
