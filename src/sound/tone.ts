// Sounds made from nothing: the built-in chimes and a sweep for testing a loudspeaker. Samples of full scale ±1.
import { invalid, readNumber, refused } from '../options.js';
import { SAMPLE_RATES } from './format.js';

export type ChimeName = 'ding' | 'dingdong' | 'alert';

export const CHIMES: readonly ChimeName[] = ['ding', 'dingdong', 'alert'];

interface Strike {
  /** Seconds from the start of the chime. */
  readonly at: number;
  /** Strike note. */
  readonly hz: number;
}

interface Chime {
  readonly seconds: number;
  /** How long the lowest partial takes to fall by 60 dB. */
  readonly decaySeconds: number;
  readonly strikes: readonly Strike[];
}

const CHIME_BY_NAME: Readonly<Record<ChimeName, Chime>> = {
  // E5; with C5 the descending major third of a door bell.
  ding: { seconds: 0.7, decaySeconds: 1.2, strikes: [{ at: 0, hz: 659.26 }] },
  dingdong: {
    seconds: 1.3,
    decaySeconds: 1.6,
    strikes: [
      { at: 0, hz: 659.26 },
      { at: 0.5, hz: 523.25 },
    ],
  },
  // A5 and E6 in turn: a fifth, where small loudspeakers and ears are best.
  alert: {
    seconds: 1.2,
    decaySeconds: 0.7,
    strikes: [0, 1, 2, 3].map((n) => ({ at: 0.25 * n, hz: n % 2 === 0 ? 880 : 1318.51 })),
  },
};

/** Partials of a struck bar tuned like a bell: ratio to the strike note, level, and how much faster than the lowest it dies away. */
const PARTIALS: readonly { ratio: number; level: number; haste: number }[] = [
  { ratio: 1, level: 1, haste: 1 },
  { ratio: 2.0, level: 0.45, haste: 1.5 },
  { ratio: 3.01, level: 0.22, haste: 2.3 },
  { ratio: 4.17, level: 0.12, haste: 3.4 },
  { ratio: 5.43, level: 0.06, haste: 4.8 },
];
/** What telephone speech, and so G.711 at 8 kHz, carries. */
const MAX_PARTIAL_HZ = 3_400;
const CHIME_PEAK = 0.65;
/** Rise of a strike: short enough for a stroke, long enough for no click. */
const ATTACK_SECONDS = 0.004;
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
  const { seconds, decaySeconds, strikes } = CHIME_BY_NAME[name];
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  for (const strike of strikes) {
    for (const partial of PARTIALS) {
      const hz = strike.hz * partial.ratio;
      if (hz > Math.min(MAX_PARTIAL_HZ, 0.45 * sampleRate)) continue;
      addPartial(samples, sampleRate, strike.at, hz, partial.level, (LN_60_DB / decaySeconds) * partial.haste);
    }
  }
  fade(samples, 0, Math.round(RELEASE_SECONDS * sampleRate));
  scaleTo(samples, CHIME_PEAK);
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

/** Adds one decaying sine that begins at `at` seconds with a raised-cosine attack. */
function addPartial(
  samples: Float32Array,
  sampleRate: number,
  at: number,
  hz: number,
  level: number,
  decayPerSecond: number,
): void {
  const start = Math.round(at * sampleRate);
  const attack = ATTACK_SECONDS * sampleRate;
  const step = (2 * Math.PI * hz) / sampleRate;
  for (let i = 0; start + i < samples.length; i++) {
    const rise = i < attack ? raisedCosine(i / attack) : 1;
    const value = level * rise * Math.exp((-decayPerSecond * i) / sampleRate) * Math.sin(step * i);
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
