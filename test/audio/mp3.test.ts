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

  it('gives the same samples for chunks of any length and without the mixing', async () => {
    const { samples } = await decoded(decodeMp3(speech, { mono: true }));
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
    // The decoder itself prints one line about it.
    assert.equal((await rejection(collect(decodeMp3(noise)))).code, 'TALK_ERR_AUDIO');
    assert.equal((await decoded(decodeMp3(speech))).samples.length, 120_000);
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
