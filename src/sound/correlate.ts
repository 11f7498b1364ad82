// Where in a recording a known sound is, by normalised cross-correlation within its band. What that means is verdict.ts.
import { fftSize, padded, transform, transformBack, type Spectrum } from './fft.js';

/** The place where the pattern fits best. */
export interface Match {
  /** Where the pattern begins in the recording, samples, with fractions. */
  readonly position: number;
  /** How alike recording and pattern are there, 0 to 1, whatever the loudness. */
  readonly likeness: number;
  /** The likeness there, divided by what it is at most places. */
  readonly prominence: number;
}

export interface Band {
  readonly fromHz: number;
  readonly toHz: number;
}

/** The direct sound comes before its echoes: an earlier peak counts when it is at least this part of the highest … */
const DIRECT_PART = 0.6;
/** … and at most so much earlier, s: 10 m of detour. */
const DIRECT_SECONDS = 0.03;
/** A place with less power than this part of the loudest is too quiet to be compared: its likeness would be that of rounding errors. */
const LEAST_POWER = 1e-6;
/** Mean power below which a recording holds nothing: −120 dB of full scale, far below what 16 bits can. */
const NO_POWER = 1e-12;

/**
 * Undefined when the recording is shorter than the pattern, or holds nothing within the band.
 * The envelope of the correlation is taken, which no turn of phase by loudspeaker, air or microphone moves.
 */
export function findPattern(
  recording: Float32Array,
  pattern: Float32Array,
  sampleRate: number,
  band: Band,
): Match | undefined {
  const places = recording.length - pattern.length + 1;
  if (places < 1) return undefined;
  const size = fftSize(recording.length + pattern.length);
  const heard = analytic(withoutMean(recording), size, sampleRate, band);
  const wanted = analytic(pattern, size, sampleRate, band);
  const product = multiplyConjugate(heard, wanted);
  transformBack(product);
  transformBack(heard);
  // Parseval: the energy is the same in time and in frequency, but for the scale.
  const wantedEnergy = (windowEnergies(wanted, size, 1)[0] ?? 0) / size;
  const energies = windowEnergies(heard, pattern.length, places);
  const loudest = energies.reduce((most, energy) => Math.max(most, energy), 0);
  if (!(loudest / pattern.length > NO_POWER) || !(wantedEnergy > 0)) return undefined;

  const likeness = new Float64Array(places);
  let sum = 0;
  for (let i = 0; i < places; i++) {
    const energy = Math.max(energies[i] ?? 0, loudest * LEAST_POWER);
    likeness[i] = Math.hypot(product.re[i] ?? 0, product.im[i] ?? 0) / Math.sqrt(energy * wantedEnergy);
    sum += likeness[i] ?? 0;
  }
  const place = directPlace(likeness, Math.round(DIRECT_SECONDS * sampleRate));
  const best = likeness[place] ?? 0;
  return {
    position: place + refinement(likeness, place),
    likeness: Math.min(1, best),
    prominence: best / (sum / places),
  };
}

/** How loud the pattern is in the recording from sample `at` on; 1 when it is as loud as the pattern itself. Phase does not matter. */
export function strengthOf(
  recording: Float32Array,
  pattern: Float32Array,
  at: number,
  sampleRate: number,
  band: Band,
): number {
  const size = fftSize(pattern.length);
  const wanted = analytic(pattern, size, sampleRate, band);
  transformBack(wanted);
  let re = 0;
  let im = 0;
  let energy = 0;
  for (let i = 0; i < pattern.length; i++) {
    const heard = recording[at + i] ?? 0;
    const wantedRe = wanted.re[i] ?? 0;
    const wantedIm = wanted.im[i] ?? 0;
    re += heard * wantedRe;
    im += heard * wantedIm;
    energy += wantedRe * wantedRe + wantedIm * wantedIm;
  }
  // Half of the pattern's energy is in its positive frequencies.
  return energy === 0 ? 0 : Math.hypot(re, im) / (2 * energy);
}

/** Without its constant part, which would ring at both ends of the recording. */
function withoutMean(samples: Float32Array): Float32Array {
  let sum = 0;
  for (const sample of samples) sum += sample;
  const mean = sum / samples.length;
  return samples.map((sample) => sample - mean);
}

/** The spectrum of what lies within the band, without its negative half: the time signal is then complex, and its magnitude the envelope. */
function analytic(samples: Float32Array, size: number, sampleRate: number, { fromHz, toHz }: Band): Spectrum {
  const spectrum = padded(samples, size);
  transform(spectrum);
  const from = Math.max(1, Math.floor((fromHz * size) / sampleRate));
  const to = Math.min(size / 2, Math.ceil((toHz * size) / sampleRate) + 1);
  for (const part of [spectrum.re, spectrum.im]) {
    part.fill(0, 0, from);
    part.fill(0, to);
  }
  return spectrum;
}

function multiplyConjugate(a: Spectrum, b: Spectrum): Spectrum {
  const size = a.re.length;
  const product = { re: new Float64Array(size), im: new Float64Array(size) };
  for (let i = 0; i < size; i++) {
    const aRe = a.re[i] ?? 0;
    const aIm = a.im[i] ?? 0;
    const bRe = b.re[i] ?? 0;
    const bIm = b.im[i] ?? 0;
    product.re[i] = aRe * bRe + aIm * bIm;
    product.im[i] = aIm * bRe - aRe * bIm;
  }
  return product;
}

/** The energy of `length` samples from each of the first `places` on. */
function windowEnergies({ re, im }: Spectrum, length: number, places: number): Float64Array {
  const power = (i: number): number => (re[i] ?? 0) ** 2 + (im[i] ?? 0) ** 2;
  const energies = new Float64Array(places);
  let energy = 0;
  for (let i = 0; i < length; i++) energy += power(i);
  for (let place = 0; place < places; place++) {
    energies[place] = Math.max(0, energy);
    energy += power(place + length) - power(place);
  }
  return energies;
}

/** The highest peak, or an earlier one that is nearly as high. */
function directPlace(likeness: Float64Array, before: number): number {
  let highest = 0;
  for (let i = 1; i < likeness.length; i++) if ((likeness[i] ?? 0) > (likeness[highest] ?? 0)) highest = i;
  const least = DIRECT_PART * (likeness[highest] ?? 0);
  for (let i = Math.max(0, highest - before); i < highest; i++) {
    const value = likeness[i] ?? 0;
    if (value >= least && value >= (likeness[i - 1] ?? 0) && value > (likeness[i + 1] ?? 0)) return i;
  }
  return highest;
}

/** By how much the top of the parabola through a peak and its neighbours is beside it, −0.5 to 0.5. */
function refinement(values: Float64Array, place: number): number {
  const [before, top, after] = [values[place - 1], values[place], values[place + 1]];
  if (before === undefined || top === undefined || after === undefined) return 0;
  const bend = before - 2 * top + after;
  return bend < 0 ? Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend))) : 0;
}
