// How much silence belongs in front of a packet, judged by the missing packets and by timestamps as far as they can be trusted. Pure.
import { MAX_FILL_MS } from '../limits.js';
import type { OrderedPacket } from './reorder.js';

/** Cameras stamp by their wall clock; a few milliseconds off are no gap. */
const TOLERANCE_MS = 5;
/** A camera that leaves out silence leaves out at least so much, ms; less is jitter of its stamps. */
const MIN_PAUSE_MS = 100;

/** Follows one stream. Samples are counted at the clock rate of its timestamps. */
export class GapMeter {
  readonly #clockRate: number;
  #nextTimestamp = 0;
  #typicalSamples = 0;
  /** Whether timestamps have been seen to count samples; some cameras count something else. */
  #trusted = false;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Samples of silence to play before this packet, which holds `samples`; at most MAX_FILL_MS of them. */
  before({ packet, lostBefore, restart }: OrderedPacket, samples: number): number {
    const ahead = (packet.timestamp - this.#nextTimestamp) | 0;
    this.#nextTimestamp = (packet.timestamp + samples) >>> 0;
    if (restart) {
      this.#trusted = false;
      this.#typicalSamples = samples;
      return 0;
    }
    const typical = this.#typicalSamples;
    if (samples > 0) this.#typicalSamples = samples;
    const most = this.#samples(MAX_FILL_MS);
    if (lostBefore > 0) return Math.min(this.#trusted && ahead > 0 ? ahead : lostBefore * typical, most);
    if (Math.abs(ahead) <= this.#samples(TOLERANCE_MS)) {
      this.#trusted = true;
      return 0;
    }
    const pause = this.#trusted && ahead >= this.#samples(MIN_PAUSE_MS) && ahead <= most;
    this.#trusted = pause;
    return pause ? ahead : 0;
  }

  #samples(ms: number): number {
    return Math.round((ms * this.#clockRate) / 1_000);
  }
}
