// A list that forgets its oldest entries, and how many there ever were.

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

  /** Forgotten ones included. */
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
