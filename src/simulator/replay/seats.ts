// Which recorded connection a new one plays: the next in order, unless its first request says that it is another.
import type { RecordedConnection } from './recorded.js';

export class Seats {
  readonly #recorded: readonly RecordedConnection[];
  readonly #free: Set<RecordedConnection>;

  constructor(recorded: readonly RecordedConnection[]) {
    this.#recorded = recorded;
    this.#free = new Set(recorded);
  }

  /** For a connection that was just accepted; undefined when all were played. */
  take(): RecordedConnection | undefined {
    const [next] = this.#free;
    if (next !== undefined) this.#free.delete(next);
    return next;
  }

  /** For one whose first request is this, and which sits on `seat`: a free one, else the last that was played like it. */
  exchange(seat: RecordedConnection | undefined, key: string): RecordedConnection | undefined {
    const fits = (one: RecordedConnection): boolean => firstKey(one) === key;
    if (seat !== undefined && fits(seat)) return seat;
    const found = [...this.#free].find(fits) ?? this.#recorded.filter(fits).at(-1);
    if (found === undefined) return undefined;
    this.#free.delete(found);
    // It goes back to its place.
    if (seat !== undefined && firstKey(seat) !== undefined) this.#giveBack(seat);
    return found;
  }

  #giveBack(seat: RecordedConnection): void {
    const free = this.#recorded.filter((one) => one === seat || this.#free.has(one));
    this.#free.clear();
    for (const one of free) this.#free.add(one);
  }
}

/** Undefined where the camera acts first, or nothing is ever asked. */
function firstKey({ steps: [first] }: RecordedConnection): string | undefined {
  return first?.kind === 'ask' ? first.key : undefined;
}
