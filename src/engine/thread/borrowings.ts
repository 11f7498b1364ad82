// What a call in the thread has borrowed: stand-ins for callbacks, signals, streams and bytes that live on the other side.
import { deferred, type Deferred } from '../../deferred.js';
import { abortedError } from '../../errors.js';
import { pack, NOTHING_BORROWED, NOTHING_LENT, unpack, type Borrower } from './marshal.js';
import type { FromThread, Id, ToThread } from './messages.js';

type Post = (message: FromThread, transfer?: ArrayBuffer[]) => void;

/** What one call has borrowed. */
export interface Borrowed extends Borrower {
  /** The call is over. */
  end(): void;
}

interface Pull {
  readonly resolve: (next: IteratorResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

export class Borrowings {
  readonly #post: Post;
  readonly #signals = new Map<Id, AbortController>();
  /** Pulls that wait for their chunk, at most one for each stream. */
  readonly #pulls = new Map<Id, Pull>();
  /** Copies that are on their way. */
  readonly #loads = new Map<Id, Deferred<Uint8Array>>();
  #lastLoad = 0;

  constructor(post: Post) {
    this.#post = post;
  }

  begin(): Borrowed {
    const signals: Id[] = [];
    return {
      callback:
        (id) =>
        (...args) => {
          const transfer: ArrayBuffer[] = [];
          const packed = args.map((arg) => pack(arg, NOTHING_LENT, transfer));
          this.#post({ kind: 'callback', callback: id, args: packed }, transfer);
        },
      signal: (id, reason) => {
        const controller = new AbortController();
        if (reason !== undefined) controller.abort(reason);
        this.#signals.set(id, controller);
        signals.push(id);
        return controller.signal;
      },
      chunks: (id) => this.#stream(id),
      bytes: (id, length) => ({ length, load: () => this.#load(id) }),
      end: () => {
        for (const id of signals) this.#signals.delete(id);
      },
    };
  }

  receive(message: Exclude<ToThread, { kind: 'call' | 'ping' }>): void {
    switch (message.kind) {
      case 'abort':
        this.#signals.get(message.signal)?.abort(unpack(message.reason, NOTHING_BORROWED));
        return;
      case 'chunk':
        this.#take(message.chunks)?.resolve({ done: message.done, value: unpack(message.value, NOTHING_BORROWED) });
        return;
      case 'broken':
        this.#take(message.chunks)?.reject(unpack(message.error, NOTHING_BORROWED));
        return;
      case 'loaded':
        if (message.value === undefined) this.#loads.get(message.load)?.reject(abortedError());
        else this.#loads.get(message.load)?.resolve(message.value);
        this.#loads.delete(message.load);
    }
  }

  #take(id: Id): Pull | undefined {
    const pull = this.#pulls.get(id);
    this.#pulls.delete(id);
    return pull;
  }

  #load(bytes: Id): Promise<Uint8Array> {
    const load = ++this.#lastLoad;
    const coming = deferred<Uint8Array>();
    this.#loads.set(load, coming);
    this.#post({ kind: 'load', load, bytes });
    return coming.promise;
  }

  #stream(id: Id): AsyncIterable<unknown> & { destroy(): void } {
    const next = (): Promise<IteratorResult<unknown>> =>
      new Promise((resolve, reject) => {
        this.#pulls.set(id, { resolve, reject });
        this.#post({ kind: 'pull', chunks: id });
      });
    return {
      [Symbol.asyncIterator]: () => ({ next }),
      destroy: () => {
        this.#take(id)?.resolve({ done: true, value: undefined });
        this.#post({ kind: 'end', chunks: id });
      },
    };
  }
}
