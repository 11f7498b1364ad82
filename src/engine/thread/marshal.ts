// Values on their way to another thread and out of it: what cannot be cloned is lent by number. No thread here.
import { isNativeError, isUint8Array } from 'node:util/types';
import type { LentBytes } from '../../audio/source.js';
import { isTalkError, TalkError } from '../../errors.js';
import type { Id } from './messages.js';

export type Callback = (...args: unknown[]) => void;

/** Keeps what cannot be cloned, and numbers it. */
export interface Lender {
  callback(callback: Callback): Id;
  signal(signal: AbortSignal): Id;
  chunks(chunks: AsyncIterable<unknown>): Id;
  /** Undefined for bytes that may be copied now. */
  bytes(bytes: Uint8Array): Id | undefined;
}

/** Stands in for what was lent. */
export interface Borrower {
  callback(id: Id): Callback;
  /** `reason` is that of a signal which has aborted already. */
  signal(id: Id, reason: unknown): AbortSignal;
  chunks(id: Id): AsyncIterable<unknown>;
  bytes(id: Id, length: number): LentBytes;
}

/** Results hold nothing that is lent. */
export const NOTHING_LENT: Lender = { callback: refuse, signal: refuse, chunks: refuse, bytes: () => undefined };
/** The same on the other side. */
export const NOTHING_BORROWED: Borrower = { callback: refuse, signal: refuse, chunks: refuse, bytes: refuse };

/** How deep an argument is searched: options and sources, their values, the values of those. Anything deeper is the user's own. */
const MAX_DEPTH = 3;
/** How long a chain of causes is followed; an error may be its own cause. */
const MAX_CAUSES = 4;
/** The key of a stand-in in its Map. A Map, because JSON from a camera or a flow never becomes one. */
const LENT = 'tplink-talk:lent';

interface PackedError {
  readonly kind: 'error';
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: unknown;
  readonly camera: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retryable: boolean | undefined;
  readonly cause: unknown;
}

type Marked =
  | PackedError
  | { readonly kind: 'callback' | 'chunks'; readonly id: Id }
  | { readonly kind: 'bytes'; readonly id: Id; readonly length: number }
  | { readonly kind: 'signal'; readonly id: Id; readonly reason: unknown };

/** The value with stand-ins for what `lender` keeps. Other bytes are copied into memory of their own, which is added to `transfer`. */
export function pack(value: unknown, lender: Lender, transfer: ArrayBuffer[], depth = MAX_DEPTH): unknown {
  if (typeof value === 'function') return standIn({ kind: 'callback', id: lender.callback(value as Callback) });
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof AbortSignal) {
    const reason = value.aborted ? (packError(value.reason) ?? null) : undefined;
    return standIn({ kind: 'signal', id: lender.signal(value), reason });
  }
  if (isError(value)) return packError(value);
  if (isUint8Array(value)) {
    const id = lender.bytes(value);
    if (id !== undefined) return standIn({ kind: 'bytes', id, length: value.length });
    // A view would take its whole memory along; a small Buffer shares that with its neighbours.
    const copy = new Uint8Array(value);
    transfer.push(copy.buffer);
    return copy;
  }
  if (depth === 0) return value;
  if (Array.isArray(value)) return value.map((element: unknown) => pack(element, lender, transfer, depth - 1));
  if (Symbol.asyncIterator in value) {
    return standIn({ kind: 'chunks', id: lender.chunks(value as AsyncIterable<unknown>) });
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
  const marked = value instanceof Map ? (value.get(LENT) as Marked | undefined) : undefined;
  switch (marked?.kind) {
    case 'error':
      return unpackError(marked);
    case 'callback':
      return borrower.callback(marked.id);
    case 'chunks':
      return borrower.chunks(marked.id);
    case 'bytes':
      return borrower.bytes(marked.id, marked.length);
    case 'signal':
      return borrower.signal(marked.id, unpack(marked.reason, NOTHING_BORROWED));
  }
  if (depth === 0) return value;
  if (Array.isArray(value)) return value.map((element: unknown) => unpack(element, borrower, depth - 1));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, property]) => [name, unpack(property, borrower, depth - 1)]),
  );
}

/** An error with the properties a Catch node may see, and its causes. */
export function packError(error: unknown, causes = MAX_CAUSES): unknown {
  if (!isError(error)) return typeof error === 'string' ? error : packCause(error);
  const packed: PackedError = {
    kind: 'error',
    name: text(error.name) ?? 'Error',
    message: text(error.message) ?? '',
    stack: text(error.stack),
    code: 'code' in error && ['string', 'number'].includes(typeof error.code) ? error.code : undefined,
    camera: isTalkError(error) ? error.camera : undefined,
    retryAfterMs: isTalkError(error) ? error.retryAfterMs : undefined,
    retryable: isTalkError(error) ? error.retryable : undefined,
    cause: error.cause === undefined || causes === 0 ? undefined : packError(error.cause, causes - 1),
  };
  return standIn(packed);
}

/** A cause that is no error: the simple properties of an object, such as an errno in `code`. */
function packCause(cause: unknown): object | undefined {
  if (typeof cause !== 'object' || cause === null) return undefined;
  return Object.fromEntries(Object.entries(cause).filter(([, value]) => ['string', 'number'].includes(typeof value)));
}

function unpackError(packed: PackedError): Error {
  const cause = unpack(packed.cause, NOTHING_BORROWED);
  const plain = Object.assign(new Error(packed.message), packed.code === undefined ? {} : { code: packed.code });
  const error = isTalkError(plain)
    ? new TalkError(plain.code, packed.message, {
        camera: packed.camera,
        cause,
        retryAfterMs: packed.retryAfterMs,
        retryable: packed.retryable,
      })
    : Object.assign(plain, { name: packed.name }, cause === undefined ? {} : { cause });
  if (packed.stack !== undefined) error.stack = packed.stack;
  return error;
}

function standIn(marked: Marked): Map<string, Marked> {
  return new Map([[LENT, marked]]);
}

/** Also true for errors of function nodes, whose Error belongs to another realm. */
function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value);
}

/** Anything can be assigned to an error's properties. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refuse(): never {
  throw new TypeError('Results are plain data');
}
