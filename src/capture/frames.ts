// Interleaved frames without names: RTCP tells who sends, often by user name, host or address (RFC 3550 section 6.5). Sound stays as it is. Pure.

const FRAME_HEAD_BYTES = 4;
const PACKET_HEAD_BYTES = 4;
const SSRC_BYTES = 4;
const WORD_BYTES = 4;
/** RFC 3550 section 12.1. */
const SDES = 202;
const BYE = 203;
const APP = 204;
const RTCP_TYPES = { least: 200, most: APP };
const MADE_UP = 'x'.charCodeAt(0);

/** One frame, or as much of it as came: as long as before, each letter of a name an x. */
export function namelessFrame(frame: Buffer): Buffer {
  if (!isRtcp(frame, FRAME_HEAD_BYTES)) return frame;
  const nameless = Buffer.from(frame);
  let at = FRAME_HEAD_BYTES;
  while (isRtcp(nameless, at)) {
    const end = at + PACKET_HEAD_BYTES + (at + 4 <= nameless.length ? nameless.readUInt16BE(at + 2) : 0) * WORD_BYTES;
    hideNames(nameless.subarray(at, end));
    at = end;
  }
  return nameless;
}

/** Version 2 and a type of RTCP; a type of RTP that looks the same is reserved (RFC 3551 section 6). */
function isRtcp(bytes: Buffer, at: number): boolean {
  if (at + 2 > bytes.length) return false;
  const type = bytes.readUInt8(at + 1);
  return bytes.readUInt8(at) >> 6 === 2 && type >= RTCP_TYPES.least && type <= RTCP_TYPES.most;
}

/** In the packet itself. */
function hideNames(packet: Buffer): void {
  const count = packet.readUInt8(0) & 0x1f;
  const type = packet.readUInt8(1);
  if (type === SDES) hideItems(packet.subarray(PACKET_HEAD_BYTES), count);
  // The reason for leaving stands behind its length.
  if (type === BYE) packet.fill(MADE_UP, PACKET_HEAD_BYTES + count * SSRC_BYTES + 1);
  if (type === APP) packet.fill(MADE_UP, PACKET_HEAD_BYTES + SSRC_BYTES + WORD_BYTES);
}

/** Chunks of an SSRC and items, each of a type, a length and a text; a type 0 ends the chunk at the next word. */
function hideItems(chunks: Buffer, count: number): void {
  let at = 0;
  for (let chunk = 0; chunk < count; chunk++) {
    at += SSRC_BYTES;
    while (at + 1 < chunks.length && chunks[at] !== 0) {
      const end = at + 2 + chunks.readUInt8(at + 1);
      chunks.fill(MADE_UP, at + 2, Math.min(end, chunks.length));
      at = end;
    }
    at = (Math.floor(at / WORD_BYTES) + 1) * WORD_BYTES;
  }
}
