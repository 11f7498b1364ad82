// Whether a reader's work grows with its input and no faster. Processor time is compared with itself, so a busy machine makes no difference.
import assert from 'node:assert/strict';

/** Each size is four times the one before: what is linear takes 4 times as long, what is quadratic 16 times. */
const STEP = 4;
const TOO_STEEP = 9;
/** Below this the clock is too coarse, ms; what takes no longer at its largest size has shown that it is harmless. */
const MEASURABLE_MS = 8;
const TRIES = 3;
/** What is steep by chance is not so again and again. */
const LOOKS = 8;

/**
 * Reads inputs of growing size, up to `most`, and throws when the time rises more steeply than the size.
 * @param make an input of this size
 * @param read must not throw
 */
export function assertLinear<Input>(
  make: (size: number) => Input,
  most: number,
  read: (input: Input) => unknown,
): void {
  const sizes: number[] = [];
  for (let size = most; size >= 64; size = Math.floor(size / STEP)) sizes.unshift(size);
  let before: { size: number; ms: number } | undefined;
  for (const size of sizes) {
    const ms = fastest(make(size), read);
    if (before !== undefined && ms > TOO_STEEP * before.ms && ms > MEASURABLE_MS)
      assertFlat(make, before.size, size, read);
    before = { size, ms };
  }
}

/** Looks again: garbage may have been collected, or the code been compiled, in between. The least of several looks at each size counts. */
function assertFlat<Input>(
  make: (size: number) => Input,
  few: number,
  many: number,
  read: (input: Input) => unknown,
): void {
  let small = Infinity;
  let large = Infinity;
  for (let look = 0; look < LOOKS; look++) {
    small = Math.min(small, fastest(make(few), read));
    large = Math.min(large, fastest(make(many), read));
    if (large < TOO_STEEP * Math.max(small, MEASURABLE_MS / TOO_STEEP)) return;
  }
  assert.fail(`${few} took ${small.toFixed(1)} ms, ${many} took ${large.toFixed(1)} ms`);
}

function fastest<Input>(input: Input, read: (input: Input) => unknown): number {
  let least = Infinity;
  for (let n = 0; n < TRIES && (n === 0 || least > MEASURABLE_MS / 2); n++) {
    const { user, system } = process.cpuUsage();
    read(input);
    const used = process.cpuUsage();
    least = Math.min(least, (used.user - user + used.system - system) / 1_000);
  }
  return least;
}
