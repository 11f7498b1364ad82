// One body of known length while its bytes arrive. Memory grows with what came, not with what was announced.

const FIRST_STORE_BYTES = 4_096;

export class Body {
  readonly #bytes: number;
  #store = Buffer.alloc(0);
  #length = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  get isWhole(): boolean {
    return this.#length === this.#bytes;
  }

  /** What came; shares no memory with the chunks, and belongs to the caller when the body is whole. */
  get contents(): Buffer {
    return this.#store.subarray(0, this.#length);
  }

  /** Takes what belongs to this body from `chunk`, beginning at `at`. Returns where the rest of the chunk begins. */
  add(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#bytes - this.#length);
    const needed = this.#length + end - at;
    if (needed > this.#store.length) {
      // At least doubled: each byte moves a bounded number of times.
      const roomy = Math.max(needed, this.#store.length * 2, FIRST_STORE_BYTES);
      const larger = Buffer.allocUnsafeSlow(Math.min(this.#bytes, roomy));
      this.#store.copy(larger, 0, 0, this.#length);
      this.#store = larger;
    }
    chunk.copy(this.#store, this.#length, at, end);
    this.#length = needed;
    return end;
  }
}
