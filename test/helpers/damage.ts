// MP3s damaged at random places, the same ones for the same seed, and what ffmpeg and this package make of them.
import { spawnSync } from 'node:child_process';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { decode } from '../../src/audio/decode.js';
import { monotonicClock } from '../../src/clock.js';
import { isTalkError } from '../../src/errors.js';
import { encodedMp3 } from './encode.js';
import { randomNumbers } from './random.js';

const SAMPLE_RATE = 8_000;
/** The largest damage, bytes; small ones are as frequent as large ones. */
const MAX_BYTES = 4_096;

/** Name, whether a header counts the frames, and how ffmpeg makes it: as speech services, players and recorders write them. */
const ENCODINGS: readonly (readonly [name: string, counted: boolean, options: string])[] = [
  ['24 kHz, 48 kbit/s', false, '-ar 24000 -b:a 48k -write_xing 0 -id3v2_version 0'],
  ['24 kHz, 48 kbit/s, counted', true, '-ar 24000 -b:a 48k'],
  ['44.1 kHz stereo, variable, counted', true, '-ar 44100 -ac 2 -q:a 5'],
  ['16 kHz, 32 kbit/s', false, '-ar 16000 -b:a 32k -write_xing 0 -id3v2_version 0'],
  ['48 kHz, 64 kbit/s', false, '-ar 48000 -b:a 64k -write_xing 0'],
];

export const DAMAGES = ['random bytes', 'zeros', 'bytes lost', 'cut off'] as const;

export interface Damaged {
  readonly name: string;
  /** What is missing may be a good part of what a header counts: then it is to be refused. */
  readonly mayBeRefused: boolean;
  readonly bytes: Buffer;
}

/** `count` files with this damage. */
export function damaged(wav: string, damage: (typeof DAMAGES)[number], count: number, seed = 1): Damaged[] {
  const random = randomNumbers(seed);
  const files = ENCODINGS.map(([name, counted, options]) => ({ name, counted, whole: encodedMp3(wav, options) }));
  return Array.from({ length: count }, (_, i) => {
    const { name, counted, whole } = files[i % files.length] ?? { name: '', counted: false, whole: Buffer.alloc(0) };
    const length = Math.round(MAX_BYTES ** random());
    const at = Math.floor(random() * whole.length);
    const bytes = Buffer.from(whole);
    const hit = bytes.subarray(at, at + length);
    if (damage === 'random bytes') hit.forEach((__, j) => (hit[j] = Math.floor(random() * 256)));
    if (damage === 'zeros') hit.fill(0);
    const left = damage === 'cut off' ? Buffer.alloc(0) : whole.subarray(at + length);
    const isShorter = damage === 'bytes lost' || damage === 'cut off';
    return {
      name: `${damage}: ${name}, ${damage === 'cut off' ? whole.length - at : length} bytes at ${at} of ${whole.length}`,
      mayBeRefused: counted && isShorter,
      bytes: isShorter ? Buffer.concat([whole.subarray(0, at), left]) : bytes,
    };
  });
}

/** Seconds that ffmpeg hears. */
export function heardByFfmpeg(bytes: Buffer): number {
  const args = ['-v', 'quiet', '-i', 'pipe:0', '-f', 's16le', '-ac', '1', '-ar', String(SAMPLE_RATE), 'pipe:1'];
  return spawnSync(ffmpegPath, args, { input: bytes, maxBuffer: 1e9 }).stdout.length / 2 / SAMPLE_RATE;
}

/** Seconds that this package speaks without ffmpeg, or its error. */
export async function spoken(bytes: Buffer): Promise<number | Error> {
  let samples = 0;
  const options = { sampleRate: SAMPLE_RATE, maxSeconds: 600, clock: monotonicClock, ffmpegPath: '/nowhere/ffmpeg' };
  try {
    for await (const piece of decode({ kind: 'bytes', bytes }, options)) samples += piece.length;
  } catch (error) {
    if (isTalkError(error)) return error;
    throw error;
  }
  return samples / SAMPLE_RATE;
}
