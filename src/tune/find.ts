// Where the stretches of the train are in a recording, and how loud each moment of it is there. Pure; what that means is heard.ts's.
import { rms } from '../sound/levels.js';
import { loudnessAt, slotsAt } from '../sound/places.js';
import { train, type Train } from './train.js';

/** Everything is measured at this rate, Hz, which is that of most microphones. */
export const TRAIN_RATE = 8_000;
/** The shortest moment that is told apart, ms. */
export const SLOT_MS = 2.5;
const SLOT = (SLOT_MS * TRAIN_RATE) / 1_000;
/** Slots of a stretch that is looked for by itself: 900 times its bandwidth, which finds it 15 dB below the noise. */
export const STRETCH_SLOTS = 128;

/** Above the root mean square of all other places; noise comes to 3.5 among ten thousand places. */
const SURE_PEAK = 5.5;
/** So many stretches must be found by themselves: two thirds of a second. */
const LEAST_STRETCHES = 2;
/** The stretches of the train's middle. */
const MIDDLE = [5, 10] as const;
/** The direct sound is at least this part of the loudest echo, and at most so much earlier, as in sound/correlate.ts. */
const DIRECT_PART = 0.5;
const DIRECT_SAMPLES = 0.03 * TRAIN_RATE;
/** A stretch whose place is off by less was heard by another clock; by more, the camera waited or dropped something. */
const DRIFT_SAMPLES = 0.003 * TRAIN_RATE;
/** Where nothing of the train can be: before its direct sound, samples. */
const NOWHERE = [0.03, 0.043, 0.059, 0.077].map((seconds) => Math.round(seconds * TRAIN_RATE));
/** A place with less power than this part of the loudest is too quiet to be compared. */
const LEAST_POWER = 1e-6;

/** Where to look for the beginning of the train in a recording, ms from its start. */
export interface Search {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The recording turned back by the train's own phase, one complex number for each slot of the train. */
export type Slots = ReturnType<typeof slotsAt>;

export interface FoundTrain {
  /** Where the train would begin in the recording if all of it were heard, ms. */
  readonly startMs: number;
  readonly slots: Slots;
  /** For each stretch whether it was found by itself. */
  readonly sure: readonly boolean[];
  /** The same where the train cannot be: what noise and echo alone give. */
  readonly chance: readonly Slots[];
}

interface Stretch {
  readonly sound: Train;
  /** Sample of the train at which it begins. */
  readonly at: number;
}

let stretches: readonly Stretch[] | undefined;

/** `samples` at TRAIN_RATE. Undefined when too little of the train is in them to be sure. */
export function findTrain(samples: Float32Array, search: Search): FoundTrain | undefined {
  const parts = allStretches();
  const { from, common, own } = placesOf(samples, search, parts);
  const sure = own.map((place) => place !== undefined);
  if (sure.filter(Boolean).length < LEAST_STRETCHES) return undefined;
  return {
    startMs: ((from + common) * 1_000) / TRAIN_RATE,
    slots: slotsOf(samples, parts, own, from),
    sure,
    chance: NOWHERE.map((off) => slotsOf(samples, parts, own, from - off)),
  };
}

/** Only where the train begins, by its middle, which is heard first of all: a third of the work. */
export function seekTrain(samples: Float32Array, search: Search): number | undefined {
  const { from, common, own } = placesOf(samples, search, allStretches().slice(...MIDDLE));
  if (own.filter((place) => place !== undefined).length < LEAST_STRETCHES) return undefined;
  return ((from + common) * 1_000) / TRAIN_RATE;
}

function allStretches(): readonly Stretch[] {
  return (stretches ??= cut(train(TRAIN_RATE)));
}

/** Where the train begins as all these stretches have it, and as each has it that is found by itself: samples, from `from` on. */
function placesOf(
  samples: Float32Array,
  { fromMs, toMs }: Search,
  parts: readonly Stretch[],
): { readonly from: number; readonly common: number; readonly own: readonly (number | undefined)[] } {
  const from = Math.floor((fromMs * TRAIN_RATE) / 1_000);
  const places = Math.max(1, Math.ceil((toMs * TRAIN_RATE) / 1_000) - from);
  const energies = runningEnergy(samples);
  const scores = parts.map(({ sound, at }) => likenesses(samples, energies, sound, from + at, places));
  const common = directPlace(sumOfSquares(scores), DIRECT_PART ** 2);
  return { from, common, own: scores.map((score) => ownPlace(score, common)) };
}

function cut({ cos, sin, sampleRate }: Train): Stretch[] {
  const length = STRETCH_SLOTS * SLOT;
  return Array.from({ length: Math.floor(cos.length / length) }, (_, n) => {
    const at = n * length;
    return { at, sound: { cos: cos.subarray(at, at + length), sin: sin.subarray(at, at + length), sampleRate } };
  });
}

/** The energy of all samples before each one. */
function runningEnergy(samples: Float32Array): Float64Array {
  const sums = new Float64Array(samples.length + 1);
  for (let i = 0; i < samples.length; i++) sums[i + 1] = (sums[i] ?? 0) + (samples[i] ?? 0) ** 2;
  return sums;
}

/** How alike recording and stretch are at each place, by how much it stands out from the root mean square of all places. */
function likenesses(
  samples: Float32Array,
  energies: Float64Array,
  sound: Train,
  from: number,
  places: number,
): Float32Array {
  const { length } = sound.cos;
  const before = (place: number): number => energies[Math.max(0, Math.min(energies.length - 1, place))] ?? 0;
  const energy = Float64Array.from({ length: places }, (_, i) => before(from + i + length) - before(from + i));
  const least = LEAST_POWER * energy.reduce((most, one) => Math.max(most, one), 0);
  const values = loudnessAt(samples, sound, from, places);
  if (least === 0) return values;
  for (let i = 0; i < places; i++) values[i] = (values[i] ?? 0) / Math.sqrt(Math.max(energy[i] ?? 0, least));
  const usual = rms(values);
  return values.map((value) => value / usual);
}

function sumOfSquares(scores: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(scores[0]?.length ?? 0);
  for (const score of scores) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (score[i] ?? 0) ** 2;
  return sum;
}

/** The highest peak, or an earlier one that is nearly as high. */
function directPlace(values: Float32Array, part: number): number {
  const highest = highestIn(values, 0, values.length);
  const least = part * (values[highest] ?? 0);
  for (let i = Math.max(0, highest - DIRECT_SAMPLES); i < highest; i++) {
    const value = values[i] ?? 0;
    if (value >= least && value >= (values[i - 1] ?? 0) && value > (values[i + 1] ?? 0)) return i;
  }
  return highest;
}

/** Where this stretch is: at the common place, give or take the drift of two clocks, or surely at another. Undefined when it is not found by itself. */
function ownPlace(score: Float32Array, common: number): number | undefined {
  const near = highestIn(score, Math.max(0, common - DRIFT_SAMPLES), common + DRIFT_SAMPLES + 1);
  if ((score[near] ?? 0) >= SURE_PEAK) return near;
  const anywhere = directPlace(score, DIRECT_PART);
  return (score[anywhere] ?? 0) >= SURE_PEAK ? anywhere : undefined;
}

function highestIn(values: Float32Array, from: number, to: number): number {
  let highest = from;
  for (let i = from; i < Math.min(to, values.length); i++) if ((values[i] ?? 0) > (values[highest] ?? 0)) highest = i;
  return highest;
}

/** All slots of the train, each stretch where it was found, or where the better one of its neighbours has it. */
function slotsOf(
  samples: Float32Array,
  parts: readonly Stretch[],
  own: readonly (number | undefined)[],
  from: number,
): Slots {
  const before = carried(own);
  const behind = carried([...own].reverse()).reverse();
  const re = new Float32Array(parts.length * STRETCH_SLOTS);
  const im = new Float32Array(parts.length * STRETCH_SLOTS);
  parts.forEach(({ sound, at }, n) => {
    const places = [...new Set([own[n] ?? before[n], own[n] ?? behind[n]])].filter((place) => place !== undefined);
    const best = places
      .map((place) => slotsAt(samples, sound, from + place + at, SLOT))
      .reduce((best, one) => (energyOf(one) > energyOf(best) ? one : best));
    re.set(best.re, n * STRETCH_SLOTS);
    im.set(best.im, n * STRETCH_SLOTS);
  });
  return { re, im };
}

/** Each one, or the last one before it that is known. */
function carried(own: readonly (number | undefined)[]): (number | undefined)[] {
  let last: number | undefined;
  return own.map((place) => (last = place ?? last));
}

function energyOf(slots: Slots): number {
  return rms(levelsOf(slots, STRETCH_SLOTS / 4));
}

/** Loudness of each window of so many slots, 1 for the train's own amplitude. */
export function levelsOf(slots: Slots, size: number): number[] {
  return Array.from({ length: Math.floor(slots.re.length / size) }, (_, window) => levelAt(slots, window * size, size));
}

/** Loudness of one window; what lies outside the train counts as silence. */
export function levelAt(slots: Slots, from: number, size: number): number {
  const [re, im] = sumAt(slots, from, size);
  return Math.hypot(re, im) / size;
}

export function sumAt({ re, im }: Slots, from: number, size: number): [re: number, im: number] {
  let [sumRe, sumIm] = [0, 0];
  for (let i = Math.max(0, from); i < Math.min(re.length, from + size); i++) {
    sumRe += re[i] ?? 0;
    sumIm += im[i] ?? 0;
  }
  return [sumRe, sumIm];
}
