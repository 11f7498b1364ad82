// Decoded samples compared with others by ear, so to speak: how alike, how much later, how much louder.
import assert from 'node:assert/strict';

export interface Likeness {
  /** 1: the same but for loudness. */
  readonly correlation: number;
  /** How much later than `wanted` the sound is, ms. */
  readonly lagMs: number;
  /** How much louder, dB. */
  readonly levelDb: number;
}

/** The best match within `withinMs` either way. */
export function likeness(heard: Float32Array, wanted: Float32Array, sampleRate: number, withinMs = 25): Likeness {
  const most = Math.round((withinMs * sampleRate) / 1000);
  let best = { correlation: -Infinity, lag: 0 };
  for (let lag = -most; lag <= most; lag++) {
    const correlation = productAt(heard, wanted, lag);
    if (correlation > best.correlation) best = { correlation, lag };
  }
  return {
    correlation: best.correlation / Math.sqrt(energy(heard) * energy(wanted)),
    lagMs: (best.lag / sampleRate) * 1000,
    levelDb: 10 * Math.log10(energy(heard) / energy(wanted)),
  };
}

/** Fails unless `heard` is `wanted` within 20 ms and 1 dB, at this level against it. */
export function assertLike(
  heard: Float32Array,
  wanted: Float32Array,
  options: { sampleRate?: number; levelDb?: number; correlation?: number; lengthMs?: number; withinMs?: number } = {},
): void {
  const { sampleRate = 8000, levelDb = 0, correlation = 0.999, lengthMs = 20, withinMs } = options;
  const longerMs = ((heard.length - wanted.length) / sampleRate) * 1000;
  assert.ok(Math.abs(longerMs) <= lengthMs, `${longerMs.toFixed(1)} ms longer`);
  const like = likeness(heard, wanted, sampleRate, withinMs);
  const found = JSON.stringify(like);
  assert.ok(like.correlation >= correlation, found);
  assert.ok(Math.abs(like.lagMs) <= 20, found);
  assert.ok(Math.abs(like.levelDb - levelDb) <= 1, found);
}

function productAt(heard: Float32Array, wanted: Float32Array, lag: number): number {
  let sum = 0;
  const first = Math.max(0, -lag);
  const end = Math.min(wanted.length, heard.length - lag);
  for (let i = first; i < end; i++) sum += (heard[i + lag] ?? 0) * (wanted[i] ?? 0);
  return sum;
}

function energy(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum;
}
