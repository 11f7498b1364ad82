// A list of bounded length that drops its oldest entries and counts all there ever were.

export class Remembered<T> {
  readonly #most: number;
  readonly #entries: T[] = [];
  #total = 0;

  /** Keeps the last `most`. */
  constructor(most: number) {
    this.#most = most;
  }

  get entries(): readonly T[] {
    return this.#entries;
  }

  /** Dropped entries included. */
  get total(): number {
    return this.#total;
  }

  add(entry: T): T {
    this.#total += 1;
    this.#entries.push(entry);
    if (this.#entries.length > this.#most) this.#entries.shift();
    return entry;
  }
}
