// Values on their way to another thread and out of it: what cannot be cloned is lent by number. No thread here.
import { isUint8Array } from 'node:util/types';
import { isTalkError, TalkError } from '../errors.js';
import type { Id } from './messages.js';

export type Callback = (...args: unknown[]) => void;

/** Keeps what cannot be cloned, and numbers it. */
export interface Lender {
  callback(callback: Callback): Id;
  signal(signal: AbortSignal): Id;
  chunks(chunks: AsyncIterable<unknown>): Id;
}

/** Stands in for what was lent. */
export interface Borrower {
  callback(id: Id): Callback;
  /** `reason` is that of a signal which has aborted already. */
  signal(id: Id, reason: unknown): AbortSignal;
  chunks(id: Id): AsyncIterable<unknown>;
}

/** Results hold nothing that is lent. */
export const NOTHING_LENT: Lender & Borrower = { callback: refuse, signal: refuse, chunks: refuse };

/** Arguments, in lists, in options, in theirs; deeper is the user's own. */
const MAX_DEPTH = 4;
/** The property that marks a stand-in. */
const LENT = 'tplink-talk:lent';

interface PackedError {
  readonly [LENT]: 'error';
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: unknown;
  readonly camera: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly cause: unknown;
}

type Marked =
  | PackedError
  | { readonly [LENT]: 'callback' | 'chunks'; readonly id: Id }
  | { readonly [LENT]: 'signal'; readonly id: Id; readonly reason: unknown };

/** The value with stand-ins for what `lender` keeps. Bytes are copied into memory of their own, which is added to `transfer`. */
export function pack(value: unknown, lender: Lender, transfer: ArrayBuffer[], depth = MAX_DEPTH): unknown {
  if (typeof value === 'function') return { [LENT]: 'callback', id: lender.callback(value as Callback) };
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof AbortSignal) {
    const reason = value.aborted ? (packError(value.reason) ?? null) : undefined;
    return { [LENT]: 'signal', id: lender.signal(value), reason };
  }
  if (value instanceof Error) return packError(value);
  if (isUint8Array(value)) {
    // A view would take all memory behind it along, a small Buffer that of its neighbours.
    const copy = new Uint8Array(value);
    transfer.push(copy.buffer);
    return copy;
  }
  if (depth === 0) return value;
  if (Array.isArray(value)) return value.map((element: unknown) => pack(element, lender, transfer, depth - 1));
  if (Symbol.asyncIterator in value) {
    return { [LENT]: 'chunks', id: lender.chunks(value as AsyncIterable<unknown>) };
  }
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, property]) => [name, pack(property, lender, transfer, depth - 1)]),
  );
}

/** The value as it was, with stand-ins by `borrower`; bytes are Buffers. */
export function unpack(value: unknown, borrower: Borrower, depth = MAX_DEPTH): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isUint8Array(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (isMarked(value)) {
    switch (value[LENT]) {
      case 'error':
        return unpackError(value);
      case 'callback':
        return borrower.callback(value.id);
      case 'chunks':
        return borrower.chunks(value.id);
      case 'signal':
        return borrower.signal(value.id, unpack(value.reason, NOTHING_LENT));
    }
  }
  if (depth === 0) return value;
  if (Array.isArray(value)) return value.map((element: unknown) => unpack(element, borrower, depth - 1));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, property]) => [name, unpack(property, borrower, depth - 1)]),
  );
}

/** An error with what a Catch node may see of it, and what caused it. */
export function packError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : packCause(error);
  const packed: PackedError = {
    [LENT]: 'error',
    name: error.name,
    message: error.message,
    stack: error.stack,
    code: 'code' in error && ['string', 'number'].includes(typeof error.code) ? error.code : undefined,
    camera: isTalkError(error) ? error.camera : undefined,
    retryAfterMs: isTalkError(error) ? error.retryAfterMs : undefined,
    cause: error.cause === undefined ? undefined : packError(error.cause),
  };
  return packed;
}

/** What is no error may be an object with an errno in `code`: its simple properties. */
function packCause(cause: unknown): object | undefined {
  if (typeof cause !== 'object' || cause === null) return undefined;
  return Object.fromEntries(Object.entries(cause).filter(([, value]) => ['string', 'number'].includes(typeof value)));
}

function unpackError(packed: PackedError): Error {
  const cause = unpack(packed.cause, NOTHING_LENT);
  const plain = Object.assign(new Error(packed.message), packed.code === undefined ? {} : { code: packed.code });
  const error = isTalkError(plain)
    ? new TalkError(plain.code, packed.message, { camera: packed.camera, cause, retryAfterMs: packed.retryAfterMs })
    : Object.assign(plain, { name: packed.name }, cause === undefined ? {} : { cause });
  if (packed.stack !== undefined) error.stack = packed.stack;
  return error;
}

function isMarked(value: object): value is Marked {
  return LENT in value;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refuse(): never {
  throw new TypeError('Results are plain data');
}
