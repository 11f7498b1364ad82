// The clips the benchmark speaks, made from our own fixture in a throw-away folder by the ffmpeg of the development dependencies.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';

const SPEECH = resolve(__dirname, '..', 'fixtures', 'audio', 'speech-24k.mp3');

export interface Clips {
  /** 5 s and 60 s of 24 kHz mono speech. */
  readonly mp3: string;
  readonly wav: string;
  readonly minuteMp3: string;
  readonly minuteWav: string;
  /** What ffmpeg makes of a clip: s16 mono at 8 kHz. */
  reference(clip: string): Int16Array;
  remove(): void;
}

export function makeClips(): Clips {
  const folder = mkdtempSync(join(tmpdir(), 'tplink-talk-bench-'));
  const run = (...args: string[]): void => void execFileSync(ffmpeg, ['-nostdin', '-loglevel', 'error', '-y', ...args]);
  const clip = (name: string, seconds: number, ...codec: string[]): string => {
    const path = join(folder, name);
    run('-stream_loop', '20', '-i', SPEECH, '-t', String(seconds), '-ar', '24000', '-ac', '1', ...codec, path);
    return path;
  };
  return {
    mp3: clip('speech.mp3', 5, '-b:a', '48k'),
    wav: clip('speech.wav', 5),
    minuteMp3: clip('minute.mp3', 60, '-b:a', '48k'),
    minuteWav: clip('minute.wav', 60),
    reference(path) {
      const raw = join(folder, 'reference.s16');
      run('-i', path, '-ar', '8000', '-ac', '1', '-f', 's16le', raw);
      const bytes = readFileSync(raw);
      return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
