// Loudness: a factor for quiet speech and a look-ahead limiter, so that no gain clips. Samples of full scale ±1 throughout.

/** Highest magnitude the limiter lets through: 0.98 after rounding to float32; the rest is room for the step of the codec. */
const CEILING = 0.97999995;
/** How far the limiter sees ahead: the time it has to turn down softly. */
const LOOK_AHEAD_SECONDS = 0.005;
/** Time constant of turning up again: slower than a pitch period, faster than a syllable. */
const RELEASE_SECONDS = 0.08;
/** So close to 1 the limiter lets go for good. */
const RELEASED = 0.9999;

/** Where normalised speech peaks. */
const NORMAL_PEAK = 0.9;
/** 20 dB: so far any speech is lifted. */
const FREE_BOOST = 10;
/** 60 dB: speech of 5 bits. */
const MAX_BOOST = 1_000;
/** Beyond FREE_BOOST the noise in the pauses is lifted to −34 dB at most. */
const NOISE_PEAK = 0.02;
/** What is louder than −54 dB is sound, whatever stands beside it. */
const SOUND_PEAK = 0.002;
/** What is softer must stand out from the noise by 10 dB and from −80 dB. */
const STANDING_OUT = 3;
const LEAST_PEAK = 0.0001;
/** A step of 16 bits; what is below it is digital silence. */
const STEP_PEAK = 1 / 32_768;
/** Samples of one frame whose peak is taken: 20 ms at 8 kHz. */
const PEAK_FRAME = 160;
/** The loudest part of the sounding frames that may be clicks; the softest part of all that is taken for the noise. */
const CLICK_PART = 0.03;
const NOISE_PART = 0.1;
/** Frames are counted by their peak, four to a dB from STEP_PEAK to +36 dB. */
const BINS_PER_DB = 4;
const BINS = BINS_PER_DB * 126 + 2;

/** Measures speech as it comes, in any split, and tells how far it is to be lifted. */
export class SpeechLevel {
  readonly #counts = new Float64Array(BINS);
  /** The largest peak of each bin. */
  readonly #peaks = new Float64Array(BINS);
  #frame = 0;
  #frameSamples = 0;

  push(samples: Float32Array): void {
    for (let start = 0; start < samples.length;) {
      const end = Math.min(samples.length, start + PEAK_FRAME - this.#frameSamples);
      this.#frame = Math.max(this.#frame, framePeak(samples, start, end));
      this.#frameSamples += end - start;
      if (this.#frameSamples === PEAK_FRAME) this.#endFrame();
      start = end;
    }
  }

  /**
   * The factor, at the end of the sound, that brings speech to a peak of 0.9: at least 1, which is also for silence and steady noise below
   * −54 dB; at most 20 dB, or 60 dB while the noise in the pauses stays below −34 dB. The loudest 3 % of the frames are passed over as clicks.
   */
  factor(): number {
    if (this.#frameSamples > 0) this.#endFrame();
    const noise = this.#peakAt(1 - NOISE_PART, 0);
    const pause = Math.min(SOUND_PEAK, Math.max(LEAST_PEAK, noise * STANDING_OUT));
    const speech = this.#peakAt(CLICK_PART, pause);
    if (speech === 0) return 1;
    const boost = Math.min(MAX_BOOST, Math.max(FREE_BOOST, NOISE_PEAK / noise));
    return Math.min(boost, Math.max(1, NORMAL_PEAK / speech));
  }

  #endFrame(): void {
    const decibels = 20 * Math.log10(this.#frame / STEP_PEAK);
    const bin = this.#frame < STEP_PEAK ? 0 : Math.min(BINS - 1, 1 + Math.floor(decibels * BINS_PER_DB));
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#peaks[bin] = Math.max(this.#peaks[bin] ?? 0, this.#frame);
    this.#frame = 0;
    this.#frameSamples = 0;
  }

  /** The peak that a part of the frames from `least` on exceeds; 0 when there is none. */
  #peakAt(part: number, least: number): number {
    const first = this.#peaks.findIndex((peak) => peak >= least);
    if (first < 0) return 0;
    let above = part * this.#counts.subarray(first).reduce((sum, count) => sum + count, 0);
    for (let bin = BINS - 1; bin > first; bin--) {
      above -= this.#counts[bin] ?? 0;
      if (above < 0) return this.#peaks[bin] ?? 0;
    }
    return this.#peaks[first] ?? 0;
  }
}

function framePeak(samples: Float32Array, start: number, end: number): number {
  let peak = 0;
  for (let i = start; i < end; i++) {
    const magnitude = Math.abs(samples[i] ?? 0);
    if (magnitude > peak) peak = magnitude;
  }
  return peak;
}

/**
 * Multiplies by a gain and turns peaks beyond 0.98 down in time. Without such peaks the output is exactly input times gain.
 * The samples that come out are those that went in, aligned, 5 ms of them held back until the flush.
 */
export class Limiter {
  readonly #gain: number;
  /** Samples of the look-ahead window, the one that is put out included. */
  readonly #window: number;
  readonly #release: number;
  /** Samples, with the gain, that wait for their look-ahead: one less than the window, once there are so many. */
  #waiting = new Float32Array(0);
  /** Ring of the smallest factors a window ahead, released slowly; their mean is the factor applied. */
  readonly #held: Float64Array;
  #heldSum: number;
  #slot = 0;
  /** How many of the newest in `#held` are exactly 1. */
  #idle: number;
  /** Ascending factors of the loud samples in the window, with their positions: the first is the smallest. */
  readonly #minFactors: number[] = [];
  readonly #minPositions: number[] = [];
  #position = 0;
  #factor = 1;

  /** @param options.gain a factor, not dB */
  constructor(options: { gain: number; sampleRate: number }) {
    this.#gain = options.gain;
    this.#window = Math.max(1, Math.round(options.sampleRate * LOOK_AHEAD_SECONDS));
    this.#release = 1 - Math.exp(-1 / (RELEASE_SECONDS * options.sampleRate));
    this.#held = new Float64Array(this.#window).fill(1);
    this.#heldSum = this.#window;
    this.#idle = this.#window;
  }

  /** The samples whose look-ahead is complete. */
  push(samples: Float32Array): Float32Array {
    const waited = this.#waiting.length;
    const line = new Float32Array(waited + samples.length);
    line.set(this.#waiting);
    for (let i = 0; i < samples.length; i++) line[waited + i] = (samples[i] ?? 0) * this.#gain;
    const settled = Math.max(0, line.length - (this.#window - 1));
    const output = line.slice(0, settled);
    this.#waiting = line.slice(settled);
    if (this.#idle >= this.#window && framePeak(line, waited, line.length) <= CEILING) return output;
    for (let i = waited; i < line.length; i++) {
      const factor = this.#nextFactor(Math.abs(line[i] ?? 0));
      const out = i - (this.#window - 1);
      // Rounding in the mean may leave a peak a hair above the ceiling.
      if (out >= 0 && factor < 1) output[out] = clamp((line[out] ?? 0) * factor);
    }
    return output;
  }

  /** The samples held back: the end of the sound. */
  flush(): Float32Array {
    return this.push(new Float32Array(this.#window - 1));
  }

  /**
   * The factor for the oldest sample of the window, given the newest. Down at once, up slowly: the mean over a window makes a ramp
   * of the step, which ends when the peak comes out.
   */
  #nextFactor(magnitude: number): number {
    const smallest = this.#smallestFactor(magnitude > CEILING ? CEILING / magnitude : 1);
    const released = this.#factor + (1 - this.#factor) * this.#release;
    this.#factor = Math.min(smallest, released > RELEASED ? 1 : released);
    this.#heldSum += this.#factor - (this.#held[this.#slot] ?? 1);
    this.#held[this.#slot] = this.#factor;
    this.#slot = this.#slot + 1 === this.#window ? 0 : this.#slot + 1;
    this.#idle = this.#factor === 1 ? this.#idle + 1 : 0;
    if (this.#idle >= this.#window) this.#heldSum = this.#window;
    return this.#heldSum / this.#window;
  }

  /** The smallest of the factors in the window that ends with this one. */
  #smallestFactor(factor: number): number {
    const factors = this.#minFactors;
    const positions = this.#minPositions;
    if ((positions[0] ?? this.#position) <= this.#position - this.#window) {
      factors.shift();
      positions.shift();
    }
    if (factor < 1) {
      while ((factors.at(-1) ?? -1) >= factor) {
        factors.pop();
        positions.pop();
      }
      factors.push(factor);
      positions.push(this.#position);
    }
    this.#position++;
    return factors[0] ?? 1;
  }
}

function clamp(sample: number): number {
  return Math.max(-CEILING, Math.min(CEILING, sample));
}
