// Numbers from arrivals and samples. Pure.

/** The value below which a share `p` (0…1) of the values lies; NaN of nothing. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** How late each packet came, ms; the earliest packet defines the timeline, so nothing is negative and nothing is flattered. */
export function lateness(arrivals: readonly number[], frameMs: number): number[] {
  const offsets = arrivals.map((at, n) => at - n * frameMs);
  const earliest = Math.min(...offsets);
  return offsets.map((offset) => offset - earliest);
}

/** How much the timeline moved from the first ten packets to the last ten, ms. */
export function drift(arrivals: readonly number[], frameMs: number): number {
  const offsets = arrivals.map((at, n) => at - n * frameMs);
  return median(offsets.slice(-10)) - median(offsets.slice(0, 10));
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
