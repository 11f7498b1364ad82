// How long a source may keep its listeners waiting: without progress, and in all. What its end means is decided elsewhere.
import { withDeadline, type Clock } from './clock.js';

export interface PatienceOptions {
  readonly clock: Clock;
  /** Without progress, ms. */
  readonly idleMs: number;
  /** In all, ms. */
  readonly totalMs: number;
}

/** Patience is at an end: with a sentence's end such as `no data for 10 s`. */
export class OutOfPatience extends Error {
  override readonly name = 'OutOfPatience';
}

/** The patience with one source; begins with the first wait. */
export class Patience {
  readonly #options: PatienceOptions;
  #begin: number | undefined;
  #progress = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** The promise; rejects with OutOfPatience when it takes too long, or with the signal's reason. */
  async wait<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
    const { clock, idleMs, totalMs } = this.#options;
    const now = clock.now();
    this.#begin ??= this.#progress = now;
    const idleLeft = this.#progress + idleMs - now;
    const left = this.#begin + totalMs - now;
    const [ms, why] =
      idleLeft <= left
        ? [idleLeft, `no data for ${idleMs / 1_000} s`]
        : [left, `not all data within ${totalMs / 1_000} s`];
    return await withDeadline(clock, promise, ms, () => new OutOfPatience(why), signal);
  }

  /** Something came. */
  progress(): void {
    this.#progress = this.#options.clock.now();
  }
}
