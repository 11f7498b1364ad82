// The encoded audio of one announcement: grows while it is prepared, read by any number of talk sessions, each at its own pace.
import { abortReason } from '../abort.js';
import type { TalkError } from '../errors.js';

interface Waiter {
  readonly bytes: number;
  readonly settle: () => void;
}

/** First allocation: 2 s of A-law at 8 kHz, doubled whenever it is full. */
const FIRST_CAPACITY_BYTES = 16_384;

/** A-law or µ-law bytes, append only. */
export class Clip {
  /** Whether the audio arrives as it is spoken: what came before a failure is still worth hearing. */
  readonly live: boolean;
  #store = Buffer.alloc(0);
  #length = 0;
  #ended = false;
  #failure: TalkError | undefined;
  readonly #waiters = new Set<Waiter>();

  constructor(options: { live: boolean }) {
    this.live = options.live;
  }

  /** Bytes that are there. */
  get available(): number {
    return this.#length;
  }

  /** Whether everything is there. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds a copy of `bytes`; ignored after the end or a failure. */
  append(bytes: Uint8Array): void {
    if (this.#settled || bytes.length === 0) return;
    const length = this.#length + bytes.length;
    if (length > this.#store.length) {
      // A new store, so that slices handed out before keep their bytes.
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#store.length * 2, FIRST_CAPACITY_BYTES));
      this.#store.copy(grown, 0, 0, this.#length);
      this.#store = grown;
    }
    this.#store.set(bytes, this.#length);
    this.#length = length;
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
   * `length` bytes from `offset` without a copy, the shorter rest once the clip has ended, `'end'` when nothing is left, `'wait'` when they
   * are not there yet. Throws the failure: at once, for a live clip only when all that arrived has been read.
   */
  read(offset: number, length: number): Buffer | 'wait' | 'end' {
    if (this.#failure !== undefined && (!this.live || offset >= this.#length)) throw this.#failure;
    if (offset + length <= this.#length) return this.#store.subarray(offset, offset + length);
    if (!this.#settled) return 'wait';
    return offset < this.#length ? this.#store.subarray(offset, this.#length) : 'end';
  }

  /**
   * Resolves when that many bytes, or all there will be, can be read.
   * Rejects with the failure (a live clip only if nothing ever arrived: `read` tells it after the rest), or with the signal's reason.
   */
  ready(bytes: number, signal?: AbortSignal): Promise<void> {
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
