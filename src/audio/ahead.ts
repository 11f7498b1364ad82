// How much is prepared before its turn: some clips at a time, and only while little prepared sound waits. A clip whose turn has come never waits here.
import { onAbort, throwIfAborted, unlessAborted } from '../abort.js';
import { deferred, type Deferred } from '../deferred.js';
import type { Clip } from '../sound/clip.js';

export interface AheadLimits {
  /** Clips that are prepared before their turn, at the same time. */
  readonly clips: number;
  /** Prepared sound above which no more is prepared before its turn, bytes. */
  readonly bytes: number;
}

export class Ahead {
  readonly #limits: AheadLimits;
  readonly #clips = new Set<Clip>();
  readonly #waiting = new Set<Deferred>();
  #preparing = 0;

  constructor(limits: AheadLimits) {
    this.#limits = limits;
  }

  /** Prepared sound that waits or is said, bytes. */
  get bytes(): number {
    return [...this.#clips].reduce((sum, { available, first }) => sum + available - first, 0);
  }

  /**
   * Resolves when the clip may be prepared, with what is to be called when it is, or has failed. It counts until the signal aborts.
   * Rejects with the signal's reason. Live clips come when they come.
   */
  async enter(clip: Clip, signal: AbortSignal | undefined): Promise<() => void> {
    if (!clip.live && !clip.asked && !this.#hasRoom) {
      const turn = deferred();
      this.#waiting.add(turn);
      try {
        await unlessAborted(Promise.race([turn.promise, clip.whenAsked]), signal);
      } finally {
        this.#waiting.delete(turn);
        // Behind our own counting.
        queueMicrotask(() => this.#wake());
      }
    }
    throwIfAborted(signal);
    this.#clips.add(clip);
    onAbort(signal, () => {
      this.#clips.delete(clip);
      this.#wake();
    });
    return this.#count(clip);
  }

  /** Counts the clip among those that are prepared before their turn, until it is prepared or its turn comes. */
  #count(clip: Clip): () => void {
    let isAhead = !clip.live && !clip.asked;
    if (isAhead) this.#preparing += 1;
    const end = (): void => {
      if (isAhead) this.#preparing -= 1;
      isAhead = false;
      this.#wake();
    };
    if (isAhead) void clip.whenAsked.then(end);
    return end;
  }

  get #hasRoom(): boolean {
    return this.#preparing < this.#limits.clips && this.bytes < this.#limits.bytes;
  }

  /** One at a time: it counts only when it goes on, and wakes the next then. */
  #wake(): void {
    const [next] = this.#waiting;
    if (next !== undefined && this.#hasRoom) next.resolve();
  }
}
