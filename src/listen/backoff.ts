// How long to wait before the next try: doubled by each failure, spread at random so that many clients do not come back at once. Pure.
import { FIRST_RECONNECT_MS } from '../limits.js';

export class Backoff {
  readonly #mostMs: number;
  readonly #random: () => number;
  #failures = 0;

  /**
   * @param mostMs the longest pause
   * @param random gives 0 to 1
   */
  constructor(mostMs: number, random: () => number = Math.random) {
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** The pause after one more failure, ms. */
  next(): number {
    const longest = Math.min(FIRST_RECONNECT_MS * 2 ** this.#failures, this.#mostMs);
    this.#failures += 1;
    return Math.round(longest * (1 - this.#random() / 2));
  }

  /** All is well again. */
  reset(): void {
    this.#failures = 0;
  }
}
