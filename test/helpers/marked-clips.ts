// Clips that can be told apart by ear: headerless A-law of one code each, and what a simulated camera heard of them.
import type { Recording } from '../../src/simulator/index.js';

/** A-law of digital silence, +0 and -0 (G.711). */
const SILENCE: ReadonlySet<number> = new Set([0xd5, 0x55]);

/** A-law, 8 bytes per millisecond. To be sent with `format: 'alaw'`. Any code but those of silence. */
export function marked(code: number, ms: number): Buffer {
  return Buffer.alloc(ms * 8, code);
}

/** `[code, ms]` for each stretch of one code, silence left out. */
export function marksIn(recording: Recording): [code: number, ms: number][] {
  const marks: [number, number][] = [];
  let previous = -1;
  for (const code of recording.audio()) {
    const last = marks.at(-1);
    if (!SILENCE.has(code)) {
      if (last !== undefined && code === previous) last[1] += 1 / 8;
      else marks.push([code, 1 / 8]);
    }
    previous = code;
  }
  return marks;
}

/** Milliseconds of each code in several talk sessions: clips of the same code may follow each other without silence. */
export function heardMs(recordings: readonly Recording[]): Record<number, number> {
  const total: Record<number, number> = {};
  for (const [code, ms] of recordings.flatMap(marksIn)) total[code] = (total[code] ?? 0) + ms;
  return total;
}

/** A WAV of 16-bit mono: a square wave, loud enough for every limit. */
export function wav(ms: number, sampleRate = 8_000): Buffer {
  const samples = Math.round((ms * sampleRate) / 1_000);
  const bytes = Buffer.alloc(44 + 2 * samples);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(2 * sampleRate, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(2 * samples, 40);
  for (let n = 0; n < samples; n++) bytes.writeInt16LE(n % 16 < 8 ? 8_000 : -8_000, 44 + 2 * n);
  return bytes;
}
