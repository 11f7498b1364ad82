// What is lent to the thread while a call is under way: callbacks, signals, streams and large bytes stay here, and the thread names them by number.
import { onAbort } from '../../abort.js';
import { endChunks } from '../../audio/source.js';
import { MAX_TRAVELLER_BYTES, MAX_TRAVELLING_BYTES } from '../../limits.js';
import { swallowing } from '../../logger.js';
import { NOTHING_BORROWED, NOTHING_LENT, pack, packError, unpack, type Callback, type Lender } from './marshal.js';
import type { FromThread, Id, ToThread } from './messages.js';

/** A stream that the thread pulls from. */
interface Stream {
  readonly chunks: AsyncIterable<unknown>;
  iterator?: AsyncIterator<unknown, unknown>;
}

/** A lent signal: who is told when it aborts, and our listener on it. */
interface Followed {
  readonly tellers: Set<() => void>;
  readonly ignore: () => void;
}

/** What one call lends. */
export interface Loan extends Lender {
  /** The call is over: everything is taken back. */
  end(): void;
}

type Post = (message: ToThread, transfer: ArrayBuffer[]) => void;

export class Loans {
  readonly #post: Post;
  readonly #callbacks = new Map<Id, Callback>();
  readonly #streams = new Map<Id, Stream>();
  readonly #bytes = new Map<Id, Uint8Array>();
  /** Copies in the thread that went there with calls under way, bytes. */
  #travelling = 0;
  readonly #followed = new Map<AbortSignal, Followed>();
  #lastId = 0;

  constructor(post: Post) {
    this.#post = post;
  }

  begin(): Loan {
    const takeBack: Array<() => void> = [];
    return {
      callback: (callback) => {
        const id = ++this.#lastId;
        this.#callbacks.set(id, swallowing(callback));
        takeBack.push(() => this.#callbacks.delete(id));
        return id;
      },
      signal: (lent) => {
        const signal = ++this.#lastId;
        if (lent.aborted) return signal;
        const { tellers } = this.#follow(lent);
        const tell = (): void => this.#post({ kind: 'abort', signal, reason: packError(lent.reason) }, []);
        tellers.add(tell);
        takeBack.push(() => {
          tellers.delete(tell);
          if (tellers.size === 0) this.#unfollow(lent);
        });
        return signal;
      },
      chunks: (chunks) => {
        const id = ++this.#lastId;
        this.#streams.set(id, { chunks });
        takeBack.push(() => this.#endStream(id));
        return id;
      },
      bytes: (bytes) => {
        const { length } = bytes;
        if (length <= MAX_TRAVELLER_BYTES && this.#travelling + length <= MAX_TRAVELLING_BYTES) {
          this.#travelling += length;
          takeBack.push(() => (this.#travelling -= length));
          return undefined;
        }
        const id = ++this.#lastId;
        this.#bytes.set(id, bytes);
        takeBack.push(() => this.#bytes.delete(id));
        return id;
      },
      end: () => {
        for (const each of takeBack) each();
      },
    };
  }

  receive(message: Extract<FromThread, { kind: 'callback' | 'pull' | 'end' | 'load' }>): void {
    switch (message.kind) {
      case 'callback':
        this.#callbacks.get(message.callback)?.(...message.args.map((arg) => unpack(arg, NOTHING_BORROWED)));
        return;
      case 'pull':
        void this.#pull(message.chunks);
        return;
      case 'end':
        this.#endStream(message.chunks);
        return;
      case 'load':
        this.#load(message);
    }
  }

  /** One listener for each signal, however many calls it is lent to. */
  #follow(signal: AbortSignal): Followed {
    const known = this.#followed.get(signal);
    if (known !== undefined) return known;
    const tellers = new Set<() => void>();
    const ignore = onAbort(signal, () => {
      for (const tell of tellers) tell();
    });
    const followed = { tellers, ignore };
    this.#followed.set(signal, followed);
    return followed;
  }

  #unfollow(signal: AbortSignal): void {
    this.#followed.get(signal)?.ignore();
    this.#followed.delete(signal);
  }

  async #pull(id: Id): Promise<void> {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    try {
      stream.iterator ??= stream.chunks[Symbol.asyncIterator]();
      const { done, value } = await stream.iterator.next();
      const transfer: ArrayBuffer[] = [];
      const packed = done === true ? undefined : pack(value, NOTHING_LENT, transfer);
      this.#post({ kind: 'chunk', chunks: id, done: done === true, value: packed }, transfer);
    } catch (error) {
      this.#post({ kind: 'broken', chunks: id, error: packError(error) }, []);
    }
  }

  #load({ load, bytes }: Extract<FromThread, { kind: 'load' }>): void {
    const lent = this.#bytes.get(bytes);
    const value = lent && new Uint8Array(lent);
    this.#post({ kind: 'loaded', load, value }, value === undefined ? [] : [value.buffer]);
  }

  #endStream(id: Id): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    endChunks(stream.chunks, stream.iterator);
  }
}
