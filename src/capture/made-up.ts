// Values made up in place of others: the same one for the same value, but for addresses as long as it and of the same letters and digits.
import { createHash, randomBytes } from 'node:crypto';
import { ANY_ADDRESS, isIp, isNobodys, isReal, macDigits, nobodysIp, nobodysMac } from './nobodys.js';

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
/** The user of every camera, and its streams. */
const STAYS = /^(?:admin|stream\d)$/;
const HEX = /^[0-9a-f:-]+$/i;

export class MadeUp {
  readonly #known = new Map<string, { readonly kind: SecretKind; readonly made: string }>();

  /** Another one for each capture: a capture of a camera that repeats one has other values. */
  readonly #seed = randomBytes(16).toString('hex');
  /** Their numbers; a MAC address has one, however it is written. */
  readonly #ips = new Map<string, number>();
  readonly #macs = new Map<string, number>();

  /** What stands for the value; stars, and what all cameras have, stay. */
  for(kind: SecretKind, value: string): string {
    if (!/[^\0-/:-@[-`{-\x7f]/.test(value) || STAYS.test(value) || isNobodys(value)) return value;
    const known = this.#known.get(value);
    if (known !== undefined) return known.made;
    const made = this.#address(value) ?? this.#alike(value);
    this.#known.set(value, { kind, made });
    return made;
  }

  #address(value: string): string | undefined {
    const mac = macDigits(value);
    if (mac !== undefined) return nobodysMac(value, numberIn(this.#macs, mac));
    return isIp(value) ? nobodysIp(value, numberIn(this.#ips, value)) : undefined;
  }

  /** No other value of this exchange, nor what looks like somebody's address. */
  #alike(value: string): string {
    const stream = digits(`${this.#seed} ${this.#known.size}`);
    const letters = HEX.test(value) ? 6 : 26;
    const parts = value
      .split(ANY_ADDRESS)
      .map((part, at) => ({ part, address: at % 2 === 1 ? this.#address(part) : undefined }));
    let made = value;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      made = parts.map(({ part, address }) => address ?? alike(part, letters, stream)).join('');
      if (made !== value && !this.#known.has(made) && !looksReal(made)) break;
    }
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

function numberIn(numbers: Map<string, number>, value: string): number {
  const number = numbers.get(value) ?? numbers.size + 1;
  numbers.set(value, number);
  return number;
}

function looksReal(made: string): boolean {
  return made.split(ANY_ADDRESS).some((part, at) => at % 2 === 1 && isReal(part));
}

/** Each digit a digit, each letter a letter of its case and of so many, anything else as it is. */
function alike(value: string, letters: number, next: () => number): string {
  return Array.from(value, (one) => {
    if (/[0-9]/.test(one)) return String.fromCharCode(0x31 + (next() % 9));
    if (/[a-z]/.test(one)) return String.fromCharCode(0x61 + (next() % letters));
    if (/[A-Z]/.test(one)) return String.fromCharCode(0x41 + (next() % letters));
    return one.charCodeAt(0) < 0x80 ? one : 'x';
  }).join('');
}
