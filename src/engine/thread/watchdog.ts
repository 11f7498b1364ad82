// Notices that a thread answers no more. It counts only time in which this side was awake itself; what becomes of the thread is decided elsewhere.
import type { Clock } from '../../clock.js';
import { THREAD_SILENT_MS } from '../../limits.js';

/** How often a thread is asked, ms. */
const ASK_EVERY_MS = 1_000;
/** A look that comes later than this says nothing about the thread: this event loop was busy, or the whole machine slept, ms. */
const PUNCTUAL_MS = 500;

export interface WatchdogOptions {
  readonly clock: Clock;
  /** Asks the thread for a sign of life. */
  readonly ask: () => void;
  /** It gave none for THREAD_SILENT_MS. Called once. */
  readonly onSilent: () => void;
}

export class Watchdog {
  readonly #options: WatchdogOptions;
  #watching: AbortController | undefined;
  /** Signs of life so far. */
  #heard = 0;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** A sign of life. The first one comes unasked, when the thread has loaded its program, which may take long on a small machine. */
  heard(): void {
    this.#heard += 1;
  }

  /** Whether anybody waits for the thread. Only then it is asked, and only then a timer runs. */
  set on(on: boolean) {
    if (on === (this.#watching !== undefined)) return;
    this.#watching?.abort();
    this.#watching = on ? new AbortController() : undefined;
    if (this.#watching !== undefined) this.#watch(this.#watching.signal).catch(() => undefined);
  }

  /** Rejects when nobody waits any more. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { clock, ask, onSilent } = this.#options;
    let silentMs = 0;
    let known = -1;
    while (silentMs < THREAD_SILENT_MS) {
      if (known !== this.#heard) {
        known = this.#heard;
        silentMs = 0;
        ask();
      }
      const due = clock.now() + ASK_EVERY_MS;
      await clock.wait(ASK_EVERY_MS, signal);
      const punctual = clock.now() - due < PUNCTUAL_MS;
      if (punctual && known === this.#heard && this.#heard > 0) silentMs += ASK_EVERY_MS;
    }
    onSilent();
  }
}
