// Samples of raw audio and of WAV, in slices, at their own rate. What the bytes are is decided elsewhere.
import type { Clock } from '../clock.js';
import { isTalkError, type TalkError } from '../errors.js';
import { yielding } from './yielding.js';
import { PcmReader, type PcmFormat } from '../sound/format.js';
import { decodeMp3, type Sound } from './mp3.js';
import type { StoredAudio } from './stored.js';
import { wavError } from '../sound/wav-format.js';
import { WavParser, type WavSound } from '../sound/wav.js';

export interface PcmOptions {
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
}

export interface WavOptions extends PcmOptions {
  readonly warn?: ((warning: string) => void) | undefined;
}

type Pieces = Iterable<Buffer> | AsyncIterable<Buffer>;

/** Samples of headerless audio; an incomplete one at the end is dropped. */
export async function* decodeRaw(pieces: Pieces, format: PcmFormat, options: PcmOptions): AsyncGenerator<Sound> {
  const giveWay = yielding(options.clock, options.signal);
  const reader = new PcmReader(format);
  for await (const piece of pieces) {
    await giveWay();
    const samples = reader.push(piece);
    if (samples.length > 0) yield { samples, sampleRate: format.sampleRate };
  }
}

/** Samples of one WAV or several in a row, as far as they go. Throws TALK_ERR_AUDIO for a header that makes no sense. */
export async function* decodeWav(pieces: Pieces, options: WavOptions): AsyncGenerator<Sound> {
  const parser = new WavParser();
  const sounds = soundsOf(parser, pieces, yielding(options.clock, options.signal));
  let next = await sounds.next();
  /** The bytes of one stretch. */
  async function* stretch(part: number): AsyncGenerator<Buffer> {
    for (; next.done !== true && next.value.part === part; next = await sounds.next()) yield next.value.bytes;
  }
  try {
    while (next.done !== true) {
      const { part, format } = next.value;
      if (format.pcm === undefined) yield* decodeMp3(stretch(part), options);
      else yield* decodeRaw(stretch(part), format.pcm, options);
    }
  } finally {
    await sounds.return(undefined);
  }
  for (const warning of parser.losses.warnings) options.warn?.(warning);
}

/**
 * Seconds by the headers, or the error of a header that makes no sense here; ffmpeg may know better. Throws TALK_ERR_AUDIO for a file of which
 * a good part is missing, or that holds no sound.
 */
export async function checkWav(stored: StoredAudio, options: PcmOptions): Promise<number | TalkError> {
  const giveWay = yielding(options.clock, options.signal);
  const parser = new WavParser();
  let read = 0;
  for await (const piece of stored.pieces()) {
    await giveWay();
    read += piece.length;
    try {
      parser.push(piece);
    } catch (error) {
      if (isTalkError(error)) return error;
      throw error;
    }
    const { bytesLeft, announcedSeconds } = parser;
    // All that was promised is there, and what comes behind it is too little to be a good part.
    const behind = stored.size - read - (bytesLeft ?? Infinity);
    if (announcedSeconds !== undefined && behind >= 0 && behind <= stored.size / 10) return announcedSeconds;
  }
  parser.end();
  const { refusal, seconds } = parser.losses;
  if (refusal !== undefined) throw wavError(refusal);
  return seconds;
}

/** @param giveWay between pieces, which may be all tags and no sound */
async function* soundsOf(
  parser: WavParser,
  pieces: Pieces,
  giveWay: () => Promise<void>,
): AsyncGenerator<WavSound, undefined> {
  for await (const piece of pieces) {
    await giveWay();
    yield* parser.push(piece);
  }
  yield* parser.end();
  return undefined;
}
