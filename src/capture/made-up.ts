// Values made up in place of others: the same one for the same value, but for addresses as long as it and of the same letters and digits.
import { createHash, randomBytes } from 'node:crypto';

/** What a value is: two of one kind get two made-up ones. */
export type SecretKind =
  'user' | 'password' | 'nonce' | 'answer' | 'session' | 'token' | 'id' | 'name' | 'host' | 'address' | 'mac' | 'place';

/** What people choose may be a word that stands everywhere, such as `camera`. */
const WORDS: ReadonlySet<SecretKind> = new Set(['user', 'name', 'host']);
const MIN_TELLING_BYTES = 6;
/** `000000` is a part of many a number. */
const MIN_TELLING_KINDS = 3;
/** Of other values for one; what has a single letter or digit has no more than these. */
const MAX_TRIES = 50;
/** The user of every camera, its streams, and addresses that are no machine's or made up already. */
const STAYS =
  /^(?:admin|stream\d|0\.0\.0\.0|255\.255\.255\.255|(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+|2001:db8::.*)$/;
const HEX = /^[0-9a-f:-]+$/i;
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$|^(?=.*:.*:)[0-9a-f:]+(?:%.*)?$/i;
const NETS = ['192.0.2', '198.51.100', '203.0.113'];

export class MadeUp {
  readonly #known = new Map<string, { readonly kind: SecretKind; readonly made: string }>();

  /** Another one for each capture: a capture of a camera that repeats one has other values. */
  readonly #seed = randomBytes(16).toString('hex');
  #addresses = 0;

  /** What stands for the value; stars, and what all cameras have, stay. */
  for(kind: SecretKind, value: string): string {
    if (!/[^\0-/:-@[-`{-\x7f]/.test(value) || STAYS.test(value)) return value;
    const known = this.#known.get(value);
    if (known !== undefined) return known.made;
    const made = ADDRESS.test(value) && kind !== 'mac' ? address(value, ++this.#addresses) : this.#alike(value);
    this.#known.set(value, { kind, made });
    return made;
  }

  /** No other value of this exchange. */
  #alike(value: string): string {
    const stream = digits(`${this.#seed} ${this.#known.size}`);
    let made = alike(value, stream);
    for (let tries = 1; (made === value || this.#known.has(made)) && tries < MAX_TRIES; tries++)
      made = alike(value, stream);
    return made;
  }

  /** How many values have another one. */
  get size(): number {
    return this.#known.size;
  }

  /** All so far that can be told from other text, whatever stands around them. */
  get telling(): ReadonlyArray<{ readonly value: string; readonly made: string }> {
    return [...this.#known].flatMap(([value, { kind, made }]) => (isTelling(kind, value) ? [{ value, made }] : []));
  }
}

function isTelling(kind: SecretKind, value: string): boolean {
  const bytes = Buffer.from(value);
  if (bytes.length < MIN_TELLING_BYTES || new Set(bytes).size < MIN_TELLING_KINDS) return false;
  return !(WORDS.has(kind) && /^[a-z]+$/i.test(value));
}

/** Numbers from 0 to 255, as many as are asked for, the same ones each time. */
function digits(seed: string): () => number {
  let block = createHash('sha256').update(seed).digest();
  let at = 0;
  return () => {
    if (at === block.length) {
      block = createHash('sha256').update(block).digest();
      at = 0;
    }
    return block[at++] ?? 0;
  };
}

/** Each digit a digit, each letter a letter of its case, hex stays hex, anything else as it is. */
function alike(value: string, next: () => number): string {
  const letters = HEX.test(value) ? 6 : 26;
  return Array.from(value, (one) => {
    if (/[0-9]/.test(one)) return String.fromCharCode(0x31 + (next() % 9));
    if (/[a-z]/.test(one)) return String.fromCharCode(0x61 + (next() % letters));
    if (/[A-Z]/.test(one)) return String.fromCharCode(0x41 + (next() % letters));
    return one.charCodeAt(0) < 0x80 ? one : 'x';
  }).join('');
}

/** Addresses of documentation (RFC 5737, RFC 3849): nobody's. */
function address(value: string, number: number): string {
  return value.includes(':') ? `2001:db8::${number.toString(16)}` : `${NETS[number >> 8] ?? NETS[0]}.${number & 255}`;
}
