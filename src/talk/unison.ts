// Cameras of one announcement that start together, each round anew: a camera whose session is open waits for the others, then all agree on the instant of the first sound.
import type { Clock } from '../clock.js';
import { UNISON_WINDOW_MS } from '../limits.js';

/** One camera's part in an announcement. `leave` ends every wait. Times are milliseconds on the clock. */
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
  /**
   * The pause between two rounds, after which `opened` and `agree` are about the next one. Over sooner when others begin theirs, so that a
   * camera that fell behind is with them again. The only one that rejects, with the signal's reason.
   */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** One member for each camera of an announcement. */
export function unison(clock: Clock, cameras: number): Member[] {
  const keys = Array.from({ length: cameras }, () => Symbol());
  const first = new Round(clock, keys);
  /** What takes a camera that pauses along into a round. */
  const pausing = new Map<symbol, (round: Round) => void>();
  return keys.map((key) => {
    let round = first;
    let started: Promise<number> | undefined;
    const opened = (): Promise<number> => (started ??= round.opening.join(key, () => clock.now()));
    return {
      opened,
      agree: async (earliest) => {
        await opened();
        return round.sound.join(key, earliest);
      },
      leave: () => {
        // A later attempt starts as soon as its session is open.
        started = undefined;
        round.leave(key);
      },
      pause: async (ms, signal) => {
        started = undefined;
        if (round.next?.members.has(key) === true) {
          round = round.next;
          return;
        }
        const taken = new AbortController();
        pausing.set(key, (joined) => {
          round = joined;
          taken.abort();
        });
        try {
          await clock.wait(ms, AbortSignal.any([signal, taken.signal]));
        } catch (error) {
          if (!taken.signal.aborted) throw error;
          return;
        } finally {
          pausing.delete(key);
        }
        // Those that are about to end the last round, too, are waited for.
        const next = new Round(clock, [...new Set([key, ...pausing.keys(), ...round.members])]);
        round.next = next;
        round = next;
        for (const take of [...pausing.values()]) take(next);
      },
    };
  });
}

/** One round of those who begin it together. */
class Round {
  /** Those who neither left nor came too late. */
  readonly members: Set<symbol>;
  readonly opening: Meeting;
  readonly sound: Meeting;
  /** The one after it, once somebody begins that. */
  next: Round | undefined;

  constructor(clock: Clock, keys: readonly symbol[]) {
    this.members = new Set(keys);
    this.sound = new Meeting(clock, keys, (missing) => this.members.delete(missing));
    // A camera that was too late for the opening is not waited for at the first sound either.
    this.opening = new Meeting(clock, keys, (missing) => this.leave(missing));
  }

  leave(key: symbol): void {
    this.members.delete(key);
    this.opening.leave(key);
    this.sound.leave(key);
  }
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
