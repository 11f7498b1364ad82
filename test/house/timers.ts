// What the network and the cameras of the house wait for, counted apart from what the product waits for.
import type { Clock } from '../../src/clock.js';

export class Timers {
  readonly #clock: Clock;
  #pending = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get pending(): number {
    return this.#pending;
  }

  now(): number {
    return this.#clock.now();
  }

  after(ms: number, run: () => void): void {
    this.#pending += 1;
    void this.#clock.wait(Math.max(0.001, ms)).then(() => {
      this.#pending -= 1;
      run();
    });
  }
}
