// A time-out that can be started anew, on the camera's clock.
import type { Clock } from '../clock.js';

export class Timeout {
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #timer = new AbortController();

  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** Calls `onEnd` in `ms` milliseconds, whatever was going to happen before; never when `ms` is infinite. */
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
