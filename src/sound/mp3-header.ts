// One frame of MPEG audio by its header, and what a Xing, Info or VBRI header in it counts.

/** One frame header of MPEG 1, 2 or 2.5, layer II or III. */
export interface FrameHeader {
  readonly layer: 2 | 3;
  readonly mpeg1: boolean;
  /** Whether two bytes of checksum follow the header. */
  readonly checked: boolean;
  /** The bit rate is not told, but the same for all frames. */
  readonly free: boolean;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samples: number;
  /** Bytes of padding, counted in `length`. */
  readonly padding: number;
  /** Bytes of the whole frame. */
  readonly length: number;
}

/** kbit/s by index; 0 is free format (ISO 11172-3 and 13818-3, 2.4.2.3). MPEG 2 has one list for both layers. */
const KBITS_LAYER_2 = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
const KBITS_LAYER_3 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_MPEG2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/** Hz of MPEG 1 by index; MPEG 2 has half of it, 2.5 a quarter. */
const SAMPLE_RATES = [44_100, 48_000, 32_000];
/** Bytes of a frame in free format: header and side information at least; at most what libmpg123 has room for. */
const MIN_FREE_BYTES = 24;
const MAX_FREE_BYTES = 3_456;

/** The frame at `at`, if its header is a valid one. One in free format is `freeBytes` long and its padding; without that there is none, nor of layer II. */
export function frameHeader(bytes: Buffer, at: number, freeBytes = 0): FrameHeader | undefined {
  if (at + 4 > bytes.length) return undefined;
  const word = bytes.readUInt32BE(at);
  // Eleven bits of sync, two of version (01 is reserved), two of layer (01 is III, 10 is II), one of checksum.
  const layer = 4 - ((word >>> 17) & 3);
  if (word >>> 21 !== 0x7ff || (layer !== 2 && layer !== 3)) return undefined;
  const version = (word >>> 19) & 3;
  const mpeg1 = version === 3;
  const kbits = (mpeg1 ? (layer === 2 ? KBITS_LAYER_2 : KBITS_LAYER_3) : KBITS_MPEG2)[(word >>> 12) & 15];
  const baseRate = SAMPLE_RATES[(word >>> 10) & 3];
  const free = kbits === 0;
  if (version === 1 || kbits === undefined || baseRate === undefined) return undefined;
  if (free && (freeBytes === 0 || layer === 2)) return undefined;
  const sampleRate = baseRate / (mpeg1 ? 1 : version === 2 ? 2 : 4);
  const samples = mpeg1 || layer === 2 ? 1152 : 576;
  const padding = (word >>> 9) & 1;
  const length = (free ? freeBytes : Math.floor((samples * kbits * 125) / sampleRate)) + padding;
  const channels = ((word >>> 6) & 3) === 3 ? 1 : 2;
  const checked = ((word >>> 16) & 1) === 0;
  return { layer, mpeg1, checked, free, sampleRate, channels, samples, padding, length };
}

/** Frames of one kind: one decoder, one rate. Bit rate and padding may change from frame to frame. */
export function isAlike(a: FrameHeader, b: FrameHeader): boolean {
  return a.sampleRate === b.sampleRate && a.channels === b.channels && a.layer === b.layer;
}

/**
 * Bytes of a frame in free format without its padding, told by the distance of three headers from `at` on. 0 when there are none,
 * undefined when the bytes end before that is known.
 */
export function freeFrameBytes(bytes: Buffer, at: number): number | undefined {
  const isFree = (place: number): FrameHeader | undefined => {
    const header = frameHeader(bytes, place, 1);
    return header?.free === true ? header : undefined;
  };
  if (at + 4 > bytes.length) return undefined;
  const first = isFree(at);
  if (first === undefined) return 0;
  for (let next = bytes.indexOf(0xff, at + MIN_FREE_BYTES); next >= 0; next = bytes.indexOf(0xff, next + 1)) {
    const second = isFree(next);
    const length = next - at - first.padding;
    if (length > MAX_FREE_BYTES) break;
    if (second === undefined || !isAlike(first, second)) continue;
    const last = next + length + second.padding;
    const third = isFree(last);
    if (last === bytes.length || (third !== undefined && isAlike(first, third))) return length;
  }
  return bytes.length - at > 2 * (MAX_FREE_BYTES + 1) + 4 ? 0 : undefined;
}

export interface AnnouncedExtent {
  /** 0: not told. */
  readonly frames: number;
  readonly bytes: number;
}

/** What the Xing, Info or VBRI header in a frame says; such a frame holds no sound. */
export function announcedExtent(frame: Buffer, header: FrameHeader): AnnouncedExtent | undefined {
  if (header.layer !== 3) return undefined;
  // Behind the header and the side information, whose size depends on version and channels; a checksum stands between for some writers.
  const sideInfo = header.mpeg1 ? (header.channels === 1 ? 17 : 32) : header.channels === 1 ? 9 : 17;
  for (const xing of header.checked ? [4 + sideInfo, 6 + sideInfo] : [4 + sideInfo]) {
    if (frame.length < xing + 16) continue;
    const id = frame.toString('latin1', xing, xing + 4);
    if (id !== 'Xing' && id !== 'Info') continue;
    const flags = frame.readUInt32BE(xing + 4);
    const hasFrames = (flags & 1) !== 0;
    return {
      frames: hasFrames ? frame.readUInt32BE(xing + 8) : 0,
      bytes: (flags & 2) === 0 ? 0 : frame.readUInt32BE(xing + (hasFrames ? 12 : 8)),
    };
  }
  if (frame.length >= 54 && frame.toString('latin1', 36, 40) === 'VBRI') {
    return { frames: frame.readUInt32BE(50), bytes: frame.readUInt32BE(46) };
  }
  return undefined;
}
