// Samples of raw audio and of WAV, in slices, at their own rate. What the bytes are is decided elsewhere.
import type { Clock } from '../clock.js';
import { yielding } from './yielding.js';
import { bytesPerFrame, PcmReader, type AudioFormat } from '../sound/format.js';
import type { Sound } from './mp3.js';
import type { StoredAudio } from './stored.js';
import { WavParser } from '../sound/wav.js';

export interface PcmOptions {
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
}

type Pieces = Iterable<Buffer> | AsyncIterable<Buffer>;

/** Samples of headerless audio; an incomplete one at the end is dropped. */
export async function* decodeRaw(pieces: Pieces, format: AudioFormat, options: PcmOptions): AsyncGenerator<Sound> {
  const giveWay = yielding(options.clock, options.signal);
  const reader = new PcmReader(format);
  for await (const piece of pieces) {
    await giveWay();
    const samples = reader.push(piece);
    if (samples.length > 0) yield { samples, sampleRate: format.sampleRate };
  }
}

/** Samples of a WAV, as far as it goes. Throws TALK_ERR_AUDIO for a header that makes no sense. */
export async function* decodeWav(pieces: Pieces, options: PcmOptions): AsyncGenerator<Sound> {
  const giveWay = yielding(options.clock, options.signal);
  const parser = new WavParser();
  for await (const piece of pieces) {
    await giveWay();
    const samples = parser.push(piece);
    if (parser.format !== undefined && samples.length > 0) yield { samples, sampleRate: parser.format.sampleRate };
  }
}

/**
 * Seconds by the header, undefined when it does not tell. Throws TALK_ERR_AUDIO for a file that is cut off: when the header promises more
 * than the file can hold, all of it is read to be sure.
 */
export async function checkWav(stored: StoredAudio, options: PcmOptions): Promise<number | undefined> {
  const giveWay = yielding(options.clock, options.signal);
  const parser = new WavParser();
  let read = 0;
  let headerIsThrough = false;
  for await (const piece of stored.pieces()) {
    await giveWay();
    read += piece.length;
    const samples = parser.push(piece);
    const { format, announcedSeconds } = parser;
    if (headerIsThrough || format === undefined || (announcedSeconds === undefined && samples.length === 0)) continue;
    headerIsThrough = true;
    const frameBytes = bytesPerFrame(format);
    // A thousandth of a frame for what the division lost.
    const frames = Math.floor((announcedSeconds ?? 0) * format.sampleRate + 0.001);
    if (read - samples.length * frameBytes + frames * frameBytes <= stored.size) return announcedSeconds;
  }
  parser.end();
  return parser.announcedSeconds;
}
