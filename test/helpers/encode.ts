// Sound files made by ffmpeg for a test.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';

/** An MP3 of a WAV by ffmpeg's output options, or layer II if they name `mp2`. By way of a file: only there ffmpeg goes back and counts the frames in the header. */
export function encodedMp3(wav: string, options: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'encoded-mp3-'));
  const file = join(folder, options.includes('mp2') ? 'whole.mp2' : 'whole.mp3');
  spawnSync(ffmpegPath, ['-v', 'error', '-i', wav, ...options.split(' '), file]);
  const bytes = readFileSync(file);
  rmSync(folder, { recursive: true });
  return bytes;
}
