// The tokens given to successful logins, and which of them are still good for `/stok=…/ds`. Logins are judged in login.ts.
import { randomInt } from 'node:crypto';

export interface WebStokOptions {
  /** Characters of the token; default letters and digits. */
  stokAlphabet?: string;
  /** So many `/ds` requests a token is good for; default no limit. */
  stokLifetimeRequests?: number;
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
// Tokens of TP-Link cameras have about 32 characters.
const STOK_LENGTH = 32;
// With more logins the oldest one ends. Cameras have a limit (-40406, "too many clients"); nobody knows which.
const MAX_STOKS = 8;

/** Valid tokens, each with the number of requests it is still good for. */
export class StokRegister {
  readonly #alphabet: string;
  readonly #lifetime: number;
  readonly #left = new Map<string, number>();

  constructor(options: WebStokOptions) {
    this.#alphabet = options.stokAlphabet ?? LETTERS_AND_DIGITS;
    this.#lifetime = options.stokLifetimeRequests ?? Infinity;
  }

  /** A new token, for one login. */
  issue(): string {
    const stok = randomText(this.#alphabet, STOK_LENGTH);
    this.#left.set(stok, this.#lifetime);
    const oldest = this.#left.keys().next();
    if (this.#left.size > MAX_STOKS && oldest.done !== true) this.#left.delete(oldest.value);
    return stok;
  }

  /** Whether the text between `/stok=` and `/ds` is a valid token, percent-encoded wherever it can be; uses up one of its requests. */
  admit(pathText: string): boolean {
    if (/[!'()*]/.test(pathText)) return false;
    let stok: string;
    try {
      stok = decodeURIComponent(pathText);
    } catch {
      return false;
    }
    const left = this.#left.get(stok) ?? 0;
    if (left <= 0) this.#left.delete(stok);
    else this.#left.set(stok, left - 1);
    return left > 0;
  }

  /** Ends every token, as a restart of the camera does. */
  expireAll(): void {
    this.#left.clear();
  }
}

/** Random characters of an alphabet. */
function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

/** Eight letters and digits, as cameras of the CN line send them. */
export function randomNonce(): string {
  return randomText(LETTERS_AND_DIGITS, 8);
}
