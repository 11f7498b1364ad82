// One RTP packet, bytes <-> values (RFC 3550 section 5.1). The stream of packets that speaks is packetizer.ts.
import { TalkError } from '../errors.js';

export interface RtpPacket {
  /** 0 to 127. */
  readonly payloadType: number;
  readonly marker: boolean;
  /** 16 bits. */
  readonly sequenceNumber: number;
  /** 32 bits, in samples. */
  readonly timestamp: number;
  /** 32 bits. */
  readonly ssrc: number;
  readonly payload: Buffer;
}

/** The fixed header, without CSRC and extension. */
export const RTP_HEADER_BYTES = 12;
/** Version 2 in the upper two bits; no padding, no extension, no CSRC. */
export const RTP_VERSION_2 = 0x80;
export const MARKER_BIT = 0x80;

const PADDING_BIT = 0x20;
const EXTENSION_BIT = 0x10;

/** Reads a packet; CSRC list, header extension and padding are dropped. `payload` is a view of `bytes`. Throws TALK_ERR_PROTOCOL. */
export function parseRtp(bytes: Buffer): RtpPacket {
  if (bytes.length < RTP_HEADER_BYTES) throw protocolError('is shorter than its header');
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  if ((first & 0xc0) !== RTP_VERSION_2) throw protocolError('is not of version 2');
  let from = RTP_HEADER_BYTES + 4 * (first & 0x0f);
  if ((first & EXTENSION_BIT) !== 0) {
    // 16 bits of profile, then the length in 32-bit words.
    if (bytes.length < from + 4) throw protocolError('ends inside its header extension');
    from += 4 + 4 * bytes.readUInt16BE(from + 2);
  }
  const padding = (first & PADDING_BIT) === 0 ? 0 : bytes.readUInt8(bytes.length - 1);
  if ((first & PADDING_BIT) !== 0 && padding === 0) throw protocolError('has padding of no length');
  if (bytes.length < from + padding) throw protocolError('is shorter than its header and padding');
  return {
    payloadType: second & 0x7f,
    marker: (second & MARKER_BIT) !== 0,
    sequenceNumber: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(from, bytes.length - padding),
  };
}

/** The bytes of a packet without CSRC, extension and padding. Throws TALK_ERR_ARGUMENT when a number does not fit its field. */
export function serializeRtp(packet: RtpPacket): Buffer {
  checkField('payload type', packet.payloadType, 0x7f);
  checkField('sequence number', packet.sequenceNumber, 0xffff);
  checkField('timestamp', packet.timestamp, 0xffffffff);
  checkField('SSRC', packet.ssrc, 0xffffffff);
  const bytes = Buffer.allocUnsafe(RTP_HEADER_BYTES + packet.payload.length);
  bytes[0] = RTP_VERSION_2;
  bytes[1] = (packet.marker ? MARKER_BIT : 0) | packet.payloadType;
  bytes.writeUInt16BE(packet.sequenceNumber, 2);
  bytes.writeUInt32BE(packet.timestamp, 4);
  bytes.writeUInt32BE(packet.ssrc, 8);
  bytes.set(packet.payload, RTP_HEADER_BYTES);
  return bytes;
}

/** Throws TALK_ERR_ARGUMENT unless `value` is a whole number from 0 to `most`. */
export function checkField(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new TalkError('TALK_ERR_ARGUMENT', `RTP ${what}: expected a whole number from 0 to ${most}, not ${value}`);
}

function protocolError(what: string): TalkError {
  return new TalkError('TALK_ERR_PROTOCOL', `The peer sent an RTP packet that ${what}`);
}
