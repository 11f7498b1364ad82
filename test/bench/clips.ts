// The clips the benchmark speaks, made from our own fixture in a throw-away folder by the ffmpeg of the development dependencies.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';

/** 5 s. */
const SPEECH = resolve(__dirname, '..', 'fixtures', 'audio', 'speech-24k.mp3');
const BYTES_PER_SECOND = 48_000;
const RAW = ['-f', 's16le', '-ar', '24000', '-ac', '1'];

export interface Clips {
  /** Path of so much 24 kHz mono speech. */
  speech(seconds: number, kind: 'mp3' | 'wav'): string;
  /** What ffmpeg makes of a clip: s16 mono at 8 kHz. */
  reference(clip: string): Int16Array;
  remove(): void;
}

export function makeClips(): Clips {
  const folder = mkdtempSync(join(tmpdir(), 'tplink-talk-bench-'));
  const run = (args: readonly string[], input?: Buffer): void =>
    void execFileSync(ffmpeg, ['-loglevel', 'error', '-y', ...args], { input });
  const spoken = (): Buffer => {
    const raw = join(folder, 'speech.s16');
    if (!existsSync(raw)) run(['-i', SPEECH, ...RAW, raw]);
    return readFileSync(raw);
  };
  return {
    speech(seconds, kind) {
      const path = join(folder, `speech-${seconds}.${kind}`);
      const codec = kind === 'mp3' ? ['-b:a', '48k'] : [];
      // Joined here, sample by sample: ffmpeg's own loops lose some at each joint.
      if (!existsSync(path))
        run([...RAW, '-i', '-', ...codec, path], Buffer.alloc(seconds * BYTES_PER_SECOND, spoken()));
      return path;
    },
    reference(path) {
      const raw = join(folder, 'reference.s16');
      run(['-i', path, '-ar', '8000', '-ac', '1', '-f', 's16le', raw]);
      const bytes = readFileSync(raw);
      return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
