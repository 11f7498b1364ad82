// What headerless audio says about itself, and its bytes as mono samples of full scale ±1. No containers (wav.ts), no resampling.
import { MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from '../limits.js';
import { invalid, readNumberOrText, type Range } from '../options.js';
import { checkKeys, inOurWords, namesContainer } from './format-words.js';
import { decodeAlaw, decodeMulaw } from './g711.js';
import { Mixer } from './mix.js';

/** How one sample is written, in FFmpeg's words. */
export type Encoding = 'alaw' | 'mulaw' | 's16le' | 'u8' | 's24le' | 's32le' | 'f32le' | 'f64le';

export interface AudioFormat {
  readonly encoding: Encoding;
  /** Samples per second and channel, 1000 to 384000. */
  readonly sampleRate: number;
  /** 1 to 32, interleaved. */
  readonly channels: number;
}

/** A format with what only containers tell. */
export interface PcmFormat extends AudioFormat {
  /** Which loudspeakers the channels are for, as in a WAV; unknown without it. */
  readonly channelMask?: number;
  readonly bigEndian?: boolean;
}

const SAMPLE_BYTES: Readonly<Record<Encoding, number>> = {
  alaw: 1,
  mulaw: 1,
  u8: 1,
  s16le: 2,
  s24le: 3,
  s32le: 4,
  f32le: 4,
  f64le: 8,
};

/** Names users write, in lower case and without punctuation. */
const ENCODING_BY_NAME: ReadonlyMap<string, Encoding> = new Map(
  (
    [
      ['alaw', 'pcma g711a g711alaw pcmalaw'],
      ['mulaw', 'ulaw pcmu g711u g711ulaw g711mulaw pcmmulaw'],
      ['s16le', 's16 pcm pcm16 pcms16le int16 linear16'],
      ['u8', 'pcmu8 uint8'],
      ['s24le', 's24 pcm24 pcms24le int24'],
      ['s32le', 's32 pcm32 pcms32le int32'],
      ['f32le', 'f32 float float32 pcmf32le'],
      ['f64le', 'f64 double float64 pcmf64le'],
    ] as const
  ).flatMap(([encoding, names]) => [encoding, ...names.split(' ')].map((name) => [name, encoding] as const)),
);

/** Samples per second and channel. */
export const SAMPLE_RATES: Range = { least: MIN_SAMPLE_RATE, most: MAX_SAMPLE_RATE, whole: true };
const CHANNELS: Range = { least: 1, most: MAX_CHANNELS, whole: true };

/** Of a name; longer ones are unknown. */
const MAX_NAME_CHARS = 100;
/** Samples turned to floats at a time when channels are mixed: 16 KiB of scratch. */
const MIX_SAMPLES = 4096;
/** A float sample beyond +36 dB is damage; kept from overflowing the sums that follow. */
const MAX_FLOAT_SAMPLE = 64;

const alawFloats = Float32Array.from(decodeAlaw(allBytes()), (sample) => sample / 32768);
const mulawFloats = Float32Array.from(decodeMulaw(allBytes()), (sample) => sample / 32768);

/**
 * Reads `msg.format`: a name such as `"alaw"` (8000 Hz mono) or `{ encoding, sampleRate = 8000, channels = 1 }`.
 * @throws TALK_ERR_ARGUMENT naming the part that is wrong and what was expected
 */
export function parseFormat(value: unknown): AudioFormat {
  if (typeof value === 'string') return { encoding: parseEncoding(value), sampleRate: 8000, channels: 1 };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('format', '"alaw", "mulaw", "s16le" or { encoding, sampleRate, channels }', value);
  }
  checkKeys(value);
  const { encoding, sampleRate, channels } = value as Partial<Record<keyof AudioFormat, unknown>>;
  return {
    encoding: parseEncoding(encoding),
    sampleRate: readNumberOrText('format.sampleRate', sampleRate ?? 8000, SAMPLE_RATES),
    channels: readNumberOrText('format.channels', channels ?? 1, CHANNELS),
  };
}

/** The same for a value that may name a container as well, such as `mp3`: undefined, since its bytes tell what it is. */
export function headerlessFormat(value: unknown): AudioFormat | undefined {
  return namesContainer(value) ? undefined : parseFormat(value);
}

/** Bytes of one sample of every channel. */
export function bytesPerFrame(format: AudioFormat): number {
  return SAMPLE_BYTES[format.encoding] * format.channels;
}

/** Turns bytes as they come into mono samples; how channels become one is the Mixer's. */
export class PcmReader {
  readonly #format: PcmFormat;
  readonly #mixer: Mixer;
  /** An incomplete frame from the last push, in its first `#partialBytes` bytes. */
  readonly #partial: Uint8Array;
  #partialBytes = 0;

  constructor(format: PcmFormat) {
    this.#format = format;
    this.#mixer = new Mixer({ ...format, mask: format.channelMask });
    this.#partial = new Uint8Array(bytesPerFrame(format));
  }

  /** Every frame that is complete with these bytes. */
  push(bytes: Uint8Array): Float32Array {
    const frameBytes = this.#partial.length;
    const mono = new Float32Array(Math.floor((this.#partialBytes + bytes.length) / frameBytes));
    let offset = 0;
    let written = 0;
    if (this.#partialBytes > 0) {
      offset = Math.min(frameBytes - this.#partialBytes, bytes.length);
      this.#partial.set(bytes.subarray(0, offset), this.#partialBytes);
      this.#partialBytes += offset;
      if (this.#partialBytes < frameBytes) return mono;
      this.#read(this.#partial, mono.subarray(0, 1));
      this.#partialBytes = 0;
      written = 1;
    }
    const end = offset + (mono.length - written) * frameBytes;
    this.#read(bytes.subarray(offset, end), mono.subarray(written));
    this.#partialBytes = bytes.length - end;
    this.#partial.set(bytes.subarray(end));
    return mono;
  }

  #read(bytes: Uint8Array, mono: Float32Array): void {
    const { channels, encoding } = this.#format;
    if (channels === 1) {
      readSamples(this.#format, bytes, mono);
      return;
    }
    const sampleBytes = SAMPLE_BYTES[encoding];
    const framesAtOnce = Math.floor(MIX_SAMPLES / channels);
    const mixed = new Float32Array(Math.min(framesAtOnce, mono.length) * channels);
    for (let start = 0; start < mono.length; start += framesAtOnce) {
      const frames = Math.min(framesAtOnce, mono.length - start);
      const from = start * channels * sampleBytes;
      const interleaved = mixed.subarray(0, frames * channels);
      readSamples(this.#format, bytes.subarray(from, from + interleaved.length * sampleBytes), interleaved);
      this.#mixer.mix(interleaved, mono.subarray(start, start + frames));
    }
  }
}

/** Fills `samples` from exactly as many encoded ones. */
function readSamples({ encoding, bigEndian = false }: PcmFormat, bytes: Uint8Array, samples: Float32Array): void {
  const little = !bigEndian;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = samples.length;
  switch (encoding) {
    case 'alaw':
      for (let i = 0; i < count; i++) samples[i] = alawFloats[view.getUint8(i)] ?? 0;
      return;
    case 'mulaw':
      for (let i = 0; i < count; i++) samples[i] = mulawFloats[view.getUint8(i)] ?? 0;
      return;
    case 'u8':
      for (let i = 0; i < count; i++) samples[i] = (view.getUint8(i) - 128) / 128;
      return;
    case 's16le':
      for (let i = 0; i < count; i++) samples[i] = view.getInt16(2 * i, little) / 32768;
      return;
    case 's24le':
      for (let i = 0; i < count; i++) {
        const low = view.getUint8(3 * i + (little ? 0 : 2));
        samples[i] = (low + view.getInt16(3 * i + (little ? 1 : 0), little) * 256) / 8388608;
      }
      return;
    case 's32le':
      for (let i = 0; i < count; i++) samples[i] = view.getInt32(4 * i, little) / 2147483648;
      return;
    case 'f32le':
      for (let i = 0; i < count; i++) samples[i] = soundSample(view.getFloat32(4 * i, little));
      return;
    case 'f64le':
      for (let i = 0; i < count; i++) samples[i] = soundSample(view.getFloat64(8 * i, little));
      return;
  }
}

/** The float itself, within bounds; what is not finite is silence. */
function soundSample(value: number): number {
  if (value <= MAX_FLOAT_SAMPLE && value >= -MAX_FLOAT_SAMPLE) return value;
  return Number.isFinite(value) ? Math.sign(value) * MAX_FLOAT_SAMPLE : 0;
}

function parseEncoding(value: unknown): Encoding {
  if (typeof value === 'string') {
    // NFKC makes one letter of the two signs for micro.
    const name = value
      .slice(0, MAX_NAME_CHARS)
      .normalize('NFKC')
      .toLowerCase()
      .replace('μ', 'mu')
      .replace(/[^a-z0-9]/g, '');
    const encoding = ENCODING_BY_NAME.get(name);
    if (encoding !== undefined) return encoding;
  }
  const example = typeof value === 'string' ? inOurWords(value.slice(0, MAX_NAME_CHARS)) : undefined;
  const expected = `one of ${Object.keys(SAMPLE_BYTES).join(', ')}${example === undefined ? '' : `, as in ${example}`}`;
  throw invalid('format.encoding', expected, value);
}

function allBytes(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => byte);
}
