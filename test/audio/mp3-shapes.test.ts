// The odd shapes of MP3s, with any numbers: what is cut, counted wrongly, in between or joined. All that is there is heard, stored and live.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { decode } from '../../src/audio/decode.js';
import { monotonicClock } from '../../src/clock.js';
import { isTalkError } from '../../src/errors.js';
import { isGoodPartMissing } from '../../src/sound/missing.js';
import { collect } from '../helpers/collect.js';
import { encodedMp3 } from '../helpers/encode.js';
import { assertLike } from '../helpers/heard.js';

const WAV = join(__dirname, '../fixtures/audio/speech-16k.wav');
const UNCOUNTED = '-write_xing 0 -id3v2_version 0';
const COUNTED = ['-ar 24000 -b:a 64k', '-ar 44100 -ac 2 -q:a 4', '-ar 48000 -b:a 96k', '-ar 22050 -ac 2 -b:a 64k'];
const OTHERS = [
  `-ar 24000 -b:a 48k ${UNCOUNTED}`,
  `-ar 8000 -b:a 16k ${UNCOUNTED}`,
  `-ar 16000 -ac 2 -b:a 48k ${UNCOUNTED}`,
  '-ar 48000 -ac 1 -c:a mp2 -b:a 64k',
  '-ar 44100 -ac 2 -c:a mp2 -b:a 192k',
  '-ar 22050 -c:a mp2 -b:a 48k',
];
const BETWEEN: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.concat([Buffer.from('49443303000000000114', 'hex'), Buffer.alloc(148, 0xff)]),
  Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125, 0x20)]),
  Buffer.from(`LYRICSBEGIN${'[00:01]All of it. '.repeat(120)}002190LYRICS200`),
  Buffer.alloc(3000),
];

interface Whole {
  readonly bytes: Buffer;
  readonly samples: Float32Array;
}

interface Heard {
  readonly samples: Float32Array;
  readonly warnings: readonly string[];
  readonly error?: Error;
}

async function hear(bytes: Buffer, isLive = false): Promise<Heard> {
  const warnings: string[] = [];
  const warn = (warning: string): unknown => warnings.push(warning);
  const options = { sampleRate: 8000, maxSeconds: 600, clock: monotonicClock, ffmpegPath: '/nowhere/ffmpeg', warn };
  try {
    const source = isLive ? { kind: 'live' as const, chunks: chunks(bytes) } : { kind: 'bytes' as const, bytes };
    return { samples: joined(await collect(decode(source, options))), warnings };
  } catch (error) {
    if (!isTalkError(error)) throw error;
    return { samples: new Float32Array(0), warnings, error };
  }
}

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1500) yield await Promise.resolve(bytes.subarray(at, at + 1500));
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  return Float32Array.from(pieces.flatMap((piece) => [...piece]));
}

describe('odd shapes of MP3s', () => {
  const wholes: Whole[] = [];
  const which = fc.nat(COUNTED.length + OTHERS.length - 1);
  const live = fc.boolean();
  const runs = { numRuns: 15, seed: 1 };

  before(async () => {
    for (const options of [...COUNTED, ...OTHERS]) {
      const bytes = encodedMp3(WAV, options);
      const { samples, error } = await hear(bytes);
      assert.equal(error, undefined, options);
      assert.ok(Math.abs(samples.length / 8000 - 3) < 0.2, `${options}: ${samples.length / 8000} s`);
      wholes.push({ bytes, samples });
    }
  });

  function whole(index: number): Whole {
    return wholes[index] ?? assert.fail();
  }

  it('an unfinished last frame', async () => {
    const property = fc.asyncProperty(which, fc.integer({ min: 1, max: 700 }), live, async (index, cut, isLive) => {
      const { bytes, samples: wanted } = whole(index);
      const { samples, error } = await hear(bytes.subarray(0, bytes.length - cut), isLive);
      assert.equal(error, undefined);
      // Where a header counts, the padding of the last frame may be heard.
      assert.ok(Math.abs(samples.length - wanted.length) < 4000, `${samples.length} of ${wanted.length}`);
      assertLike(samples, wanted.subarray(0, samples.length), { lengthMs: 200, correlation: 0.99 });
    });
    await fc.assert(property, runs);
  });

  it('a header that counts too many frames', async () => {
    const index = fc.nat(COUNTED.length - 1);
    const property = fc.asyncProperty(index, fc.integer({ min: 2, max: 150 }), live, async (counted, more, isLive) => {
      const { bytes, samples: wanted } = whole(counted);
      const file = Buffer.from(bytes);
      const at = Math.max(file.indexOf('Info'), file.indexOf('Xing')) + 8;
      const frames = file.readUInt32BE(at);
      file.writeUInt32BE(frames + more, at);
      const { samples, warnings, error } = await hear(file, isLive);
      const seconds = 3;
      if (!isLive && isGoodPartMissing((seconds * (frames + more)) / frames, seconds)) {
        assert.match(error?.message ?? 'spoken', /^The MP3 is cut off after/, `${more} more than ${frames}`);
        return;
      }
      assert.equal(error, undefined, `${more} more than ${frames}`);
      assertLike(samples, wanted, { lengthMs: 100 });
      assert.match(warnings.join(), /^The MP3 promises/);
    });
    await fc.assert(property, runs);
  });

  it('foreign bytes and zeros in front, of any length', async () => {
    const length = fc.oneof(fc.nat(5_000), fc.nat(200_000));
    const property = fc.asyncProperty(which, length, fc.nat(255), live, async (index, count, value, isLive) => {
      const { bytes, samples: wanted } = whole(index);
      const { samples, error } = await hear(Buffer.concat([Buffer.alloc(count, value), bytes]), isLive);
      assert.equal(error, undefined);
      assertLike(samples, wanted);
    });
    await fc.assert(property, runs);
  });

  it('foreign bytes and zeros inside, of any length and anywhere', async () => {
    const length = fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.nat(100_000));
    const place = fc.integer({ min: 10, max: 90 });
    const property = fc.asyncProperty(
      which,
      length,
      place,
      fc.nat(255),
      live,
      async (index, count, percent, value, isLive) => {
        const { bytes, samples: wanted } = whole(index);
        const at = Math.round((bytes.length * percent) / 100);
        const file = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(count, value), bytes.subarray(at)]);
        const { samples, warnings, error } = await hear(file, isLive);
        assert.equal(error, undefined);
        assert.ok(warnings.length > 0);
        // A frame or two are spoiled; before and behind them nothing changes.
        assert.ok(Math.abs(samples.length - wanted.length) < 1000, `${samples.length} of ${wanted.length}`);
        const before = Math.floor(wanted.length * (percent / 100 - 0.08));
        if (before > 2000) assertLike(samples.subarray(0, before), wanted.subarray(0, before));
        const behind = Math.floor(wanted.length * (0.9 - percent / 100));
        if (behind > 2000)
          assertLike(samples.subarray(-behind), wanted.subarray(-behind), { correlation: 0.95, lengthMs: 150 });
      },
    );
    await fc.assert(property, runs);
  });

  it('parts of any rate, channel count and layer joined, with tags between', async () => {
    const parts = fc.array(fc.tuple(which, fc.nat(BETWEEN.length - 1)), { minLength: 2, maxLength: 4 });
    const property = fc.asyncProperty(parts, live, async (indices, isLive) => {
      const file = Buffer.concat(indices.flatMap(([part, tag]) => [whole(part).bytes, BETWEEN[tag] ?? assert.fail()]));
      const { samples, error } = await hear(file, isLive);
      assert.equal(error, undefined);
      // Two of one rate share a resampler: the second is up to one sample earlier than by itself.
      assertLike(samples, joined(indices.map(([part]) => whole(part).samples)), { correlation: 0.98 });
    });
    await fc.assert(property, runs);
  });
});
