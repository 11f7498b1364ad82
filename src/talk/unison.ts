// The cameras of one announcement that start together: whose session is open waits for the others, then all agree on the instant of the first sound.
import type { Clock } from '../clock.js';
import { UNISON_WINDOW_MS } from '../limits.js';

/** One camera's part in an announcement. Nothing here rejects; `leave` ends every wait. Times are milliseconds on the clock. */
export interface Member {
  /** Its session is open. Resolves with the first deadline of all sessions opened for the announcement. */
  readonly opened: () => Promise<number>;
  /**
   * It could give its first sample at `earliest()`, which is asked when all others have come too. Resolves with the latest of these instants;
   * with its own when the others went on without it.
   */
  readonly agree: (earliest: () => number) => Promise<number>;
  /** The others need not wait for it any more: it failed, waits for its turn, or is through. */
  readonly leave: () => void;
}

/** The members of an announcement on so many cameras. */
export function unison(clock: Clock, cameras: number): Member[] {
  const keys = Array.from({ length: cameras }, () => Symbol());
  const sound = new Meeting(clock, keys);
  // Who was too late for the beginning is not waited for again.
  const opening = new Meeting(clock, keys, (missing) => sound.leave(missing));
  return keys.map((key) => {
    let started: Promise<number> | undefined;
    const opened = (): Promise<number> => (started ??= opening.join(key, () => clock.now()));
    return {
      opened,
      agree: async (earliest) => {
        await opened();
        return sound.join(key, earliest);
      },
      leave: () => {
        // Another attempt begins when its own session is open.
        started = undefined;
        opening.leave(key);
        sound.leave(key);
      },
    };
  });
}

interface Present {
  readonly earliest: () => number;
  readonly settle: (instant: number) => void;
}

/** Over when everybody awaited has come or left, or UNISON_WINDOW_MS after the first one came. */
class Meeting {
  readonly #clock: Clock;
  readonly #awaited: Set<symbol>;
  readonly #onMissing: (key: symbol) => void;
  readonly #present = new Map<symbol, Present>();
  #window: AbortController | undefined;

  constructor(clock: Clock, keys: readonly symbol[], onMissing: (key: symbol) => void = () => undefined) {
    this.#clock = clock;
    this.#awaited = new Set(keys);
    this.#onMissing = onMissing;
  }

  /** Resolves with the latest of the earliest instants; at once with one's own when nobody waits for this member. */
  join(key: symbol, earliest: () => number): Promise<number> {
    if (!this.#awaited.delete(key)) return Promise.resolve(earliest());
    return new Promise((settle) => {
      this.#present.set(key, { earliest, settle });
      this.#look();
    });
  }

  leave(key: symbol): void {
    this.#awaited.delete(key);
    const present = this.#present.get(key);
    this.#present.delete(key);
    present?.settle(present.earliest());
    this.#look();
  }

  #look(): void {
    if (this.#awaited.size > 0 && this.#present.size > 0) {
      this.#window ??= this.#open();
      return;
    }
    this.#window?.abort();
    this.#window = undefined;
    const present = [...this.#present.values()];
    this.#present.clear();
    const instant = Math.max(...present.map(({ earliest }) => earliest()));
    for (const { settle } of present) settle(instant);
  }

  #open(): AbortController {
    const window = new AbortController();
    void this.#clock.wait(UNISON_WINDOW_MS, window.signal).then(
      () => {
        const missing = [...this.#awaited];
        this.#awaited.clear();
        this.#look();
        for (const key of missing) this.#onMissing(key);
      },
      () => undefined,
    );
    return window;
  }
}
