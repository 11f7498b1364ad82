// A phone that lies in the room and records: what an ear beside the camera has heard, as a WAV file.
import { serializeWav } from '../../sound/wav-write.js';
import { MAX_PHONE_MS } from '../limits.js';
import { addNoise, amplitude } from './noise.js';
import type { Recorder, Room } from './room.js';

/** Where the phone lies and how it records. */
export interface PhoneOptions {
  /** Default 16000. */
  readonly sampleRate: number;
  /** From loudspeaker to phone, ms; default 5. */
  readonly delayMs: number;
  /** How loud a loudspeaker is in the recording, dB; default −12. */
  readonly gainDb: number;
  /** The phone's own noise, dB of full scale (RMS); that of the room is added. Default −60. */
  readonly noiseDb: number;
}

const USUAL_PHONE: PhoneOptions = { sampleRate: 16_000, delayMs: 5, gainDb: -12, noiseDb: -60 };

/** Begins to record at once. */
export class Phone implements Recorder {
  /** When it began to record, ms on the clock. */
  readonly startedAt: number;
  readonly #room: Room;
  readonly #options: PhoneOptions;
  readonly #now: () => number;
  #wav: Buffer | undefined;

  constructor(room: Room, now: () => number, options: Partial<PhoneOptions>) {
    this.#room = room;
    this.#now = now;
    this.startedAt = now();
    this.#options = { ...USUAL_PHONE, ...options };
    room.addRecorder(this);
  }

  /** Ends the recording, which has five minutes at most. The same WAV file, s16 mono, however often it is asked for. */
  stop(): Buffer {
    if (this.#wav !== undefined) return this.#wav;
    const { sampleRate, delayMs, gainDb, noiseDb } = this.#options;
    const ms = Math.min(this.#now() - this.startedAt, MAX_PHONE_MS);
    const samples = new Float32Array(Math.floor((ms * sampleRate) / 1_000));
    addNoise(samples, 0, noiseDb);
    this.#room.addNoise(samples, 0);
    for (const talk of this.#room.talks) {
      this.#room.addTalk(talk, samples, this.startedAt - delayMs, sampleRate, amplitude(gainDb));
    }
    this.#room.removeRecorder(this);
    return (this.#wav = serializeWav({ sampleRate, channels: 1 }, Int16Array.from(samples, toS16)));
  }
}

/** Of full scale ±1; what is louder clips. */
function toS16(sample: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
}
