// Clip: growing, reading by several sessions, ending, failing, waiting.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { Clip } from '../../src/sound/clip.js';
import { TalkError } from '../../src/errors.js';
import { coded, rejection, watch } from '../helpers/collect.js';
import { settle } from '../helpers/fake-clock.js';

const BROKEN = new TalkError('TALK_ERR_AUDIO', 'broken');
const isBroken = (error: unknown): boolean => error === BROKEN;

describe('Clip', () => {
  it('gives what is there, waits for the rest, gives the shorter rest after the end', () => {
    const clip = new Clip({ live: false });
    assert.equal(clip.read(0, 2), 'wait');
    clip.append(Buffer.from([1, 2, 3]));
    assert.deepEqual(clip.read(0, 2), Buffer.from([1, 2]));
    assert.equal(clip.read(2, 2), 'wait');
    assert.equal(clip.ended, false);
    clip.end();
    assert.deepEqual(clip.read(2, 2), Buffer.from([3]));
    assert.equal(clip.read(3, 2), 'end');
    assert.equal(clip.read(99, 2), 'end');
    assert.equal(clip.available, 3);
    assert.equal(clip.ended, true);
  });

  it('reads without a copy, and slices handed out keep their bytes when the clip grows', () => {
    const clip = new Clip({ live: false });
    const piece = Buffer.alloc(1000, 7);
    clip.append(piece);
    piece.fill(0);
    const first = clip.read(0, 1000);
    const same = clip.read(0, 1000);
    assert.ok(Buffer.isBuffer(first) && Buffer.isBuffer(same));
    assert.equal(first.buffer, same.buffer);
    for (let i = 0; i < 100; i++) clip.append(Buffer.alloc(1000, 9));
    assert.deepEqual(first, Buffer.alloc(1000, 7));
    assert.deepEqual(clip.read(0, 1000), Buffer.alloc(1000, 7));
    assert.deepEqual(clip.read(1000, 1), Buffer.from([9]));
  });

  it('gives every reader the same bytes at its own pace, however they were appended', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 30 });
    const pace = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(pieces, fc.array(pace, { minLength: 1, maxLength: 4 }), (appended, paces) => {
        const clip = new Clip({ live: false });
        const readers = paces.map((length) => ({ length, offset: 0, heard: [] as Buffer[] }));
        const readAll = (): void => {
          for (const reader of readers) {
            for (;;) {
              const got = clip.read(reader.offset, reader.length);
              if (!Buffer.isBuffer(got)) break;
              reader.heard.push(got);
              reader.offset += got.length;
            }
          }
        };
        for (const piece of appended) {
          clip.append(piece);
          readAll();
        }
        clip.end();
        readAll();
        for (const { heard } of readers) assert.deepEqual(Buffer.concat(heard), Buffer.concat(appended));
      }),
      { numRuns: 50 },
    );
  });

  it('throws the failure at once, even where bytes are left', () => {
    const clip = new Clip({ live: false });
    clip.append(Buffer.alloc(10));
    clip.fail(BROKEN);
    assert.throws(() => clip.read(0, 5), isBroken);
    assert.equal(clip.ended, false);
  });

  it('lets a live clip be heard as far as it came before it throws', () => {
    const clip = new Clip({ live: true });
    clip.append(Buffer.alloc(10));
    clip.fail(BROKEN);
    assert.equal(clip.read(0, 8).length, 8);
    assert.equal(clip.read(8, 8).length, 2);
    assert.throws(() => clip.read(10, 8), coded('TALK_ERR_AUDIO'));
  });

  it('takes nothing after its end or failure, and the first failure stays', () => {
    const ended = new Clip({ live: false });
    ended.end();
    ended.append(Buffer.alloc(1));
    ended.fail(BROKEN);
    assert.equal(ended.read(0, 1), 'end');
    const failed = new Clip({ live: false });
    failed.fail(BROKEN);
    failed.fail(new TalkError('TALK_ERR_SOURCE', 'later'));
    failed.end();
    assert.throws(() => failed.read(0, 1), isBroken);
    assert.equal(failed.ended, false);
  });

  describe('ready', () => {
    it('resolves as soon as the bytes are there, or the end', async () => {
      const clip = new Clip({ live: false });
      const few = watch(clip.ready(2));
      const many = watch(clip.ready(100));
      clip.append(Buffer.alloc(1));
      await settle();
      assert.equal(few.state, 'pending');
      clip.append(Buffer.alloc(1));
      await settle();
      assert.deepEqual([few.state, many.state], ['fulfilled', 'pending']);
      clip.end();
      await settle();
      assert.equal(many.state, 'fulfilled');
      await clip.ready(1_000);
    });

    it('rejects with the failure, now and later', async () => {
      const clip = new Clip({ live: false });
      const early = clip.ready(1);
      clip.fail(BROKEN);
      assert.equal(await rejection(early), BROKEN);
      assert.equal(await rejection(clip.ready(0)), BROKEN);
    });

    it('leaves it to read to tell the failure of a live clip after its rest', async () => {
      const heard = new Clip({ live: true });
      heard.append(Buffer.alloc(3));
      const waiting = heard.ready(10);
      heard.fail(BROKEN);
      await waiting;
      const silent = new Clip({ live: true });
      silent.fail(BROKEN);
      assert.equal(await rejection(silent.ready(1)), BROKEN);
    });

    it('rejects when the signal aborts, and leaves no listener behind in any case', async () => {
      const clip = new Clip({ live: false });
      const abort = new AbortController();
      const listeners = (): number => getEventListeners(abort.signal, 'abort').length;
      const met = clip.ready(1, abort.signal);
      clip.append(Buffer.alloc(1));
      await met;
      await clip.ready(1, abort.signal);
      assert.equal(listeners(), 0);
      const unmet = clip.ready(2, abort.signal);
      assert.equal(listeners(), 1);
      abort.abort();
      assert.equal((await rejection(unmet)).code, 'TALK_ERR_ABORTED');
      assert.equal(listeners(), 0);
      assert.equal((await rejection(clip.ready(2, abort.signal))).code, 'TALK_ERR_ABORTED');
    });
  });

  describe('of a bridge', () => {
    const bytes = (from: number, to: number): Buffer =>
      Buffer.from(Array.from({ length: to - from }, (_, n) => from + n));

    it('keeps what somebody who holds it has not passed, and what was handed out', () => {
      const clip = new Clip({ live: true, mostBytes: 200 });
      const [one, other] = [clip.hold(), clip.hold()];
      clip.append(bytes(0, 100));
      const handedOut = clip.read(0, 10);
      one.passed(80);
      assert.equal(clip.first, 0);
      other.passed(50);
      assert.equal(clip.first, 50);
      assert.deepEqual(clip.read(50, 10), bytes(50, 60));
      other.end();
      clip.append(bytes(100, 150));
      assert.deepEqual([clip.first, clip.available], [80, 150]);
      one.passed(150);
      assert.deepEqual([clip.first, clip.read(150, 1)], [150, 'wait']);
      assert.deepEqual(handedOut, bytes(0, 10));
    });

    it('keeps no more than it may, whoever holds it, and is as small as what is kept', () => {
      const clip = new Clip({ live: true, mostBytes: 20_000 });
      clip.hold();
      for (let n = 0; n < 1_000; n++) clip.append(Buffer.alloc(1_000, n));
      assert.deepEqual([clip.available, clip.first], [1_000_000, 980_000]);
      assert.ok(clip.heldBytes <= 41_000, `${clip.heldBytes}`);
      clip.end();
      assert.deepEqual(clip.read(999_999, 9), Buffer.from([999 % 256]));
    });

    it('a clip that is none forgets nothing', () => {
      const clip = new Clip({ live: true });
      clip.append(bytes(0, 100));
      clip.hold().passed(50);
      assert.deepEqual([clip.first, clip.read(0, 1)], [0, Buffer.from([0])]);
    });
  });
});
