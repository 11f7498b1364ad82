// The bit reservoir of layer III: a frame's sound may begin in the frames before it (ISO 11172-3 and 13818-3, 2.4.1.7).
import type { FrameHeader } from './mp3-header.js';

export interface Frame {
  readonly header: FrameHeader;
  readonly bytes: Buffer;
}

/** Where a frame's sound is, bytes. */
export interface MainData {
  /** How much of it stands in the frames before. */
  readonly begin: number;
  readonly length: number;
  /** Offset in the frame behind header, checksum and side information; from here on the frame is part of the reservoir. */
  readonly area: number;
}

/** Whether `next` can be decoded behind `frame`: it needs nothing from before, or just what that frame leaves. */
export function continues(frame: Frame, next: Frame): boolean {
  if (next.header.layer !== 3) return true;
  const { begin } = mainData(next);
  const before = mainData(frame);
  return begin === 0 || begin === before.begin + frame.bytes.length - before.area - before.length;
}

export function mainData({ header, bytes }: Frame): MainData {
  const { mpeg1, channels, checked } = header;
  const start = (checked ? 6 : 4) * 8;
  const beginBits = mpeg1 ? 9 : 8;
  // Private bits follow, and of MPEG 1 four bits for each channel that say what the granules share.
  let at = start + beginBits + (mpeg1 ? (channels === 1 ? 5 + 4 : 3 + 8) : channels);
  let bits = 0;
  for (let granule = 0; granule < (mpeg1 ? 2 : 1) * channels; granule++) {
    bits += bitsAt(bytes, at, 12);
    at += mpeg1 ? 59 : 63;
  }
  return { begin: bitsAt(bytes, start, beginBits), length: Math.ceil(bits / 8), area: at / 8 };
}

function bitsAt(bytes: Buffer, at: number, count: number): number {
  let value = 0;
  for (let bit = at; bit < at + count; bit++) value = value * 2 + (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
  return value;
}
