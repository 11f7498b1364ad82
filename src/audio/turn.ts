// Whose turn it is between a decoding process and those before and behind it, so that only its own silence counts against it.
import type { Clock } from '../clock.js';

export class Turn {
  readonly #clock: Clock;
  /** It waits for its input, or its output waits for a reader. */
  #starved = false;
  #full = true;
  /** The latest change of any kind, ms. */
  #since = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What it is to be fed with. */
  async *input<T>(chunks: AsyncIterable<T>): AsyncGenerator<T> {
    this.#set({ starved: true });
    for await (const chunk of chunks) {
      this.#set({ starved: false });
      yield chunk;
      this.#set({ starved: true });
    }
    this.#set({ starved: false });
  }

  /** What it gives. */
  async *output<T>(chunks: AsyncIterable<T>): AsyncGenerator<T> {
    this.#set({ full: false });
    for await (const chunk of chunks) {
      this.#set({ full: true });
      yield chunk;
      this.#set({ full: false });
    }
  }

  /** Resolves when it was its turn for so long and it gave nothing; rejects with the signal's reason. */
  async missed(ms: number, signal: AbortSignal): Promise<void> {
    for (let left = ms; left > 0; left = this.#since + ms - this.#clock.now()) {
      await this.#clock.wait(left, signal);
      if (this.#starved || this.#full) this.#since = this.#clock.now();
    }
  }

  #set({ starved = this.#starved, full = this.#full }: { starved?: boolean; full?: boolean }): void {
    this.#starved = starved;
    this.#full = full;
    this.#since = this.#clock.now();
  }
}
