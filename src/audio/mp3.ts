// MP3 by mpg123-decoder in this thread, in slices. Whether bytes are MP3, whole enough and short enough is decided elsewhere.
import type { MPEGDecoder } from 'mpg123-decoder' with { 'resolution-mode': 'import' };
import { monotonicClock, type Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { logger } from '../logger.js';
import { Mixer } from '../sound/mix.js';
import type { Mp3Extent } from '../sound/mp3-extent.js';
import { FreeFormat } from '../sound/mp3-free-format.js';
import { Mp3Framer, type Mp3Run } from '../sound/mp3-frames.js';
import { yielding } from './yielding.js';

const log = logger('mp3');

/** What a decoder gives: mono samples of full scale ±1 at the rate of the source, Hz. */
export interface Sound {
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

export interface Mp3Options {
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  /** Of the source, where it is known, bytes. */
  readonly size?: number | undefined;
  readonly warn?: ((warning: string) => void) | undefined;
}

type Pieces = Buffer | Iterable<Buffer> | AsyncIterable<Buffer>;

/** Bytes looked through in one step, well under a millisecond of work. */
const PIECE_BYTES = 16_384;
/** Bytes for one call of the decoder: about 0.25 s of speech and 0.2 ms of work; more is not cheaper, less costs up to twice the time. */
const STEP_BYTES = 2_048;
/** Decoders kept ready; each holds 17 MB of address space of which about 1 MB is touched. */
const SPARE_DECODERS = 2;

let library: Promise<{ readonly MPEGDecoder: new () => MPEGDecoder }> | undefined;
const spares: MPEGDecoder[] = [];

/** What is in an MP3, layer II or III, without decoding it. Throws what `pieces` throws, or the signal's reason. */
export async function measureMp3(pieces: Pieces, options: Mp3Options = {}): Promise<Mp3Extent> {
  const framer = new Mp3Framer(options.size);
  for await (const piece of slices(pieces, options)) framer.push(piece);
  framer.end();
  return framer.extent;
}

/**
 * The samples without the encoder's delay and padding, from the frames of MPEG audio layer II and III among these bytes. Each part of joined
 * files has its own rate; foreign bytes and unfinished frames are left out, which `warn` is told at the end.
 * Throws TALK_ERR_AUDIO when nothing can be decoded, what `pieces` throws, or the signal's reason.
 */
export async function* decodeMp3(pieces: Pieces, options: Mp3Options = {}): AsyncGenerator<Sound> {
  const { signal, clock = monotonicClock } = options;
  const giveWay = yielding(clock, signal);
  const mix = stereoMixer();
  const framer = new Mp3Framer(options.size);
  let decoder: MPEGDecoder | undefined;
  let part = -1;
  let freeFormat = new FreeFormat();
  // The header of a part waits for its sound: one that has none needs no decoder.
  let header: Buffer = Buffer.alloc(0);
  let isHeard = false;
  let failures = 0;
  try {
    for await (const run of runs(framer, slices(pieces, options))) {
      if (run.part !== part) {
        void returnDecoder(decoder);
        decoder = undefined;
        header = Buffer.alloc(0);
        freeFormat = new FreeFormat();
        part = run.part;
      }
      if (!run.hasSound) {
        header = run.bytes;
        continue;
      }
      decoder ??= await takeDecoder();
      const bytes = Buffer.concat([header, freeFormat.repack(run.bytes, run.freeBytes)]);
      header = Buffer.alloc(0);
      for (let offset = 0; offset < bytes.length; offset += STEP_BYTES) {
        await giveWay();
        const { channelData, errors } = decoder.decode(bytes.subarray(offset, offset + STEP_BYTES));
        const [left = new Float32Array(0), right = left] = channelData;
        const samples = run.channels === 1 ? left : mix(left, right, run.sampleRate);
        if (samples.length > 0) yield { samples, sampleRate: run.sampleRate };
        isHeard ||= samples.length > 0;
        failures += errors.length;
      }
    }
  } finally {
    // The reset goes on by itself.
    void returnDecoder(decoder);
  }
  if (!isHeard) throw new TalkError('TALK_ERR_AUDIO', 'The MP3 is damaged and cannot be decoded');
  tellMissing(framer.extent, failures, options.warn);
}

async function* slices(pieces: Pieces, { signal, clock = monotonicClock }: Mp3Options): AsyncGenerator<Buffer> {
  const giveWay = yielding(clock, signal);
  for await (const piece of Buffer.isBuffer(pieces) ? [pieces] : pieces) {
    for (let offset = 0; offset < piece.length; offset += PIECE_BYTES) {
      await giveWay();
      yield piece.subarray(offset, offset + PIECE_BYTES);
    }
  }
}

async function* runs(framer: Mp3Framer, pieces: AsyncIterable<Buffer>): AsyncGenerator<Mp3Run> {
  for await (const piece of pieces) yield* framer.push(piece);
  yield* framer.end();
}

/** A sentence for each thing that is not heard. */
function tellMissing(extent: Mp3Extent, failures: number, warn: (warning: string) => void = () => undefined): void {
  const { skippedBytes, cutSeconds, seconds, promisedSeconds } = extent;
  if (skippedBytes > 0) warn(`${skippedBytes} bytes in the MP3 are no sound (damage or padding) and were left out`);
  if (promisedSeconds > seconds) {
    warn(`The MP3 promises ${promisedSeconds.toFixed(2)} s and holds ${seconds.toFixed(2)} s, which were spoken`);
  } else if (cutSeconds > 0) {
    warn(`The last frame of the MP3 is not whole; its ${cutSeconds.toFixed(3)} s were left out`);
  }
  if (failures > 0) warn(`The MP3 is damaged; it could not be decoded at ${failures} places`);
}

async function takeDecoder(): Promise<MPEGDecoder> {
  return spares.pop() ?? (await newDecoder());
}

async function newDecoder(): Promise<MPEGDecoder> {
  library ??= import('mpg123-decoder');
  const { MPEGDecoder: Decoder } = await library;
  const decoder = new Decoder();
  await decoder.ready;
  return decoder;
}

/** A decoder remembers its stream, so it is used again only after a reset. Never rejects: a broken one is left to the collector. */
async function returnDecoder(decoder: MPEGDecoder | undefined): Promise<void> {
  if (decoder === undefined) return;
  try {
    if (spares.length < SPARE_DECODERS) await decoder.reset();
    if (spares.length < SPARE_DECODERS) spares.push(decoder);
    else decoder.free();
  } catch (error) {
    log('decoder dropped: %s', error);
  }
}

type Mix = (left: Float32Array, right: Float32Array, sampleRate: number) => Float32Array;

/** Both channels to one, in the memory of the left one, by the mixer of all paths. */
function stereoMixer(): Mix {
  let mixer: Mixer | undefined;
  let mixedRate = 0;
  return (left, right, sampleRate) => {
    if (mixer === undefined || sampleRate !== mixedRate) mixer = new Mixer({ channels: 2, sampleRate });
    mixedRate = sampleRate;
    const interleaved = new Float32Array(2 * left.length);
    for (let i = 0; i < left.length; i++) {
      interleaved[2 * i] = left[i] ?? 0;
      interleaved[2 * i + 1] = right[i] ?? 0;
    }
    mixer.mix(interleaved, left);
    return left;
  };
}
