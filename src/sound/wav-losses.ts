// What a WAV lacks of what its headers promise and what in it was passed over, counted and in sentences. Read by wav.ts.
import { isGoodPartMissing } from './missing.js';
import type { WavFormat } from './wav-format.js';

/** A promise so many times what is there was none: programs write any large number where they do not know the length. */
const MANY_TIMES = 50;
/** Foreign bytes behind the sound that are worth a word, 30 ms of telephone sound; zeros, which pad files, are not counted. */
const NOTABLE_BYTES = 256;
/** Of MPEG audio that does not tell: 64 kbit/s. */
const USUAL_BYTES_PER_SECOND = 8_000;

/** Whether a length may be meant, against what is there, in the same unit. */
export function isCredible(promised: number, there: number): boolean {
  return promised <= there * MANY_TIMES;
}

/** Counts while the sound of one source comes, stretch by stretch. */
export class WavLosses {
  #format: WavFormat | undefined;
  #promised: number | undefined;
  #heard = 0;
  #anySound = false;
  #promisedSeconds = 0;
  #missingSeconds = 0;
  #missingBytes = 0;
  #thereSeconds = 0;
  #skippedBytes = 0;
  #foreignBytes = 0;
  #skippedWavs = 0;

  /** Whether there was a whole frame of sound. */
  get anySound(): boolean {
    return this.#anySound;
  }

  /** Of sound that was there, s. */
  get seconds(): number {
    return this.#thereSeconds + this.secondsOf(this.#heard);
  }

  /** Of sound of the present stretch. */
  secondsOf(bytes: number): number {
    return bytes / (this.#format?.bytesPerSecond || USUAL_BYTES_PER_SECOND);
  }

  /** @param promised bytes; undefined when nobody knows */
  startPart(format: WavFormat, promised: number | undefined): void {
    this.#format = format;
    this.#promised = promised;
    this.#heard = 0;
  }

  hear(bytes: number): void {
    this.#heard += bytes;
    this.#anySound ||= this.#heard >= (this.#format?.frameBytes ?? Infinity);
  }

  endPart(): void {
    const { frameBytes = 1 } = this.#format ?? {};
    const missing = (this.#promised ?? this.#heard) - this.#heard;
    if (isCredible(this.#promised ?? 0, this.#heard) && missing >= frameBytes) {
      this.#missingBytes += missing;
      this.#missingSeconds += this.secondsOf(missing);
    }
    this.#thereSeconds += this.secondsOf(this.#heard);
    this.#promisedSeconds = this.#thereSeconds + this.#missingSeconds;
    this.#heard = 0;
  }

  /** Bytes behind the sound that are no chunk. */
  skip(bytes: Buffer): void {
    if (!this.#anySound) return;
    this.#skippedBytes += bytes.length;
    for (const byte of bytes) if (byte !== 0) this.#foreignBytes++;
  }

  /** A WAV behind the first whose header makes no sense, or whose codec only ffmpeg knows. */
  skipWav(): void {
    this.#skippedWavs++;
  }

  /** Why this must not be spoken: a clause; undefined when nothing or little is missing. */
  get refusal(): string | undefined {
    if (!isGoodPartMissing(this.#promisedSeconds, this.#thereSeconds)) return undefined;
    const promised = this.#promisedSeconds.toFixed(2);
    return `it ends after ${this.#thereSeconds.toFixed(2)} s of ${promised} s: the file is cut off or still being written`;
  }

  /** A sentence for each kind of loss. */
  get warnings(): string[] {
    const warnings: string[] = [];
    if (this.#missingBytes > 0) {
      const [promised, missing] = [this.#promisedSeconds.toFixed(2), this.#missingSeconds.toFixed(2)];
      warnings.push(
        `The WAV promises ${promised} s, of which ${this.#missingBytes} bytes (${missing} s) are missing; the rest was spoken`,
      );
    }
    if (this.#foreignBytes > NOTABLE_BYTES) {
      warnings.push(
        `${this.#skippedBytes} bytes behind the sound of the WAV belong to nothing that is known and were not spoken`,
      );
    }
    if (this.#skippedWavs > 0) {
      warnings.push(`${this.#skippedWavs} of several WAVs in a row could not be read and was not spoken`);
    }
    return warnings;
  }
}
