// RTP packets back in the order of their sequence numbers, with what is missing counted. Knows no time: a packet waits for later ones, not for a clock.
import type { RtpPacket } from '../rtp/packet.js';

/** A packet in its place. */
export interface OrderedPacket {
  readonly packet: RtpPacket;
  /** Packets missing in front of it. */
  readonly lostBefore: number;
  /** True for the first packet of a stream: it does not continue what came before. */
  readonly restart: boolean;
}

/** Packets held back while an earlier one is missing. Over TCP it will hardly come; four are 80 ms of a 20 ms stream. */
const REORDER_PACKETS = 4;
// Jumps of the sequence number beyond these are a new stream rather than loss or delay (RFC 3550 section A.1).
const MAX_DROPOUT = 3_000;
const MAX_MISORDER = 100;

/** Holds at most REORDER_PACKETS packets while an earlier one is missing. */
export class ReorderWindow {
  readonly #held = new Map<number, RtpPacket>();
  readonly #most: number;
  #ssrc: number | undefined;
  /** The next sequence number. */
  #expected = 0;
  #lost = 0;
  #late = 0;

  constructor(most = REORDER_PACKETS) {
    this.#most = most;
  }

  /** Packets given up as missing so far. */
  get lost(): number {
    return this.#lost;
  }

  /** Packets dropped so far because their place was taken or had passed. */
  get late(): number {
    return this.#late;
  }

  /** The packets whose turn has come now that this one is here. */
  push(packet: RtpPacket): OrderedPacket[] {
    const ahead = distance(this.#expected, packet.sequenceNumber);
    if (packet.ssrc !== this.#ssrc || ahead > MAX_DROPOUT || ahead < -MAX_MISORDER) return this.#restart(packet);
    if (ahead < 0 || this.#held.has(packet.sequenceNumber)) {
      this.#late += 1;
      return [];
    }
    this.#held.set(packet.sequenceNumber, packet);
    const ordered = this.#takeRun(0);
    while (this.#held.size > this.#most) ordered.push(...this.#takeRun(this.#skipGap()));
    return ordered;
  }

  /** Everything held; the gaps are given up. */
  flush(): OrderedPacket[] {
    const ordered: OrderedPacket[] = [];
    while (this.#held.size > 0) ordered.push(...this.#takeRun(this.#skipGap()));
    return ordered;
  }

  #restart(packet: RtpPacket): OrderedPacket[] {
    const before = this.flush();
    this.#ssrc = packet.ssrc;
    this.#expected = next(packet.sequenceNumber);
    return [...before, { packet, lostBefore: 0, restart: true }];
  }

  /** Moves on to the nearest packet held and returns how many are missing before it. */
  #skipGap(): number {
    const missing = Math.min(
      ...[...this.#held.keys()].map((sequenceNumber) => distance(this.#expected, sequenceNumber)),
    );
    this.#expected = (this.#expected + missing) & 0xffff;
    this.#lost += missing;
    return missing;
  }

  /** The packets held from the expected one on without a gap. */
  #takeRun(lostBefore: number): OrderedPacket[] {
    const run: OrderedPacket[] = [];
    for (let packet = this.#held.get(this.#expected); packet !== undefined; packet = this.#held.get(this.#expected)) {
      this.#held.delete(this.#expected);
      this.#expected = next(this.#expected);
      run.push({ packet, lostBefore: run.length === 0 ? lostBefore : 0, restart: false });
    }
    return run;
  }
}

function next(sequenceNumber: number): number {
  return (sequenceNumber + 1) & 0xffff;
}

/** How far `to` is ahead of `from`, −32768 to 32767. */
function distance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}
