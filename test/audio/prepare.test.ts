// prepare: from sources to an encoded clip, the cache, levels, failures and aborts.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { PreparedCache } from '../../src/audio/cache.js';
import type { Clip } from '../../src/sound/clip.js';
import { decodeAlaw, decodeMulaw, encodeAlaw } from '../../src/sound/g711.js';
import type { AudioFormat } from '../../src/sound/format.js';
import { prepare, type Prepared, type PrepareOptions } from '../../src/audio/prepare.js';
import { audioSources, type AudioSource } from '../../src/audio/source.js';
import { chime } from '../../src/sound/tone.js';
import { monotonicClock } from '../../src/clock.js';
import { coded, eventually, rejection } from '../helpers/collect.js';

const ALAW: AudioFormat = { encoding: 'alaw', sampleRate: 8000, channels: 1 };
const fixture = (name: string): string => join(__dirname, '../fixtures/audio', name);
const speechAlaw = readFileSync(fixture('speech-8k.alaw'));

function start(sources: readonly AudioSource[], options: Partial<PrepareOptions> = {}): Prepared {
  return prepare(sources, {
    encoding: 'alaw',
    sampleRate: 8000,
    gainDb: 0,
    normalize: false,
    maxSeconds: 600,
    ffmpegPath,
    clock: monotonicClock,
    ...options,
  });
}

/** All bytes of a clip, read as a talk session reads them. */
async function bytesOf(clip: Clip): Promise<Buffer> {
  const packets: Buffer[] = [];
  for (let offset = 0; ;) {
    const packet = clip.read(offset, 1024);
    if (packet === 'end') return Buffer.concat(packets);
    if (packet === 'wait') {
      await clip.ready(offset + 1024);
      continue;
    }
    offset += packet.length;
    packets.push(packet);
  }
}

const loudness = (samples: Int16Array): number =>
  Math.sqrt(samples.reduce((sum, each) => sum + each ** 2, 0) / samples.length);

/** What reading on from everything that is there throws. */
function failureOf(clip: Clip): unknown {
  try {
    clip.read(clip.available, 1);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('prepare', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tplink-talk-test-'));
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): unknown => rejections.push(reason);
  before(() => process.on('unhandledRejection', onRejection));
  after(() => {
    process.off('unhandledRejection', onRejection);
    rmSync(folder, { recursive: true });
    assert.deepEqual(rejections, []);
  });

  it('passes raw A-law through byte for byte, every code of it', async () => {
    const codes = Buffer.from(Array.from({ length: 256 }, (_, code) => code));
    assert.deepEqual(await bytesOf(start(audioSources(codes, ALAW)).clip), codes);
    assert.deepEqual(await bytesOf(start(audioSources(speechAlaw, ALAW)).clip), speechAlaw);
  });

  it('leaves the samples of a chime as they are', async () => {
    assert.deepEqual(
      await bytesOf(start([{ kind: 'chime', name: 'dingdong' }]).clip),
      encodeAlaw(chime('dingdong', 8000)),
    );
  });

  it('prepares µ-law at 16 kHz from the same sources', async () => {
    const { clip } = start(audioSources(fixture('speech-24k.mp3')), { encoding: 'mulaw', sampleRate: 16_000 });
    const bytes = await bytesOf(clip);
    assert.equal(bytes.length, 80_000);
    const alaw = decodeAlaw(await bytesOf(start(audioSources(fixture('speech-24k.mp3'))).clip));
    const ratio = loudness(decodeMulaw(bytes)) / loudness(alaw);
    assert.ok(ratio > 0.9 && ratio < 1.1, `${ratio}`);
  });

  it('joins sources in order without a gap', async () => {
    const [raw] = audioSources(speechAlaw.subarray(0, 1000), ALAW);
    assert.ok(raw);
    const { clip } = start([raw, { kind: 'chime', name: 'ding' }, ...audioSources(fixture('speech-16k.wav')), raw]);
    const bytes = await bytesOf(clip);
    const ding = encodeAlaw(chime('ding', 8000));
    assert.equal(bytes.length, 1000 + ding.length + 24_000 + 1000);
    assert.deepEqual(bytes.subarray(0, 1000 + ding.length), Buffer.concat([speechAlaw.subarray(0, 1000), ding]));
    assert.deepEqual(bytes.subarray(-1000), speechAlaw.subarray(0, 1000));
  });

  it('can be read while it is being prepared, by several readers', async () => {
    const { clip } = start(audioSources(fixture('speech-24k.mp3')));
    assert.equal(clip.read(0, 1024), 'wait');
    await clip.ready(1024);
    assert.equal(clip.ended, false);
    const [one, two] = await Promise.all([bytesOf(clip), bytesOf(clip)]);
    assert.equal(one.length, 40_000);
    assert.deepEqual(one, two);
  });

  describe('level', () => {
    const quiet = Buffer.alloc(16_000);
    for (let i = 0; i < 8_000; i++) quiet.writeInt16LE(Math.round(1_000 * Math.sin(i / 2)), 2 * i);
    const sources = audioSources(quiet, { encoding: 's16le', sampleRate: 8000, channels: 1 });
    const peak = async (options: Partial<PrepareOptions>): Promise<number> =>
      Math.max(...decodeAlaw(await bytesOf(start(sources, options).clip)));

    it('follows the gain, and the limiter keeps it from clipping', async () => {
      assert.ok(Math.abs((await peak({ gainDb: 6.0206 })) - 2_000) < 70);
      assert.ok(Math.abs((await peak({ gainDb: -6.0206 })) - 500) < 20);
      const most = await peak({ gainDb: 40 });
      assert.ok(most > 25_000 && most < 32_768, `${most}`);
    });

    it('keeps the length with gain', async () => {
      assert.equal((await bytesOf(start(sources, { gainDb: 3 }).clip)).length, 8_000);
    });

    it('brings quiet pieces up, each by itself, and leaves chimes alone', async () => {
      const { clip } = start([{ kind: 'chime', name: 'ding' }, ...sources], { normalize: true });
      const samples = decodeAlaw(await bytesOf(clip));
      const ding = chime('ding', 8000);
      assert.equal(samples.length, ding.length + 8_000);
      const before = Math.max(...decodeAlaw(encodeAlaw(ding)));
      assert.ok(Math.abs(Math.max(...samples.subarray(0, ding.length)) - before) < 600);
      assert.ok(Math.max(...samples.subarray(ding.length)) > 9_000);
    });

    it('makes speech of −60 dB audible', async () => {
      const wav = readFileSync(fixture('speech-16k.wav'));
      const speech = Float32Array.from({ length: (wav.length - 44) / 2 }, (_, i) => wav.readInt16LE(44 + 2 * i));
      const soft = Buffer.alloc(2 * speech.length);
      const loudest = speech.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      speech.forEach((sample, i) => soft.writeInt16LE(Math.round((32.768 * sample) / loudest), 2 * i));
      const pieces = audioSources(soft, { encoding: 's16le', sampleRate: 16_000, channels: 1 });
      const samples = decodeAlaw(await bytesOf(start(pieces, { normalize: true }).clip));
      assert.ok(Math.max(...samples) > 8_000, `${Math.max(...samples)}`);
    });
  });

  describe('cache', () => {
    it('gives the same bytes again without decoding', async () => {
      const cache = new PreparedCache();
      const path = join(folder, 'speech.mp3');
      writeFileSync(path, readFileSync(fixture('speech-24k.mp3')));
      const sources = audioSources([path, readFileSync(fixture('speech-16k.wav'))]);
      const first = start(sources, { cache });
      const bytes = await bytesOf(first.clip);
      assert.equal(first.cached, false);
      const second = start(sources, { cache });
      assert.deepEqual(await bytesOf(second.clip), bytes);
      assert.equal(second.cached, true);
    });

    it('tells options and changed files apart', async () => {
      const cache = new PreparedCache();
      const path = join(folder, 'changing.wav');
      writeFileSync(path, readFileSync(fixture('speech-16k.wav')));
      const run = async (options: Partial<PrepareOptions> = {}): Promise<boolean> => {
        const prepared = start(audioSources(path), { cache, ...options });
        await bytesOf(prepared.clip);
        return prepared.cached;
      };
      assert.equal(await run(), false);
      assert.equal(await run(), true);
      for (const other of [
        { gainDb: 1 },
        { normalize: true },
        { encoding: 'mulaw' },
        { sampleRate: 16_000 },
      ] as const) {
        assert.equal(await run(other), false);
      }
      writeFileSync(path, readFileSync(fixture('speech-24k.mp3')));
      assert.equal(await run(), false);
    });

    it('keeps no URL and no live audio, and nothing that failed', async () => {
      const cache = new PreparedCache();
      const server = createServer((_, response) => response.end(readFileSync(fixture('speech-16k.wav'))));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      assert.equal((await bytesOf(start(audioSources(url), { cache }).clip)).length, 24_000);
      server.closeAllConnections();
      server.close();
      const live = new PassThrough();
      live.end(speechAlaw);
      assert.equal((await bytesOf(start(audioSources(live, ALAW), { cache }).clip)).length, speechAlaw.length);
      await rejection(bytesOf(start(audioSources([fixture('speech-16k.wav'), '/nowhere.wav']), { cache }).clip));
      assert.equal(cache.bytes, 0);
    });

    it('does not outwit a shorter limit', async () => {
      const cache = new PreparedCache();
      const sources = audioSources(fixture('speech-16k.wav'));
      await bytesOf(start(sources, { cache }).clip);
      const error = await rejection(bytesOf(start(sources, { cache, maxSeconds: 2 }).clip));
      assert.equal(error.code, 'TALK_ERR_SOURCE');
    });
  });

  describe('failure', () => {
    it('ends in the clip, with the code of what went wrong', async () => {
      const cases: [sources: AudioSource[], code: string][] = [
        [audioSources('/nowhere.mp3'), 'TALK_ERR_SOURCE'],
        [audioSources('http://127.0.0.1:1/a.mp3'), 'TALK_ERR_SOURCE'],
        [audioSources(Buffer.from('Hello, I am text')), 'TALK_ERR_AUDIO'],
        [[], 'TALK_ERR_AUDIO'],
        [audioSources(Buffer.alloc(1), { encoding: 's16le', sampleRate: 8000, channels: 1 }), 'TALK_ERR_AUDIO'],
      ];
      for (const [sources, code] of cases) {
        const { clip } = start(sources);
        const error = await rejection(clip.ready(1));
        assert.equal(error.code, code);
        assert.equal(failureOf(clip), error);
      }
      const { clip } = start(audioSources(fixture('speech.ogg')), { ffmpegPath: '/nowhere/ffmpeg' });
      assert.equal((await rejection(clip.ready(1))).code, 'TALK_ERR_FFMPEG');
    });

    it('counts the seconds of all sources together', async () => {
      const sources = audioSources([fixture('speech-16k.wav'), fixture('speech-16k.wav')]);
      const error = await rejection(bytesOf(start(sources, { maxSeconds: 5 }).clip));
      assert.equal(error.code, 'TALK_ERR_SOURCE');
      assert.match(error.message, /limit of 5 s/);
    });

    it('lets live audio be heard up to it', async () => {
      const stream = new PassThrough();
      const { clip } = start(audioSources(stream, ALAW));
      stream.write(speechAlaw.subarray(0, 1500));
      await clip.ready(1500);
      stream.destroy(new Error('unplugged'));
      await eventually(() => failureOf(clip) !== undefined);
      assert.deepEqual(clip.read(0, 1024), speechAlaw.subarray(0, 1024));
      assert.deepEqual(clip.read(1024, 1024), speechAlaw.subarray(1024, 1500));
      assert.equal((await rejection(bytesOf(clip))).code, 'TALK_ERR_SOURCE');
    });

    it('ends the streams that come after the piece that failed', async () => {
      const stream = new PassThrough();
      const { clip } = start(audioSources(['/nowhere.mp3', stream], ALAW));
      await rejection(clip.ready(1));
      await eventually(() => stream.destroyed, 'the end of the stream');
    });
  });

  describe('abort', () => {
    it('fails the clip at once, ends the stream and leaves no listener', async () => {
      for (const read of [true, false]) {
        const abort = new AbortController();
        const stream = new PassThrough();
        const { clip } = start(audioSources(stream, ALAW), { signal: abort.signal });
        stream.write(speechAlaw.subarray(0, 1000));
        if (read) await clip.ready(1000);
        abort.abort();
        coded('TALK_ERR_ABORTED')(failureOf(clip));
        await eventually(() => stream.destroyed && getEventListeners(abort.signal, 'abort').length === 0);
      }
    });

    it('has a code of its own, whatever reason was given, and whatever else fails with it', async () => {
      const why = new Error('enough');
      for (const whileItWorks of [true, false]) {
        const abort = new AbortController();
        if (!whileItWorks) abort.abort(why);
        const broken = Object.assign(new PreparedCache(), { get: () => assert.fail('the cache is broken') });
        const { clip } = start(audioSources(speechAlaw, ALAW), { signal: abort.signal, cache: broken });
        if (whileItWorks) abort.abort(why);
        assert.equal((await rejection(clip.ready(1))).code, 'TALK_ERR_ABORTED');
        const unasked = start(audioSources(speechAlaw, ALAW), { cache: broken });
        assert.equal((await rejection(unasked.clip.ready(1))).code, 'TALK_ERR_AUDIO');
      }
    });

    it('leaves no listener behind after a clip that ended by itself', async () => {
      const abort = new AbortController();
      await bytesOf(start(audioSources(speechAlaw, ALAW), { signal: abort.signal }).clip);
      await eventually(() => getEventListeners(abort.signal, 'abort').length === 0);
    });

    it('leaves no process behind', async () => {
      const abort = new AbortController();
      const stream = new PassThrough();
      stream.write(readFileSync(fixture('speech.ogg')).subarray(0, 3000));
      start(audioSources(stream), { signal: abort.signal });
      await eventually(() => process.getActiveResourcesInfo().includes('ProcessWrap'), 'the start of ffmpeg');
      abort.abort();
      await eventually(() => !process.getActiveResourcesInfo().includes('ProcessWrap'), 'the end of ffmpeg');
    });
  });
});
