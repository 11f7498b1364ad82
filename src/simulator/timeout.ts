// A time-out that can be restarted, on the camera's clock.
import type { Clock } from '../clock.js';

export class Timeout {
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #timer = new AbortController();

  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** Calls `onEnd` in `ms` milliseconds and not at the time set before; never when `ms` is infinite. */
  start(ms: number): void {
    this.stop();
    if (!Number.isFinite(ms)) return;
    this.#timer = new AbortController();
    const { signal } = this.#timer;
    this.#clock.wait(ms, signal).then(this.#onEnd, () => undefined);
  }

  /** Safe to repeat. */
  stop(): void {
    this.#timer.abort();
  }
}
