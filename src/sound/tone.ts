// Sounds made from nothing: the built-in chimes and a sweep for testing a loudspeaker. Samples of full scale ±1.
import { invalid, readNumber, refused } from '../options.js';
import { SAMPLE_RATES } from './format.js';

export const CHIMES = ['ding', 'dingdong', 'alert', 'gong', 'attention', 'alarm', 'success', 'error'] as const;

export type ChimeName = (typeof CHIMES)[number];

interface Strike {
  /** Seconds from the start of the chime. */
  readonly at: number;
  /** Strike note. */
  readonly hz: number;
  /** Held so long and then damped; without it, it rings on. */
  readonly held?: number;
}

/** Ratio to the strike note, level, and how much faster than the lowest it dies away. */
interface Partial {
  readonly ratio: number;
  readonly level: number;
  readonly haste: number;
}

interface Chime {
  readonly seconds: number;
  /** How long the lowest partial takes to fall by 60 dB. */
  readonly decaySeconds: number;
  /** Of full scale: brings all to -18 LUFS within 1 LU (EBU R 128, as ffmpeg's ebur128 measures at 8 kHz). */
  readonly peak: number;
  readonly strikes: readonly Strike[];
  readonly partials?: readonly Partial[];
  readonly attackSeconds?: number;
}

/** Of a struck bar tuned like a bell. */
const BELL: readonly Partial[] = [
  { ratio: 1, level: 1, haste: 1 },
  { ratio: 2.0, level: 0.45, haste: 1.5 },
  { ratio: 3.01, level: 0.22, haste: 2.3 },
  { ratio: 4.17, level: 0.12, haste: 3.4 },
  { ratio: 5.43, level: 0.06, haste: 4.8 },
];
/** Of a gong: close together and not in tune, so that they beat. */
const GONG: readonly Partial[] = [
  { ratio: 1, level: 1, haste: 1 },
  { ratio: 1.006, level: 0.5, haste: 1 },
  { ratio: 1.48, level: 0.5, haste: 1.3 },
  { ratio: 2.07, level: 0.4, haste: 1.7 },
  { ratio: 2.74, level: 0.2, haste: 2.4 },
  { ratio: 3.76, level: 0.1, haste: 3.5 },
];
/** Of a reed, which cuts through: it does not die away. */
const REED: readonly Partial[] = [
  { ratio: 1, level: 1, haste: 1 },
  { ratio: 2, level: 0.5, haste: 1 },
  { ratio: 3, level: 0.3, haste: 1 },
];

const CHIME_BY_NAME: Readonly<Record<ChimeName, Chime>> = {
  // E5; with C5 the descending major third of a door bell.
  ding: { seconds: 0.7, decaySeconds: 1.2, peak: 0.69, strikes: [{ at: 0, hz: 659.26 }] },
  dingdong: {
    seconds: 1.3,
    decaySeconds: 1.6,
    peak: 0.605,
    strikes: [
      { at: 0, hz: 659.26 },
      { at: 0.5, hz: 523.25 },
    ],
  },
  // A5 and E6 in turn: a fifth, where small loudspeakers and ears are best.
  alert: {
    seconds: 1.2,
    decaySeconds: 0.42,
    peak: 0.61,
    strikes: [0, 1, 2, 3].map((n) => ({ at: 0.25 * n, hz: n % 2 === 0 ? 880 : 1318.51 })),
  },
  // E4: what is lower a small loudspeaker does not have.
  gong: {
    seconds: 2.4,
    decaySeconds: 6,
    peak: 0.8,
    partials: GONG,
    attackSeconds: 0.02,
    strikes: [{ at: 0, hz: 329.63 }],
  },
  // G4, C5, E5 upwards, as before an announcement at a station.
  attention: {
    seconds: 1.8,
    decaySeconds: 1.8,
    peak: 0.52,
    strikes: [392, 523.25, 659.26].map((hz, n) => ({ at: 0.35 * n, hz })),
  },
  // High and low in turn, held; one after the other without a gap it goes on.
  alarm: {
    seconds: 2,
    decaySeconds: 60,
    peak: 0.213,
    partials: REED,
    strikes: [0, 1, 2, 3].map((n) => ({ at: 0.5 * n, hz: n % 2 === 0 ? 960 : 770, held: 0.5 })),
  },
  // C5, E5, G5 quickly upwards.
  success: {
    seconds: 0.8,
    decaySeconds: 0.9,
    peak: 0.58,
    strikes: [523.25, 659.26, 783.99].map((hz, n) => ({ at: 0.12 * n, hz })),
  },
  // A4 twice, then D4: downwards, with a rasp.
  error: {
    seconds: 0.9,
    decaySeconds: 60,
    peak: 0.265,
    partials: REED,
    strikes: [
      { at: 0, hz: 440, held: 0.15 },
      { at: 0.2, hz: 440, held: 0.15 },
      { at: 0.4, hz: 293.66, held: 0.45 },
    ],
  },
};

/** What telephone speech, and so G.711 at 8 kHz, carries. */
const MAX_PARTIAL_HZ = 3_400;
/** Rise of a strike: short enough for a stroke, long enough for no click. */
const ATTACK_SECONDS = 0.004;
/** What is held is damped within so long, before its end. */
const DAMP_SECONDS = 0.03;
/** The end of a chime fades so long. */
const RELEASE_SECONDS = 0.06;
/** Natural logarithm of 60 dB. */
const LN_60_DB = Math.log(1000);

const SWEEP_PEAK = 0.7;
const SWEEP_FADE_SECONDS = 0.02;
const MAX_SWEEP_SECONDS = 60;

/**
 * A built-in chime as mono samples at `sampleRate`.
 * @throws TALK_ERR_ARGUMENT for another name or a rate out of bounds
 */
export function chime(name: ChimeName, sampleRate: number): Float32Array {
  if (!CHIMES.includes(name)) throw invalid('chime', `one of ${CHIMES.join(', ')}`, name);
  readNumber('sampleRate', sampleRate, SAMPLE_RATES);
  const score = CHIME_BY_NAME[name];
  const { seconds, strikes, partials = BELL, peak } = score;
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  for (const strike of strikes) {
    for (const partial of partials) addPartial(samples, sampleRate, strike, partial, score);
  }
  fade(samples, 0, Math.round(RELEASE_SECONDS * sampleRate));
  scaleTo(samples, peak);
  return samples;
}

/**
 * A tone that glides from one frequency to another, every octave taking the same time.
 * @throws TALK_ERR_ARGUMENT for a length beyond 60 s, a frequency that is not between 0 and half the sample rate, or a rate out of bounds
 */
export function sweep(options: { seconds: number; fromHz: number; toHz: number; sampleRate: number }): Float32Array {
  const { seconds, fromHz, toHz, sampleRate } = options;
  readNumber('sampleRate', sampleRate, SAMPLE_RATES);
  if (!(seconds > 0 && seconds <= MAX_SWEEP_SECONDS)) throw refused('sweep', `up to ${MAX_SWEEP_SECONDS} seconds`);
  if (![fromHz, toHz].every((hz) => hz > 0 && hz <= sampleRate / 2)) {
    throw refused('sweep', `frequencies above 0 and up to ${sampleRate / 2} Hz`);
  }
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  const growth = Math.log(toHz / fromHz) / seconds;
  for (let i = 0; i < samples.length; i++) {
    const time = i / sampleRate;
    // The integral of fromHz · e^(growth · time).
    const cycles = Math.abs(growth) < 1e-9 ? fromHz * time : (fromHz * Math.expm1(growth * time)) / growth;
    samples[i] = SWEEP_PEAK * Math.sin(2 * Math.PI * cycles);
  }
  const fadeSamples = Math.min(Math.round(SWEEP_FADE_SECONDS * sampleRate), Math.floor(samples.length / 2));
  fade(samples, fadeSamples, fadeSamples);
  return samples;
}

/** Adds one decaying sine with a raised-cosine attack, unless it is too high. */
function addPartial(
  samples: Float32Array,
  sampleRate: number,
  { at, hz: note, held = Infinity }: Strike,
  { ratio, level, haste }: Partial,
  { decaySeconds, attackSeconds = ATTACK_SECONDS }: Chime,
): void {
  const hz = note * ratio;
  if (hz > Math.min(MAX_PARTIAL_HZ, 0.45 * sampleRate)) return;
  const start = Math.round(at * sampleRate);
  const attack = attackSeconds * sampleRate;
  const damp = DAMP_SECONDS * sampleRate;
  const length = Math.min(samples.length - start, Math.round(held * sampleRate));
  const decay = ((LN_60_DB / decaySeconds) * haste) / sampleRate;
  const step = (2 * Math.PI * hz) / sampleRate;
  for (let i = 0; i < length; i++) {
    const rise = i < attack ? raisedCosine(i / attack) : 1;
    const fall = held !== Infinity && length - i < damp ? raisedCosine((length - i) / damp) : 1;
    const value = level * rise * fall * Math.exp(-decay * i) * Math.sin(step * i);
    samples[start + i] = (samples[start + i] ?? 0) + value;
  }
}

/** Fades the first and the last samples, so that both ends are zero. */
function fade(samples: Float32Array, fadeIn: number, fadeOut: number): void {
  for (let i = 0; i < fadeIn; i++) samples[i] = (samples[i] ?? 0) * raisedCosine(i / fadeIn);
  for (let i = 0; i < fadeOut; i++) {
    const place = samples.length - 1 - i;
    samples[place] = (samples[place] ?? 0) * raisedCosine(i / fadeOut);
  }
}

/** From 0 at 0 to 1 at 1, level at both. */
function raisedCosine(x: number): number {
  return 0.5 - 0.5 * Math.cos(Math.PI * x);
}

function scaleTo(samples: Float32Array, peak: number): void {
  const loudest = samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
  if (loudest === 0) return;
  for (let i = 0; i < samples.length; i++) samples[i] = ((samples[i] ?? 0) * peak) / loudest;
}
