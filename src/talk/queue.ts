// The clips that wait for one camera, in order, and what becomes of one more: it waits, cuts the current one, replaces waiting ones, or is refused. Pure.
import { TalkError } from '../errors.js';
import type { WhenBusy } from './states.js';

export interface Queued {
  readonly priority: number;
  /** It may not begin before, ms on the clock; at any time unless given. */
  readonly dueAt?: number;
}

/** A clip that asks to be let in. */
export interface Entrant extends Queued {
  readonly whenBusy: WhenBusy;
  /** Clips that may wait at most. */
  readonly maxQueue: number;
}

/** `busy`: it may not wait. `full`: too many wait already. */
export type Admission<T> =
  | { readonly kind: 'refused'; readonly why: 'busy' | 'full' }
  | {
      readonly kind: 'admitted';
      /** Waiting clips that give way to it. */
      readonly cleared: readonly T[];
      /** Whether the current clip is cut for it. */
      readonly cuts: boolean;
    };

/**
 * What becomes of a clip while others wait and one is said. None of them gives way to a clip of lower priority, nor to one that will not be heard.
 * @param mayCut whether it will be heard
 */
export function admit<T extends Queued>(
  waiting: Iterable<T>,
  current: Queued | undefined,
  { whenBusy, maxQueue, priority }: Entrant,
  mayCut = true,
): Admission<T> {
  const queue = [...waiting];
  if (current === undefined && queue.length === 0) return { kind: 'admitted', cleared: [], cuts: false };
  if (whenBusy === 'drop') return { kind: 'refused', why: 'busy' };
  const cleared = mayCut && whenBusy === 'replace' ? queue.filter((other) => other.priority <= priority) : [];
  const cutting = mayCut && (whenBusy === 'interrupt' || whenBusy === 'replace');
  const cuts = cutting && current !== undefined && current.priority <= priority;
  // A clip that is said next needs no place among those waiting.
  const isNext = cutting && (cuts || current === undefined);
  if (queue.length - cleared.length >= maxQueue && !isNext) return { kind: 'refused', why: 'full' };
  return { kind: 'admitted', cleared, cuts };
}

/** The error of a clip that is not let in. @param key `host:port` of the camera */
export function refusedEntry(key: string, why: 'busy' | 'full', waiting: number, maxQueue: number): TalkError {
  if (why === 'busy') {
    const text = `The camera at ${key} is talking, and this clip may not wait (whenBusy is drop)`;
    return new TalkError('TALK_ERR_BUSY', text, { camera: key });
  }
  const full = `${waiting} clips already wait for the camera at ${key}, and maxQueue is ${maxQueue}`;
  const text = `${full}; send fewer, raise the limit, or use whenBusy replace`;
  return new TalkError('TALK_ERR_QUEUE_FULL', text, { camera: key });
}

/** Higher priority first, then first come, first served. */
export class PriorityQueue<T extends Queued> {
  #waiting: T[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** Behind those of the same priority; `ahead` puts it in front of them. Returns how many come before it. */
  add(entry: T, ahead = false): number {
    const found = this.#waiting.findIndex((other) =>
      ahead ? other.priority <= entry.priority : other.priority < entry.priority,
    );
    const index = found === -1 ? this.#waiting.length : found;
    this.#waiting.splice(index, 0, entry);
    return index;
  }

  /** The first that may begin. */
  first(now: number): T | undefined {
    return this.#waiting.find((entry) => dueAt(entry) <= now);
  }

  /** Takes the first that may begin; when none may, the one that may first. */
  take(now = Infinity): T | undefined {
    const soonest = Math.min(...this.#waiting.map(dueAt));
    const next = this.first(now) ?? this.#waiting.find((entry) => dueAt(entry) === soonest);
    this.#waiting = this.#waiting.filter((entry) => entry !== next);
    return next;
  }

  /** Takes out every entry that fits, in order. */
  remove(fits: (entry: T) => boolean): T[] {
    const removed = this.#waiting.filter(fits);
    this.#waiting = this.#waiting.filter((entry) => !fits(entry));
    return removed;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#waiting[Symbol.iterator]();
  }
}

function dueAt(entry: Queued): number {
  return entry.dueAt ?? -Infinity;
}
