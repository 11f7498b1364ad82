// What is lent to the thread while a call is under way: callbacks, signals and streams stay here, and the thread names them by number.
import { setMaxListeners } from 'node:events';
import { endChunks } from '../audio/source.js';
import { harmless } from '../logger.js';
import { NOTHING_LENT, pack, packError, unpack, type Callback, type Lender } from './marshal.js';
import type { FromThread, Id, ToThread } from './messages.js';

/** A stream that the thread pulls from. */
interface Stream {
  readonly chunks: AsyncIterable<unknown>;
  iterator?: AsyncIterator<unknown, unknown>;
}

/** What one call lends. */
export interface Loan extends Lender {
  /** The call is over; its callbacks stay a little longer. */
  end(): void;
}

/** So many calls that are over keep their callbacks: a loudspeaker's volume is set back after its clip, and that may fail. */
const LATE_CALLS = 16;

type Post = (message: ToThread, transfer: ArrayBuffer[]) => void;

export class Loans {
  readonly #post: Post;
  readonly #callbacks = new Map<Id, Callback>();
  readonly #streams = new Map<Id, Stream>();
  /** Callbacks of calls that are over. */
  readonly #finished: Id[][] = [];
  #lastId = 0;

  constructor(post: Post) {
    this.#post = post;
  }

  begin(): Loan {
    const callbacks: Id[] = [];
    const takeBack: Array<() => void> = [];
    return {
      callback: (callback) => {
        const id = ++this.#lastId;
        this.#callbacks.set(id, harmless(callback));
        callbacks.push(id);
        return id;
      },
      signal: (lent) => {
        const signal = ++this.#lastId;
        if (lent.aborted) return signal;
        // One listener for each call is no leak, however many there are.
        const followed = AbortSignal.any([lent]);
        setMaxListeners(0, followed);
        const tell = (): void => this.#post({ kind: 'abort', signal, reason: packError(followed.reason) }, []);
        followed.addEventListener('abort', tell, { once: true });
        takeBack.push(() => followed.removeEventListener('abort', tell));
        return signal;
      },
      chunks: (chunks) => {
        const id = ++this.#lastId;
        this.#streams.set(id, { chunks });
        takeBack.push(() => this.#endStream(id));
        return id;
      },
      end: () => {
        for (const each of takeBack) each();
        if (callbacks.length === 0) return;
        this.#finished.push(callbacks);
        while (this.#finished.length > LATE_CALLS) {
          for (const id of this.#finished.shift() ?? []) this.#callbacks.delete(id);
        }
      },
    };
  }

  receive(message: Extract<FromThread, { kind: 'callback' | 'pull' | 'end' }>): void {
    switch (message.kind) {
      case 'callback':
        this.#callbacks.get(message.callback)?.(...message.args.map((arg) => unpack(arg, NOTHING_LENT)));
        return;
      case 'pull':
        void this.#pull(message.chunks);
        return;
      case 'end':
        this.#endStream(message.chunks);
    }
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

  #endStream(id: Id): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    endChunks(stream.chunks, stream.iterator);
  }
}
