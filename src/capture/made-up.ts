// Values made up in place of others: the same one for the same value, but for addresses as long as it and of the same letters and digits.
import { createHash, randomBytes } from 'node:crypto';

/** What a value is: two of one kind get two made-up ones. */
export type SecretKind =
  'user' | 'password' | 'nonce' | 'answer' | 'session' | 'token' | 'id' | 'name' | 'host' | 'address' | 'mac';

/** What people choose may be a word that stands everywhere, such as `camera`. */
const WORDS: ReadonlySet<SecretKind> = new Set(['user', 'name', 'host']);
const MIN_TELLING_CHARS = 6;
const HEX = /^[0-9a-f:-]+$/i;
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$|^(?=.*:.*:)[0-9a-f:]+(?:%.*)?$/i;
const NETS = ['192.0.2', '198.51.100', '203.0.113'];

export class MadeUp {
  readonly #known = new Map<string, { readonly kind: SecretKind; readonly made: string }>();

  /** Another one for each capture: a capture of a camera that repeats one has other values. */
  readonly #seed = randomBytes(16).toString('hex');
  #addresses = 0;

  /** What stands for the value; blank and what all cameras have stay. */
  for(kind: SecretKind, value: string): string {
    if (value === '' || (kind === 'user' && value === 'admin')) return value;
    const known = this.#known.get(value);
    if (known !== undefined) return known.made;
    const stream = digits(`${this.#seed} ${this.#known.size}`);
    const made = ADDRESS.test(value) && kind !== 'mac' ? address(value, ++this.#addresses) : alike(value, stream);
    this.#known.set(value, { kind, made });
    return made;
  }

  /** All so far that can be told from other text, whatever stands around them, the longest first. */
  get telling(): ReadonlyArray<{ readonly value: string; readonly made: string }> {
    return [...this.#known]
      .map(([value, { kind, made }]) => ({ value, kind, made }))
      .filter(({ value, kind }) => value.length >= MIN_TELLING_CHARS && !(WORDS.has(kind) && /^\p{L}+$/u.test(value)))
      .sort((one, other) => other.value.length - one.value.length);
  }
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
