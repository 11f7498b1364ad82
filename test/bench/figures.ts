// Numbers from arrivals and samples. Pure.

/** The value below which a share `p` (0…1) of the values lies; NaN of nothing. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** How late each packet came, ms; the earliest packet defines the timeline, so nothing is negative and nothing is flattered. */
export function lateness(arrivals: readonly number[], due: readonly number[]): number[] {
  const offsets = offsetsOf(arrivals, due);
  const earliest = offsets.reduce((least, offset) => Math.min(least, offset), Number.POSITIVE_INFINITY);
  return offsets.map((offset) => offset - earliest);
}

/** How late each packet came against the client's usual beat, ms, 0 when it was early: fair to those who send their first packets in one burst. */
export function latenessOfBeat(arrivals: readonly number[], due: readonly number[]): number[] {
  const offsets = offsetsOf(arrivals, due);
  const usual = median(offsets);
  return offsets.map((offset) => Math.max(0, offset - usual));
}

/** How much the timeline moved from the first ten packets to the last ten, ms. */
export function drift(arrivals: readonly number[], due: readonly number[]): number {
  const offsets = offsetsOf(arrivals, due);
  return median(offsets.slice(-10)) - median(offsets.slice(0, 10));
}

/** How far from one chunk every `chunkMs` the chunks came, ms: against the median of the timeline, early or late. */
export function jitter(arrivals: readonly number[], chunkMs: number): number[] {
  const offsets = arrivals.map((at, n) => at - n * chunkMs);
  const usual = median(offsets);
  return offsets.map((offset) => Math.abs(offset - usual));
}

/** How far apart the arrivals of the same number are on all lines, ms: one value for each number that all lines have. */
export function apart(lines: readonly (readonly number[])[]): number[] {
  const count = Math.min(...lines.map(({ length }) => length));
  return Array.from({ length: count }, (_, n) => {
    const arrivals = lines.map((line) => line[n] ?? Number.NaN);
    return Math.max(...arrivals) - Math.min(...arrivals);
  });
}

/** Share and value, from the least to the most: dense where the late ones are. */
export function distribution(values: readonly number[]): [share: number, value: number][] {
  const shares = [
    0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 1,
  ];
  return shares.map((share) => [share, percentile(values, share)]);
}

function offsetsOf(arrivals: readonly number[], due: readonly number[]): number[] {
  return arrivals.map((at, n) => at - (due[n] ?? Number.NaN));
}

/** Best normalised cross-correlation of two signals within ±`maxLag` samples. */
export function correlation(one: Int16Array, other: Int16Array, maxLag: number): { value: number; lag: number } {
  let best = { value: -1, lag: 0 };
  for (let lag = -maxLag; lag <= maxLag; lag++) {
    const start = Math.max(0, lag);
    const end = Math.min(one.length, other.length + lag);
    let product = 0;
    let energyOne = 0;
    let energyOther = 0;
    for (let n = start; n < end; n++) {
      const a = one[n] ?? 0;
      const b = other[n - lag] ?? 0;
      product += a * b;
      energyOne += a * a;
      energyOther += b * b;
    }
    const value = product / Math.sqrt(energyOne * energyOther || 1);
    if (value > best.value) best = { value, lag };
  }
  return best;
}
