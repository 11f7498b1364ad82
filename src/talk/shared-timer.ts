// One wake-up for all packets that are due together: a list of deadlines on a clock, run in their order. What is sent is the pacer's business.
import type { Clock } from '../clock.js';

/** Called with the time of the wake-up, the same for all who are due with it. Must not throw. */
export type Run = (now: number) => void;

interface Entry {
  readonly deadline: number;
  readonly run: Run;
}

/** A deadline counts as reached this much early: below the resolution of timers, 1 ms. */
const EARLY_MS = 0.5;

const timers = new WeakMap<Clock, SharedTimer>();

/** The timer that all streams on one clock share. */
export function sharedTimerOf(clock: Clock): SharedTimer {
  const known = timers.get(clock);
  if (known !== undefined) return known;
  const made = new SharedTimer(clock);
  timers.set(clock, made);
  return made;
}

/** Sleeps until the next deadline; without deadlines, until there is one. */
export class SharedTimer {
  readonly #clock: Clock;
  /** By deadline; equal ones first come, first served. */
  readonly #entries: Entry[] = [];
  #sleep = new AbortController();
  /** When it wakes up; undefined while it is awake or has no deadline. */
  #wakesAt: number | undefined;
  #awake = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs once at the deadline, in a later turn of the event loop. Call the result to take it back. */
  at(deadline: number, run: Run): () => void {
    const entry: Entry = { deadline, run };
    // A new deadline is usually the latest: search from the end.
    let index = this.#entries.length;
    while (index > 0 && (this.#entries[index - 1] as Entry).deadline > deadline) index--;
    this.#entries.splice(index, 0, entry);
    this.#rest();
    return () => {
      const place = this.#entries.indexOf(entry);
      if (place === -1) return;
      this.#entries.splice(place, 1);
      this.#rest();
    };
  }

  /** Sleeps until the first deadline. */
  #rest(): void {
    const wakesAt = this.#entries[0]?.deadline;
    if (this.#awake || wakesAt === this.#wakesAt) return;
    if (this.#wakesAt !== undefined) {
      this.#sleep.abort();
      this.#sleep = new AbortController();
    }
    this.#wakesAt = wakesAt;
    if (wakesAt === undefined) return;
    void this.#clock.wait(wakesAt - this.#clock.now(), this.#sleep.signal).then(
      () => this.#wake(),
      // Woken for an earlier deadline, or nothing is left.
      () => undefined,
    );
  }

  #wake(): void {
    const now = this.#clock.now();
    this.#wakesAt = undefined;
    this.#awake = true;
    for (
      let first = this.#entries[0];
      first !== undefined && first.deadline - now <= EARLY_MS;
      first = this.#entries[0]
    ) {
      this.#entries.shift();
      first.run(now);
    }
    this.#awake = false;
    this.#rest();
  }
}
