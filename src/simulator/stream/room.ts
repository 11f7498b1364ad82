// A room: the loudspeakers of the cameras in it, and who wants to hear how much of the past. One camera has it to itself unless another is in earshot.
import type { RecordedPacket } from '../talk/packet-rules.js';
import type { Recording } from '../talk/recording.js';
import { MAX_PHONE_MS } from '../limits.js';
import type { Loudspeaker } from './loudspeaker.js';
import { addNoise, amplitude } from './noise.js';

/** What a room does to every sound in it. */
export interface RoomOptions {
  /** Noise of the room, dB of full scale (RMS) in every microphone, the same in every stream; default −∞: none. */
  readonly noiseDb: number;
  /** A late reflection and a tail after every sound. Default false. */
  readonly echo: boolean;
}

/** One talk as the room hears it. */
export interface AudibleTalk {
  /** The microphone of the camera that plays it. */
  readonly by: object;
  readonly recording: Recording;
  readonly loudspeaker: Loudspeaker;
}

/** Wants all sound since it began to record. */
export interface Recorder {
  /** ms on the clock. */
  readonly startedAt: number;
  stop(): unknown;
}

/** What is in a room: a simulated camera. */
export interface InRoom {
  readonly room: Room;
}

/** A way from loudspeaker to ear that is longer than the straight one. */
interface Reflection {
  readonly ms: number;
  /** Of what comes straight; negative: upside down. */
  readonly gain: number;
}

/** From a wall far away; ours. */
const LATE_REFLECTION: Reflection = { ms: 120, gain: amplitude(-12) };
/** Primes, so that no pitch stands out; ms. */
const TAIL_MS = [11, 17, 29, 41, 53, 71, 89, 107, 131, 157, 191, 229, 271];
/** At its beginning, dB; it falls by 60 dB in so many ms, as in a furnished room. Ours. */
const TAIL_DB = -16;
const TAIL_DECAY_MS = 400;
const ECHO: readonly Reflection[] = [
  LATE_REFLECTION,
  ...TAIL_MS.map((ms, n) => ({ ms, gain: (n % 2 === 0 ? 1 : -1) * amplitude(TAIL_DB - (60 * ms) / TAIL_DECAY_MS) })),
];
const LONGEST_ECHO_MS = Math.max(...ECHO.map(({ ms }) => ms));
const USUAL_ROOM: RoomOptions = { noiseDb: Number.NEGATIVE_INFINITY, echo: false };

/** How long ago sound can still be asked for, ms, by a stream that is late. */
const KEEP_MS = 2_000;
/** Far from where the noise of microphones begins: two that were alike would add up to more. */
const NOISE_PLACE = 2 ** 30;

export class Room {
  #options: RoomOptions = USUAL_ROOM;
  #talks: AudibleTalk[] = [];
  readonly #recorders = new Set<Recorder>();
  #keepMs = KEEP_MS + LONGEST_ECHO_MS;

  /** A camera moves in: what holds for one holds for all. `delayMs`: so much later it hears everything. */
  moveIn(options: Partial<RoomOptions>, delayMs: number): void {
    this.#options = { ...this.#options, ...options };
    this.#keepMs = Math.max(this.#keepMs, KEEP_MS + LONGEST_ECHO_MS + delayMs);
  }

  /** Those that can still be heard, of all its cameras. */
  get talks(): readonly AudibleTalk[] {
    return this.#talks;
  }

  talkOpened(talk: AudibleTalk): void {
    const since = this.#neededSince(talk.recording.start.openedAt);
    this.#talks = this.#talks.filter(({ loudspeaker }) => loudspeaker.silentFrom > since);
    this.#talks.push(talk);
  }

  heard(recording: Recording, packet: RecordedPacket): void {
    const loudspeaker = this.#find(recording)?.loudspeaker;
    loudspeaker?.forget(this.#neededSince(packet.at));
    loudspeaker?.play(packet);
  }

  talkEnded(recording: Recording, at: number): void {
    this.#find(recording)?.loudspeaker.stop(at);
  }

  addRecorder(recorder: Recorder): void {
    this.#recorders.add(recorder);
  }

  removeRecorder(recorder: Recorder): void {
    this.#recorders.delete(recorder);
  }

  /** Adds what is to be heard of a talk from `fromMs` on, multiplied by `gain`. */
  addTalk({ loudspeaker }: AudibleTalk, samples: Float32Array, fromMs: number, sampleRate: number, gain: number): void {
    loudspeaker.addTo(samples, fromMs, sampleRate, gain);
    if (!this.#options.echo) return;
    for (const way of ECHO) loudspeaker.addTo(samples, fromMs - way.ms, sampleRate, gain * way.gain);
  }

  /** The room's own noise; `index` numbers the first sample within its stream. */
  addNoise(samples: Float32Array, index: number): void {
    addNoise(samples, index + NOISE_PLACE, this.#options.noiseDb);
  }

  /** Ends the recordings that have become too long. */
  #neededSince(now: number): number {
    for (const recorder of this.#recorders) if (now - recorder.startedAt > MAX_PHONE_MS) recorder.stop();
    return Math.min(now, ...[...this.#recorders].map(({ startedAt }) => startedAt)) - this.#keepMs;
  }

  #find(recording: Recording): AudibleTalk | undefined {
    return this.#talks.find((talk) => talk.recording === recording);
  }
}
