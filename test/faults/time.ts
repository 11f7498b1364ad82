// The time a cell of the matrix lives in: a clock of its own that jumps from timer to timer, or the real one.
import { monotonicClock, withDeadline, type Clock } from '../../src/clock.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { atRest, passingAtRest } from '../helpers/loopback.js';

/** More than any cell takes that does not hang, ms. */
const LONGEST_MS = 300_000;

export interface Time {
  readonly clock: Clock;
  /** What the promise gives; rejects when it hangs. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Complaints about what is left when everything has ended. */
  left(): Promise<string[]>;
}

export function fakeTime(): Time {
  const clock = new FakeClock();
  return {
    clock,
    until: (promise) => passingAtRest(clock, promise, LONGEST_MS),
    async left() {
      await atRest();
      return clock.pending === 0 ? [] : [`${clock.pending} timers are left`];
    },
  };
}

export function realTime(): Time {
  return {
    clock: monotonicClock,
    until: (promise) =>
      withDeadline(monotonicClock, promise, LONGEST_MS, () => new Error(`Hangs for ${LONGEST_MS} ms`)),
    left: () => Promise.resolve([]),
  };
}
