// The heavy files of the benchmark: as large as they may be and larger, damaged, or with a header that lies. In a throw-away folder.
import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';

/** The longest clip is 600 s. */
const SECONDS = 595;
const MANY = 110_000_000;

export interface HeavyFiles {
  /** Path of the file, made when it is asked for first. */
  file(name: HeavyName): string;
  remove(): void;
}

/** The bytes of each, from some seconds of MP3 and the path of a WAV of SECONDS. */
const MAKE = {
  'zeros.mp3': (mp3: Buffer) => Buffer.concat([id3Tag(0), Buffer.alloc(MANY), mp3]),
  'tag.mp3': (mp3: Buffer) => Buffer.concat([id3Tag(MANY), Buffer.alloc(MANY), mp3]),
  'random.mp3': (mp3: Buffer) => Buffer.concat([mp3, randomFillSync(Buffer.alloc(MANY)), mp3]),
  'ones.mp3': (mp3: Buffer) => Buffer.concat([mp3, Buffer.alloc(MANY, 0xff), mp3]),
  'promise.wav': (_: Buffer, wav: string) => promising(readFileSync(wav), 1_000_000_000),
  'gigabyte.wav': (_: Buffer, wav: string) => promising(readFileSync(wav).subarray(0, 1_000_000), 1_000_000_000),
  'unknown.bin': () => Buffer.alloc(MANY, 7),
  'limit.bin': () => Buffer.alloc(2 * MANY),
} as const;

export type HeavyName = keyof typeof MAKE | 'long.wav' | 'long.flac';

export function makeHeavyFiles(speech: string): HeavyFiles {
  const folder = mkdtempSync(join(tmpdir(), 'tplink-talk-bench-'));
  const path = (name: HeavyName): string => join(folder, name);
  const convert = (...args: string[]): void => void execFileSync(ffmpeg, ['-v', 'error', ...args]);
  const wav = path('long.wav');
  const file = (name: HeavyName): string => {
    if (existsSync(path(name))) return path(name);
    if (name === 'long.wav')
      convert('-stream_loop', '-1', '-i', speech, '-t', `${SECONDS}`, '-ar', '48k', '-ac', '2', wav);
    else if (name === 'long.flac') convert('-i', file('long.wav'), path(name));
    else writeFileSync(path(name), MAKE[name](readFileSync(speech), file('long.wav')));
    if (name === 'gigabyte.wav') truncateSync(path(name), 1_000_000_000);
    return path(name);
  };
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The header of an ID3v2.3 tag (ID3v2.3.0, id3.org): four times seven bits of length. */
function id3Tag(length: number): Buffer {
  return Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, ...[21, 14, 7, 0].map((shift) => (length >>> shift) & 127)]);
}

/** A WAV whose header announces so many bytes of sound. */
function promising(wav: Buffer, bytes: number): Buffer {
  wav.writeUInt32LE(bytes, 4);
  wav.writeUInt32LE(bytes, wav.indexOf('data') + 4);
  return wav;
}
