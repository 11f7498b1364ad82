// Many strings looked for at once, whatever the case of their ASCII letters: one look at each character of a text, however many there are. Pure.

/** Shorter ones would be found in any text. */
export const MIN_NEEDLE_CHARS = 4;

export interface FoundNeedle {
  readonly at: number;
  /** In lower case. */
  readonly needle: string;
}

/** Those that begin alike, by length: however many there are, a place in a text is looked at once for each length. */
interface Alike {
  readonly all: Set<string>;
  /** The longest first. */
  readonly lengths: readonly number[];
}

export class Needles {
  /** In lower case, by the low bytes of their first four characters. */
  readonly #byStart = new Map<number, Alike>();

  /** Those that are too short are left out. */
  constructor(needles: Iterable<string>) {
    const byStart = new Map<number, Set<string>>();
    for (const needle of Array.from(needles, lowerCase)) {
      if (needle.length < MIN_NEEDLE_CHARS) continue;
      let start = 0;
      for (let at = 0; at < MIN_NEEDLE_CHARS; at++) start = withNext(start, needle, at);
      const same = byStart.get(start);
      if (same === undefined) byStart.set(start, new Set([needle]));
      else same.add(needle);
    }
    for (const [start, all] of byStart) {
      const lengths = new Set(Array.from(all, ({ length }) => length));
      this.#byStart.set(start, { all, lengths: [...lengths].sort((one, other) => other - one) });
    }
  }

  /** In lower case. */
  get all(): string[] {
    return [...this.#byStart.values()].flatMap(({ all }) => [...all]);
  }

  /** From left to right, the longest at each place, none within another. */
  *in(text: string): Generator<FoundNeedle> {
    if (this.#byStart.size === 0) return;
    const lower = lowerCase(text);
    let key = 0;
    let from = 0;
    for (let end = 0; end < lower.length; end++) {
      key = withNext(key, lower, end);
      const at = end + 1 - MIN_NEEDLE_CHARS;
      if (at < from) continue;
      const needle = longestAt(lower, at, this.#byStart.get(key));
      if (needle === undefined) continue;
      yield { at, needle };
      from = at + needle.length;
    }
  }

  isIn(text: string): boolean {
    return this.in(text).next().done === false;
  }
}

function longestAt(text: string, at: number, alike: Alike | undefined): string | undefined {
  for (const length of alike?.lengths ?? []) {
    const candidate = text.slice(at, at + length);
    if (alike?.all.has(candidate) === true) return candidate;
  }
  return undefined;
}

/** The last four characters, a byte each. */
function withNext(key: number, text: string, at: number): number {
  return (key << 8) | (text.charCodeAt(at) & 0xff);
}

/** Of ASCII alone: the text keeps its length. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
