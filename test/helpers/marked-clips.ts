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

/** A WAV of one A-law code. */
export function markedWav(code: number, ms: number): Buffer {
  return wavOf(marked(code, ms), { tag: 6, sampleRate: 8_000, frameBytes: 1 });
}

/** A WAV of 16-bit mono: a square wave, loud enough for every limit. */
export function wav(ms: number, sampleRate = 8_000): Buffer {
  const samples = Math.round((ms * sampleRate) / 1_000);
  const bytes = wavOf(Buffer.alloc(2 * samples), { tag: 1, sampleRate, frameBytes: 2 });
  for (let n = 0; n < samples; n++) bytes.writeInt16LE(n % 16 < 8 ? 8_000 : -8_000, 44 + 2 * n);
  return bytes;
}

/** A WAV of A-law behind a chunk of so many bytes that is no sound. */
export function behindChunk(sound: Buffer, bytes: number): Buffer {
  const [header, size] = [wavOf(sound, { tag: 6, sampleRate: 8_000, frameBytes: 1 }), bytes + (bytes % 2)];
  const whole = Buffer.concat([header.subarray(0, 36), Buffer.alloc(8 + size), header.subarray(36)]);
  whole.writeUInt32LE(whole.length - 8, 4);
  whole.write('JUNK', 36, 'latin1');
  whole.writeUInt32LE(size, 40);
  return whole;
}

function wavOf(
  sound: Buffer,
  { tag, sampleRate, frameBytes }: { tag: number; sampleRate: number; frameBytes: number },
): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + sound.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(tag, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(frameBytes * sampleRate, 28);
  header.writeUInt16LE(frameBytes, 32);
  header.writeUInt16LE(8 * frameBytes, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(sound.length, 40);
  return Buffer.concat([header, sound]);
}
