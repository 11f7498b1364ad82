// What the loudspeaker plays in one talk session, and when: packets in, the sound of any moment out. Decodes only what a stream asks for.
import { LOUDSPEAKER_BUFFER_MS, MAX_LOUDSPEAKER_MS } from '../limits.js';
import { PLAYABLE_CODECS } from '../talk/playout.js';
import type { PlayableCodec } from '../talk/playout.js';
import type { RecordedPacket } from '../talk/packet-rules.js';
import { amplitude } from './noise.js';

/** The loudspeaker and its faults. */
export interface LoudspeakerOptions {
  /** From packet to sound, ms: how long the first packet waits, and the first one after the buffer was empty; default 100. */
  readonly bufferMs: number;
  /**
   * What of this wait the decoder makes, ms; dropped when the talk ends, so that the last sound before is not heard (PROTOCOL.md P12). The wait is never shorter.
   * Default 0: what had come when the talk ended is heard to its end.
   */
  readonly droppedMs: number;
  /** The amplifier wakes up with the first packet of a talk: so much of it, silence or not, is not heard, ms (PROTOCOL.md P10); default 0. */
  readonly swallowedMs: number;
  /** The same after nobody has talked for SLEEPS_AFTER_MS, if that is more; default 0. */
  readonly asleepMs: number;
  /** Smaller packets, bytes of payload, leave a gap: their second half is not heard (PROTOCOL.md P6). Default 0. */
  readonly gapsBelowBytes: number;
  /** The same for larger ones; default ∞. */
  readonly gapsAboveBytes: number;
  /** 2: a decoder of 16 kHz, which plays 8 kHz sound twice as fast, one octave up, and 16 kHz sound as it is; 0.5: plays all sound half as fast. Default 1. */
  readonly speed: 0.5 | 1 | 2;
  /** Amplification beyond what the loudspeaker can do, dB: it clips. Default 0. */
  readonly overdriveDb: number;
}

const USUAL_LOUDSPEAKER: LoudspeakerOptions = {
  bufferMs: LOUDSPEAKER_BUFFER_MS,
  droppedMs: 0,
  swallowedMs: 0,
  asleepMs: 0,
  gapsBelowBytes: 0,
  gapsAboveBytes: Number.POSITIVE_INFINITY,
  speed: 1,
  overdriveDb: 0,
};

/** One packet on the timeline of the loudspeaker. */
interface Segment {
  readonly from: number;
  readonly to: number;
  readonly payload: Buffer;
  readonly codec: PlayableCodec;
  samples?: Int16Array;
}

/** How much of a packet that leaves a gap is heard. Ours: half of it is gone for every ear. */
const HEARD_BEFORE_GAP = 0.5;
/** Without sound the loudspeaker falls asleep (PROTOCOL.md P14), ms; ours. */
const SLEEPS_AFTER_MS = 8_000;
/** Of the codec that is wide band, Hz. */
const WIDE_RATE = 16_000;
/** A position this close to a whole sample is that sample: sums of milliseconds are not exact. */
const TOLERANCE = 1e-6;

export class Loudspeaker {
  readonly #options: LoudspeakerOptions;
  readonly #quietSince: number;
  readonly #waitMs: number;
  readonly #gain: number;
  readonly #segments: Segment[] = [];
  #emptyAt = Number.NEGATIVE_INFINITY;
  #awakeFrom = Number.POSITIVE_INFINITY;
  #silentFrom = Number.POSITIVE_INFINITY;

  /** @param quietSince the end of the talk before, ms */
  constructor(options: Partial<LoudspeakerOptions> = {}, quietSince = Number.NEGATIVE_INFINITY) {
    this.#quietSince = quietSince;
    this.#options = { ...USUAL_LOUDSPEAKER, ...options };
    const { bufferMs, droppedMs, overdriveDb } = this.#options;
    this.#waitMs = Math.max(bufferMs, droppedMs);
    this.#gain = amplitude(overdriveDb);
  }

  /** Adds a packet. It follows the one before without a gap; if that one is over, the buffer fills again first. */
  play({ at, payloadType, payload }: RecordedPacket): void {
    const codec = PLAYABLE_CODECS.get(payloadType);
    if (codec === undefined || this.#emptyAt - at > this.#waitMs + MAX_LOUDSPEAKER_MS) return;
    const from = this.#emptyAt >= at ? this.#emptyAt : at + this.#waitMs;
    if (this.#awakeFrom === Number.POSITIVE_INFINITY) {
      const { swallowedMs, asleepMs } = this.#options;
      const slept = at - this.#quietSince >= SLEEPS_AFTER_MS;
      this.#awakeFrom = from + (slept ? Math.max(swallowedMs, asleepMs) : swallowedMs);
    }
    const to = from + (payload.length * 1_000) / this.#rate(codec);
    this.#segments.push({ from, to, payload, codec });
    this.#emptyAt = to;
  }

  /** What was over by `at` is not asked for any more. */
  forget(at: number): void {
    while ((this.#segments[0]?.to ?? at) < at) this.#segments.shift();
  }

  /** The talk ended `at`; the first call counts. */
  stop(at: number): void {
    this.#silentFrom = Math.min(this.#silentFrom, at + this.#waitMs - this.#options.droppedMs);
  }

  /** From when on nothing is played any more, ms; ∞ before `stop`. */
  get silentFrom(): number {
    return this.#silentFrom;
  }

  /** Adds the loudspeaker's sound from `fromMs` on, multiplied by `gain`, to samples of `sampleRate`. */
  addTo(samples: Float32Array, fromMs: number, sampleRate: number, gain: number): void {
    const toMs = Math.min(fromMs + (samples.length * 1_000) / sampleRate, this.#silentFrom);
    for (const segment of this.#segments) {
      if (segment.from < toMs && segment.to > fromMs) this.#addSegment(segment, samples, fromMs, sampleRate, gain);
    }
  }

  #addSegment(segment: Segment, samples: Float32Array, fromMs: number, sampleRate: number, gain: number): void {
    const source = (segment.samples ??= this.#decode(segment));
    const rate = this.#rate(segment.codec);
    const step = rate / sampleRate;
    const start = snap(((fromMs - segment.from) * rate) / 1_000);
    const index = (ms: number): number => Math.ceil(snap(((ms - fromMs) * sampleRate) / 1_000));
    const first = Math.max(0, Math.ceil(snap(-start / step)), index(this.#awakeFrom));
    const end = Math.min(samples.length, index(this.#silentFrom));
    // At a lower rate a microphone sample is the mean of the loudspeaker's samples in its time.
    const span = Math.max(1, Math.floor(step));
    for (let i = first; i < end; i++) {
      const at = Math.floor(start + i * step + TOLERANCE);
      if (at >= source.length) return;
      let sum = 0;
      for (let j = at; j < at + span; j++) sum += this.#clip((source[j] ?? 0) / 32_768);
      samples[i] = (samples[i] ?? 0) + (gain * sum) / span;
    }
  }

  #decode({ codec, payload }: Segment): Int16Array {
    const { gapsBelowBytes, gapsAboveBytes } = this.#options;
    const gap = payload.length < gapsBelowBytes || payload.length > gapsAboveBytes;
    return codec.decode(gap ? payload.subarray(0, payload.length * HEARD_BEFORE_GAP) : payload);
  }

  /** Samples a second as they are played, Hz. */
  #rate({ sampleRate }: PlayableCodec): number {
    const { speed } = this.#options;
    return speed === 2 ? Math.max(sampleRate, WIDE_RATE) : sampleRate * speed;
  }

  #clip(sample: number): number {
    return Math.max(-1, Math.min(1, sample * this.#gain));
  }
}

function snap(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) < TOLERANCE ? whole : value;
}
