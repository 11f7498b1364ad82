// Pulling live chunks: what ends the pulling, and what it leaves behind.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { peekChunks, pullChunks } from '../../src/audio/live.js';
import { MAX_SOURCE_BYTES } from '../../src/limits.js';
import { coded, collect, rejection, watch } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';

const chunks = (...parts: unknown[]): AsyncIterable<unknown> => Readable.from(parts);

describe('pullChunks', () => {
  it('gives all bytes as Buffers and passes over empty ones', async () => {
    const pulled = await collect(pullChunks(chunks(Buffer.from('ab'), new Uint8Array(0), new Uint8Array([99]))));
    assert.equal(Buffer.concat(pulled).toString(), 'abc');
    assert.equal(pulled.length, 2);
  });

  it('refuses what is not bytes', async () => {
    const error = await rejection(collect(pullChunks(chunks(Buffer.from('ab'), 'text'))));
    assert.equal(error.code, 'TALK_ERR_ARGUMENT');
    assert.match(error.message, /not as string/);
  });

  it('tells the failure of the stream as TALK_ERR_SOURCE with its cause', async () => {
    const cause = new Error('the microphone is gone');
    const stream = new PassThrough();
    const pulled = rejection(collect(pullChunks(stream)));
    stream.write('ab');
    stream.destroy(cause);
    const error = await pulled;
    assert.equal(error.code, 'TALK_ERR_SOURCE');
    assert.equal(error.cause, cause);
  });

  it('stops a stream that never ends', async () => {
    const large = Buffer.alloc(MAX_SOURCE_BYTES / 4 + 1);
    const error = await rejection(collect(pullChunks(chunks(large, large, large, large))));
    assert.equal(error.code, 'TALK_ERR_SOURCE');
  });

  it('takes a bridge however much it delivers', async () => {
    const large = Buffer.alloc(MAX_SOURCE_BYTES / 4 + 1);
    const options = {
      clock: new FakeClock(),
      idleMs: 10,
      totalMs: Infinity,
      mostBytes: Infinity,
      onGivenUp: (why: string) => assert.fail(why),
    };
    let bytes = 0;
    for await (const chunk of pullChunks(chunks(large, large, large, large), undefined, options)) bytes += chunk.length;
    assert.equal(bytes, large.length * 4);
  });

  it('lets go at once when aborted, though the stream is silent', async () => {
    const abort = new AbortController();
    const stream = new PassThrough();
    const pulled = rejection(collect(pullChunks(stream, abort.signal)));
    await settle();
    abort.abort();
    assert.equal((await pulled).code, 'TALK_ERR_ABORTED');
    assert.equal(stream.destroyed, true);
    assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
  });

  it('ends the stream when the reader has enough', async () => {
    const stream = new PassThrough();
    stream.write('ab');
    for await (const chunk of pullChunks(stream)) {
      assert.equal(chunk.toString(), 'ab');
      break;
    }
    assert.equal(stream.destroyed, true);
  });
});

describe('pullChunks of a stream that takes its time', () => {
  const clock = new FakeClock();
  const given: string[] = [];
  const pull = (from: AsyncIterable<unknown>, signal?: AbortSignal): AsyncGenerator<Buffer> =>
    pullChunks(from, signal, { clock, idleMs: 10_000, totalMs: 25_000, onGivenUp: (why) => given.push(why) });
  beforeEach(() => given.splice(0));
  afterEach(() => assert.equal(clock.pending, 0));

  it('without a byte: an error after so long that names the usual cause, and the stream is ended', async () => {
    const stream = new PassThrough();
    const pulled = watch(collect(pull(stream)));
    await clock.advance(9_999);
    assert.equal(pulled.state, 'pending');
    await clock.advance(1);
    coded('TALK_ERR_SOURCE', /no data for 10 s \(a stream cannot go to two wires: /)(pulled.error);
    assert.equal(stream.destroyed, true);
    assert.deepEqual(given, []);
  });

  it('after a byte: the end, so long after the last one; empty chunks are none', async () => {
    const stream = Readable.from(
      (async function* () {
        yield Buffer.from('ab');
        for (;;) {
          await clock.wait(4_000);
          yield Buffer.alloc(0);
        }
      })(),
    );
    const pulled = watch(collect(pull(stream)));
    await clock.advance(9_999);
    assert.equal(pulled.state, 'pending');
    await clock.advance(1);
    assert.equal(Buffer.concat(pulled.value ?? []).toString(), 'ab');
    assert.deepEqual(given, ['The stream delivered no data for 10 s']);
    assert.equal(stream.destroyed, true);
    await clock.advance(4_000);
  });

  it('that drips: the end after all the time there is', async () => {
    const stream = new PassThrough();
    const pulled = watch(collect(pull(stream)));
    for (let second = 0; second < 24; second += 6) {
      stream.write('x');
      await clock.advance(6_000);
    }
    assert.equal(pulled.state, 'pending');
    await clock.advance(1_000);
    assert.equal(Buffer.concat(pulled.value ?? []).toString(), 'xxxx');
    assert.deepEqual(given, ['The stream delivered not all data within 25 s']);
  });

  it('aborted while it waits: the reason of the signal', async () => {
    const abort = new AbortController();
    const pulled = rejection(collect(pull(new PassThrough(), abort.signal)));
    await settle();
    abort.abort();
    assert.equal((await pulled).code, 'TALK_ERR_ABORTED');
    assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
  });

  it('that cannot be read at all, as clones may be: the same hint', async () => {
    const locked = new Response('ab').body;
    locked?.getReader();
    for (const broken of [
      locked as unknown as AsyncIterable<unknown>,
      { [Symbol.asyncIterator]: () => Object.create(null) as AsyncIterator<unknown> },
    ]) {
      const error = await rejection(collect(pull(broken)));
      coded('TALK_ERR_SOURCE', /failed \(a stream cannot go to two wires: /)(error);
    }
  });
});

describe('peekChunks', () => {
  it('looks at as much as is enough and loses nothing', async () => {
    const pulled = pullChunks(chunks(Buffer.from('a'), Buffer.from('b'), Buffer.from('c'), Buffer.from('d')));
    const peeked = await peekChunks(pulled, (head) => head.length >= 2);
    assert.equal(peeked.head.toString(), 'ab');
    assert.equal(Buffer.concat(await collect(peeked.chunks)).toString(), 'abcd');
  });

  it('is content with a short stream, and with an empty one', async () => {
    const short = await peekChunks(pullChunks(chunks(Buffer.from('a'))), (head) => head.length >= 2);
    assert.equal(Buffer.concat(await collect(short.chunks)).toString(), 'a');
    const empty = await peekChunks(pullChunks(chunks()), () => false);
    assert.deepEqual(await collect(empty.chunks), []);
  });
});
