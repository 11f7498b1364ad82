// The sound by which a camera is tuned: a train of short glides, no two stretches of which are alike, so that any stretch tells its place. Samples of full scale ±1.
import { readNumber } from '../options.js';
import { SAMPLE_RATES } from '../sound/format.js';

/** What the beginning may lose (1.5 s), what the end may lose (a second and the loudspeaker's own delay), and enough between them to judge by. */
export const TRAIN_SECONDS = 5.12;
/** Within what every camera's loudspeaker and telephone speech carry. */
export const TRAIN_BAND = { fromHz: 500, toHz: 3_300 } as const;

/** So short that half a glide sees half of the band: an echo that takes one frequency out leaves the others. */
const GLIDE_SECONDS = 0.02;
const LEVEL = 0.7;
/** Any; this one's glides follow each other without a repetition. */
const SEED = 13;

/** The train as cosine and sine: what is heard of it has any phase. */
export interface Train {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  readonly sampleRate: number;
}

/** Throws TALK_ERR_ARGUMENT for a sample rate out of bounds. */
export function train(sampleRate: number): Train {
  readNumber('sampleRate', sampleRate, SAMPLE_RATES);
  const length = Math.round(TRAIN_SECONDS * sampleRate);
  const cos = new Float32Array(length);
  const sin = new Float32Array(length);
  const random = numbers(SEED);
  const width = TRAIN_BAND.toHz - TRAIN_BAND.fromHz;
  let glide = -1;
  let start = 0;
  let upwards = true;
  let phase = 0;
  for (let i = 0; i < length; i++) {
    const time = i / sampleRate / GLIDE_SECONDS;
    if (Math.floor(time + 1e-9) > glide) {
      glide = Math.floor(time + 1e-9);
      start = random();
      upwards = random() < 0.5;
    }
    // Each glide goes through the whole band once, from its own place on, around the edge.
    const place = (start + (upwards ? 1 : -1) * (time - glide) + 2) % 1;
    phase = (phase + (TRAIN_BAND.fromHz + width * place) / sampleRate) % 1;
    cos[i] = Math.cos(2 * Math.PI * phase);
    sin[i] = Math.sin(2 * Math.PI * phase);
  }
  return { cos, sin, sampleRate };
}

/** The train as it is played. */
export function trainSound(sampleRate: number): Float32Array {
  return train(sampleRate).cos.map((sample) => LEVEL * sample);
}

/** Numbers from 0 up to 1, always the same ones (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
