// One recording in the making: so many seconds, or the speech up to its end. Pure: it is given sound and says when it has enough.
import { readChoice, readNumber } from '../options.js';
import { toS16 } from '../sound/s16.js';
import { LISTEN_RANGES } from './options.js';
import { ONSET_MS, SilenceDetector } from './silence.js';
import type { HeardSound, Recording } from './states.js';

/** What to record. */
export type RecordPlan =
  | { readonly until: 'full'; readonly seconds: number }
  | {
      readonly until: 'silence';
      /** The longest recording, from the start of the speech on; 30 when absent. */
      readonly maxSeconds?: number;
      /** How long to wait for speech; 10 when absent. */
      readonly waitSeconds?: number;
      /** Silence that ends the speech, ms; 800 when absent. */
      readonly hangMs?: number;
      /** How far above the room speech must be, dB; 9 when absent. */
      readonly marginDb?: number;
    };

const SILENCE_DEFAULTS = { maxSeconds: 30, waitSeconds: 10, hangMs: 800, marginDb: 9 } as const;
/** How much sound before the noticed start of speech is kept: first sounds are often quieter than the rest. */
const PRE_ROLL_SECONDS = 0.5;

/** The plan with its defaults. Throws TALK_ERR_ARGUMENT that names what cannot be. */
export function recordPlan(plan: RecordPlan): RecordPlan {
  readChoice('until', plan.until, ['full', 'silence']);
  const number = <N extends keyof typeof LISTEN_RANGES>(name: N, given: { readonly [K in N]: unknown }): number =>
    readNumber(name, given[name], LISTEN_RANGES[name]);
  if (plan.until === 'full') return { until: 'full', seconds: number('seconds', plan) };
  const given = { ...SILENCE_DEFAULTS, ...plan };
  return {
    until: 'silence',
    maxSeconds: number('maxSeconds', given),
    waitSeconds: number('waitSeconds', given),
    hangMs: number('hangMs', given),
    marginDb: number('marginDb', given),
  };
}

export class Recorder {
  readonly #sampleRate: number;
  readonly #plan: RecordPlan;
  readonly #detector: SilenceDetector | undefined;
  #pieces: Buffer[] = [];
  /** Samples dropped from the front, and samples held. */
  #dropped = 0;
  #held = 0;
  /** When the first sample pushed was heard; the earliest any piece says. */
  #heardAt = Infinity;
  #ended: Recording['ended'] | undefined;

  constructor(plan: RecordPlan, sampleRate: number) {
    this.#plan = recordPlan(plan);
    this.#sampleRate = sampleRate;
    if (this.#plan.until === 'silence') {
      const { hangMs, marginDb } = { ...SILENCE_DEFAULTS, ...this.#plan };
      this.#detector = new SilenceDetector({ sampleRate, hangMs, marginDb });
    }
  }

  /** Takes sound of the recorder's sample rate. True when the recording has all it needs; more is not taken then. */
  push({ samples, heardAt }: HeardSound): boolean {
    if (this.#ended !== undefined) return true;
    this.#heardAt = Math.min(this.#heardAt, heardAt - ((this.#dropped + this.#held) * 1_000) / this.#sampleRate);
    this.#pieces.push(toS16(samples));
    this.#held += samples.length;
    this.#ended = this.#detector === undefined ? this.#full() : this.#quiet(this.#detector, samples);
    return this.#ended !== undefined;
  }

  /**
   * What has been recorded, to its planned length at most.
   * @param filledMs silence in it that stands for lost sound
   * @param now stands for the start when nothing has been heard
   */
  finish(filledMs: number, now: number): Recording {
    const waited = this.#detector !== undefined && this.#detector.onset === undefined;
    const length = waited ? 0 : Math.min(this.#held, this.#longest());
    return {
      pcm: Buffer.concat(this.#pieces).subarray(0, 2 * length),
      sampleRate: this.#sampleRate,
      startedAt: Math.min(this.#heardAt, now) + (this.#dropped * 1_000) / this.#sampleRate,
      seconds: length / this.#sampleRate,
      ended: this.#ended ?? 'stopped',
      ...(this.#detector !== undefined && { speech: !waited }),
      filledMs,
    };
  }

  #full(): Recording['ended'] | undefined {
    return this.#held >= this.#longest() ? 'full' : undefined;
  }

  #quiet(detector: SilenceDetector, samples: Float32Array): Recording['ended'] | undefined {
    const state = detector.push(samples);
    const preRoll = Math.round(PRE_ROLL_SECONDS * this.#sampleRate);
    if (state === 'waiting') {
      // Speech may have begun a moment ago without being noticed yet.
      const unknown = Math.round((ONSET_MS * this.#sampleRate) / 1_000);
      this.#dropUpTo(this.#dropped + this.#held - preRoll - unknown);
      const waited = (this.#dropped + this.#held) / this.#sampleRate;
      return waited >= this.#waitSeconds() ? 'silence' : undefined;
    }
    this.#dropUpTo((detector.onset ?? 0) - preRoll);
    return state === 'over' ? 'silence' : this.#full();
  }

  /** Lets go of the samples before this one, counted from the first one pushed. */
  #dropUpTo(sample: number): void {
    for (let first = this.#pieces[0]; first !== undefined && this.#dropped < sample; first = this.#pieces[0]) {
      const dropped = Math.min(first.length / 2, sample - this.#dropped);
      if (dropped === first.length / 2) this.#pieces.shift();
      else this.#pieces[0] = first.subarray(2 * dropped);
      this.#dropped += dropped;
      this.#held -= dropped;
    }
  }

  #waitSeconds(): number {
    return this.#plan.until === 'silence' ? (this.#plan.waitSeconds ?? SILENCE_DEFAULTS.waitSeconds) : 0;
  }

  /** Samples that may be held. */
  #longest(): number {
    const { seconds } =
      this.#plan.until === 'full'
        ? this.#plan
        : { seconds: (this.#plan.maxSeconds ?? SILENCE_DEFAULTS.maxSeconds) + PRE_ROLL_SECONDS };
    return Math.round(seconds * this.#sampleRate);
  }
}
