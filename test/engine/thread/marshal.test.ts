// Values on their way to another thread: what is cloned, what is lent, what comes back.
import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import {
  NOTHING_BORROWED,
  NOTHING_LENT,
  pack,
  packError,
  unpack,
  type Borrower,
  type Callback,
  type Lender,
} from '../../../src/engine/thread/marshal.js';
import type { LentBytes } from '../../../src/audio/source.js';
import { TalkError } from '../../../src/errors.js';

/** Keeps everything in one list. */
function desk(): { lent: unknown[]; lender: Lender; borrower: Borrower } {
  const lent: unknown[] = [];
  const lend = (value: unknown): number => lent.push(value) - 1;
  return {
    lent,
    lender: {
      callback: lend,
      signal: lend,
      chunks: lend,
      bytes: (bytes) => (bytes.length > 1_000 ? lend(bytes) : undefined),
    },
    borrower: {
      callback: (id) => lent[id] as Callback,
      signal: (id, reason) => (reason === undefined ? (lent[id] as AbortSignal) : AbortSignal.abort(reason)),
      chunks: (id) => lent[id] as AsyncIterable<unknown>,
      bytes: (id, length) => ({ length, load: () => Promise.resolve(lent[id] as Uint8Array) }),
    },
  };
}

/** Over to the other thread and out of the package again. */
function across(value: unknown, { lender, borrower } = desk()): unknown {
  const transfer: ArrayBuffer[] = [];
  return unpack(structuredClone(pack(value, lender, transfer), { transfer }), borrower);
}

describe('marshalling', () => {
  it('leaves plain data as it is', () => {
    const plain = [1, 'two', true, null, undefined, { three: [4, { five: { six: [{ seven: 8 }] } }] }, new Date(9)];
    assert.deepEqual(across(plain), plain);
  });

  it('lends callbacks, signals and streams, in lists and options', () => {
    const callback = (): void => undefined;
    const { signal } = new AbortController();
    const chunks = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error()) }) };
    const { lent, ...counters } = desk();
    const state = across({ onState: callback, signal }, { lent, ...counters }) as Record<string, unknown>;
    const [source] = across([{ kind: 'live', chunks }], { lent, ...counters }) as [Record<string, unknown>];
    assert.deepEqual([state['onState'], state['signal'], source['chunks']], [callback, signal, chunks]);
    assert.equal(lent.length, 3);
  });

  it('looks three levels deep, into lists as into options', () => {
    const callback = (): void => undefined;
    for (const wrap of [(value: unknown) => [value], (value: unknown) => ({ value })]) {
      const { lent, ...counters } = desk();
      across(wrap(wrap(wrap(callback))), { lent, ...counters });
      assert.deepEqual(lent, [callback]);
      assert.throws(() => across(wrap(wrap(wrap(wrap(callback))))), { name: 'DataCloneError' });
    }
  });

  it('tells that a signal has aborted, and why', () => {
    const why = new TalkError('TALK_ERR_CLOSED', 'gone');
    for (const reason of [why, 'a word']) {
      const got = across(AbortSignal.abort(reason)) as AbortSignal;
      assert.ok(got.aborted);
      assert.deepEqual(String(got.reason), String(reason));
    }
    assert.ok((across(AbortSignal.abort(null)) as AbortSignal).aborted);
    assert.equal(((across(AbortSignal.abort()) as AbortSignal).reason as Error).name, 'AbortError');
  });

  it('lends bytes that are not to be copied yet', async () => {
    const bytes = Buffer.alloc(1_001, 7);
    const [source] = across([{ kind: 'bytes', bytes }]) as [{ bytes: LentBytes }];
    assert.equal(source.bytes.length, 1_001);
    assert.equal(await source.bytes.load(), bytes);
  });

  it('copies bytes into memory of their own and gives Buffers', () => {
    const memory = Buffer.from('secret of a neighbour, and the sound');
    const bytes = memory.subarray(-5);
    const transfer: ArrayBuffer[] = [];
    const packed = pack(bytes, NOTHING_LENT, transfer) as Uint8Array;
    assert.equal(packed.buffer.byteLength, 5);
    assert.deepEqual(transfer, [packed.buffer]);
    const got = unpack(structuredClone(packed, { transfer }), NOTHING_BORROWED);
    assert.ok(Buffer.isBuffer(got));
    assert.equal(got.toString(), 'sound');
    assert.equal(memory.toString(), 'secret of a neighbour, and the sound');
  });

  it('keeps what a Catch node may see of an error, and its cause', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const error = new TalkError('TALK_ERR_CONNECT', 'Nobody there', { camera: '10.0.0.1:554', cause });
    const [{ reason }] = across([{ status: 'rejected', reason: error }]) as [{ reason: unknown }];
    assert.ok(reason instanceof TalkError);
    for (const name of ['code', 'retryable', 'camera', 'message', 'stack'] as const) {
      assert.equal(reason[name], error[name]);
    }
    assert.ok(reason.cause instanceof Error);
    assert.deepEqual([reason.cause.message, Reflect.get(reason.cause, 'code')], [cause.message, 'ECONNREFUSED']);
    const locked = new TalkError('TALK_ERR_LOCKED', 'Not now', { retryAfterMs: 7_000 });
    assert.equal((across(locked) as TalkError).retryAfterMs, 7_000);
    assert.ok(!('camera' in (across(locked) as object)));
  });

  it('keeps name and message of other errors', () => {
    const got = across(new RangeError('too far')) as Error;
    assert.deepEqual([got.name, got.message], ['RangeError', 'too far']);
    assert.deepEqual(across(packError({ code: 'EPIPE', some: () => 'thing' })), { code: 'EPIPE' });
    assert.equal(
      packError(() => 'thing'),
      undefined,
    );
  });

  it('takes nothing that was written to look like a stand-in for one', () => {
    for (const kind of ['callback', 'signal', 'chunks', 'error']) {
      const forged = { 'tplink-talk:lent': kind, id: 0, kind, deeper: [{ 'tplink-talk:lent': { kind, id: 0 } }] };
      assert.deepEqual(across(forged), forged);
    }
  });

  it('packs errors of any shape', () => {
    const own = new Error('mine');
    own.cause = own;
    const odd = Object.assign(new Error(), { message: () => 'text', stack: 7, name: Symbol('odd') });
    for (const error of [own, odd]) assert.ok(across(error) instanceof Error);
    assert.equal((across(own) as Error).message, 'mine');
    const foreign: unknown = runInNewContext('new TypeError("from a function node")');
    assert.ok(!(foreign instanceof Error));
    assert.equal((across(foreign) as Error).message, 'from a function node');
  });

  it('refuses to lend with results', () => {
    assert.throws(() => pack({ done: () => undefined }, NOTHING_LENT, []), TypeError);
  });

  it('says so when something deep down cannot be cloned', () => {
    assert.throws(() => across([{ a: { b: { c: { d: () => undefined } } } }]), { name: 'DataCloneError' });
  });
});
