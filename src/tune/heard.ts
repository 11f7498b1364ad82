// Which part of the train was heard, and what is missing in the middle: of a recording in which it was found. Pure; what to make of it is choose.ts's.
import { median, rms } from '../sound/levels.js';
import { findTrain, levelAt, levelsOf, SLOT_MS, STRETCH_SLOTS, sumAt, type Search, type Slots } from './find.js';

/** Plain data. */
export interface HeardTrain {
  /** Where the train would begin in the recording if all of it were heard, ms. */
  readonly startMs: number;
  /** What is heard of the train first and last, ms from its beginning. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** What was judged as a whole, ms: 10 in a quiet room, more in noise and echoes. */
  readonly windowMs: number;
  /** Part of the stretches between the two, a third of a second each, of which something is missing. */
  readonly broken: number;
  /** The softest part of a packet beside the loudest one, 0 to 1, all packets taken together: 0 when packets are not played to their end. */
  readonly evenness: number;
}

/** Slots that are judged together, the fewest that noise and echo allow. */
const WINDOWS = [4, 8, 16, 32, 64] as const;
/** Loudness that noise and echo alone may reach, as part of the train's: above half of it by chance in one of 250 windows. */
const MOST_NOISE = 0.15;
/** What is as loud as this part of the train is heard … */
const HEARD_PART = 0.5;
/** … and what is softer than this part is surely not. */
const MISSING_PART = 0.3;
/** With less between its ends a train says nothing. */
const LEAST_HEARD_MS = 1_000;
/** Parts of a packet that are told apart. */
const PACKET_PARTS = 4;
/** Slots that give the phase of what is between them. */
const PHASE_SLOTS = 32;

/**
 * `samples` at TRAIN_RATE; `packetMs` is what one packet plays for. Undefined when too little of the train is in them to be sure;
 * `'noisy'` when it is there, but noise or echo hide where it begins and ends.
 */
export function hearTrain(samples: Float32Array, search: Search, packetMs: number): HeardTrain | 'noisy' | undefined {
  const found = findTrain(samples, search);
  if (found === undefined) return undefined;
  const { slots, sure, chance } = found;
  for (const size of WINDOWS) {
    const levels = levelsOf(slots, size);
    const usual = median(levels.filter((_, i) => sure[Math.floor((i * size) / STRETCH_SLOTS)]));
    if (rms(chance.flatMap((one) => levelsOf(one, size))) > MOST_NOISE * usual) continue;
    const least = HEARD_PART * usual;
    const [begin, end] = bestRun(levels.map((level) => level - least));
    const first = edge(slots, begin * size, size, least, 'begin');
    const last = edge(slots, end * size, size, least, 'end');
    if ((last - first) * SLOT_MS < LEAST_HEARD_MS) return undefined;
    return {
      startMs: found.startMs,
      firstMs: first * SLOT_MS,
      lastMs: last * SLOT_MS,
      windowMs: size * SLOT_MS,
      broken: brokenPart(levels.slice(begin + 1, end - 1), MISSING_PART * usual, STRETCH_SLOTS / size),
      evenness: evenness(slots, first + size, last - size, packetMs / SLOT_MS),
    };
  }
  return 'noisy';
}

/** The edge to the slot: a window that lies half in what is heard is half as loud. */
function edge(slots: Slots, near: number, size: number, least: number, side: 'begin' | 'end'): number {
  let heard = 0;
  for (let slot = near - size; slot < near + size; slot++) {
    if (levelAt(slots, slot - size / 2, size) >= least) heard += 1;
  }
  const at = side === 'begin' ? near + size - heard : near - size + heard;
  return Math.max(0, Math.min(slots.re.length, at));
}

/** Begin and end (exclusive) of the run with the greatest sum. */
function bestRun(values: readonly number[]): [begin: number, end: number] {
  let [begin, end, best] = [0, 0, 0];
  let [from, sum] = [0, 0];
  values.forEach((value, i) => {
    sum += value;
    if (sum > best) [begin, end, best] = [from, i + 1, sum];
    if (sum < 0) [from, sum] = [i + 1, 0];
  });
  return [begin, end];
}

function brokenPart(levels: readonly number[], least: number, perStretch: number): number {
  const stretches = Math.ceil(levels.length / perStretch);
  const broken = new Set(levels.flatMap((level, i) => (level < least ? [Math.floor(i / perStretch)] : [])));
  return broken.size / Math.max(1, stretches);
}

/** All packets from one slot to another laid over each other: what is missing at the same place of each shows through any noise. */
function evenness(slots: Slots, from: number, to: number, packetSlots: number): number {
  const sums = new Float64Array(PACKET_PARTS);
  const counts = new Float64Array(PACKET_PARTS);
  for (let i = from; i < to; i++) {
    // Turned to the phase of its surroundings, what is heard is real and positive, noise is as often negative.
    const [re, im] = sumAt(slots, i - PHASE_SLOTS / 2, PHASE_SLOTS);
    const own = ((slots.re[i] ?? 0) * re + (slots.im[i] ?? 0) * im) / Math.max(Number.MIN_VALUE, Math.hypot(re, im));
    const part = Math.floor((((i + 0.5) % packetSlots) / packetSlots) * PACKET_PARTS);
    sums[part] = (sums[part] ?? 0) + own;
    counts[part] = (counts[part] ?? 0) + 1;
  }
  const levels = [...sums].map((sum, part) => Math.max(0, sum / Math.max(1, counts[part] ?? 0)));
  const loudest = Math.max(...levels);
  return loudest > 0 ? Math.min(...levels) / loudest : 0;
}
