// The camera's microphone: what it hears at any moment of loudspeaker, room and noise, as samples. No codec, no packets, no timer.
import { LOUDSPEAKER_BUFFER_MS } from '../limits.js';
import type { RecordedPacket } from '../talk/packet-rules.js';
import type { Recording } from '../talk/recording.js';
import { Loudspeaker } from './loudspeaker.js';
import type { LoudspeakerOptions } from './loudspeaker.js';
import type { MicrophoneCodec } from './traits.js';

/** What the microphone hears. */
export interface MicrophoneOptions {
  /** From loudspeaker to stream, ms: the room and the camera's own processing. Default 20. */
  readonly delayMs: number;
  /** How loud the loudspeaker is in the microphone, dB; −Infinity: not at all. Default −12. */
  readonly gainDb: number;
  /** Noise of the room, dB of full scale (RMS), the same in every stream; −Infinity: none. Default −60. */
  readonly noiseDb: number;
  /** Digital silence while a talk in half_duplex is open, as many cameras do. Default false. */
  readonly muteInHalfDuplex: boolean;
  /** The loudspeaker is 40 dB quieter while a talk in aec is open. Default false. */
  readonly cancelInAec: boolean;
  /** Other sound to hear, 8 kHz s16, repeated from the start of each stream. */
  readonly source?: Int16Array;
  /**
   * Codec of the stream; default `pcma`. The simulator has no AAC encoder: `aac` carries a fixed beep once a second, neither loudspeaker nor
   * source, and silence while the microphone is muted.
   */
  readonly codec: MicrophoneCodec;
}

export const MICROPHONE_RATE = 8_000;
/** What is left of the talk in mode aec, dB; ours. */
const CANCELLED_DB = -40;
/** How long ago sound can still be asked for, ms, by a stream that is late. */
const KEEP_MS = 2_000;

const USUAL_MICROPHONE: MicrophoneOptions = {
  delayMs: 20,
  gainDb: -12,
  noiseDb: -60,
  muteInHalfDuplex: false,
  cancelInAec: false,
  codec: 'pcma',
};
const USUAL_LOUDSPEAKER: LoudspeakerOptions = { bufferMs: LOUDSPEAKER_BUFFER_MS, speed: 1, overdriveDb: 0 };

interface Talk {
  readonly recording: Recording;
  readonly loudspeaker: Loudspeaker;
  endedAt: number;
}

/** One per camera; its streams hear the same. */
export class Microphone {
  readonly codec: MicrophoneCodec;
  readonly #options: MicrophoneOptions;
  readonly #loudspeaker: LoudspeakerOptions;
  readonly #noise: number;
  #talks: Talk[] = [];

  constructor(options: Partial<MicrophoneOptions> = {}, loudspeaker: Partial<LoudspeakerOptions> = {}) {
    this.#options = { ...USUAL_MICROPHONE, ...options };
    this.#loudspeaker = { ...USUAL_LOUDSPEAKER, ...loudspeaker };
    this.codec = this.#options.codec;
    // Numbers spread evenly between −1 and 1 have an RMS of 1/√3.
    this.#noise = Math.sqrt(3) * amplitude(this.#options.noiseDb);
  }

  talkOpened(recording: Recording): void {
    const keepMs = this.#options.delayMs + KEEP_MS;
    this.#talks = this.#talks.filter(({ endedAt }) => endedAt > recording.start.openedAt - keepMs);
    const loudspeaker = new Loudspeaker(this.#loudspeaker, keepMs);
    this.#talks.push({ recording, loudspeaker, endedAt: Number.POSITIVE_INFINITY });
  }

  heard(recording: Recording, packet: RecordedPacket): void {
    this.#talks.find((talk) => talk.recording === recording)?.loudspeaker.play(packet);
  }

  /** The loudspeaker stops with the talk. */
  talkEnded(recording: Recording, at: number): void {
    const talk = this.#talks.find((one) => one.recording === recording);
    if (talk === undefined) return;
    talk.endedAt = at;
    talk.loudspeaker.stop(at);
  }

  /** `count` samples at 8 kHz of full scale ±1 from `fromMs` on; `index` numbers the first of them within its stream. */
  capture(fromMs: number, index: number, count: number): Float32Array {
    const samples = Float32Array.from({ length: count }, (_, i) => this.#noise * noiseAt(index + i));
    const { source, delayMs, gainDb, cancelInAec } = this.#options;
    if (source !== undefined && source.length > 0) {
      for (let i = 0; i < count; i++)
        samples[i] = (samples[i] ?? 0) + (source[(index + i) % source.length] ?? 0) / 32_768;
    }
    for (const { recording, loudspeaker } of this.#talks) {
      const cancelled = cancelInAec && recording.start.mode === 'aec';
      const gain = amplitude(gainDb + (cancelled ? CANCELLED_DB : 0));
      loudspeaker.addTo(samples, fromMs - delayMs, MICROPHONE_RATE, gain);
    }
    for (const [from, to] of this.#mutes())
      samples.fill(0, position(from - fromMs, count), position(to - fromMs, count));
    return samples;
  }

  /** Whether a talk keeps the microphone silent at some time between the two. */
  isMuted(fromMs: number, toMs: number): boolean {
    return this.#mutes().some(([from, to]) => from < toMs && to > fromMs);
  }

  #mutes(): (readonly [from: number, to: number])[] {
    if (!this.#options.muteInHalfDuplex) return [];
    return this.#talks
      .filter(({ recording }) => recording.start.mode === 'half_duplex')
      .map(({ recording, endedAt }) => [recording.start.openedAt, endedAt]);
  }
}

/** Index of the sample `ms` after the first, kept within 0 and `count`. */
function position(ms: number, count: number): number {
  return Math.max(0, Math.min(count, Math.ceil((ms * MICROPHONE_RATE) / 1_000 - 1e-6)));
}

function amplitude(db: number): number {
  return 10 ** (db / 20);
}

/** Pseudo-random between −1 and 1, evenly spread, the same for the same index: MurmurHash3's last step. */
function noiseAt(index: number): number {
  let hash = (index + 1) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 31 - 1;
}
