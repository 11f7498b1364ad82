// Hears when speech begins and when it is over: energy of 20 ms frames against a floor that follows the room. Pure; time is counted in samples.
import { power, powerDb } from '../sound/levels.js';

export interface SilenceOptions {
  /** Hz. */
  readonly sampleRate: number;
  /** The speech is over after so much silence, ms. */
  readonly hangMs: number;
  /** How far above the room speech must be, dB. */
  readonly marginDb: number;
}

const FRAME_MS = 20;
/** Sound that stays loud for so long is speech, ms; a click is shorter. */
export const ONSET_MS = 60;
/** The floor is the quietest frame of the last so many ms: even fast speech pauses for breath or between syllables. */
const FLOOR_MS = 3_000;
/** Once speech has begun, sound up to so much quieter still belongs to it, dB. */
const HYSTERESIS_DB = 4;
/** Nothing below this is speech, dB of full scale: a camera hears a voice at 3 m at about −40. */
const LEAST_SPEECH_DB = -50;

/** `waiting` for speech, `speaking`, `over` for good. */
export type SpeechState = 'waiting' | 'speaking' | 'over';

export class SilenceDetector {
  readonly #frame: Float32Array;
  readonly #options: SilenceOptions;
  /** Levels of the last frames, dB; a ring. */
  readonly #levels = new Float64Array(FLOOR_MS / FRAME_MS).fill(Infinity);
  #frames = 0;
  #filled = 0;
  #loudFrames = 0;
  #quietFrames = 0;
  #state: SpeechState = 'waiting';
  #onset: number | undefined;

  constructor(options: SilenceOptions) {
    this.#options = options;
    this.#frame = new Float32Array(Math.round((options.sampleRate * FRAME_MS) / 1_000));
  }

  get state(): SpeechState {
    return this.#state;
  }

  /** The sample with which speech began, counted from the first one pushed; undefined before. */
  get onset(): number | undefined {
    return this.#onset;
  }

  push(samples: Float32Array): SpeechState {
    for (let at = 0; at < samples.length && this.#state !== 'over';) {
      const taken = samples.subarray(at, at + this.#frame.length - this.#filled);
      this.#frame.set(taken, this.#filled);
      this.#filled += taken.length;
      at += taken.length;
      if (this.#filled < this.#frame.length) break;
      this.#filled = 0;
      this.#judge(powerDb(power(this.#frame)));
    }
    return this.#state;
  }

  #judge(level: number): void {
    this.#levels[this.#frames % this.#levels.length] = level;
    this.#frames += 1;
    const floor = this.#levels.reduce((least, candidate) => Math.min(least, candidate), Infinity);
    const threshold = Math.max(floor + this.#options.marginDb, LEAST_SPEECH_DB);
    if (this.#state === 'waiting') {
      this.#loudFrames = level >= threshold ? this.#loudFrames + 1 : 0;
      if (this.#loudFrames * FRAME_MS < ONSET_MS) return;
      this.#state = 'speaking';
      this.#onset = (this.#frames - this.#loudFrames) * this.#frame.length;
    } else {
      this.#quietFrames = level >= threshold - HYSTERESIS_DB ? 0 : this.#quietFrames + 1;
      if (this.#quietFrames * FRAME_MS >= this.#options.hangMs) this.#state = 'over';
    }
  }
}
