// The sessions of tuning by an ear that hears at once: which sizes are heard whole, and what is lost at both ends with the best one.
import type { CameraOptions } from '../camera-options.js';
import { settableMs, sizeSettingOf, sizesOf, type PacketSize } from './choices.js';
import {
  drain,
  isClear,
  latency,
  leadIn,
  problemOf,
  SESSIONS,
  sizeOf,
  type SessionKind,
  type TrainReport,
} from './choose.js';
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
  trains.judge(camera, await trains.play(camera));
  return trains.recognised;
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

  /** What was heard with the largest packets that leave gaps in no session, or with the present ones when there are none. */
  async play(camera: CameraOptions): Promise<TrainReport[]> {
    const { findings } = this.#options;
    for (const tried of sizesOf(camera)) {
      const reports = await this.#sessions({ ...camera, ...tried.options }, tried);
      const size = sizeOf(reports);
      if (size === 'whole') {
        findings.found(tried.setting, tried.value);
        return reports;
      }
      this.#more += reports.length;
      if (size === 'unsure') {
        findings.unknown(tried.setting, [tried.unsure, problemOf(reports)]);
        return this.#sessions(camera);
      }
    }
    findings.unknown(sizeSettingOf(camera), [remark('unknown.gaps')]);
    return this.#sessions(camera);
  }

  /** What is lost at the beginning and at the end. */
  judge(camera: CameraOptions, reports: readonly TrainReport[]): void {
    const { findings } = this.#options;
    const [begin, end] = [leadIn(reports), drain(reports)];
    if ('value' in begin) findings.found('leadInMs', settableMs(camera, 'leadInMs', begin.value));
    else findings.unknown('leadInMs', begin.why);
    if ('value' in end) findings.found('drainMs', settableMs(camera, 'drainMs', end.value));
    else findings.unknown('drainMs', end.why);
    findings.latency(latency(reports));
  }

  /** With packets of one size, which is on trial when it is given, until enough is clear, nothing will be, or there are gaps. */
  async #sessions(camera: CameraOptions, size?: PacketSize): Promise<TrainReport[]> {
    const reports: TrainReport[] = [];
    let clear = 0;
    for (let spare = SPARE_SESSIONS; clear < SESSIONS && spare >= 0;) {
      const kind = clear < SESSIONS - 1 ? 'in a row' : 'rested';
      const [setting, value] =
        size !== undefined && clear === 0 ? ([size.setting, size.value] as const) : (['leadInMs', 0] as const);
      const report = await this.#train(setting, value, camera, kind);
      reports.push(report);
      if (isClear(report.heard)) clear += 1;
      else {
        spare -= 1;
        this.#more += 1;
      }
      if (size !== undefined && sizeOf(reports) === 'gaps') break;
    }
    return reports;
  }

  async #train(setting: TunedSetting, value: number, camera: CameraOptions, kind: SessionKind): Promise<TrainReport> {
    const { ear, findings, deps, signal, tell } = this.#options;
    tell(setting, value, this.#more);
    this.#more = 0;
    const report = await playTrain(camera, kind, ear.camera, this.#expected, deps, signal);
    if (report.latencyMs !== undefined) this.#expected = { latencyMs: report.latencyMs, near: true };
    this.recognised ||= isClear(report.heard) || report.heard === 'noisy';
    findings.heard(setting, value, camera.mode, ear.kind, report);
    return report;
  }
}
