// What is to be replaced in a text, found on the text as it came: no part of it twice. Pure.

export class Changes {
  readonly #text: string;
  readonly #taken: Uint8Array;
  readonly #changes: { readonly from: number; readonly to: number; readonly made: string }[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#taken = new Uint8Array(text.length);
  }

  /** Whether nothing from here to there is replaced. */
  isFree(from: number, to: number): boolean {
    return !this.#taken.subarray(from, to).includes(1);
  }

  /** Must be free. */
  add(from: number, to: number, made: string): void {
    this.#taken.fill(1, from, to);
    this.#changes.push({ from, to, made });
  }

  /** What of it is still free. */
  addRest(from: number, to: number, made: (text: string) => string): void {
    for (let at = from; at < to;) {
      const free = this.#taken.indexOf(0, at);
      if (free < 0 || free >= to) return;
      const taken = this.#taken.subarray(0, to).indexOf(1, free);
      at = taken < 0 ? to : taken;
      this.add(free, at, made(this.#text.slice(free, at)));
    }
  }

  get result(): string {
    let at = 0;
    const parts = this.#changes
      .sort((one, other) => one.from - other.from)
      .map(({ from, to, made }) => {
        const before = this.#text.slice(at, from);
        at = to;
        return before + made;
      });
    return parts.join('') + this.#text.slice(at);
  }
}
