// What an AAC stream says about itself: AudioSpecificConfig (ISO 14496-3 section 1.6.2), and the ADTS header made of it. No packets.
import { TalkError } from '../../errors.js';
import { BitReader } from './bits.js';

export interface AacConfig {
  /** Of the core codec: 2 is AAC-LC. 1 to 4. */
  readonly objectType: number;
  /** Place of the core's sample rate in the standard's table. */
  readonly rateIndex: number;
  /** Of the core, Hz; half the clock rate with spectral band replication. */
  readonly sampleRate: number;
  /** 1 or 2. */
  readonly channels: number;
}

/** Samples per channel of one access unit, at the core's rate. */
export const AAC_FRAME_SAMPLES = 1_024;
const ADTS_HEADER_BYTES = 7;
/** The ADTS length field has 13 bits and counts the header. */
export const MAX_AAC_BYTES = 0x1fff - ADTS_HEADER_BYTES;

/** Sampling frequencies by index (ISO 14496-3 table 1.18), Hz. */
const RATES: readonly number[] = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];
/** The rate is written out in 24 bits instead. */
const EXPLICIT_RATE = 15;
const SBR = 5;
const PARAMETRIC_STEREO = 29;
const LOW_COMPLEXITY = 2;

/** Reads the `config` parameter, hexadecimal. Throws TALK_ERR_UNSUPPORTED for what ADTS cannot carry, and for nonsense. */
export function parseAacConfig(hex: string): AacConfig {
  if (!/^(?:[0-9a-f]{2}){2,64}$/i.test(hex)) throw unsupported('its config makes no sense');
  const bits = new BitReader(Buffer.from(hex, 'hex'));
  let objectType = readObjectType(bits);
  const sampleRate = readRate(bits);
  const channels = bits.read(4);
  if (objectType === SBR || objectType === PARAMETRIC_STEREO) {
    readRate(bits);
    objectType = readObjectType(bits);
  }
  const shortFrames = bits.read(1) === 1;
  const rateIndex = RATES.indexOf(sampleRate);
  if (objectType < 1 || objectType > 4) throw unsupported(`it is of object type ${objectType}`);
  if (rateIndex === -1) throw unsupported(`its sample rate is ${sampleRate} Hz`);
  if (channels !== 1 && channels !== 2) throw unsupported('it is neither mono nor stereo');
  if (shortFrames) throw unsupported('its frames have 960 samples');
  return { objectType, rateIndex, sampleRate, channels };
}

/** AAC-LC at this rate: what a stream without `config` most likely is. Throws TALK_ERR_UNSUPPORTED for a rate that AAC does not have. */
export function plainAacConfig(sampleRate: number, channels: number): AacConfig {
  const rateIndex = RATES.indexOf(sampleRate);
  if (rateIndex === -1) throw unsupported(`its sample rate is ${sampleRate} Hz`);
  return { objectType: LOW_COMPLEXITY, rateIndex, sampleRate, channels: channels === 2 ? 2 : 1 };
}

/** One access unit with the header that lets it stand alone (ISO 14496-3 section 1.A.2); at most MAX_AAC_BYTES. */
export function adtsFrame(config: AacConfig, unit: Uint8Array): Buffer {
  const length = ADTS_HEADER_BYTES + unit.length;
  const frame = Buffer.allocUnsafe(length);
  // Sync word, MPEG-4, no checksum.
  frame[0] = 0xff;
  frame[1] = 0xf1;
  frame[2] = ((config.objectType - 1) << 6) | (config.rateIndex << 2) | (config.channels >> 2);
  frame[3] = ((config.channels & 3) << 6) | (length >> 11);
  frame[4] = (length >> 3) & 0xff;
  // A buffer fullness of all ones: variable bit rate. One access unit.
  frame[5] = ((length & 7) << 5) | 0x1f;
  frame[6] = 0xfc;
  frame.set(unit, ADTS_HEADER_BYTES);
  return frame;
}

/**
 * An access unit without sound, by the syntax of ISO 14496-3 section 4.4.2.1: one element with no spectral band, then the end mark.
 * Mono: SCE 000, tag 0000, gain 8 bits, window 0 00 0, bands 000000, prediction 0, pulse TNS gain 000, end 111.
 * Stereo: CPE 001, tag 0000, common window 1, window 0 00 0, bands 000000, prediction 0, mask 00, twice gain and 000, end 111, padding.
 */
export function silentUnit(config: AacConfig): Buffer {
  return Buffer.from(config.channels === 2 ? '21000000001c' : '00000007', 'hex');
}

function readObjectType(bits: BitReader): number {
  const type = bits.read(5);
  return type === 31 ? 32 + bits.read(6) : type;
}

function readRate(bits: BitReader): number {
  const index = bits.read(4);
  return index === EXPLICIT_RATE ? bits.read(24) : (RATES[index] ?? 0);
}

function unsupported(what: string): TalkError {
  return new TalkError('TALK_ERR_UNSUPPORTED', `The camera's AAC sound cannot be decoded: ${what}`);
}
