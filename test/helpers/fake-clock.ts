// A Clock that a test owns: time moves only when told to, and timers fire in the order of their deadlines.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { abortReason } from '../../src/abort.js';
import type { Clock } from '../../src/clock.js';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Turns of the event loop after which a promise chain without I/O has come to rest. */
const SETTLE_TURNS = 4;

/** The system's clock counts nanoseconds. Differences of fractions may be smaller: added to the time they would not move it, and who waits again for the rest would wait for ever. */
const TICK_MS = 1e-6;

export class FakeClock implements Clock {
  #now: number;
  #order = 0;
  #fired = 0;
  readonly #timers = new Set<Timer>();
  /** Waits of no time, which end with the turn of the event loop. */
  readonly #turns = new Set<NodeJS.Immediate>();

  /** @param start ms; an odd value by default, so that nothing can take time for counted from zero */
  constructor(start = 70_000.25) {
    this.#now = start;
  }

  /** Waits that are neither over nor aborted. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Timers that have fired so far. */
  get fired(): number {
    return this.#fired;
  }

  /** How long until the next timer is due, ms; negative when it is overdue, undefined when nothing waits. */
  get nextIn(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.due - this.#now;
  }

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortReason(signal));
        return;
      }
      if (!(ms > 0)) {
        // Like a real timer: not before the promise chains of this turn have come to rest.
        const turn = setImmediate(() => {
          this.#turns.delete(turn);
          signal?.removeEventListener('abort', cut);
          resolve();
        });
        this.#turns.add(turn);
        const cut = (): void => {
          clearImmediate(turn);
          this.#turns.delete(turn);
          reject(abortReason(signal));
        };
        signal?.addEventListener('abort', cut, { once: true });
        return;
      }
      const onAbort = (): void => {
        this.#timers.delete(timer);
        reject(abortReason(signal));
      };
      const timer: Timer = {
        due: this.#now + Math.max(ms, TICK_MS),
        order: this.#order++,
        fire: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#timers.add(timer);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Moves time on by `ms`, fires what becomes due in order, each at its own time, and lets promise chains settle in between. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await this.#settle();
    for (let timer = this.#next(); timer !== undefined && timer.due <= target; timer = this.#next()) {
      this.#now = Math.max(this.#now, timer.due);
      this.#timers.delete(timer);
      this.#fired += 1;
      timer.fire();
      await this.#settle();
    }
    this.#now = Math.max(this.#now, target);
    await this.#settle();
  }

  /** Time passes and nothing fires: a blocked event loop. What became due fires late, at the next `advance`. */
  stall(ms: number): void {
    this.#now += ms;
  }

  /** Advances timer by timer until the condition holds; gives up with an error after `mostMs` of clock time or with no timer left. */
  async advanceUntil(holds: () => boolean, mostMs = 60_000): Promise<void> {
    const last = this.#now + mostMs;
    await this.#settle();
    while (!holds()) {
      const next = this.#next();
      if (next === undefined) throw new Error('Nothing waits on the clock, and the condition does not hold');
      if (next.due > last) throw new Error(`The condition does not hold within ${mostMs} ms`);
      await this.advance(Math.max(0, next.due - this.#now));
    }
  }

  async #settle(): Promise<void> {
    do await settle();
    while (this.#turns.size > 0);
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.due < next.due || (timer.due === next.due && timer.order < next.order))
        next = timer;
    }
    return next;
  }
}

/** Lets promise chains and callbacks that are already due run. */
export async function settle(turns = SETTLE_TURNS): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn();
}
