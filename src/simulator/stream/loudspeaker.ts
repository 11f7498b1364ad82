// What the loudspeaker plays in one talk session, and when: packets in, the sound of any moment out. Decodes only what a stream asks for.
import { MAX_LOUDSPEAKER_MS } from '../limits.js';
import { PLAYABLE_CODECS } from '../talk/playout.js';
import type { PlayableCodec } from '../talk/playout.js';
import type { RecordedPacket } from '../talk/packet-rules.js';

/** The loudspeaker and its faults. */
export interface LoudspeakerOptions {
  /** How long the first packet waits, and the first one after the buffer was empty, ms; default 100. */
  readonly bufferMs: number;
  /** 2: plays twice as fast, one octave up, as a 16 kHz decoder does with 8 kHz sound; 0.5: the other way round. Default 1. */
  readonly speed: 0.5 | 1 | 2;
  /** Amplification beyond what the loudspeaker can do, dB: it clips. Default 0. */
  readonly overdriveDb: number;
}

/** One packet on the timeline of the loudspeaker. */
interface Segment {
  readonly from: number;
  readonly to: number;
  readonly payload: Buffer;
  readonly codec: PlayableCodec;
  samples?: Int16Array;
}

/** A position this close to a whole sample is that sample: sums of milliseconds are not exact. */
const TOLERANCE = 1e-6;

export class Loudspeaker {
  readonly #options: LoudspeakerOptions;
  readonly #gain: number;
  readonly #segments: Segment[] = [];
  #emptyAt = Number.NEGATIVE_INFINITY;
  #silentFrom = Number.POSITIVE_INFINITY;

  constructor(options: LoudspeakerOptions) {
    this.#options = options;
    this.#gain = 10 ** (options.overdriveDb / 20);
  }

  /** Adds a packet. It follows the one before without a gap; if that one is over, the buffer fills again first. */
  play({ at, payloadType, payload }: RecordedPacket): void {
    const codec = PLAYABLE_CODECS.get(payloadType);
    if (codec === undefined || this.#emptyAt - at > MAX_LOUDSPEAKER_MS) return;
    const from = this.#emptyAt >= at ? this.#emptyAt : at + this.#options.bufferMs;
    const to = from + (payload.length * 1_000) / (codec.sampleRate * this.#options.speed);
    this.#segments.push({ from, to, payload, codec });
    this.#emptyAt = to;
  }

  /** What was over by `at` is not asked for any more. */
  forget(at: number): void {
    while ((this.#segments[0]?.to ?? at) < at) this.#segments.shift();
  }

  /** Silent from `at` on; what still waits is not played. */
  stop(at: number): void {
    this.#silentFrom = Math.min(this.#silentFrom, at);
  }

  /** Adds the loudspeaker's sound from `fromMs` on, multiplied by `gain`, to samples of `sampleRate`. */
  addTo(samples: Float32Array, fromMs: number, sampleRate: number, gain: number): void {
    const toMs = Math.min(fromMs + (samples.length * 1_000) / sampleRate, this.#silentFrom);
    for (const segment of this.#segments) {
      if (segment.from < toMs && segment.to > fromMs) this.#addSegment(segment, samples, fromMs, sampleRate, gain);
    }
  }

  #addSegment(segment: Segment, samples: Float32Array, fromMs: number, sampleRate: number, gain: number): void {
    const source = (segment.samples ??= segment.codec.decode(segment.payload));
    const rate = segment.codec.sampleRate * this.#options.speed;
    const step = rate / sampleRate;
    const start = snap(((fromMs - segment.from) * rate) / 1_000);
    const first = Math.max(0, Math.ceil(snap(-start / step)));
    const end = Math.min(samples.length, Math.ceil(snap(((this.#silentFrom - fromMs) * sampleRate) / 1_000)));
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

  #clip(sample: number): number {
    return Math.max(-1, Math.min(1, sample * this.#gain));
  }
}

function snap(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) < TOLERANCE ? whole : value;
}
