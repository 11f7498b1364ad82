// One clip on its way into one session: cuts it into payloads behind the lead-in, and keeps the figures. No time, no socket.
import type { Clip } from '../sound/clip.js';

export interface TalkspurtOptions {
  readonly clip: Clip;
  /** Silence still owed to the session before the first sound, bytes. */
  readonly leadInBytes: number;
  /** Where in the clip to begin, bytes: 0, or how far a live clip got before the connection broke. */
  readonly fromByte?: number;
  /** What each byte of the clip becomes, for a camera that says it softer. */
  readonly codes?: Uint8Array | undefined;
  /** Where to go on instead of at `byte`, which may be too old. */
  readonly goesOnAt?: ((byte: number) => number) | undefined;
}

/** A payload and what it holds of the clip. */
export interface Payload {
  readonly bytes: Buffer;
  /** Where the clip's bytes begin and end within `bytes`; equal when there are none. */
  readonly soundStart: number;
  readonly soundEnd: number;
}

export class Talkspurt {
  readonly #clip: Clip;
  readonly #silence: Buffer;
  readonly #codes: Uint8Array | undefined;
  readonly #goesOnAt: (byte: number) => number;
  #leadInBytes: number;
  #position: number;

  /** @param silence one packet of silence; its length is the length of every payload */
  constructor(options: TalkspurtOptions, silence: Buffer) {
    this.#clip = options.clip;
    this.#leadInBytes = options.leadInBytes;
    this.#position = options.fromByte ?? 0;
    this.#codes = options.codes;
    this.#goesOnAt = options.goesOnAt ?? ((byte) => byte);
    this.#silence = silence;
  }

  /** Bytes of the clip handed out so far. */
  get position(): number {
    return this.#position;
  }

  /** True when the clip has nothing left. */
  get finished(): boolean {
    return this.#clip.ended && this.#position >= this.#clip.available;
  }

  /**
   * The next full payload. Lead-in and clip share a packet where they meet, so that the lead-in is exact and every packet has the same size.
   * Silence when the clip is not there yet. Throws the clip's failure.
   */
  next(): Payload {
    const packetBytes = this.#silence.length;
    if (this.#leadInBytes >= packetBytes) {
      this.#leadInBytes -= packetBytes;
      return this.#silent();
    }
    const soundStart = this.#leadInBytes;
    this.#position = this.#goesOnAt(this.#position);
    const read = this.#clip.read(this.#position, packetBytes - soundStart);
    // The lead-in is over in both cases: silence of an underrun counts too.
    this.#leadInBytes = 0;
    if (typeof read === 'string') return this.#silent();
    const codes = this.#codes;
    // A copy: other cameras say the clip as it is.
    const sound = codes === undefined ? read : Buffer.from(read.map((code) => codes[code] ?? code));
    this.#position += sound.length;
    if (sound.length === packetBytes) return { bytes: sound, soundStart: 0, soundEnd: packetBytes };
    const bytes = Buffer.from(this.#silence);
    sound.copy(bytes, soundStart);
    return { bytes, soundStart, soundEnd: soundStart + sound.length };
  }

  #silent(): Payload {
    return { bytes: this.#silence, soundStart: 0, soundEnd: 0 };
  }
}
