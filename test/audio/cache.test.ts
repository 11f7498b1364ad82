// PreparedCache and the keys of sources.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { PreparedCache, sourcesKey, type CachedClip } from '../../src/audio/cache.js';
import { audioSources, type AudioSource } from '../../src/audio/source.js';
import { monotonicClock } from '../../src/clock.js';

const key = (sources: readonly AudioSource[]): Promise<string | undefined> =>
  sourcesKey(sources, { clock: monotonicClock });

const entry = (bytes: Buffer): CachedClip => ({ bytes, warnings: [] });

describe('PreparedCache', () => {
  it('drops what was used least recently when it is full', () => {
    const cache = new PreparedCache(30);
    cache.set('a', entry(Buffer.alloc(10, 1)));
    cache.set('b', entry(Buffer.alloc(10, 2)));
    cache.set('c', entry(Buffer.alloc(10, 3)));
    assert.ok(cache.get('a'));
    cache.set('d', entry(Buffer.alloc(10, 4)));
    assert.equal(cache.get('b'), undefined);
    assert.deepEqual(cache.get('a')?.bytes, Buffer.alloc(10, 1));
    assert.equal(cache.bytes, 30);
  });

  it('keeps a copy, counts a replaced clip once, and refuses one that is too large', () => {
    const cache = new PreparedCache(30);
    const clip = Buffer.alloc(20, 1);
    cache.set('a', entry(clip));
    clip.fill(9);
    assert.deepEqual(cache.get('a')?.bytes, Buffer.alloc(20, 1));
    cache.set('a', entry(Buffer.alloc(5)));
    assert.equal(cache.bytes, 5);
    cache.set('b', entry(Buffer.alloc(31)));
    assert.equal(cache.get('b'), undefined);
    assert.ok(cache.get('a'));
    cache.set('b', entry(Buffer.alloc(30, 2)));
    assert.deepEqual([cache.get('a')?.bytes, cache.get('b')?.bytes, cache.bytes], [undefined, Buffer.alloc(30, 2), 30]);
  });

  it('takes no more memory for a short clip than it counts', () => {
    const cache = new PreparedCache();
    cache.set('a', entry(Buffer.alloc(1_000)));
    assert.equal(cache.get('a')?.bytes.buffer.byteLength, 1_000);
  });

  it('never holds more than its bound and knows what it holds', () => {
    const step = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), length: fc.nat(60), read: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const cache = new PreparedCache(100);
        for (const { name, length, read } of steps) {
          if (read) cache.get(name);
          else cache.set(name, entry(Buffer.alloc(length)));
          const held = ['a', 'b', 'c', 'd', 'e'].reduce((sum, each) => sum + (cache.get(each)?.bytes.length ?? 0), 0);
          assert.equal(cache.bytes, held);
          assert.ok(held <= 100);
        }
      }),
    );
  });
});

describe('sourcesKey', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tplink-talk-test-'));
  after(() => rmSync(folder, { recursive: true }));

  it('is equal for equal bytes and tells formats, order and content apart', async () => {
    const bytes = Buffer.alloc(300_000, 5);
    const other = Buffer.from(bytes);
    other[299_999] = 6;
    const keys = await Promise.all([
      key(audioSources(bytes)),
      key(audioSources(other)),
      key(audioSources(bytes, { encoding: 'alaw', sampleRate: 8000, channels: 1 })),
      key(audioSources([bytes, other])),
      key(audioSources([other, bytes])),
      key([{ kind: 'chime', name: 'ding' }]),
      key([{ kind: 'chime', name: 'alert' }]),
    ]);
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(await key(audioSources(Buffer.from(bytes))), keys[0]);
  });

  it('follows a file by its size and times without reading it', async () => {
    const path = join(folder, 'a.wav');
    writeFileSync(path, 'one');
    const first = await key(audioSources(path));
    assert.equal(await key(audioSources(path)), first);
    utimesSync(path, 1, 1);
    const touched = await key(audioSources(path));
    assert.notEqual(touched, first);
    writeFileSync(path, 'three');
    assert.notEqual(await key(audioSources(path)), touched);
  });

  it('is undefined for what may sound different next time', async () => {
    assert.equal(await key(audioSources('http://127.0.0.1/a.mp3')), undefined);
    assert.equal(await key(audioSources([Buffer.alloc(1), new PassThrough()])), undefined);
    assert.equal(await key(audioSources(join(folder, 'missing.wav'))), undefined);
  });
});
