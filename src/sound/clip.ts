// The encoded audio of one announcement: grows while it is prepared, read by any number of talk sessions, each at its own pace. A bridge keeps only what is still to be heard.
import { abortReason } from '../abort.js';
import { deferred } from '../deferred.js';
import type { TalkError } from '../errors.js';

interface Waiter {
  readonly bytes: number;
  readonly settle: () => void;
}

export interface ClipOptions {
  readonly live: boolean;
  /** Given for a bridge, which need not end: what is kept of it at most, bytes. */
  readonly mostBytes?: number | undefined;
}

/** A reader that has not read everything yet. */
export interface ClipHold {
  /** Everything before this byte was read. */
  passed(byte: number): void;
  /** Nothing is read any more. */
  end(): void;
}

/** First allocation: 2 s of A-law at 8 kHz. A full store is followed by one with twice the room that is needed. */
const FIRST_CAPACITY_BYTES = 16_384;

/** A-law or µ-law bytes, append only. */
export class Clip {
  /** Whether the audio arrives as it is spoken: what came before a failure is still worth hearing. */
  readonly live: boolean;
  /** Whether it need not end, so that nothing is kept for longer than it is needed. */
  readonly bridge: boolean;
  readonly #mostBytes: number;
  /** What is kept begins with byte `#storedFrom` of the clip. */
  #store = Buffer.alloc(0);
  #storedFrom = 0;
  #first = 0;
  #length = 0;
  #liveBegin: { readonly at: number; readonly byte: number } | undefined;
  /** How far each reader has got. */
  readonly #readers = new Map<ClipHold, number>();
  #ended = false;
  #failure: TalkError | undefined;
  readonly #waiters = new Set<Waiter>();
  readonly #asking = deferred();
  #asked = false;

  constructor({ live, mostBytes }: ClipOptions) {
    this.live = live;
    this.bridge = mostBytes !== undefined;
    this.#mostBytes = mostBytes ?? Infinity;
  }

  /** Bytes that have come. */
  get available(): number {
    return this.#length;
  }

  /** The first byte that can still be read. */
  get first(): number {
    return this.#first;
  }

  /** Bytes in memory. */
  get heldBytes(): number {
    return this.#store.length;
  }

  /** When live sound began to come, ms on the clock, and with which byte. */
  get liveBegin(): { readonly at: number; readonly byte: number } | undefined {
    return this.#liveBegin;
  }

  /** What comes from now on is live. */
  beginLive(now: number): void {
    this.#liveBegin ??= { at: now, byte: this.#length };
  }

  /** A bridge forgets what all who hold it have passed. */
  hold(): ClipHold {
    const hold: ClipHold = {
      passed: (byte) => {
        if (this.#readers.has(hold)) this.#readers.set(hold, byte);
        this.#forget();
      },
      end: () => {
        this.#readers.delete(hold);
      },
    };
    this.#readers.set(hold, 0);
    return hold;
  }

  /** Whether everything is there. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether somebody waits for it, or has: its turn has come. */
  get asked(): boolean {
    return this.#asked;
  }

  /** Resolves when somebody waits for it. */
  get whenAsked(): Promise<void> {
    return this.#asking.promise;
  }

  /** Adds a copy of `bytes`; ignored after the end or a failure. */
  append(bytes: Uint8Array): void {
    if (this.#settled || bytes.length === 0) return;
    const length = this.#length + bytes.length;
    if (length - this.#storedFrom > this.#store.length) {
      // A new store, so that slices handed out before keep their bytes.
      const kept = length - this.#first;
      const store = Buffer.allocUnsafeSlow(Math.max(kept, 2 * (this.#length - this.#first), FIRST_CAPACITY_BYTES));
      this.#store.copy(store, 0, this.#first - this.#storedFrom, this.#length - this.#storedFrom);
      this.#store = store;
      this.#storedFrom = this.#first;
    }
    this.#store.set(bytes, this.#length - this.#storedFrom);
    this.#length = length;
    this.#forget();
    this.#wake();
  }

  end(): void {
    if (this.#settled) return;
    this.#ended = true;
    this.#wake();
  }

  fail(error: TalkError): void {
    if (this.#settled) return;
    this.#failure = error;
    this.#wake();
  }

  /**
   * `length` bytes from `offset`, which is not before `first`, without a copy, the shorter rest once the clip has ended, `'end'` when nothing is left, `'wait'` when they
   * are not there yet. Throws the failure: at once, for a live clip only when all that arrived has been read.
   */
  read(offset: number, length: number): Buffer | 'wait' | 'end' {
    if (this.#failure !== undefined && (!this.live || offset >= this.#length)) throw this.#failure;
    if (offset + length <= this.#length) return this.#stored(offset, offset + length);
    if (!this.#settled) return 'wait';
    return offset < this.#length ? this.#stored(offset, this.#length) : 'end';
  }

  /**
   * Resolves when that many bytes, or all there will be, can be read.
   * Rejects with the failure (a live clip only if nothing ever arrived: `read` tells it after the rest), or with the signal's reason.
   */
  ready(bytes: number, signal?: AbortSignal): Promise<void> {
    this.#asked = true;
    this.#asking.resolve();
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', settle);
        if (this.#failure !== undefined && (!this.live || this.#length === 0)) reject(this.#failure);
        else if (this.#holds(bytes)) resolve();
        else reject(abortReason(signal));
      };
      const waiter: Waiter = { bytes, settle };
      if (this.#holds(bytes) || signal?.aborted === true) {
        settle();
        return;
      }
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', settle, { once: true });
    });
  }

  #stored(from: number, to: number): Buffer {
    return this.#store.subarray(from - this.#storedFrom, to - this.#storedFrom);
  }

  /** The store shrinks when it is full the next time. */
  #forget(): void {
    if (!this.bridge) return;
    const passed = this.#readers.size === 0 ? 0 : Math.min(...this.#readers.values(), this.#length);
    this.#first = Math.max(this.#first, passed, this.#length - this.#mostBytes);
  }

  get #settled(): boolean {
    return this.#ended || this.#failure !== undefined;
  }

  #holds(bytes: number): boolean {
    return this.#length >= bytes || this.#settled;
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) if (this.#holds(waiter.bytes)) waiter.settle();
  }
}
