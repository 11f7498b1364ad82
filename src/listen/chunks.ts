// Samples in pieces as they come, to chunks of an exact length, and a chunk to WAV. Pure.
import { toS16 } from '../sound/s16.js';
import { s16Wav } from '../sound/wav-write.js';
import type { HeardSound, SoundChunk } from './states.js';

/** The sound as a whole WAV file. */
export function toWav({ pcm, sampleRate }: Pick<SoundChunk, 'pcm' | 'sampleRate'>): Buffer {
  return s16Wav(sampleRate, pcm);
}

/**
 * Cuts a stream into chunks of `chunkMs`. Where that is no whole number of samples, chunks differ by one sample so that n of them last
 * n × chunkMs to the sample.
 */
export class Chunker {
  readonly #sampleRate: number;
  readonly #chunkMs: number;
  #pieces: Buffer[] = [];
  #held = 0;
  /** Chunks cut so far, and how many samples they hold. */
  #chunks = 0;
  #cut = 0;

  constructor(sampleRate: number, chunkMs: number) {
    this.#sampleRate = sampleRate;
    this.#chunkMs = chunkMs;
  }

  /** The chunks that are whole with this sound, which must be of the chunker's sample rate. */
  push({ samples, heardAt }: HeardSound): SoundChunk[] {
    let pcm = toS16(samples);
    // When the first sample held was heard.
    let startedAt = heardAt - this.#ms(this.#held);
    const chunks: SoundChunk[] = [];
    for (let length = this.#nextLength(); this.#held + pcm.length / 2 >= length; length = this.#nextLength()) {
      const missing = length - this.#held;
      this.#pieces.push(pcm.subarray(0, 2 * missing));
      chunks.push({ pcm: Buffer.concat(this.#pieces), sampleRate: this.#sampleRate, startedAt });
      pcm = pcm.subarray(2 * missing);
      startedAt += this.#ms(length);
      this.#pieces = [];
      this.#held = 0;
      this.#chunks += 1;
      this.#cut += length;
    }
    if (pcm.length > 0) this.#pieces.push(pcm);
    this.#held += pcm.length / 2;
    return chunks;
  }

  #nextLength(): number {
    return Math.max(1, Math.round(((this.#chunks + 1) * this.#chunkMs * this.#sampleRate) / 1_000) - this.#cut);
  }

  #ms(samples: number): number {
    return (samples * 1_000) / this.#sampleRate;
  }
}
