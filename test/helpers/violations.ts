// What of a simulated camera's complaints is about the packets themselves.

/**
 * The violations but for those of when packets came, which in real time is the machine's doing as well as ours: that none comes too
 * early or too late is shown where the time is faked, in test/engine/beat.test.ts.
 */
export function timeless(violations: readonly string[]): string[] {
  return violations.filter((text) => !/: (gap of \d+ ms|\d+ ms ahead of real time)$/.test(text));
}
