// Memory for sound that is being prepared: who may hold how much, who waits, who gives way. What is held, others decide.
import { unlessAborted } from '../abort.js';
import { deferred, type Deferred } from '../deferred.js';
import { TalkError } from '../errors.js';

/** There is no room now, or somebody whose turn it is needs it: all is to be given back, and begun again with the large place. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom';
}

/** What one preparation holds. `release` must be called at the end, whatever the end. */
export interface Share {
  /** Aborts, with NoRoom, when all is to be given back. */
  readonly evicted: AbortSignal;
  /** Room for so many more bytes. Throws NoRoom, or TALK_ERR_SOURCE for what even the large place does not hold. */
  take(bytes: number): void;
  /** So many bytes are not needed any more. One that is fixed leaves the large place as soon as it can. */
  give(bytes: number): void;
  /** Its sound is on its way: it is not evicted any more. */
  fix(): void;
  /** Gives everything back and resolves when the large place is its own. Rejects with the signal's reason. */
  enlarge(signal?: AbortSignal): Promise<void>;
  /** Gives everything back. */
  release(): void;
}

interface Holder {
  bytes: number;
  isFixed: boolean;
  evicted: AbortController;
  readonly isUrgent: () => boolean;
}

interface Waiter {
  readonly holder: Holder;
  readonly turn: Deferred;
}

/**
 * Many small shares, and one large place for what does not fit among them. No two can wait for each other: who waits holds nothing, and the large
 * place is enough for anything that may be prepared. Whoever is urgent has it first, and takes it from one who is not.
 */
export class Budget {
  readonly #sharedBytes: number;
  readonly #largeBytes: number;
  /** Longest waiting first. */
  #waiting: Waiter[] = [];
  #shared = 0;
  #large: Holder | undefined;

  constructor(limits: { readonly sharedBytes: number; readonly largeBytes: number }) {
    this.#sharedBytes = limits.sharedBytes;
    this.#largeBytes = limits.largeBytes;
  }

  /** Bytes. */
  get held(): number {
    return this.#shared + (this.#large?.bytes ?? 0);
  }

  /** @param isUrgent whether its turn has come; `hurry` is called when that changes */
  share(isUrgent: () => boolean): Share {
    const holder: Holder = { bytes: 0, isFixed: false, evicted: new AbortController(), isUrgent };
    return {
      get evicted() {
        return holder.evicted.signal;
      },
      take: (bytes) => this.#take(holder, bytes),
      give: (bytes) => this.#give(holder, bytes),
      fix: () => (holder.isFixed = true),
      enlarge: (signal) => this.#enlarge(holder, signal),
      release: () => this.#release(holder),
    };
  }

  /** Somebody has become urgent. */
  hurry(): void {
    const next = this.#waiting.find(({ holder }) => holder.isUrgent()) ?? this.#waiting[0];
    if (next === undefined) return;
    const large = this.#large;
    if (large === undefined) {
      this.#waiting = this.#waiting.filter((waiter) => waiter !== next);
      this.#large = next.holder;
      next.turn.resolve();
    } else if (next.holder.isUrgent() && !large.isUrgent() && !large.isFixed) {
      large.evicted.abort(new NoRoom());
    }
  }

  #take(holder: Holder, bytes: number): void {
    if (holder.evicted.signal.aborted) throw new NoRoom();
    if (holder !== this.#large && this.#shared + bytes > this.#sharedBytes) {
      if (this.#large !== undefined) throw new NoRoom();
      this.#shared -= holder.bytes;
      this.#large = holder;
    }
    if (holder === this.#large && holder.bytes + bytes > this.#largeBytes) throw tooMuch(this.#largeBytes);
    this.#count(holder, bytes);
  }

  #give(holder: Holder, bytes: number): void {
    this.#count(holder, -Math.min(bytes, holder.bytes));
    if (holder !== this.#large || !holder.isFixed || this.#shared + holder.bytes > this.#sharedBytes) return;
    this.#large = undefined;
    this.#shared += holder.bytes;
    this.hurry();
  }

  #count(holder: Holder, bytes: number): void {
    holder.bytes += bytes;
    if (holder !== this.#large) this.#shared += bytes;
  }

  async #enlarge(holder: Holder, signal?: AbortSignal): Promise<void> {
    const waiter = { holder, turn: deferred() };
    this.#waiting.push(waiter);
    holder.evicted = new AbortController();
    this.#release(holder);
    try {
      await unlessAborted(waiter.turn.promise, signal);
    } catch (error) {
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
      // It may have been its turn in the same moment.
      this.#release(holder);
      throw error;
    }
  }

  #release(holder: Holder): void {
    this.#count(holder, -holder.bytes);
    if (holder === this.#large) this.#large = undefined;
    this.hurry();
  }
}

function tooMuch(bytes: number): TalkError {
  const megabytes = Math.floor(bytes / 1024 / 1024);
  const why = `This audio would need more than ${megabytes} MB of memory; without normalize it needs less`;
  return new TalkError('TALK_ERR_SOURCE', why);
}
