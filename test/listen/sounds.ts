// Sounds for tests, as mono samples of full scale ±1: noise from a seed, tones, silence. The same on every run.
import type { HeardSound } from '../../src/listen/states.js';

/** Numbers from 0 to 1, evenly spread, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** White noise of this root mean square. */
export function noise(samples: number, rms: number, random: () => number): Float32Array {
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Float32Array.from({ length: samples }, () => rms * gauss());
}

export function tone(samples: number, amplitude: number, hz: number, sampleRate: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / sampleRate));
}

/** `sound` added from sample `at` on; what reaches beyond the end is cut. */
export function addAt(samples: Float32Array, sound: Float32Array, at: number): Float32Array {
  sound.forEach((sample, i) => {
    if (at + i < samples.length) samples[at + i] = (samples[at + i] ?? 0) + sample;
  });
  return samples;
}

export function joined(...sounds: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(sounds.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const sound of sounds) {
    all.set(sound, at);
    at += sound.length;
  }
  return all;
}

/** One sound in pieces of these lengths, over and over, heard from `start` on. */
export function pieces(samples: Float32Array, sampleRate: number, lengths: readonly number[], start = 0): HeardSound[] {
  const all: HeardSound[] = [];
  for (let at = 0, n = 0; at < samples.length; n++) {
    const piece = samples.subarray(at, at + (lengths[n % lengths.length] ?? 1));
    all.push({ samples: piece, sampleRate, heardAt: start + (at * 1_000) / sampleRate });
    at += piece.length;
  }
  return all;
}
