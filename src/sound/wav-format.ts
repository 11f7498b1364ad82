// The `fmt ` chunk of a WAV file: which codec, rate and channels it names. The chunks around it are walked in wav.ts.
import { TalkError } from '../errors.js';
import { MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from '../limits.js';
import { bytesPerFrame, type Encoding, type PcmFormat } from './format.js';

/** What the sound of a WAV is. */
export interface WavFormat {
  /** Undefined: frames of MPEG audio (MP3). */
  readonly pcm: PcmFormat | undefined;
  /** Bytes that belong together; a rest at the end is none. */
  readonly frameBytes: number;
  /** 0: unknown. */
  readonly bytesPerSecond: number;
}

/** Codec numbers of the `fmt ` chunk (Microsoft's mmreg.h). */
export const TAG_PCM = 1;
const TAG_FLOAT = 3;
export const TAG_ALAW = 6;
export const TAG_MULAW = 7;
const TAG_MPEG = 0x50;
const TAG_MP3 = 0x55;
const TAG_EXTENSIBLE = 0xfffe;

const ENCODING_BY_TAG_AND_BITS: ReadonlyMap<string, Encoding> = new Map([
  [`${TAG_FLOAT}/32`, 'f32le'],
  [`${TAG_FLOAT}/64`, 'f64le'],
  [`${TAG_ALAW}/8`, 'alaw'],
  [`${TAG_MULAW}/8`, 'mulaw'],
]);
/** PCM of fewer bits stands in the upper ones of whole bytes. */
const PCM_BY_BYTES: readonly Encoding[] = ['u8', 's16le', 's24le', 's32le'];
const PLAYED_TAGS: readonly number[] = [TAG_PCM, TAG_FLOAT, TAG_ALAW, TAG_MULAW, TAG_MPEG, TAG_MP3];
const CODEC_NAMES: ReadonlyMap<number, string> = new Map([
  [0x02, 'ADPCM (Microsoft)'],
  [0x11, 'ADPCM (IMA)'],
  [0x22, 'TrueSpeech'],
  [0x31, 'GSM'],
  [0x40, 'ADPCM (G.721)'],
  [0x45, 'ADPCM (G.726)'],
  [0x64, 'ADPCM (G.726)'],
  [0x83, 'G.729'],
  [0xff, 'AAC'],
  [0x161, 'WMA'],
  [0x2000, 'AC-3'],
]);

/** What players take so many channels for when the file does not tell: 5.0, 5.1 and 7.1. */
const USUAL_MASKS: ReadonlyMap<number, number> = new Map([
  [5, 0x37],
  [6, 0x3f],
  [8, 0x63f],
]);

/** What follows the codec number in the GUID of an extensible format. */
const EXTENSIBLE_GUID_TAIL = '000000001000800000aa00389b71';
/** The part of `fmt ` that says anything: 16 bytes, 40 when extensible. */
export const MAX_FORMAT_BYTES = 40;

/** The codec number of a `fmt ` chunk, looked up in the GUID of an extensible one; undefined when it is not there. */
export function codecTag(content: Buffer, bigEndian = false): number | undefined {
  if (content.length < 2) return undefined;
  const tag = bigEndian ? content.readUInt16BE(0) : content.readUInt16LE(0);
  if (tag !== TAG_EXTENSIBLE) return tag;
  if (content.length < MAX_FORMAT_BYTES) return undefined;
  return content.toString('hex', 26, 40) === EXTENSIBLE_GUID_TAIL ? content.readUInt16LE(24) : TAG_EXTENSIBLE;
}

/** True for PCM, float, A-law, µ-law and MP3. */
export function isPlayableTag(tag: number): boolean {
  return PLAYED_TAGS.includes(tag);
}

/** What a codec is called. */
export function codecName(tag: number): string {
  return CODEC_NAMES.get(tag) ?? `the codec 0x${tag.toString(16)}`;
}

/**
 * The format in the first MAX_FORMAT_BYTES of a `fmt ` chunk. Bits and channels say how long a frame is: what the header says of that is often wrong.
 * @throws TALK_ERR_AUDIO saying what does not fit
 */
export function parseFormatChunk(content: Buffer, bigEndian = false): WavFormat {
  if (content.length < 16) throw wavError(`its format has ${content.length} bytes instead of 16 or more`);
  const u16 = (at: number): number => (bigEndian ? content.readUInt16BE(at) : content.readUInt16LE(at));
  const u32 = (at: number): number => (bigEndian ? content.readUInt32BE(at) : content.readUInt32LE(at));
  const tag = codecTag(content, bigEndian);
  if (tag === undefined) throw wavError('its extensible format is too short');
  if (!isPlayableTag(tag)) throw wavError(`its sound is ${codecName(tag)}, which needs ffmpeg`);
  if (tag === TAG_MPEG || tag === TAG_MP3) return { pcm: undefined, frameBytes: 1, bytesPerSecond: u32(8) };
  const [channels, sampleRate, bits] = [u16(2), u32(4), u16(14)];
  const encoding =
    tag === TAG_PCM ? PCM_BY_BYTES[Math.ceil(bits / 8) - 1] : ENCODING_BY_TAG_AND_BITS.get(`${tag}/${bits}`);
  if (encoding === undefined) throw wavError(`${bits} bits per sample do not fit its codec 0x${tag.toString(16)}`);
  if (channels < 1 || channels > MAX_CHANNELS) {
    throw wavError(`it has ${channels} channels; 1 to ${MAX_CHANNELS} are read`);
  }
  if (sampleRate < MIN_SAMPLE_RATE || sampleRate > MAX_SAMPLE_RATE) {
    throw wavError(`its sample rate is ${sampleRate} Hz; ${MIN_SAMPLE_RATE} to ${MAX_SAMPLE_RATE} are read`);
  }
  const told = u16(0) === TAG_EXTENSIBLE ? u32(20) : 0;
  const channelMask = told === 0 ? (USUAL_MASKS.get(channels) ?? 0) : told;
  const pcm: PcmFormat = {
    encoding,
    sampleRate,
    channels,
    ...(channels > 2 && { channelMask }),
    ...(bigEndian && { bigEndian }),
  };
  const frameBytes = bytesPerFrame(pcm);
  return { pcm, frameBytes, bytesPerSecond: frameBytes * sampleRate };
}

/** The one error of WAV files, around a clause that says what is wrong. */
export function wavError(problem: string): TalkError {
  return new TalkError('TALK_ERR_AUDIO', `The WAV file cannot be played: ${problem}`);
}
