// How much sound an MP3 holds, how much its headers promise, and what in it is no sound. Counted frame by frame.
import { MAX_SOURCE_BYTES } from '../limits.js';
import type { AnnouncedExtent, FrameHeader } from './mp3-header.js';

export interface Mp3Extent {
  /** Frames of sound; those that hold a Xing, Info or VBRI header are not counted. */
  readonly frames: number;
  readonly seconds: number;
  /** `seconds`, and what the headers count beyond that. */
  readonly promisedSeconds: number;
  /** Bytes before, between and behind the frames that are neither tags nor padding. */
  readonly skippedBytes: number;
  /** Length of an unfinished last frame, s. */
  readonly cutSeconds: number;
}

/** So many times the frames that are there is no count, unless the count of bytes agrees within a factor of FITS. */
const MANY_TIMES = 64;
const FITS = 4;
/** A frame of layer III at 48 kHz, where no frame tells, s. */
const USUAL_FRAME_SECONDS = 0.024;

export class Mp3Tally {
  skippedBytes = 0;
  cutSeconds = 0;
  #frames = 0;
  #seconds = 0;
  #missingSeconds = 0;
  /** The header that counts, and what came since. */
  #announced: AnnouncedExtent | undefined;
  #since = { frames: 0, bytes: 0, seconds: 0 };

  get extent(): Mp3Extent {
    const { skippedBytes, cutSeconds } = this;
    const promisedSeconds = this.#seconds + this.#missingSeconds + this.#lacking();
    return { frames: this.#frames, seconds: this.#seconds, promisedSeconds, skippedBytes, cutSeconds };
  }

  /** A frame that counts the following ones. */
  addCount(header: FrameHeader, announced: AnnouncedExtent): void {
    this.#missingSeconds += this.#lacking();
    this.#announced = announced;
    this.#since = { frames: 0, bytes: header.length, seconds: 0 };
  }

  addFrame(header: FrameHeader): void {
    const seconds = header.samples / header.sampleRate;
    this.#frames++;
    this.#seconds += seconds;
    this.#since.frames++;
    this.#since.bytes += header.length;
    this.#since.seconds += seconds;
  }

  /** What the last header counts and is not there, s. The count of frames decides where it is told: some writers count their tags as bytes. */
  #lacking(): number {
    if (this.#announced === undefined) return 0;
    const { frames, bytes, seconds } = this.#since;
    const meanBytes = bytes / (frames + 1);
    const meanSeconds = frames === 0 ? USUAL_FRAME_SECONDS : seconds / frames;
    const told = this.#announced.frames > 0 ? this.#announced.frames : this.#announced.bytes / meanBytes - 1;
    const ratio = this.#announced.bytes / Math.max(1, told) / meanBytes;
    const agrees = ratio > 1 / FITS && ratio < FITS;
    if (told * meanBytes > MAX_SOURCE_BYTES || (told > frames * MANY_TIMES && !agrees)) return 0;
    // Some count the frame of the header itself.
    return told > frames + 1 ? (told - frames) * meanSeconds : 0;
  }
}
