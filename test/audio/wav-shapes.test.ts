// WAVs of any shape that programs write, made at random: what is there is heard, what is cut off is refused, what only ffmpeg reads is named.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { path as realFfmpeg } from '@ffmpeg-installer/ffmpeg';
import fc from 'fast-check';
import { decode } from '../../src/audio/decode.js';
import { audioSources } from '../../src/audio/source.js';
import { monotonicClock } from '../../src/clock.js';
import { collect, rejection } from '../helpers/collect.js';
import { assertLike } from '../helpers/heard.js';

const NO_FFMPEG = '/nowhere/ffmpeg';
const folder = mkdtempSync(join(tmpdir(), 'tplink-talk-test-'));

interface Shape {
  readonly rate: number;
  readonly seconds: number;
  readonly hz: number;
  readonly bits: number;
  readonly channels: number;
  readonly bigEndian: boolean;
  /** Block align, where it is not what bits and channels say. */
  readonly align: number | undefined;
  /** Bytes that the size of `data` is too large; or that size itself. */
  readonly excess: number;
  readonly size: number | undefined;
  /** Bytes of another chunk before the sound, and behind it. */
  readonly before: number;
  readonly behind: number;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  rate: fc.constantFrom(8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000),
  // Whole samples at every rate.
  seconds: fc.integer({ min: 5, max: 12 }).map((steps) => steps * 0.04),
  hz: fc.integer({ min: 120, max: 400 }),
  bits: fc.constantFrom(8, 12, 16, 20, 24, 32),
  channels: fc.integer({ min: 1, max: 3 }),
  bigEndian: fc.boolean(),
  align: fc.option(fc.constantFrom(0, 1, 2, 3, 4, 16, 999), { nil: undefined }),
  excess: fc.constantFrom(0, 0, 2, 16, 28, 36, 44, 1000),
  size: fc.option(fc.constantFrom(0, 0x7fffffff, 0x7ffff000, 0x80000000, 0xffffffdb, 0xffffffff, 1e9, 2e9), {
    nil: undefined,
  }),
  before: fc.constantFrom(0, 0, 0, 7, 13, 4_000, 9_001, 1_100_000),
  behind: fc.constantFrom(0, 0, 5, 3_000),
});

/** A buzz with pauses; not the same in any two places. */
function voice({ rate, seconds, hz }: Pick<Shape, 'rate' | 'seconds' | 'hz'>): number[] {
  return Array.from({ length: Math.round(seconds * rate) }, (_, i) => {
    const t = i / rate;
    const phase = 2 * Math.PI * (hz * t + 40 * t * t);
    return 0.4 * (0.6 + 0.4 * Math.sin(2 * Math.PI * 4 * t)) * (Math.sin(phase) + Math.sin(3 * phase) / 2);
  });
}

/** The file, and its bytes of sound. */
function wavOf(wanted: Shape): { wav: Buffer; soundAt: number; soundBytes: number } {
  const { bits, channels, bigEndian, rate, align, excess, size, before, behind } = wanted;
  const bytes = Math.ceil(bits / 8);
  const samples = voice(wanted).flatMap((sample) => new Array<number>(channels).fill(sample));
  const sound = Buffer.alloc(samples.length * bytes);
  samples.forEach((sample, i) => {
    // Fewer bits stand in the upper ones.
    const value = Math.round(sample * 2 ** (bits - 1)) * 2 ** (8 * bytes - bits);
    if (bytes === 1) sound[i] = value + 128;
    else if (bigEndian) sound.writeIntBE(value, i * bytes, bytes);
    else sound.writeIntLE(value, i * bytes, bytes);
  });
  const u16 = (value: number): Buffer =>
    Buffer.from(bigEndian ? [value >>> 8, value & 255] : [value & 255, value >>> 8]);
  const u32 = (value: number): Buffer =>
    bigEndian
      ? Buffer.concat([u16(value >>> 16), u16(value & 0xffff)])
      : Buffer.concat([u16(value & 0xffff), u16(value >>> 16)]);
  const chunk = (id: string, content: Buffer, told = content.length): Buffer =>
    Buffer.concat([Buffer.from(id), u32(told), content, Buffer.alloc(content.length % 2)]);
  const format = [
    u16(1),
    u16(channels),
    u32(rate),
    u32(rate * channels * bytes),
    u16(align ?? channels * bytes),
    u16(bits),
  ];
  const head = [
    chunk('fmt ', Buffer.concat(format)),
    ...(before > 0 ? [chunk('JUNK', Buffer.alloc(before, 'WAVE'))] : []),
  ];
  const told = size ?? sound.length + excess;
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    ...head,
    // Padding counts where the size is told.
    told === sound.length ? chunk('data', sound) : Buffer.concat([Buffer.from('data'), u32(told), sound]),
    // Where the size is not told, the sound goes on to the end.
    ...(behind > 0 && size === undefined && excess === 0 ? [chunk('LIST', Buffer.alloc(behind, 'INFO'))] : []),
  ]);
  const riffSize = size === undefined ? body.length + excess : Math.min(0xffffffff, size === 0 ? 0 : size + 36);
  const wav = Buffer.concat([Buffer.from(bigEndian ? 'RIFX' : 'RIFF'), u32(riffSize), body]);
  return { wav, soundAt: 8 + 4 + head.reduce((sum, part) => sum + part.length, 0) + 8, soundBytes: sound.length };
}

async function heard(value: unknown, ffmpegPath = NO_FFMPEG): Promise<{ samples: Float32Array; warnings: string[] }> {
  const warnings: string[] = [];
  const [source] = audioSources(value);
  assert.ok(source);
  const options = { sampleRate: 8000, maxSeconds: 60, clock: monotonicClock, ffmpegPath };
  const pieces = await collect(decode(source, { ...options, warn: (warning) => warnings.push(warning) }));
  return { samples: Float32Array.from(pieces.flatMap((piece) => [...piece])), warnings };
}

async function* inChunks(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}

const PLAIN = {
  bits: 16,
  channels: 1,
  bigEndian: false,
  align: undefined,
  excess: 0,
  size: undefined,
  before: 0,
  behind: 0,
};

after(() => rmSync(folder, { recursive: true }));

describe('WAVs of any shape', () => {
  it('are heard to the last sample, one or several in a row', async () => {
    const front = fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from('\ufeff'),
      Buffer.from('\r\n'),
      Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x20\0', 'latin1'), Buffer.alloc(4096, 'x')]),
    );
    const property = fc.asyncProperty(
      fc.array(shape, { minLength: 1, maxLength: 3 }),
      front,
      fc.constantFrom('Buffer', 'file', 'stream'),
      fc.integer({ min: 300, max: 70_000 }),
      async (shapes, before, way, length) => {
        const bytes = Buffer.concat([before, ...shapes.map((each) => wavOf(each).wav)]);
        const path = join(folder, 'shape.wav');
        if (way === 'file') writeFileSync(path, bytes);
        const { samples } = await heard(way === 'Buffer' ? bytes : way === 'file' ? path : inChunks(bytes, length));
        const wanted: number[] = [];
        for (const each of shapes) wanted.push(...(await heard(wavOf({ ...each, ...PLAIN }).wav)).samples);
        assertLike(samples, Float32Array.from(wanted), { correlation: 0.995, lengthMs: 1, withinMs: 2 });
      },
    );
    await fc.assert(property, { numRuns: 40, seed: 7 });
  });

  it('may stand behind a tag of any length', async () => {
    const plain = wavOf({ ...PLAIN, seconds: 0.5, rate: 16_000, hz: 200 }).wav;
    const wanted = (await heard(plain)).samples;
    const large = Buffer.concat([
      plain.subarray(0, 12),
      Buffer.from('JUNK\0\0\x50\0'),
      Buffer.alloc(0x500000),
      plain.subarray(12),
    ]);
    for (const length of [1, 900, 4_084, 4_090, 70_000, 1_500_000]) {
      const tag = Buffer.alloc(10 + length, 'x');
      tag.write('ID3\x04\0\0', 'latin1');
      tag.set([length >> 21, (length >> 14) & 127, (length >> 7) & 127, length & 127], 6);
      for (const wav of [plain, large]) {
        const bytes = Buffer.concat([tag, wav]);
        const path = join(folder, 'tagged.wav');
        writeFileSync(path, bytes);
        for (const value of [bytes, path, inChunks(bytes, 5_000)])
          assert.deepEqual((await heard(value)).samples, wanted);
      }
    }
  });

  it('are refused when a good part is missing and spoken with a warning when little is', async () => {
    const property = fc.asyncProperty(
      fc.double({ min: 0.3, max: 14, noNaN: true }),
      fc.double({ min: 0.03, max: 0.999, noNaN: true }),
      fc.constantFrom(8000, 16_000),
      async (seconds, kept, rate) => {
        const { wav, soundAt, soundBytes } = wavOf({ ...PLAIN, seconds, rate, hz: 200 });
        const cut = wav.subarray(0, soundAt + 2 * Math.round((soundBytes * kept) / 2));
        const missing = (soundAt + soundBytes - cut.length) / 2 / rate;
        const isRefused = missing > seconds / 3 || (missing > seconds / 10 && missing > 1);
        // A live stream has been heard by the time its end is known.
        const { warnings } = await heard(inChunks(cut, 5000));
        assert.equal(warnings.length, missing > 0 ? 1 : 0);
        if (isRefused) {
          const error = await rejection(heard(cut, realFfmpeg));
          assert.equal(error.code, 'TALK_ERR_AUDIO');
          assert.match(error.message, /cut off or still being written/);
          return;
        }
        const spoken = await heard(cut);
        assert.ok(Math.abs(spoken.samples.length / 8000 - (seconds - missing)) < 0.002);
        assert.deepEqual(spoken.warnings, warnings);
      },
    );
    await fc.assert(property, { numRuns: 40, seed: 7 });
  });

  it('may have junk behind their sound, which is told when there is much of it', async () => {
    const plain = wavOf({ ...PLAIN, seconds: 0.5, rate: 16_000, hz: 200 }).wav;
    const wanted = (await heard(plain)).samples;
    const junk = Buffer.from(Array.from({ length: 9001 }, (_, i) => (i * 7919) >> 3));
    for (const [behind, told] of [
      [Buffer.alloc(4096), 0],
      [junk.subarray(0, 100), 0],
      [junk, 1],
      [Buffer.from('TAG' + ' '.repeat(125)), 0],
    ] as const) {
      const { samples, warnings } = await heard(Buffer.concat([plain, behind]));
      assert.deepEqual(samples, wanted);
      assert.equal(warnings.length, told, warnings.join());
    }
    const between = await heard(Buffer.concat([plain, junk, plain]));
    assert.equal(between.samples.length, 2 * wanted.length);
    assert.match(between.warnings.join(), /^9001 bytes behind the sound of the WAV/);
  });

  it('may hold what only ffmpeg reads, which is named', async () => {
    const plain = join(folder, 'plain.wav');
    writeFileSync(plain, wavOf({ ...PLAIN, seconds: 1, rate: 8000, hz: 200 }).wav);
    const wanted = (await heard(plain)).samples;
    for (const [codec, name] of [
      ['adpcm_ms', /^A WAV that holds ADPCM \(Microsoft\) needs ffmpeg/],
      ['adpcm_ima_wav', /^A WAV that holds ADPCM \(IMA\) needs ffmpeg/],
    ] as const) {
      const path = join(folder, `${codec}.wav`);
      execFileSync(realFfmpeg, ['-v', 'error', '-y', '-i', plain, '-c:a', codec, path]);
      const error = await rejection(heard(path));
      assert.equal(error.code, 'TALK_ERR_FFMPEG');
      assert.match(error.message, name);
      assertLike((await heard(path, realFfmpeg)).samples, wanted, { lengthMs: 150, correlation: 0.97 });
    }
    const gsm = Buffer.from(readFileSync(plain).subarray(0, 2000));
    gsm.writeUInt16LE(0x31, 20);
    assert.match((await rejection(heard(gsm))).message, /^A WAV that holds GSM needs ffmpeg/);
  });

  it('go to ffmpeg when their header makes no sense here, and keep our error when it cannot read them either', async () => {
    // Codec 0xfffe without the rest of its header.
    const odd = wavOf({ ...PLAIN, seconds: 0.5, rate: 16_000, hz: 200 }).wav;
    odd.writeUInt16LE(77, 22);
    for (const ffmpeg of [NO_FFMPEG, realFfmpeg]) {
      const error = await rejection(heard(odd, ffmpeg));
      assert.equal(error.code, 'TALK_ERR_AUDIO');
      assert.match(error.message, /77 channels; 1 to 32 are read/);
    }
    // 32 channels are the most here; ffmpeg reads 64.
    const many = wavOf({ ...PLAIN, channels: 40, seconds: 0.5, rate: 16_000, hz: 200 }).wav;
    assert.match((await rejection(heard(many))).message, /40 channels/);
  });
});

describe('channels by every way', () => {
  const shape51 = { ...PLAIN, seconds: 1, rate: 48_000, hz: 200 };
  const mono = join(folder, 'mono.wav');
  const make = (file: string, ...options: string[]): string => {
    const path = join(folder, file);
    execFileSync(realFfmpeg, ['-v', 'error', '-y', '-i', mono, ...options, path]);
    return path;
  };
  before(() => writeFileSync(mono, wavOf(shape51).wav));

  for (const file of ['a.wav', 'a.mp3', 'a.flac', 'a.opus', 'a.m4a']) {
    it(`hears halves that cancel each other in ${file}`, async () => {
      const path = make(file, '-af', 'pan=stereo|c0=c0|c1=-0.98*c0');
      const { samples } = await heard(path, realFfmpeg);
      assertLike(samples, (await heard(mono)).samples, { correlation: 0.98, lengthMs: 60 });
    });
  }

  for (const file of ['b.wav', 'b.flac', 'b.m4a']) {
    for (const [at, levelDb] of [
      [2, -10.7],
      [0, -13.7],
    ] as const) {
      it(`hears channel ${at} of 5.1 in ${file} at ${levelDb} dB`, async () => {
        const path = make(file, '-af', `pan=5.1|c${at}=c0`);
        const { samples } = await heard(path, realFfmpeg);
        assertLike(samples, (await heard(mono)).samples, { levelDb, correlation: 0.98, lengthMs: 60 });
      });
    }
  }
});
