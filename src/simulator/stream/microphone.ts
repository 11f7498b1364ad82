// The camera's microphone: what it hears at any moment of loudspeaker, room and noise, as samples. No codec, no packets, no timer.
import type { RecordedPacket } from '../talk/packet-rules.js';
import type { Recording } from '../talk/recording.js';
import { Loudspeaker } from './loudspeaker.js';
import type { LoudspeakerOptions } from './loudspeaker.js';
import { addNoise, amplitude } from './noise.js';
import { Room } from './room.js';
import type { InRoom, RoomOptions } from './room.js';
import type { MicrophoneCodec } from './traits.js';

/** What the microphone hears. */
export interface MicrophoneOptions {
  /** From loudspeaker to stream, ms: the room and the camera's own processing. Default 20. */
  readonly delayMs: number;
  /** How loud a loudspeaker is in the microphone, dB; −Infinity: not at all. Default −12. */
  readonly gainDb: number;
  /** Its own noise, dB of full scale (RMS), the same in every stream; −Infinity: none. Default −60. */
  readonly noiseDb: number;
  /** Digital silence while a talk of this camera in half_duplex is open, until its last sound is over, as many cameras do. Default false. */
  readonly muteInHalfDuplex: boolean;
  /** The camera’s own loudspeaker is 40 dB quieter in a talk in aec. Default false. */
  readonly cancelInAec: boolean;
  /** The camera's own loudspeaker is heard only so long from the beginning of a talk on, ms; default ∞. */
  readonly deafAfterMs: number;
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

const USUAL_MICROPHONE: MicrophoneOptions = {
  delayMs: 20,
  gainDb: -12,
  noiseDb: -60,
  muteInHalfDuplex: false,
  cancelInAec: false,
  deafAfterMs: Number.POSITIVE_INFINITY,
  codec: 'pcma',
};

/** One per camera; its streams hear the same. */
export class Microphone implements InRoom {
  readonly codec: MicrophoneCodec;
  readonly #options: MicrophoneOptions;
  readonly #loudspeaker: Partial<LoudspeakerOptions>;
  readonly room: Room;
  #quietSince = Number.NEGATIVE_INFINITY;

  constructor(
    options: Partial<MicrophoneOptions> = {},
    loudspeaker: Partial<LoudspeakerOptions> = {},
    roomOptions: Partial<RoomOptions> = {},
    room: Room = new Room(),
  ) {
    this.#options = { ...USUAL_MICROPHONE, ...options };
    this.#loudspeaker = loudspeaker;
    this.room = room;
    this.codec = this.#options.codec;
    room.moveIn(roomOptions, this.#options.delayMs);
  }

  talkOpened(recording: Recording): void {
    const loudspeaker = new Loudspeaker(this.#loudspeaker, this.#quietSince);
    this.room.talkOpened({ by: this, recording, loudspeaker });
  }

  heard(recording: Recording, packet: RecordedPacket): void {
    this.room.heard(recording, packet);
  }

  talkEnded(recording: Recording, at: number): void {
    this.#quietSince = at;
    this.room.talkEnded(recording, at);
  }

  /** `count` samples at 8 kHz of full scale ±1 from `fromMs` on; `index` numbers the first of them within its stream. */
  capture(fromMs: number, index: number, count: number): Float32Array {
    const samples = new Float32Array(count);
    const { source, delayMs, gainDb, noiseDb, cancelInAec, deafAfterMs } = this.#options;
    addNoise(samples, index, noiseDb);
    this.room.addNoise(samples, index);
    if (source !== undefined && source.length > 0) {
      for (let i = 0; i < count; i++)
        samples[i] = (samples[i] ?? 0) + (source[(index + i) % source.length] ?? 0) / 32_768;
    }
    for (const talk of this.room.talks) {
      const own = talk.by === this;
      const { mode, openedAt } = talk.recording.start;
      const gain = amplitude(gainDb + (own && cancelInAec && mode === 'aec' ? CANCELLED_DB : 0));
      const heard = own ? position(openedAt + deafAfterMs - fromMs, count) : count;
      this.room.addTalk(talk, samples.subarray(0, heard), fromMs - delayMs, MICROPHONE_RATE, gain);
    }
    for (const [from, to] of this.#mutes())
      samples.fill(0, position(from - fromMs, count), position(to - fromMs, count));
    return samples;
  }

  /** Whether a talk keeps the microphone silent at some time between the two. */
  isMuted(fromMs: number, toMs: number): boolean {
    return this.#mutes().some(([from, to]) => from < toMs && to > fromMs);
  }

  /** Until what it would hear last of its own loudspeaker. */
  #mutes(): (readonly [from: number, to: number])[] {
    if (!this.#options.muteInHalfDuplex) return [];
    return this.room.talks
      .filter(({ by, recording }) => by === this && recording.start.mode === 'half_duplex')
      .map(({ recording, loudspeaker }) => [recording.start.openedAt, loudspeaker.silentFrom + this.#options.delayMs]);
  }
}

/** Index of the sample `ms` after the first, kept within 0 and `count`. */
function position(ms: number, count: number): number {
  return Math.max(0, Math.min(count, Math.ceil((ms * MICROPHONE_RATE) / 1_000 - 1e-6)));
}
