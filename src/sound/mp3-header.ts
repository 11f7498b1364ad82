// One frame of MPEG audio by its header, and what a Xing, Info or VBRI header in it counts.

/** One frame header of MPEG 1, 2 or 2.5, layer III. */
export interface FrameHeader {
  readonly mpeg1: boolean;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samples: number;
  /** Bytes of the whole frame. */
  readonly length: number;
}

/** Layer III, kbit/s by index; 0 is free format (ISO 11172-3 and 13818-3, 2.4.2.3). */
const KBITS_MPEG1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_MPEG2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/** Hz of MPEG 1 by index; MPEG 2 has half of it, 2.5 a quarter. */
const SAMPLE_RATES = [44_100, 48_000, 32_000];

/** The frame at `at`, if its header is a valid one of layer III with a bit rate. */
export function frameHeader(bytes: Buffer, at: number): FrameHeader | undefined {
  if (at + 4 > bytes.length) return undefined;
  const word = bytes.readUInt32BE(at);
  // Eleven bits of sync, two of version (01 is reserved), two of layer (01 is III), one of checksum.
  if (word >>> 21 !== 0x7ff || ((word >>> 17) & 3) !== 1) return undefined;
  const version = (word >>> 19) & 3;
  const mpeg1 = version === 3;
  const kbits = (mpeg1 ? KBITS_MPEG1 : KBITS_MPEG2)[(word >>> 12) & 15] ?? 0;
  const baseRate = SAMPLE_RATES[(word >>> 10) & 3];
  if (version === 1 || kbits === 0 || baseRate === undefined) return undefined;
  const sampleRate = baseRate / (mpeg1 ? 1 : version === 2 ? 2 : 4);
  const samples = mpeg1 ? 1152 : 576;
  const padding = (word >>> 9) & 1;
  const length = Math.floor((samples * kbits * 125) / sampleRate) + padding;
  return { mpeg1, sampleRate, channels: ((word >>> 6) & 3) === 3 ? 1 : 2, samples, length };
}

/** Each rate belongs to one version of MPEG; bit rate, padding and channels may change from frame to frame. */
export function isAlike(a: FrameHeader, b: FrameHeader): boolean {
  return a.sampleRate === b.sampleRate;
}

export interface AnnouncedExtent {
  /** 0: not told. */
  readonly frames: number;
  readonly bytes: number;
}

/** What the Xing, Info or VBRI header in the first frame says. */
export function announcedExtent(bytes: Buffer, at: number, first: FrameHeader): AnnouncedExtent | undefined {
  const frame = bytes.subarray(at, at + first.length);
  // Behind the header and the side information, whose size depends on version and channels.
  const xing = 4 + (first.mpeg1 ? (first.channels === 1 ? 17 : 32) : first.channels === 1 ? 9 : 17);
  const id = frame.toString('latin1', xing, xing + 4);
  if ((id === 'Xing' || id === 'Info') && frame.length >= xing + 16) {
    const flags = frame.readUInt32BE(xing + 4);
    const hasFrames = (flags & 1) !== 0;
    const bytesAt = xing + (hasFrames ? 12 : 8);
    return {
      frames: hasFrames ? frame.readUInt32BE(xing + 8) : 0,
      bytes: (flags & 2) === 0 ? 0 : frame.readUInt32BE(bytesAt),
    };
  }
  if (frame.toString('latin1', 36, 40) === 'VBRI' && frame.length >= 54) {
    return { frames: frame.readUInt32BE(50), bytes: frame.readUInt32BE(46) };
  }
  return undefined;
}
