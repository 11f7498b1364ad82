// Who is next on one camera: higher priority first, then first come, first served. Nothing else is known here.

export interface Queued {
  readonly priority: number;
}

export class PriorityQueue<T extends Queued> {
  #waiting: T[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** Behind those of the same priority; `ahead` puts it in front of them. Returns how many come before it. */
  add(entry: T, ahead = false): number {
    const found = this.#waiting.findIndex((other) =>
      ahead ? other.priority <= entry.priority : other.priority < entry.priority,
    );
    const index = found === -1 ? this.#waiting.length : found;
    this.#waiting.splice(index, 0, entry);
    return index;
  }

  take(): T | undefined {
    return this.#waiting.shift();
  }

  /** Takes out every entry that fits, in order. */
  remove(fits: (entry: T) => boolean): T[] {
    const removed = this.#waiting.filter(fits);
    this.#waiting = this.#waiting.filter((entry) => !fits(entry));
    return removed;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#waiting[Symbol.iterator]();
  }
}
