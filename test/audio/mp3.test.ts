// decodeMp3 with the real decoder on real files.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { decodeWithFfmpeg } from '../../src/audio/ffmpeg.js';
import { decodeMp3, type Sound } from '../../src/audio/mp3.js';
import { monotonicClock, type Clock } from '../../src/clock.js';
import { collect, rejection } from '../helpers/collect.js';

const file = (name: string): string => join(__dirname, '../fixtures/audio', name);
const speech = readFileSync(file('speech-24k.mp3'));
const stereo = readFileSync(file('speech-44k-stereo.mp3'));
/** 50 frames of 144 bytes, no header that counts. */
const plain = readFileSync(file('mp3-plain.mp3'));

function join32(pieces: readonly Float32Array[]): Float32Array {
  return Float32Array.from(pieces.flatMap((piece) => [...piece]));
}

async function decoded(sounds: AsyncIterable<Sound>): Promise<{ samples: Float32Array; rates: Set<number> }> {
  const all = await collect(sounds);
  return {
    samples: join32(all.map(({ samples }) => samples)),
    rates: new Set(all.map(({ sampleRate }) => sampleRate)),
  };
}

/** Level of the difference against the level of the wanted samples, dB. */
function signalToNoise(wanted: Float32Array, got: Float32Array): number {
  let signal = 0;
  let noise = 0;
  wanted.forEach((sample, i) => {
    signal += sample ** 2;
    noise += (sample - (got[i] ?? 0)) ** 2;
  });
  return 10 * Math.log10(signal / noise);
}

async function* pieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < bytes.length; offset += length) {
    yield await Promise.resolve(bytes.subarray(offset, offset + length));
  }
}

describe('decodeMp3', () => {
  it('gives the 5 s that were encoded, no sample more, as ffmpeg hears them', async () => {
    const { samples, rates } = await decoded(decodeMp3(speech));
    assert.deepEqual([...rates], [24_000]);
    assert.equal(samples.length, 120_000);
    const path = file('speech-24k.mp3');
    const reference = join32(await collect(decodeWithFfmpeg({ path }, { sampleRate: 24_000, ffmpegPath })));
    assert.ok(signalToNoise(reference, samples) > 40, `${signalToNoise(reference, samples)} dB`);
  });

  it('averages the channels of a stereo file', async () => {
    const { samples, rates } = await decoded(decodeMp3(stereo));
    assert.deepEqual([...rates], [44_100]);
    assert.equal(samples.length, 88_200);
    const path = file('speech-44k-stereo.mp3');
    const reference = join32(await collect(decodeWithFfmpeg({ path }, { sampleRate: 44_100, ffmpegPath })));
    assert.ok(signalToNoise(reference, samples) > 40, `${signalToNoise(reference, samples)} dB`);
  });

  it('gives the same samples for chunks of any length', async () => {
    const { samples } = await decoded(decodeMp3(speech));
    assert.deepEqual((await decoded(decodeMp3(pieces(speech, 333)))).samples, samples);
    assert.deepEqual((await decoded(decodeMp3(pieces(speech, 9_999)))).samples, samples);
  });

  it('starts afresh after a clip that was given up in the middle', async () => {
    const { samples } = await decoded(decodeMp3(speech));
    for (let round = 0; round < 3; round++) {
      for await (const { samples: some } of decodeMp3(stereo)) {
        assert.ok(some.length > 0);
        break;
      }
      assert.deepEqual((await decoded(decodeMp3(speech))).samples, samples);
    }
  });

  it('lets the event loop turn between its steps', async () => {
    let now = 0;
    // Every look at the clock takes 1 ms: a slice of 2 ms is over after two steps.
    const clock: Clock = { now: () => now++, wait: (ms, signal) => monotonicClock.wait(ms, signal) };
    let turns = 0;
    let counting = true;
    const count = (): void => {
      turns += 1;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    const all = await collect(decodeMp3(speech, { clock }));
    counting = false;
    assert.ok(all.length >= 9, 'small steps');
    assert.ok(turns >= 4, `${turns} turns`);
  });

  it('calls damaged frames TALK_ERR_AUDIO and decodes well afterwards', async () => {
    const hashes = Array.from({ length: 2_000 }, (_, i) => createHash('sha256').update(`${i}`).digest());
    const noise = Buffer.concat(hashes);
    assert.equal((await rejection(collect(decodeMp3(noise)))).code, 'TALK_ERR_AUDIO');
    assert.equal((await decoded(decodeMp3(speech))).samples.length, 120_000);
  });

  it('gives each part of joined files at its own rate, to the last sample', async () => {
    const one = await decoded(decodeMp3(plain));
    const two = await decoded(decodeMp3(stereo));
    const three = await decoded(decodeMp3(speech));
    for (const way of [
      Buffer.concat([plain, stereo, speech, plain]),
      pieces(Buffer.concat([plain, stereo, speech, plain]), 777),
    ]) {
      const all = await collect(decodeMp3(way));
      const at = (rate: number): Float32Array => join32(all.filter((s) => s.sampleRate === rate).map((s) => s.samples));
      assert.deepEqual(at(44_100), two.samples);
      const mono = join32([one.samples, three.samples, one.samples]);
      assert.equal(at(24_000).length, mono.length);
      assert.ok(signalToNoise(mono, at(24_000)) > 60);
    }
  });

  it('keeps every other sample in place when frames are lost, and makes no burst of them', async () => {
    const whole = (await decoded(decodeMp3(plain))).samples;
    const loudest = (samples: Float32Array): number =>
      samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    for (let first = 4; first < 36; first += 5) {
      const cut = Buffer.concat([plain.subarray(0, first * 144), plain.subarray((first + 2) * 144)]);
      const { samples } = await decoded(
        decodeMp3(Buffer.concat([cut.subarray(0, first * 144 + 99), cut.subarray(first * 144 + 150)])),
      );
      // Three frames of 576 samples are gone; the next may be silent, as their sound begins in those.
      assert.equal(samples.length, whole.length - 3 * 576);
      assert.ok(signalToNoise(whole.subarray(0, (first - 1) * 576), samples) > 60, `before frame ${first}`);
      const from = (first + 8) * 576;
      assert.ok(signalToNoise(whole.subarray(from + 3 * 576), samples.subarray(from)) > 60, `behind frame ${first}`);
      const near = whole.subarray((first - 1) * 576, (first + 8) * 576);
      assert.ok(loudest(samples.subarray((first - 1) * 576, (first + 5) * 576)) < 1.2 * loudest(near) + 0.01);
    }
  });

  it('decodes free format', async () => {
    const { samples } = await decoded(decodeMp3(plain));
    // Frames of equal length need no bit rate.
    const free = Buffer.from(plain);
    for (let at = 0; at < free.length; at += 144) free[at + 2] = (free[at + 2] ?? 0) & 0x0f;
    assert.ok(signalToNoise(samples, (await decoded(decodeMp3(free))).samples) > 60);
    assert.ok(signalToNoise(samples, (await decoded(decodeMp3(pieces(free, 1000)))).samples) > 60);
  });

  it('takes no time for headers without sound', async () => {
    const info = speech.subarray(0, 192);
    const many = Buffer.concat([...new Array<Buffer>(20_000).fill(info), speech]);
    assert.equal((await decoded(decodeMp3(many))).samples.length, 120_000);
  });

  describe('warns once', () => {
    const warningsOf = async (bytes: Buffer): Promise<string[]> => {
      const warnings: string[] = [];
      await collect(decodeMp3(bytes, { warn: (warning) => warnings.push(warning) }));
      return warnings;
    };

    it('of nothing in a sound file', async () => {
      for (const bytes of [speech, stereo, plain, Buffer.concat([plain, stereo])])
        assert.deepEqual(await warningsOf(bytes), []);
    });

    it('of foreign bytes, of what a header counts too much, of an unfinished frame', async () => {
      const foreign = Buffer.concat([
        Buffer.alloc(70_000, 1),
        plain.subarray(0, 1440),
        Buffer.alloc(3000),
        plain.subarray(1440),
      ]);
      assert.match((await warningsOf(foreign)).join(), /^73000 bytes in the MP3 are no sound/);
      assert.match(
        (await warningsOf(speech.subarray(0, 19_000))).join(),
        /^The MP3 promises 5\.06 s and holds 4\.6\d s/,
      );
      assert.match(
        (await warningsOf(plain.subarray(0, 5000))).join(),
        /^The last frame of the MP3 is not whole; its 0\.024 s/,
      );
    });
  });

  it('stops when aborted', async () => {
    const abort = new AbortController();
    const heard: Sound[] = [];
    const decoding = (async () => {
      for await (const sound of decodeMp3(speech, { signal: abort.signal })) {
        heard.push(sound);
        abort.abort();
      }
    })();
    assert.equal((await rejection(decoding)).code, 'TALK_ERR_ABORTED');
    assert.equal(heard.length, 1);
  });
});
