// RTP packets and interleaved frames as a camera sends them, written byte by byte.
import type { OrderedPacket } from '../../src/listen/reorder.js';
import type { RtpPacket } from '../../src/rtp/packet.js';

export const SSRC = 0x1a2b3c4d;

export interface PacketParts {
  readonly payloadType?: number;
  readonly marker?: boolean;
  readonly sequenceNumber: number;
  readonly timestamp?: number;
  readonly ssrc?: number;
  readonly payload?: Buffer;
}

/** An RTP packet as values; PCMA without payload unless told otherwise. */
export function packet(parts: PacketParts): RtpPacket {
  return { payloadType: 8, marker: false, timestamp: 0, ssrc: SSRC, payload: Buffer.alloc(0), ...parts };
}

export function ordered(parts: PacketParts, lostBefore = 0, restart = false): OrderedPacket {
  return { packet: packet(parts), lostBefore, restart };
}

/** The bytes of an RTP packet. */
export function rtpBytes(parts: PacketParts): Buffer {
  const { payloadType, marker, sequenceNumber, timestamp, ssrc, payload } = packet(parts);
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = (marker ? 0x80 : 0) + payloadType;
  header.writeUInt16BE(sequenceNumber & 0xffff, 2);
  header.writeUInt32BE(timestamp >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, payload]);
}

/** `$`, channel, length, packet. */
export function frameBytes(parts: PacketParts, channel = 0): Buffer {
  const bytes = rtpBytes(parts);
  return Buffer.concat([Buffer.from([0x24, channel, bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
