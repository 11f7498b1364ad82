// What has been found out so far, and which sentence what was heard is worth. Nothing is measured or decided here.
import type { TalkMode } from '../camera-options.js';
import type { latency, TrainReport } from './choose.js';
import { TRAIN_SECONDS } from './train.js';
import { wholeness } from './choose.js';
import { type TunedSetting, type TuneEar, type TuneResult, type TuneTrial, type VolumeAdvice } from './result.js';
import { remark, tuneText, type TuneRemark } from './sentences.js';

type Settings = { -readonly [Name in TunedSetting]?: TuneResult['settings'][Name] };

/** Whether a mode is granted, or how it is refused: because of the mode, or so that nobody can tell. */
export type Grant = 'granted' | { readonly refusal: string; readonly ofMode: boolean };

export class Findings {
  readonly #tuned: readonly TunedSetting[];
  readonly #settings: Settings = {};
  readonly #unknown: Partial<Record<TunedSetting, readonly TuneRemark[]>> = {};
  readonly #grants = new Map<TalkMode, Grant>();
  readonly #tried: TuneTrial[] = [];
  #measuredIn: TalkMode | undefined;
  #latency: ReturnType<typeof latency>;
  #volume: VolumeAdvice | undefined;
  /** Why nothing is known of what is neither found nor said to be unknown. */
  #unheard: readonly TuneRemark[] = [remark('unknown.unheard')];

  /** @param tuned which settings are looked for */
  constructor(tuned: readonly TunedSetting[]) {
    this.#tuned = tuned;
  }

  found<Name extends TunedSetting>(setting: Name, value: NonNullable<Settings[Name]>): NonNullable<Settings[Name]> {
    this.#settings[setting] = value;
    return value;
  }

  unknown(setting: TunedSetting, why: readonly TuneRemark[]): void {
    this.#unknown[setting] = why;
  }

  /** The codec is not known, and so nothing that is measured after it. */
  unknownCodec(why: readonly TuneRemark[]): void {
    this.unknown('codec', why);
    this.#unheard = [remark('unknown.withoutCodec')];
  }

  /** Why an ear heard nothing. */
  unheard(why: readonly TuneRemark[]): void {
    this.#unheard = why;
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

  tried(
    setting: TunedSetting,
    value: string | number,
    mode: TalkMode,
    ear: TuneEar,
    said: readonly TuneRemark[],
  ): void {
    this.#tried.push({ setting, value, mode, ear, heard: tuneText(said), said });
  }

  heard(setting: TunedSetting, value: number, mode: TalkMode, ear: TuneEar, report: TrainReport): void {
    this.tried(setting, value, mode, ear, [remarkOf(report)]);
  }

  result(): TuneResult {
    const missing = this.#tuned.filter((name) => this.#settings[name] === undefined);
    const measured = this.#tuned.filter((name) => name !== 'mode' && this.#settings[name] !== undefined);
    const mode = this.#measuredIn === this.#settings.mode ? undefined : this.#measuredIn;
    const reasons = missing.map((name) => [name, this.#unknown[name] ?? this.#unheard] as const);
    return {
      settings: this.#settings,
      unknown: Object.fromEntries(reasons.map(([name, why]) => [name, tuneText(why)])),
      reasons: Object.fromEntries(reasons),
      measuredIn: mode === undefined ? {} : Object.fromEntries(measured.map((name) => [name, mode])),
      ...(this.#latency && { latencyMs: this.#latency.medianMs, latencySpreadMs: this.#latency.spreadMs }),
      ...(this.#volume && { speakerVolume: this.#volume }),
      tried: this.#tried,
    };
  }
}

function remarkOf(report: TrainReport): TuneRemark {
  const { heard, latencyMs = 0 } = report;
  if (heard === undefined) return remark('heard.not');
  if (typeof heard === 'string') return remark(`heard.${heard}`);
  const missing = { firstMs: heard.firstMs, lastMs: TRAIN_SECONDS * 1_000 - heard.lastMs };
  const values = Object.entries({ latencyMs, ...missing }).map(([name, ms]) => [name, Math.round(ms)] as const);
  return remark(`heard.${wholeness(report)}`, Object.fromEntries(values));
}
