// What cameras require of the packets of one talk session. Pure: a packet goes in, complaints come out.
import { MAX_PACKET_BYTES } from '../limits.js';
import { PLAYABLE_CODECS, Playout } from './playout.js';

/** Payload sizes with which some camera was heard to play well (PROTOCOL.md P6). A TL-IPC48AW stutters at 256, 512 and 1536. */
const PACKET_SIZES: readonly number[] = [160, 320, 1024, 2048];

/** One RTP packet as it arrived. */
export interface RecordedPacket {
  /** Arrival on the camera's clock, ms. */
  readonly at: number;
  /** Interleaved channel. */
  readonly channel: number;
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

export interface PacketRulesOptions {
  /** Interleaved channel of the dialect. */
  readonly channel: number;
  readonly payloadTypes: readonly number[];
  /** More audio than this waiting in the loudspeaker when a packet comes is a flood, ms. */
  readonly maxAheadMs: number;
  /** The loudspeaker may be without audio for so long, ms. */
  readonly maxGapMs: number;
}

/**
 * `violations`: a real camera refuses this or cannot play it as it is meant, or no camera has been seen to accept it.
 * `warnings`: cameras have been seen to play it, perhaps not all of them.
 */
export interface Complaints {
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
}

/** Checks packet by packet. A fault that lasts is reported once, when it begins. */
export class PacketRules {
  readonly #options: PacketRulesOptions;
  readonly #playout = new Playout();
  #previous: RecordedPacket | undefined;
  #count = 0;
  #flooded = false;
  #sizesChange = false;

  constructor(options: PacketRulesOptions) {
    this.#options = options;
  }

  check(packet: RecordedPacket): Complaints {
    const violations: string[] = [];
    const warnings: string[] = [];
    const previous = this.#previous;
    this.#count += 1;
    const where = `packet ${this.#count}`;
    const complain = (text: string): void => void violations.push(`${where}: ${text}`);

    const { channel, payloadType, payload } = packet;
    if (channel !== this.#options.channel && channel !== previous?.channel) {
      complain(`channel ${channel} instead of ${this.#options.channel}`);
    }
    if (previous !== undefined && payloadType !== previous.payloadType) {
      complain(`payload type ${payloadType} after ${previous.payloadType}`);
    } else if (previous === undefined && !this.#options.payloadTypes.includes(payloadType)) {
      complain(`payload type ${payloadType} instead of ${this.#options.payloadTypes.join(' or ')}`);
    }
    if (payload.length > MAX_PACKET_BYTES) {
      complain(`payload of ${payload.length} bytes, more than ${MAX_PACKET_BYTES}`);
    } else this.#checkSize(payload.length, (text) => void warnings.push(`${where}: ${text}`));

    if (previous !== undefined) {
      if (packet.ssrc !== previous.ssrc) complain('SSRC changed');
      const sequenceNumber = (previous.sequenceNumber + 1) % 2 ** 16;
      if (packet.sequenceNumber !== sequenceNumber) {
        complain(`sequence number ${packet.sequenceNumber} instead of ${sequenceNumber}`);
      }
      const timestamp = (previous.timestamp + previous.payload.length) % 2 ** 32;
      if (packet.timestamp !== timestamp) complain(`timestamp ${packet.timestamp} instead of ${timestamp}`);
    }
    if (packet.marker !== (previous === undefined)) {
      warnings.push(`${where}: marker ${packet.marker ? 'set' : 'not set on the first packet'}`);
    }

    const sampleRate = PLAYABLE_CODECS.get(payloadType)?.sampleRate ?? 8_000;
    const { waitingMs, gapMs } = this.#playout.add(packet.at, (payload.length * 1_000) / sampleRate);
    const flooded = waitingMs > this.#options.maxAheadMs;
    if (flooded && !this.#flooded) complain(`${Math.round(waitingMs)} ms ahead of real time`);
    if (gapMs > this.#options.maxGapMs) complain(`gap of ${Math.round(gapMs)} ms`);

    this.#flooded = flooded;
    this.#previous = packet;
    return { violations, warnings };
  }

  /** hass-tplink-ipc and the Scrypted plugin send 192, 352, 588 and 1460 bytes, mixed, and their cameras play them. */
  #checkSize(bytes: number, warn: (text: string) => void): void {
    const before = this.#previous?.payload.length;
    if (before === undefined) {
      if (!PACKET_SIZES.includes(bytes)) warn(`payload of ${bytes} bytes, not one of ${PACKET_SIZES.join(', ')}`);
    } else if (bytes !== before && !this.#sizesChange) {
      this.#sizesChange = true;
      warn(`payload of ${bytes} bytes after ${before}`);
    }
  }
}
