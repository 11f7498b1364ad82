// How loud sound is, in dB of full scale. Samples of full scale ±1.

/** What 16 bits cannot hold, dB. */
const NO_SOUND_DB = -96;

/** The factor of a gain in dB. */
export function factorOfDb(db: number): number {
  return 10 ** (db / 20);
}

/** Mean square without what is constant: A-law silence and cheap converters sit beside zero. */
export function power(samples: Float32Array): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  let squares = 0;
  for (const sample of samples) {
    sum += sample;
    squares += sample * sample;
  }
  const mean = sum / samples.length;
  return Math.max(0, squares / samples.length - mean * mean);
}

/** A power in dB of full scale, −96 at least. */
export function powerDb(meanSquare: number): number {
  return Math.max(NO_SOUND_DB, 10 * Math.log10(meanSquare));
}

/** Root mean square, what is constant included. */
export function rms(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] ?? 0) ** 2;
  return Math.sqrt(sum / Math.max(1, values.length));
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
