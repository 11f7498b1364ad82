// The beat of one connection, looked at where it is made: payloads of equal size, numbers without a hole, each packet at its instant.
import { SLIP_BUDGET_MS } from '../../src/limits.js';
import { Ear } from './sound.js';

/** The shared timer may be early by so much, ms. */
const EARLY_MS = 0.5;
const RTP_BYTES = 16;

export interface BeatDeps {
  readonly now: () => number;
  /** Whether the event loop was blocked since then. */
  readonly blockedSince: (at: number) => boolean;
  readonly complain: (text: string) => void;
  /** Sound of this clip goes out. */
  readonly onSound: (id: number, block: number) => void;
}

export class Beat {
  readonly #deps: BeatDeps;
  readonly #ear = new Ear();
  #previous:
    { readonly sequence: number; readonly stamp: number; readonly bytes: number; readonly due: number } | undefined;

  constructor(deps: BeatDeps) {
    this.#deps = deps;
  }

  /** What is written to the socket; whole frames, or requests. */
  written(bytes: Buffer): void {
    if (bytes[0] !== 0x24) return;
    const now = this.#deps.now();
    const payload = bytes.subarray(RTP_BYTES);
    const [sequence, stamp] = [bytes.readUInt16BE(6), bytes.readUInt32BE(8)];
    const before = this.#previous;
    let due = now;
    if (before !== undefined) {
      if (payload.length !== before.bytes) this.#deps.complain(`payload of ${payload.length} after ${before.bytes}`);
      if (sequence !== (before.sequence + 1) % 2 ** 16) this.#deps.complain('a hole in the sequence numbers');
      if (stamp !== (before.stamp + before.bytes) % 2 ** 32) this.#deps.complain('a hole in the timestamps');
      due = before.due + before.bytes / 8;
      const late = now - due;
      if (late < -EARLY_MS) this.#deps.complain(`a packet ${-late} ms too early`);
      if (late > EARLY_MS && !this.#deps.blockedSince(before.due)) this.#deps.complain(`a packet ${late} ms late`);
      if (late > SLIP_BUDGET_MS) due = now;
    }
    this.#previous = { sequence, stamp, bytes: payload.length, due };
    const count = this.#ear.runs.length;
    this.#ear.hear(payload, now);
    for (const run of this.#ear.runs.slice(Math.max(0, count - 1))) {
      if (run.lastAt === now) this.#deps.onSound(run.id, run.from);
    }
  }
}
