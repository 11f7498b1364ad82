// The `fmt ` chunk of a WAV file: which codec, rate and channels it names. The chunks around it are walked in wav.ts.
import { TalkError } from '../errors.js';
import { MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from '../limits.js';
import { bytesPerFrame, type AudioFormat, type Encoding } from './format.js';

/** Codec numbers of the `fmt ` chunk (Microsoft's mmreg.h). */
export const TAG_PCM = 1;
const TAG_FLOAT = 3;
export const TAG_ALAW = 6;
export const TAG_MULAW = 7;
const TAG_EXTENSIBLE = 0xfffe;

const ENCODING_BY_TAG_AND_BITS: ReadonlyMap<string, Encoding> = new Map([
  [`${TAG_PCM}/8`, 'u8'],
  [`${TAG_PCM}/16`, 's16le'],
  [`${TAG_PCM}/24`, 's24le'],
  [`${TAG_PCM}/32`, 's32le'],
  [`${TAG_FLOAT}/32`, 'f32le'],
  [`${TAG_FLOAT}/64`, 'f64le'],
  [`${TAG_ALAW}/8`, 'alaw'],
  [`${TAG_MULAW}/8`, 'mulaw'],
]);
const KNOWN_TAGS: readonly number[] = [TAG_PCM, TAG_FLOAT, TAG_ALAW, TAG_MULAW];

/** What follows the codec number in the GUID of an extensible format. */
const EXTENSIBLE_GUID_TAIL = '000000001000800000aa00389b71';
/** The part of `fmt ` that says anything: 16 bytes, 40 when extensible. */
export const MAX_FORMAT_BYTES = 40;
/** The codec number of a `fmt ` chunk, looked up in the GUID of an extensible one; undefined when it is not there. */
export function codecTag(content: Buffer): number | undefined {
  if (content.length < 2) return undefined;
  const tag = content.readUInt16LE(0);
  if (tag !== TAG_EXTENSIBLE) return tag;
  if (content.length < MAX_FORMAT_BYTES) return undefined;
  return content.toString('hex', 26, 40) === EXTENSIBLE_GUID_TAIL ? content.readUInt16LE(24) : TAG_EXTENSIBLE;
}

/** True for PCM, float, A-law and µ-law. */
export function isPlayableTag(tag: number): boolean {
  return KNOWN_TAGS.includes(tag);
}

/**
 * The format in the first MAX_FORMAT_BYTES of a `fmt ` chunk.
 * @throws TALK_ERR_AUDIO saying what does not fit
 */
export function parseFormatChunk(content: Buffer): AudioFormat {
  if (content.length < 16) throw wavError(`its format has ${content.length} bytes instead of 16 or more`);
  const tag = codecTag(content);
  const channels = content.readUInt16LE(2);
  const sampleRate = content.readUInt32LE(4);
  const frameBytes = content.readUInt16LE(12);
  const bits = content.readUInt16LE(14);
  if (tag === undefined) throw wavError('its extensible format is too short');
  if (!isPlayableTag(tag)) throw wavError(`its codec 0x${tag.toString(16)} needs ffmpeg`);
  const encoding = ENCODING_BY_TAG_AND_BITS.get(`${tag}/${bits}`);
  if (encoding === undefined) throw wavError(`${bits} bits per sample do not fit its codec 0x${tag.toString(16)}`);
  if (channels < 1 || channels > MAX_CHANNELS)
    throw wavError(`it has ${channels} channels; 1 to ${MAX_CHANNELS} are read`);
  if (sampleRate < MIN_SAMPLE_RATE || sampleRate > MAX_SAMPLE_RATE) {
    throw wavError(`its sample rate is ${sampleRate} Hz; ${MIN_SAMPLE_RATE} to ${MAX_SAMPLE_RATE} are read`);
  }
  const format: AudioFormat = { encoding, sampleRate, channels };
  if (frameBytes !== bytesPerFrame(format)) {
    throw wavError(
      `${channels} channels of ${bits} bits are ${bytesPerFrame(format)} bytes, its header says ${frameBytes}`,
    );
  }
  return format;
}

/** The one error of WAV files, around a clause that says what is wrong. */
export function wavError(problem: string): TalkError {
  return new TalkError('TALK_ERR_AUDIO', `The WAV file cannot be played: ${problem}`);
}
