// The only place that reads ambient time. Everything that waits takes a Clock, so that tests can own time.
import { abortReason, onAbort, throwIfAborted } from './abort.js';

export interface Clock {
  /** Milliseconds with fractions, monotonic, from an arbitrary start that all threads share. */
  now(): number;
  /** Resolves after `ms` milliseconds (at once when not positive); rejects with `signal.reason` when the signal aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const monotonicClock: Clock = {
  now: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1e6;
  },
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      const cancel = after(ms, () => {
        ignore();
        resolve();
      });
      const ignore = onAbort(signal, () => {
        cancel();
        reject(abortReason(signal));
      });
    }),
};

/** No timer is shorter than 1 ms, but a turn of the event loop is. */
function after(ms: number, run: () => void): () => void {
  if (ms > 0) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }
  const turn = setImmediate(run);
  return () => clearImmediate(turn);
}

/** The time of day, for people to read; nothing is measured with it. */
export function wallTime(): Date {
  return new Date();
}

/** Cancels a timer that nobody waits for any more. One for all: making an error each time would cost more than the rest. */
const OVER = new Error('The wait is over');

/**
 * Races `promise` against a deadline and a signal.
 * Rejects with `onTimeout()` after `ms` milliseconds, or with the signal's reason. The loser's rejection is swallowed, its timer cleared.
 */
export async function withDeadline<T>(
  clock: Clock,
  promise: Promise<T>,
  ms: number,
  onTimeout: () => Error,
  signal?: AbortSignal,
): Promise<T> {
  const timer = new AbortController();
  const ignore = onAbort(signal, () => timer.abort(signal?.reason));
  promise.catch(() => undefined);
  try {
    throwIfAborted(signal);
    return await Promise.race([
      promise,
      clock.wait(ms, timer.signal).then(() => {
        throw onTimeout();
      }),
    ]);
  } finally {
    ignore();
    timer.abort(OVER);
  }
}
