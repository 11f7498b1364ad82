// Reads what a camera says about logging in: its challenge, a lock, the attempts left. Pure; the answer to it is in login-method.ts.
import { TalkError } from '../errors.js';
import { MAX_NONCE_CHARS } from '../limits.js';
import { at, integer, isJsonObject, text, type JsonObject, type JsonValue } from './json.js';

export interface Challenge {
  /** `encrypt_type` as a list of text: "1", "2", "3"; empty when the camera names none. */
  readonly encryptTypes: readonly string[];
  /** Whether `encrypt_type` came as a number. */
  readonly numericType: boolean;
  /** Whether the camera has `md5_encrypt_type`, that is, takes MD5 under whatever type it names. */
  readonly md5: boolean;
  /** Whether the password goes into RSA as the salted MD5 of the international models (`passwdType`). */
  readonly salted: boolean;
  /** Base64, possibly percent-encoded; unread. */
  readonly key: string | undefined;
  /** The 2048-bit key that newer models add. */
  readonly key2: string | undefined;
  readonly nonce: string | undefined;
}

export interface Lock {
  /** Seconds to wait, if the camera told. */
  readonly seconds: number | undefined;
  readonly permanent: boolean;
}

/** What is left of a challenge when the camera gives none. */
export const NO_CHALLENGE: Challenge = {
  encryptTypes: [],
  numericType: false,
  md5: false,
  salted: false,
  key: undefined,
  key2: undefined,
  nonce: undefined,
};

/** What every answer to somebody who is not logged in says (PROTOCOL.md W2). */
export const UNAUTHENTICATED = -40401;
/** Marks the first answer to a client that has not logged in (PROTOCOL.md W2). */
const FIRST_ATTEMPT = -40407;
const LOCKED = -40404;
const LOCKED_FOR_GOOD = -40408;

/** The challenge in a camera's answer, or undefined when the answer holds none. Throws TALK_ERR_PROTOCOL for an absurd nonce. */
export function parseChallenge(json: unknown): Challenge | undefined {
  const fields = loginFields(json);
  const type = fields['encrypt_type'];
  const md5Type = text(fields['md5_encrypt_type']) ?? '';
  const nonce = text(fields['nonce']) || undefined;
  if (nonce !== undefined && nonce.length > MAX_NONCE_CHARS) {
    throw new TalkError('TALK_ERR_PROTOCOL', 'The camera sent a login nonce that is far too long');
  }
  const challenge: Challenge = {
    encryptTypes: (Array.isArray(type) ? type : [type])
      .map((entry) => text(entry)?.trim() ?? '')
      .filter((entry) => entry !== ''),
    numericType: typeof type === 'number',
    md5: md5Type !== '' && md5Type !== '0',
    salted: fields['passwdType'] === 'md5',
    key: keyText(fields['key']),
    key2: keyText(fields['key_2']),
    nonce,
  };
  const isChallenge = nonce !== undefined || challenge.encryptTypes.length > 0 || loginCode(json) === FIRST_ATTEMPT;
  return isChallenge ? challenge : undefined;
}

/** The lock a camera tells of, in its challenge or when it refuses a login. A locked camera may send no nonce at all. */
export function parseLock(json: unknown): Lock | undefined {
  const fields = loginFields(json);
  const code = loginCode(json);
  const left = integer(fields['sec_left']) ?? 0;
  const seconds = left > 0 ? left : undefined;
  if (code === LOCKED_FOR_GOOD) return { seconds, permanent: true };
  if (code === LOCKED || (seconds !== undefined && fields['nonce'] === undefined)) return { seconds, permanent: false };
  return undefined;
}

/** How many more passwords the camera takes before it locks, if it tells. */
export function parseAttemptsLeft(json: unknown): number | undefined {
  const fields = loginFields(json);
  const allowed = integer(fields['max_time']);
  const used = integer(fields['time']);
  if (allowed === undefined || used === undefined || allowed <= 0) return undefined;
  return Math.max(0, allowed - used);
}

/** The error number that counts at a login: where the outer one only says "unauthenticated", the inner one says why. */
export function loginCode(json: unknown): number | undefined {
  const fields = loginFields(json);
  const outer = integer(fields['error_code']);
  const inner = integer(fields['code']);
  return outer === undefined || outer === 0 || outer === UNAUTHENTICATED ? (inner ?? outer) : outer;
}

/** Models nest differently: flat, under `result`, under `data`, under `result.data`. The innermost wins. */
function loginFields(json: unknown): JsonObject {
  const levels = [json, at(json, 'result'), at(json, 'data'), at(json, 'result', 'data')];
  return Object.fromEntries(levels.filter(isJsonObject).flatMap(Object.entries<JsonValue>));
}

function keyText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
