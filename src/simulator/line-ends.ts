// Finds the first line of a text protocol that does not end in CR LF, whatever the pieces it comes in.

const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;

export class LineEnds {
  #last = 0;

  /** True when a line in these bytes ends in a bare LF. What follows a `$` is no text and not looked at. */
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
