// The outgoing stream: audio payloads to interleaved RTP packets, ready for the socket. No clock, no codec.
import { TalkError } from '../errors.js';
import { checkField, MARKER_BIT, RTP_HEADER_BYTES, RTP_VERSION_2 } from './packet.js';

/** `$`, channel, 16-bit length (RFC 2326 section 10.12). */
const INTERLEAVED_HEADER_BYTES = 4;
const DOLLAR = 0x24;
const HEADER_BYTES = INTERLEAVED_HEADER_BYTES + RTP_HEADER_BYTES;
/** The interleaved length field counts the RTP header too. */
const MAX_PAYLOAD_BYTES = 0xffff - RTP_HEADER_BYTES;

export interface PacketizerOptions {
  /** Interleaved channel, 0 to 255. */
  readonly channel: number;
  /** 0 to 127. */
  readonly payloadType: number;
  readonly ssrc: number;
  /** Of the first packet, 16 bits. */
  readonly sequenceNumber: number;
  /** Of the first packet, 32 bits. */
  readonly timestamp: number;
}

/** One RTP stream of one talk session. The constructor throws TALK_ERR_ARGUMENT when a number does not fit its field. */
export class Packetizer {
  readonly #channel: number;
  readonly #payloadType: number;
  readonly #ssrc: number;
  #sequenceNumber: number;
  #timestamp: number;
  #first = true;

  constructor(options: PacketizerOptions) {
    checkField('channel', options.channel, 0xff);
    checkField('payload type', options.payloadType, 0x7f);
    checkField('SSRC', options.ssrc, 0xffffffff);
    checkField('sequence number', options.sequenceNumber, 0xffff);
    checkField('timestamp', options.timestamp, 0xffffffff);
    this.#channel = options.channel;
    this.#payloadType = options.payloadType;
    this.#ssrc = options.ssrc;
    this.#sequenceNumber = options.sequenceNumber;
    this.#timestamp = options.timestamp;
  }

  /**
   * `$`, channel, length, RTP header and payload in one Buffer. The marker is set on the first packet only.
   * Throws TALK_ERR_ARGUMENT for a payload of 0 or more than 65523 bytes.
   */
  packetize(payload: Uint8Array): Buffer {
    const { length } = payload;
    if (length === 0 || length > MAX_PAYLOAD_BYTES) {
      throw new TalkError('TALK_ERR_ARGUMENT', `RTP payload: expected 1 to ${MAX_PAYLOAD_BYTES} bytes, not ${length}`);
    }
    const bytes = Buffer.allocUnsafe(HEADER_BYTES + length);
    bytes[0] = DOLLAR;
    bytes[1] = this.#channel;
    bytes.writeUInt16BE(RTP_HEADER_BYTES + length, 2);
    bytes[4] = RTP_VERSION_2;
    bytes[5] = (this.#first ? MARKER_BIT : 0) | this.#payloadType;
    bytes.writeUInt16BE(this.#sequenceNumber, 6);
    bytes.writeUInt32BE(this.#timestamp, 8);
    bytes.writeUInt32BE(this.#ssrc, 12);
    bytes.set(payload, HEADER_BYTES);
    this.#first = false;
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    // A byte of G.711 is a sample.
    this.#timestamp = (this.#timestamp + length) >>> 0;
    return bytes;
  }
}
