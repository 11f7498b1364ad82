// MP3 by mpg123-decoder in this thread, in slices. Whether bytes are MP3, whole and short enough is decided elsewhere.
import type { MPEGDecoder } from 'mpg123-decoder' with { 'resolution-mode': 'import' };
import { monotonicClock, type Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { logger } from '../logger.js';
import { Mixer } from '../sound/mix.js';
import { yielding } from './yielding.js';

const log = logger('mp3');

/** What a decoder gives: mono samples of full scale ±1 at the rate of the source, Hz. */
export interface Sound {
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

export interface Mp3Options {
  signal?: AbortSignal | undefined;
  clock?: Clock;
  /** Whether the source is known to have one channel; saves the mixing. */
  mono?: boolean;
}

/** Bytes for one call of the decoder: about 0.25 s of speech and 0.2 ms of work; more is not cheaper, less costs up to twice the time. */
const STEP_BYTES = 2_048;
/** Decoders kept ready; each holds 17 MB of address space of which about 1 MB is touched. */
const SPARE_DECODERS = 2;

let library: Promise<{ readonly MPEGDecoder: new () => MPEGDecoder }> | undefined;
const spares: MPEGDecoder[] = [];

/**
 * The samples without the encoder's delay and padding, from frames of MPEG audio layer I to III.
 * Throws TALK_ERR_AUDIO for what cannot be decoded, what `input` throws, or the signal's reason.
 */
export async function* decodeMp3(
  input: Buffer | AsyncIterable<Uint8Array>,
  options: Mp3Options = {},
): AsyncGenerator<Sound> {
  const { signal, clock = monotonicClock, mono = false } = options;
  const giveWay = yielding(clock, signal);
  await giveWay();
  const decoder = await takeDecoder();
  const mix = stereoMixer();
  try {
    for await (const chunk of Buffer.isBuffer(input) ? [input] : input) {
      for (let offset = 0; offset < chunk.length; offset += STEP_BYTES) {
        await giveWay();
        const sound = decodeStep(decoder, chunk.subarray(offset, offset + STEP_BYTES), mono ? undefined : mix);
        if (sound.samples.length > 0) yield sound;
      }
    }
  } finally {
    // The reset goes on by itself.
    void returnDecoder(decoder);
  }
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
async function returnDecoder(decoder: MPEGDecoder): Promise<void> {
  try {
    if (spares.length < SPARE_DECODERS) await decoder.reset();
    if (spares.length < SPARE_DECODERS) spares.push(decoder);
    else decoder.free();
  } catch (error) {
    log('decoder dropped: %s', error);
  }
}

type Mix = (left: Float32Array, right: Float32Array, sampleRate: number) => Float32Array;

function decodeStep(decoder: MPEGDecoder, bytes: Uint8Array, mix: Mix | undefined): Sound {
  const decoded = decoder.decode(bytes);
  if (decoded.errors.length > 0) throw new TalkError('TALK_ERR_AUDIO', 'The MP3 is damaged and cannot be decoded');
  const { channelData, sampleRate } = decoded;
  const [left = new Float32Array(0), right = left] = channelData;
  return { samples: mix === undefined ? left : mix(left, right, sampleRate), sampleRate };
}

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
