// The talk's sound as MPEG-TS (ISO 13818-1): the tables once, then one PES packet per frame of A-law. What is written here is read by reader.ts, which shares nothing with it.
import { TalkError } from '../errors.js';

const PACKET_BYTES = 188;
const HEADER_BYTES = 4;
/** What a packet has room for. */
const ROOM_BYTES = PACKET_BYTES - HEADER_BYTES;
const SYNC = 0x47;
/** Payload unit start, beside the PID's upper bits. */
const UNIT_START = 0x40;
/** PID 0x100. */
const PID_HIGH = 0x01;
const PID_LOW = 0x00;
const PAYLOAD_ONLY = 0x10;
const ADAPTATION_AND_PAYLOAD = 0x30;
const STUFFING = 0xff;

/** Start code, stream, length, flags, length of the header data, PTS. */
const PES_HEADER_BYTES = 14;
/** What the length in a PES header counts beside the sound: flags, length of the header data, PTS. */
const PES_COUNTED_BYTES = 8;
/** The largest payload that any client has been heard with (PROTOCOL.md M14). */
const MAX_FRAME_BYTES = 1_460;

/** Ticks of 90 kHz for each sample of 8 kHz: 11.25. The sum of both is exact for longer than a camera lives. */
const TICKS = 45;
const PER_SAMPLES = 4;
const PTS_RANGE = 2 ** 33;

/** PID 0: one program, its table at PID 0x1000 (PROTOCOL.md M12). */
const PAT = '474000100000b00d0001c100000001f0002ab104b2';
/** PID 0x1000: one stream of type 0x90, A-law, at PID 0x100, and no clock (PROTOCOL.md M12). */
const PMT = '475000100002b0120001c10000fffff00090e100f0005631e8cd';
const TABLES = Buffer.alloc(2 * PACKET_BYTES, STUFFING);
TABLES.set(Buffer.from(PAT, 'hex'));
TABLES.set(Buffer.from(PMT, 'hex'), PACKET_BYTES);

/** What goes before the first frame of a stream: 376 bytes, the same each time, not to be written to. */
export function streamTables(): Buffer {
  return TABLES;
}

/** The frames of one stream. It counts samples for the time stamps, from 0, and packets for the continuity. */
export class FrameWriter {
  #samples = 0;
  #packets = 0;

  /**
   * The packets of one frame, 188 bytes each.
   * @param alaw 1 to 1460 bytes, 8 kHz. Throws TALK_ERR_ARGUMENT for more or none.
   */
  write(alaw: Uint8Array): Buffer {
    const { length } = alaw;
    if (length < 1 || length > MAX_FRAME_BYTES) {
      throw new TalkError('TALK_ERR_ARGUMENT', `A frame has 1 to ${MAX_FRAME_BYTES} bytes, not ${length}`);
    }
    const packets = Math.ceil((PES_HEADER_BYTES + length) / ROOM_BYTES);
    const bytes = Buffer.allocUnsafe(packets * PACKET_BYTES);
    let taken = 0;
    for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
      const first = at === 0;
      const head = first ? PES_HEADER_BYTES : 0;
      const sound = Math.min(length - taken, ROOM_BYTES - head);
      const payloadAt = this.#writeHeader(bytes, at, first, head + sound);
      if (first) writePesHeader(bytes, payloadAt, length, this.#pts());
      bytes.set(sound === length ? alaw : alaw.subarray(taken, taken + sound), payloadAt + head);
      taken += sound;
    }
    this.#samples += length;
    return bytes;
  }

  #pts(): number {
    return Math.floor((this.#samples * TICKS) / PER_SAMPLES) % PTS_RANGE;
  }

  /** Header and stuffing of the packet at `at`. Returns where its payload goes. */
  #writeHeader(bytes: Buffer, at: number, unitStart: boolean, payloadBytes: number): number {
    const room = ROOM_BYTES - payloadBytes;
    bytes[at] = SYNC;
    bytes[at + 1] = unitStart ? UNIT_START | PID_HIGH : PID_HIGH;
    bytes[at + 2] = PID_LOW;
    bytes[at + 3] = (room === 0 ? PAYLOAD_ONLY : ADAPTATION_AND_PAYLOAD) | (this.#packets++ & 0x0f);
    if (room > 0) {
      // The adaptation field: its length without this byte, flags, stuffing. One of length 0 has no flags.
      bytes[at + 4] = room - 1;
      if (room > 1) bytes[at + 5] = 0;
      bytes.fill(STUFFING, Math.min(at + 6, at + HEADER_BYTES + room), at + HEADER_BYTES + room);
    }
    return at + HEADER_BYTES + room;
  }
}

/** Audio stream 0 with nothing but a PTS (PROTOCOL.md M13). */
function writePesHeader(bytes: Buffer, at: number, soundBytes: number, pts: number): void {
  bytes.writeUInt32BE(0x000001c0, at);
  bytes.writeUInt16BE(PES_COUNTED_BYTES + soundBytes, at + 4);
  bytes[at + 6] = 0x80;
  bytes[at + 7] = 0x80;
  bytes[at + 8] = 5;
  writePts(bytes, at + 9, pts);
}

/** A time stamp of 90 kHz, 0 to 2^33 - 1, in five bytes: 3, 15 and 15 bits with a marker bit behind each. */
export function writePts(bytes: Buffer, at: number, pts: number): void {
  // Shifts reach no further than 32 bits.
  bytes[at] = 0x21 | (Math.floor(pts / 2 ** 30) << 1);
  bytes.writeUInt16BE((((pts >>> 15) & 0x7fff) << 1) | 1, at + 1);
  bytes.writeUInt16BE(((pts & 0x7fff) << 1) | 1, at + 3);
}
