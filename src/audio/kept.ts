// Bytes kept as they come, in blocks of one length, counted by a share of the memory: small chunks cost no more than what they hold.
import type { Share } from './budget.js';

/** One block, so also what a short clip is counted as. */
export const BLOCK_BYTES = 65_536;

export class Kept {
  readonly #share: Pick<Share, 'take' | 'give'> | undefined;
  #blocks: Buffer[] = [];
  #length = 0;
  /** Blocks at the beginning that are let go. */
  #gone = 0;

  constructor(share?: Pick<Share, 'take' | 'give'>) {
    this.#share = share;
  }

  /** Bytes that have come. */
  get length(): number {
    return this.#length;
  }

  /** All bytes. */
  get blocks(): readonly Buffer[] {
    return this.#blocks.map((block, index) => block.subarray(0, this.#length - index * BLOCK_BYTES));
  }

  /** The first block. */
  get beginning(): Buffer {
    return this.at(0, BLOCK_BYTES);
  }

  /** Adds a copy. Throws what the share throws. */
  add(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0;) {
      const used = this.#length % BLOCK_BYTES;
      if (used === 0) {
        this.#share?.take(BLOCK_BYTES);
        this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES));
      }
      const copied = rest.copy(this.#blocks[this.#blocks.length - 1] ?? rest, used);
      this.#length += copied;
      rest = rest.subarray(copied);
    }
  }

  /** From `offset`, at most so many bytes, fewer at the end of a block. */
  at(offset: number, most: number): Buffer {
    const block = this.#blocks[Math.floor(offset / BLOCK_BYTES)] ?? Buffer.alloc(0);
    const from = offset % BLOCK_BYTES;
    return block.subarray(from, Math.min(from + most, from + this.#length - offset));
  }

  /** The blocks before `offset` are not needed any more. */
  letGo(offset: number): void {
    for (; (this.#gone + 1) * BLOCK_BYTES <= offset; this.#gone += 1) {
      this.#blocks[this.#gone] = Buffer.alloc(0);
      this.#share?.give(BLOCK_BYTES);
    }
  }
}
