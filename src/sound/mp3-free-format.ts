// Layer III in free format, which decoders seldom know, made into frames of common bit rates. The sound stays bit for bit what it was.
import { frameHeader, type FrameHeader } from './mp3-header.js';
import { mainData } from './mp3-reservoir.js';

/** So far back a frame's sound may begin, bytes. */
const RESERVOIR_BYTES = 511;
/** Of the bit rates that a header can tell, the highest index. */
const MAX_RATE_INDEX = 14;

export class FreeFormat {
  /** The sound of the frames before, as far as it may still be needed. */
  #reservoir = Buffer.alloc(0);

  /** Whole frames in a row, those in free format made anew; `freeBytes` is their length without padding, 0 when there are none. */
  repack(frames: Buffer, freeBytes: number): Buffer {
    if (freeBytes === 0) return frames;
    const repacked: Buffer[] = [];
    for (let at = 0; at < frames.length;) {
      const header = frameHeader(frames, at, freeBytes);
      if (header === undefined) break;
      const frame = frames.subarray(at, at + header.length);
      repacked.push(header.free ? this.#repack(frame, header) : frame);
      at += header.length;
    }
    return Buffer.concat(repacked);
  }

  /** All sound of the frame in itself. What begins in a lost frame, or is more than a frame may hold, becomes silence. */
  #repack(frame: Buffer, header: FrameHeader): Buffer {
    const { begin, length, area } = mainData({ header, bytes: frame });
    const sound = Buffer.concat([this.#reservoir, frame.subarray(area)]);
    const start = this.#reservoir.length - begin;
    this.#reservoir = sound.subarray(Math.max(0, sound.length - RESERVOIR_BYTES));
    const side = header.checked ? 6 : 4;
    const head = Buffer.concat([frame.subarray(0, 4), frame.subarray(side, area)]);
    // No checksum, no padding, nothing from the frames before.
    head[1] = (head[1] ?? 0) | 1;
    head[2] = (head[2] ?? 0) & 0x0d;
    head[4] = 0;
    if (header.mpeg1) head[5] = (head[5] ?? 0) & 0x7f;
    if (start < 0 || !fit(head, length)) {
      head.fill(0, 4);
      return padded(head, Buffer.alloc(0));
    }
    return padded(head, sound.subarray(start, start + length));
  }
}

/** Sets the lowest bit rate at which a frame holds so many bytes of sound; false when none does. */
function fit(head: Buffer, length: number): boolean {
  const rest = (head[2] ?? 0) & 0x0f;
  for (let index = 1; index <= MAX_RATE_INDEX; index++) {
    head[2] = (index << 4) | rest;
    if ((frameHeader(head, 0)?.length ?? 0) >= head.length + length) return true;
  }
  return false;
}

function padded(head: Buffer, sound: Buffer): Buffer {
  const length = frameHeader(head, 0)?.length ?? 0;
  return Buffer.concat([head, sound, Buffer.alloc(Math.max(0, length - head.length - sound.length))]);
}
