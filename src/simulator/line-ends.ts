// Finds lines of a text protocol that end without CR, however the bytes are split into chunks.

const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;

export class LineEnds {
  #last = 0;

  /** True when a line in these bytes ends in LF alone. Looks no further than a `$`, which begins a frame. */
  areWrong(chunk: Buffer): boolean {
    for (const byte of chunk) {
      const previous = this.#last;
      this.#last = byte;
      if (byte === DOLLAR) return false;
      if (byte === LF && previous !== CR) return true;
    }
    return false;
  }
}
