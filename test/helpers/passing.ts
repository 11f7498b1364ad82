// A fake clock beside real sockets: time passes while a promise is pending, and what is sent arrives in between, however busy the machine is.
import { setTimeout } from 'node:timers/promises';
import { watch } from './collect.js';
import type { FakeClock } from './fake-clock.js';

/** Less than a packet of either side, ms. */
const TICK_MS = 5;

/** Moves the clock in small steps until the promise is settled; between them the sockets have their time. */
export async function passing<T>(clock: FakeClock, promise: Promise<T>, tickMs = TICK_MS): Promise<T> {
  for (const watched = watch(promise); watched.state === 'pending';) {
    await setTimeout(1);
    await clock.advance(tickMs);
  }
  return promise;
}
