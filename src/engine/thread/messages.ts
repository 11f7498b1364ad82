// What goes between the engine and its thread. Everything in it survives structured cloning.
import type { Allowed } from '../../audio/allowed.js';
import type { GuardMemory } from '../../password/guard.js';
import type { SessionState } from '../../talk/states.js';

/** Of a call, a callback, a signal, a stream of chunks, bytes or a microphone: counted by the side that lends it. */
export type Id = number;

export type ToThread =
  | { readonly kind: 'call'; readonly call: Id; readonly method: string; readonly args: readonly unknown[] }
  | { readonly kind: 'abort'; readonly signal: Id; readonly reason: unknown }
  /** The answer to `pull`; `error` is packed. */
  | { readonly kind: 'chunk'; readonly chunks: Id; readonly done: boolean; readonly value: unknown }
  | { readonly kind: 'broken'; readonly chunks: Id; readonly error: unknown }
  /** The answer to `load`; nothing when they are taken back. */
  | { readonly kind: 'loaded'; readonly load: Id; readonly value: Uint8Array | undefined }
  /** Answered by `alive`. */
  | { readonly kind: 'ping' };

export type FromThread =
  | { readonly kind: 'result'; readonly call: Id; readonly value: unknown }
  | { readonly kind: 'failure'; readonly call: Id; readonly error: unknown }
  | { readonly kind: 'callback'; readonly callback: Id; readonly args: readonly unknown[] }
  | { readonly kind: 'pull' | 'end'; readonly chunks: Id }
  /** A copy of lent bytes, asked for by a number that the answer bears. */
  | { readonly kind: 'load'; readonly load: Id; readonly bytes: Id }
  | { readonly kind: 'session'; readonly camera: string; readonly state: SessionState }
  | { readonly kind: 'guard'; readonly memory: GuardMemory }
  /** Said once unasked, when the thread can be asked. */
  | { readonly kind: 'alive' };

/** What a thread is started with. */
export interface ThreadOptions {
  readonly ffmpegPath?: string | undefined;
  readonly allowed?: Allowed | undefined;
  /** What the thread before it knew about passwords. */
  readonly memory?: GuardMemory | undefined;
}

export interface ThreadData extends ThreadOptions {
  /** Of the package, as whoever starts the thread has loaded it. */
  readonly version: string | undefined;
}
