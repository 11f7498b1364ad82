// The packets of one track of a stream session, each at its time on the camera's clock. Owns its timer; writing is the caller's.
import type { Clock } from '../../clock.js';
import { MICROPHONE_CATCH_UP_MS, SENDER_REPORT_MS } from '../limits.js';
import { serializeRtp } from '../../rtp/packet.js';
import { serializeInterleaved } from '../../rtsp/serialize.js';
import { senderReport } from './rtcp.js';
import type { ChannelPair } from './uri.js';

/** What makes the payloads of one track. */
export interface TrackEncoder {
  readonly payloadType: number;
  /** Of one packet. */
  readonly frameMs: number;
  /** By how much the timestamp grows from packet to packet. */
  readonly timestampStep: number;
  /** On every packet instead of the first alone: each holds a whole AAC frame (RFC 3640 section 3.1). */
  readonly marksEach: boolean;
  /** The payload of packet `index` (0 = first), whose first sample is heard at `fromMs`. */
  readonly encode: (index: number, fromMs: number) => Buffer;
}

export interface StreamSourceOptions {
  readonly clock: Clock;
  readonly encoder: TrackEncoder;
  readonly channels: ChannelPair;
  readonly ssrc: number;
  /** Of the first packet. */
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly senderReports: boolean;
  /** The time of day, for sender reports. */
  readonly date: () => Date;
  /** Takes packet `count` (1 = first) as an interleaved frame. */
  readonly packet: (bytes: Buffer, count: number) => void;
  /** Takes a sender report as an interleaved frame. */
  readonly report: (bytes: Buffer) => void;
}

/** A wait shorter than this counts as over, ms: sums of milliseconds are not exact. */
const TOLERANCE_MS = 0.001;

export class StreamSource {
  readonly #options: StreamSourceOptions;
  #sequenceNumber: number;
  #timestamp: number;
  #packets = 0;
  #bytes = 0;
  #running: AbortController | undefined;

  constructor(options: StreamSourceOptions) {
    this.#options = options;
    this.#sequenceNumber = options.sequenceNumber;
    this.#timestamp = options.timestamp;
  }

  /** Of the next packet. */
  get position(): { readonly sequenceNumber: number; readonly timestamp: number } {
    return { sequenceNumber: this.#sequenceNumber, timestamp: this.#timestamp };
  }

  /** Starts or continues with the sound or picture of now. Does nothing while it runs. */
  play(): void {
    if (this.#running !== undefined) return;
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#run(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Safe to repeat. */
  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, encoder } = this.#options;
    const { frameMs } = encoder;
    const start = clock.now();
    let reportAt = start;
    for (let index = 0; !signal.aborted; index++) {
      // A packet leaves when its last sample has been heard.
      const due = start + (index + 1) * frameMs;
      while (due - clock.now() > TOLERANCE_MS) await clock.wait(due - clock.now(), signal);
      const missed = Math.floor(Math.max(0, clock.now() - due - MICROPHONE_CATCH_UP_MS) / frameMs);
      index += missed;
      this.#advance(missed);
      const heardAt = start + index * frameMs;
      if (this.#options.senderReports && heardAt >= reportAt) {
        reportAt += SENDER_REPORT_MS;
        this.#report();
      }
      this.#send(encoder.encode(index, heardAt));
    }
  }

  #send(payload: Buffer): void {
    const { channels, encoder, ssrc, packet } = this.#options;
    const rtp = serializeRtp({
      payloadType: encoder.payloadType,
      marker: encoder.marksEach || this.#packets === 0,
      sequenceNumber: this.#sequenceNumber,
      timestamp: this.#timestamp,
      ssrc,
      payload,
    });
    this.#packets += 1;
    this.#bytes += payload.length;
    this.#sequenceNumber = (this.#sequenceNumber + 1) % 2 ** 16;
    this.#advance(1);
    packet(serializeInterleaved({ channel: channels[0], payload: rtp }), this.#packets);
  }

  #report(): void {
    const { channels, encoder, ssrc, date, report } = this.#options;
    const bytes = senderReport({
      ssrc,
      date: date(),
      // The next packet holds the sound of the packet time that ends now.
      timestamp: (this.#timestamp + encoder.timestampStep) % 2 ** 32,
      packets: this.#packets,
      bytes: this.#bytes,
    });
    report(serializeInterleaved({ channel: channels[1], payload: bytes }));
  }

  #advance(packets: number): void {
    this.#timestamp = (this.#timestamp + packets * this.#options.encoder.timestampStep) % 2 ** 32;
  }
}
