// Sample rate conversion of mono sound: a polyphase windowed sinc, linear phase, delay compensated. The loop is in dot-products.ts.
import { readNumber } from '../options.js';
import { VECTOR_STEP, createDotProducts, type DotProducts } from './dot-products.js';
import { SAMPLE_RATES } from './format.js';

/** The pass band ends at this part of the lower Nyquist frequency (3.5 kHz of 4), the stop band starts at the whole. */
const PASS_BAND = 0.875;
/** Stop band of the Kaiser design, dB. G.711 itself leaves 38 dB. */
const STOP_BAND_DB = 66;
/** Floats of all phases together. Ratios of odd numbers need more: their phases are rounded, which costs 66 dB at worst. */
const MAX_BANK = 131_072;
/** Half of Kaiser's window as a table; read linearly it is wrong by less than −90 dB. */
const KAISER_POINTS = 256;
/** Output samples computed at a time. */
const BLOCK = 1024;
/** Input samples seen at a time: twice the longest filter there can be, 384 : 1. */
const WINDOW = 65_536;

// Places in the memory of the loop, in floats.
const PAIRS = 0;
const RESULTS = PAIRS + 2 * BLOCK;
const BANK = RESULTS + BLOCK;
const INPUT = BANK + MAX_BANK;

/** Memory and loop, shared by all resamplers of this thread; it holds the bank of one of them at a time. */
let engine: DotProducts | undefined;
let loadedBank: Float32Array | undefined;
let kaiserTable: Float64Array | undefined;

/** A filter for one pair of rates. Phase p of P starts at `p * taps` of the bank. */
interface Filter {
  readonly taps: number;
  readonly phases: number;
  readonly bank: Float32Array;
}

/**
 * Streaming converter from one sample rate to another, band-limited by the lower one. Output sample n belongs to the input time
 * n · from / to; the sum of all outputs is ceil(inputs · to / from) samples, and no split of the input changes any of them.
 */
export class Resampler {
  /** from : to in lowest terms. An output sample advances the input by `#down / #up`. */
  readonly #down: number;
  readonly #up: number;
  readonly #filter: Filter | undefined;
  /** Input that is still needed, behind it `#input` samples have been pushed in all. */
  #tail: Float32Array;
  /** Where the window of the next output sample starts: samples behind the start of `#tail`, and parts of `#up`. */
  #start = 0;
  #fraction = 0;
  #received = 0;
  #emitted = 0;

  /** @throws TALK_ERR_ARGUMENT unless both rates are whole numbers from 1000 to 384000 */
  constructor(fromRate: number, toRate: number) {
    for (const rate of [fromRate, toRate]) readNumber('sampleRate', rate, SAMPLE_RATES);
    const divisor = greatestCommonDivisor(fromRate, toRate);
    this.#down = fromRate / divisor;
    this.#up = toRate / divisor;
    this.#filter = this.#down === this.#up ? undefined : designFilter(this.#down, this.#up);
    // Half a filter of silence centres the window of the first output sample on the first input sample.
    this.#tail = new Float32Array(this.#filter === undefined ? 0 : this.#filter.taps / 2 - 1);
  }

  /** The output samples that are settled by these input samples; equal rates give the samples back as they are. */
  push(samples: Float32Array): Float32Array {
    if (this.#filter === undefined) return samples;
    this.#received += samples.length;
    const output = this.#convert(this.#filter, samples);
    this.#emitted += output.length;
    return output;
  }

  /** The rest of the output: the end of the sound. */
  flush(): Float32Array {
    if (this.#filter === undefined) return new Float32Array(0);
    const missing = Math.ceil((this.#received * this.#up) / this.#down) - this.#emitted;
    const silence = new Float32Array(this.#filter.taps + Math.ceil(this.#down / this.#up));
    return this.#convert(this.#filter, silence).subarray(0, missing);
  }

  #convert(filter: Filter, samples: Float32Array): Float32Array {
    const output = new Float32Array(this.#outputsWithin(filter, this.#tail.length + samples.length));
    const { floats } = loadEngine(filter);
    let written = 0;
    for (let read = 0; read < samples.length;) {
      const held = this.#tail.length;
      const taken = Math.min(samples.length - read, WINDOW - held);
      floats.set(this.#tail, INPUT);
      floats.set(samples.subarray(read, read + taken), INPUT + held);
      read += taken;
      written += this.#convertWindow(filter, held + taken, output.subarray(written));
    }
    return output;
  }

  /** Converts what lies in the input window and keeps what the next window needs. Returns the number of output samples. */
  #convertWindow(filter: Filter, length: number, output: Float32Array): number {
    const dotProducts = loadEngine(filter);
    const { floats, places } = dotProducts;
    const { taps, phases } = filter;
    const total = this.#outputsWithin(filter, length);
    const wholeStep = Math.floor(this.#down / this.#up);
    const fractionStep = this.#down % this.#up;
    let start = this.#start;
    let fraction = this.#fraction;
    for (let done = 0; done < total; done += BLOCK) {
      const count = Math.min(BLOCK, total - done);
      for (let i = 0; i < count; i++) {
        const phase = phases === this.#up ? fraction : Math.floor((fraction * phases) / this.#up);
        places[PAIRS + 2 * i] = 4 * (INPUT + start);
        places[PAIRS + 2 * i + 1] = 4 * (BANK + phase * taps);
        start += wholeStep;
        fraction += fractionStep;
        if (fraction >= this.#up) {
          fraction -= this.#up;
          start++;
        }
      }
      dotProducts.run(PAIRS, RESULTS, count, taps);
      output.set(floats.subarray(RESULTS, RESULTS + count), done);
    }
    const passed = Math.min(start, length);
    this.#tail = floats.slice(INPUT + passed, INPUT + length);
    this.#start = start - passed;
    this.#fraction = fraction;
    return total;
  }

  /** How many windows begin and end within `length` samples from the start of the tail. */
  #outputsWithin(filter: Filter, length: number): number {
    const starts = length - filter.taps - this.#start + 1;
    return starts <= 0 ? 0 : Math.floor((starts * this.#up - 1 - this.#fraction) / this.#down) + 1;
  }
}

/** A whole sound at another rate. Throws as the Resampler does. */
export function resampled(samples: Float32Array, fromRate: number, toRate: number): Float32Array {
  const resampler = new Resampler(fromRate, toRate);
  const [most, rest] = [resampler.push(samples), resampler.flush()];
  const all = new Float32Array(most.length + rest.length);
  all.set(most);
  all.set(rest, most.length);
  return all;
}

function loadEngine(filter: Filter): DotProducts {
  engine ??= createDotProducts(INPUT + WINDOW);
  if (loadedBank !== filter.bank) {
    engine.floats.set(filter.bank, BANK);
    loadedBank = filter.bank;
  }
  return engine;
}

function designFilter(down: number, up: number): Filter {
  // Everything in units of the input rate: Nyquist of the lower rate, and Kaiser's formula for the length.
  const nyquist = 0.5 * Math.min(1, up / down);
  const transition = nyquist * (1 - PASS_BAND);
  const needed = (STOP_BAND_DB - 7.95) / (14.36 * transition);
  const taps = Math.ceil(needed / VECTOR_STEP) * VECTOR_STEP;
  const phases = Math.min(up, Math.floor(MAX_BANK / taps));
  const cutoff = 2 * (nyquist - transition / 2);
  const bank = new Float32Array(phases * taps);
  const half = taps / 2;
  // The second half of the phases mirrors the first.
  for (let phase = 0; phase <= phases / 2; phase++) {
    const weights = bank.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const time = phase / phases + half - 1 - tap;
      const weight = sinc(cutoff * time) * kaiser(time / half);
      weights[tap] = weight;
      sum += weight;
    }
    // Every phase passes a constant level unchanged, so that phases do not sing.
    for (let tap = 0; tap < taps; tap++) weights[tap] = (weights[tap] ?? 0) / sum;
    if (phase > 0) bank.set(weights.slice().reverse(), (phases - phase) * taps);
  }
  return { taps, phases, bank };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Kaiser's window at `x` of −1..1, without its constant factor, between the points of a table. */
function kaiser(x: number): number {
  kaiserTable ??= Float64Array.from({ length: KAISER_POINTS + 2 }, (_, i) => {
    const place = Math.min(1, i / KAISER_POINTS);
    return besselI0(0.1102 * (STOP_BAND_DB - 8.7) * Math.sqrt(1 - place * place));
  });
  const position = Math.abs(x) * KAISER_POINTS;
  const index = Math.floor(position);
  const before = kaiserTable[index] ?? 0;
  const after = kaiserTable[index + 1] ?? 0;
  return before + (after - before) * (position - index);
}

function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-9; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
