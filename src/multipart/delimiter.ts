// Finds what separates parts, in bytes that come in any pieces, without holding them.

/** The search of Knuth, Morris and Pratt: each byte is looked at once, whatever the bytes are. */
export class Delimiter {
  readonly #bytes: Buffer;
  /** For each length of a match: how long the match is that is left when the next byte does not fit. */
  readonly #shorter: readonly number[];
  #matched = 0;

  /** @param text not empty */
  constructor(text: string) {
    this.#bytes = Buffer.from(text, 'latin1');
    const shorter = [0, 0];
    for (let length = 2; length <= this.#bytes.length; length++) {
      const byte = this.#bytes[length - 1];
      let border = shorter[length - 1] ?? 0;
      while (border > 0 && this.#bytes[border] !== byte) border = shorter[border] ?? 0;
      shorter.push(this.#bytes[border] === byte ? border + 1 : 0);
    }
    this.#shorter = shorter;
  }

  /** Takes the next byte. Whether the delimiter is whole with it. */
  endsWith(byte: number): boolean {
    while (this.#matched > 0 && this.#bytes[this.#matched] !== byte) this.#matched = this.#shorter[this.#matched] ?? 0;
    if (this.#bytes[this.#matched] === byte) this.#matched++;
    if (this.#matched < this.#bytes.length) return false;
    this.#matched = 0;
    return true;
  }
}
