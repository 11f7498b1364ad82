// Audio as real programs write it: fixtures of odd shapes, a line each, and what is to be heard of them. Every one as file, Buffer and stream.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { path as realFfmpeg } from '@ffmpeg-installer/ffmpeg';
import { decode } from '../../src/audio/decode.js';
import { audioSources, type AudioSource } from '../../src/audio/source.js';
import { monotonicClock } from '../../src/clock.js';
import type { TalkErrorCode } from '../../src/errors.js';
import { collect, rejection } from '../helpers/collect.js';
import { assertLike } from '../helpers/heard.js';

const NO_FFMPEG = '/nowhere/ffmpeg';
const fixture = (name: string): string => join(__dirname, '../fixtures/audio', name);

interface Heard {
  /** The fixtures, or bytes, whose sound, one after the other, it is to be. */
  readonly like: readonly (string | Buffer)[];
  /** Louder than those, dB. */
  readonly levelDb?: number;
  readonly correlation?: number;
  /** How much the length may differ, ms. */
  readonly lengthMs?: number;
  /** The warnings, in order. */
  readonly warnings?: readonly RegExp[];
  /** Only with ffmpeg. */
  readonly ffmpeg?: true;
}
interface Refused {
  readonly code: TalkErrorCode;
  readonly message: RegExp;
  readonly ffmpeg?: true;
}

const plain = ['wav-plain.wav'];
const mp3 = ['mp3-plain.mp3'];

const CASES: readonly (readonly [name: string, outcome: Heard | Refused])[] = [
  ['wav-plain.wav', { like: plain }],
  [
    'wav-data-2-too-large.wav',
    { like: plain, warnings: [/promises 1\.14 s, of which 2 bytes \(0\.00 s\) are missing/] },
  ],
  ['wav-data-44-too-large.wav', { like: plain, warnings: [/of which 44 bytes/] }],
  ['wav-placeholder-2e9.wav', { like: plain }],
  ['wav-align-0.wav', { like: plain }],
  ['wav-align-1.wav', { like: plain }],
  ['wav-20-bit.wav', { like: plain }],
  ['wav-behind-id3.wav', { like: plain }],
  // The first is wav-plain.wav.
  ['wav-two-in-a-row.wav', { like: [...plain, readFileSync(fixture('wav-two-in-a-row.wav')).subarray(36_400)] }],
  ['wav-holding-mp3.wav', { like: ['mp3-plain.mp3'], correlation: 0.99 }],
  // The right half is the left one upside down.
  ['wav-antiphase.wav', { like: plain }],
  // As loud as by ffmpeg, which is −10.7 dB.
  ['wav-5.1-centre.wav', { like: plain, levelDb: -10.66 }],
  ['mp3-plain.mp3', { like: ['mp3-plain.mp3'] }],
  ['mp3-last-frame-1-short.mp3', { like: mp3, lengthMs: 24, warnings: [/last frame .*not whole.* 0\.024 s/] }],
  ['mp3-last-frame-100-short.mp3', { like: mp3, lengthMs: 24, warnings: [/last frame .*not whole.* 0\.024 s/] }],
  [
    'mp3-xing-3-too-many.mp3',
    { like: plain, lengthMs: 24, correlation: 0.99, warnings: [/promises 1\.27 s and holds 1\.20 s/] },
  ],
  ['mp3-2000-zeros-inside.mp3', { like: mp3, warnings: [/^2000 bytes in the MP3 are no sound/] }],
  ['mp3-10k-zeros-before.mp3', { like: mp3, warnings: [/^10000 bytes in the MP3 are no sound/] }],
  ['mp3-layer2.mp3', { like: plain, correlation: 0.98 }],
  ...named('picture.jpg', /^This is a picture \(JPEG\), not audio$/),
  ...named('wechat.silk', /^This is a SILK voice message.*convert it to WAV or MP3 first/),
];

describe('audio as programs write it', () => {
  for (const [name, outcome] of CASES) {
    for (const way of ['file', 'Buffer', 'stream'] as const) {
      it(`${name} as ${way}`, async () => {
        const heard = decoded(source(name, way), outcome.ffmpeg === true ? realFfmpeg : NO_FFMPEG);
        if ('code' in outcome) {
          const error = await rejection(heard);
          assert.equal(error.code, outcome.code, error.message);
          assert.match(error.message, outcome.message);
          return;
        }
        const { samples, warnings } = await heard;
        const wanted: Float32Array[] = [];
        for (const file of outcome.like) wanted.push((await decoded(source(file, 'Buffer'), realFfmpeg)).samples);
        assertLike(samples, joined(wanted), outcome);
        const expected = outcome.warnings ?? [];
        assert.equal(warnings.length, expected.length, warnings.join('\n'));
        for (const [i, warning] of warnings.entries()) assert.match(warning, expected[i] ?? /^$/);
      });
    }
  }
});

/** What is no sound for us, with ffmpeg or without. */
function named(name: string, message: RegExp): (readonly [string, Refused])[] {
  const refused = { code: 'TALK_ERR_AUDIO', message } as const;
  return [
    [name, refused],
    [name, { ...refused, ffmpeg: true }],
  ];
}

function source(name: string | Buffer, way: 'file' | 'Buffer' | 'stream'): AudioSource {
  const bytes = typeof name === 'string' ? readFileSync(fixture(name)) : name;
  const [found] = audioSources(
    way === 'file' && typeof name === 'string' ? fixture(name) : way === 'Buffer' ? bytes : inChunks(bytes),
  );
  assert.ok(found);
  return found;
}

async function* inChunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 999) yield await Promise.resolve(bytes.subarray(at, at + 999));
}

async function decoded(
  from: AudioSource,
  ffmpegPath: string,
): Promise<{ samples: Float32Array; warnings: readonly string[] }> {
  const warnings: string[] = [];
  const warn = (warning: string): unknown => warnings.push(warning);
  const options = { sampleRate: 8000, maxSeconds: 600, clock: monotonicClock, ffmpegPath, warn };
  return { samples: joined(await collect(decode(from, options))), warnings };
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  return Float32Array.from(pieces.flatMap((piece) => [...piece]));
}
