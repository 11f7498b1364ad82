// What has been found out so far, and the words for what was heard. Nothing is measured or decided here.
import type { TalkMode } from '../camera-options.js';
import type { latency, TrainReport } from './choose.js';
import { TRAIN_SECONDS } from './train.js';
import { wholeness } from './choose.js';
import {
  TUNED,
  type TunedSetting,
  type TuneEar,
  type TuneResult,
  type TuneTrial,
  type VolumeAdvice,
} from './result.js';

type Settings = { -readonly [Name in TunedSetting]?: TuneResult['settings'][Name] };

/** Whether a mode is granted, or how it is refused: because of the mode, or so that nobody can tell. */
export type Grant = 'granted' | { readonly refusal: string; readonly ofMode: boolean };

export class Findings {
  readonly #settings: Settings = {};
  readonly #unknown: Partial<Record<TunedSetting, string>> = {};
  readonly #grants = new Map<TalkMode, Grant>();
  readonly #tried: TuneTrial[] = [];
  #measuredIn: TalkMode | undefined;
  #latency: ReturnType<typeof latency>;
  #volume: VolumeAdvice | undefined;
  /** Why nothing is known of what is neither found nor said to be unknown. */
  #unheard = 'The camera was not heard';

  found<Name extends TunedSetting>(setting: Name, value: NonNullable<Settings[Name]>): NonNullable<Settings[Name]> {
    this.#settings[setting] = value;
    return value;
  }

  unknown(setting: TunedSetting, why: string): void {
    this.#unknown[setting] = why;
  }

  /** This setting is not known, and so nothing that is measured after it. */
  unknownFrom(setting: TunedSetting, why: string): void {
    this.unknown(setting, why);
    this.#unheard = `Without the right ${setting} it cannot be measured`;
  }

  /** Why an ear heard nothing. */
  unheard(text: string): void {
    this.#unheard = text;
  }

  grants(mode: TalkMode, grant: Grant): void {
    this.#grants.set(mode, grant);
  }

  /** What the camera says to the mode; undefined when it was not asked. */
  grant(mode: TalkMode): Grant | undefined {
    return this.#grants.get(mode);
  }

  measuredIn(mode: TalkMode): void {
    this.#measuredIn = mode;
  }

  latency(measured: ReturnType<typeof latency>): void {
    this.#latency = measured;
  }

  volume(advice: VolumeAdvice): void {
    this.#volume = advice;
  }

  tried(setting: TunedSetting, value: string | number, mode: TalkMode, ear: TuneEar, heard: string): void {
    this.#tried.push({ setting, value, mode, ear, heard });
  }

  heard(setting: TunedSetting, value: number, mode: TalkMode, ear: TuneEar, report: TrainReport): void {
    this.tried(setting, value, mode, ear, inWords(report));
  }

  result(): TuneResult {
    const missing = TUNED.filter((name) => this.#settings[name] === undefined);
    const measured = TUNED.filter((name) => name !== 'mode' && this.#settings[name] !== undefined);
    const mode = this.#measuredIn === this.#settings.mode ? undefined : this.#measuredIn;
    return {
      settings: this.#settings,
      unknown: Object.fromEntries(missing.map((name) => [name, this.#unknown[name] ?? this.#unheard])),
      measuredIn: mode === undefined ? {} : Object.fromEntries(measured.map((name) => [name, mode])),
      ...(this.#latency && { latencyMs: this.#latency.medianMs, latencySpreadMs: this.#latency.spreadMs }),
      ...(this.#volume && { speakerVolume: this.#volume }),
      tried: this.#tried,
    };
  }
}

function inWords(report: TrainReport): string {
  const { heard, latencyMs = 0 } = report;
  if (heard === undefined) return 'Not recognised in what the microphone heard';
  if (heard === 'noisy') return 'Heard, but noise or echo hide where it begins and ends';
  if (heard === 'disturbed') return 'Something else came in between';
  const lostMs = TRAIN_SECONDS * 1_000 - heard.lastMs;
  const gaps = { whole: 'no gaps', gaps: 'with gaps', unsure: 'perhaps with gaps' }[wholeness(report)];
  const [first, last, late] = [heard.firstMs, lostMs, latencyMs].map(Math.round);
  return `Heard after ${late} ms, ${gaps}; the first ${first} ms and the last ${last} ms are missing`;
}
