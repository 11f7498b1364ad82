// Cameras of one announcement that start together: a camera whose session is open waits for the others, then all agree on the instant of the first sound.
import type { Clock } from '../clock.js';
import { UNISON_WINDOW_MS } from '../limits.js';

/** One camera's part in an announcement. Nothing here rejects; `leave` ends every wait. Times are milliseconds on the clock. */
export interface Member {
  /** Its session is open. Resolves with the first deadline of all sessions opened for the announcement. */
  readonly opened: () => Promise<number>;
  /**
   * Its first sample can go at `earliest()`, which is called when all others have come too. Resolves with the latest of all these instants,
   * or with its own when the others have begun without it.
   */
  readonly agree: (earliest: () => number) => Promise<number>;
  /** The others stop waiting for it: it failed, waits for its turn, or is done. */
  readonly leave: () => void;
}

/** One member for each camera of an announcement. */
export function unison(clock: Clock, cameras: number): Member[] {
  const keys = Array.from({ length: cameras }, () => Symbol());
  const sound = new Meeting(clock, keys);
  // A camera that was too late for the opening is not waited for at the first sound either.
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
        // A later attempt starts as soon as its session is open.
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

/** Ends when everybody has come or left, or UNISON_WINDOW_MS after the first one came. */
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

  /** Resolves with the latest of all `earliest()`. A member nobody waits for gets its own at once. */
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
