// Noise by numbers: the same place in a stream always has the same noise. No time, no state.

/** Adds white noise of `db` of full scale (RMS) to samples whose first has the place `index` in its stream; −Infinity: none. */
export function addNoise(samples: Float32Array, index: number, db: number): void {
  if (db === Number.NEGATIVE_INFINITY) return;
  // Numbers spread evenly between −1 and 1 have an RMS of 1/√3.
  const level = Math.sqrt(3) * amplitude(db);
  for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] ?? 0) + level * noiseAt(index + i);
}

export function amplitude(db: number): number {
  return 10 ** (db / 20);
}

/** Pseudo-random between −1 and 1, evenly spread, the same for the same index: MurmurHash3's last step. */
function noiseAt(index: number): number {
  let hash = (index + 1) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 31 - 1;
}
