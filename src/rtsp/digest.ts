// Digest for the client: challenges to values, a challenge to the Authorization header. Nothing here verifies; Basic is never answered.
import { createHash } from 'node:crypto';
import { TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';

/** A Digest challenge with what an answer must echo. */
export interface DigestChallenge {
  readonly scheme: 'digest';
  readonly realm: string;
  readonly nonce: string;
  /** As offered, without quotes; absent when not offered. */
  readonly algorithm?: string;
  /** As offered, with quotes if it had them: answering in another spelling can be refused. */
  readonly algorithmText?: string;
  /** Lower case; absent when not offered. */
  readonly qop?: readonly string[];
  readonly opaque?: string;
  /** How the password is to be hashed before it is used, in the HTTP talk (PROTOCOL.md H5). */
  readonly encryptType?: string;
  readonly stale: boolean;
}

/** Any other scheme, or a Digest without realm or nonce. `scheme` is in lower case. */
export interface OtherChallenge {
  readonly scheme: string;
  readonly nonce?: never;
}

export type Challenge = DigestChallenge | OtherChallenge;
export type HashName = 'md5' | 'sha256';

export interface DigestCredentials {
  readonly method: string;
  /** Byte for byte the URI of the request line. */
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  /** A fresh random token; only sent when the challenge offers qop. */
  readonly cnonce: string;
  /** How often this nonce has been used, this time included; 1 when absent. */
  readonly nc?: number;
  /** Whether `algorithm`, `qop` and `nc` go without quotes, as RFC 7616 has them; otherwise as the cameras that speak RTSP want them. */
  readonly unquoted?: boolean;
}

/** `text` is the value as it was written, quotes included. Keys in lower case. */
type Parameters = Map<string, { readonly value: string; readonly text: string }>;

/** Of what a camera calls its algorithm; the longest registered name, SHA-512-256-sess, has 16. */
const MAX_SHOWN_OPTION_CHARS = 32;

// The pieces of a WWW-Authenticate value (RFC 7235 section 2.1), each matched where the one before it ended.
const GAP = /[\s,]*/y;
const NAME = /[^\s,="]+/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const UNQUOTED = /[^,"]*/y;

/** Every challenge of every `WWW-Authenticate` value, in order; one value may hold several. Text that is no challenge is skipped. */
export function parseChallenges(values: readonly string[]): Challenge[] {
  return values.flatMap((value) =>
    splitChallenges(value).map(([scheme, parameters]) => challengeOf(scheme, parameters)),
  );
}

function splitChallenges(value: string): [scheme: string, parameters: Parameters][] {
  const challenges: [scheme: string, parameters: Parameters][] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(value);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  while (at < value.length) {
    const gap = take(GAP)?.[0] ?? '';
    const name = take(NAME)?.[0].toLowerCase();
    if (name === undefined) {
      at += 1;
    } else if (take(EQUALS) !== null) {
      const quoted = take(QUOTED);
      const text = quoted?.[0] ?? take(UNQUOTED)?.[0].trim() ?? '';
      const parameters = challenges.at(-1)?.[1];
      if (parameters?.has(name) === false) parameters.set(name, { value: unquote(quoted?.[1] ?? text), text });
    } else if (challenges.length === 0 || gap.includes(',')) {
      challenges.push([name, new Map()]);
    }
  }
  return challenges;
}

function challengeOf(scheme: string, parameters: Parameters): Challenge {
  const [realm, nonce, opaque, encryptType] = ['realm', 'nonce', 'opaque', 'encrypt_type'].map(
    (name) => parameters.get(name)?.value,
  );
  if (scheme !== 'digest' || realm === undefined || nonce === undefined || nonce === '') return { scheme };
  const algorithm = parameters.get('algorithm');
  const qop = (parameters.get('qop')?.value ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((option) => option !== '');
  return {
    scheme,
    realm,
    nonce,
    ...(algorithm !== undefined && { algorithm: algorithm.value, algorithmText: algorithm.text }),
    ...(qop.length > 0 && { qop }),
    ...(opaque !== undefined && { opaque }),
    ...(encryptType !== undefined && { encryptType }),
    stale: parameters.get('stale')?.value.toLowerCase() === 'true',
  };
}

/** The strongest Digest challenge that `authorize` can answer, the first among equals; undefined when there is none. */
export function pickChallenge(challenges: readonly Challenge[]): DigestChallenge | undefined {
  const answerable = challenges.filter(isDigest).filter((challenge) => challenge.qop?.includes('auth') !== false);
  return (
    answerable.find((challenge) => knownHash(challenge) === 'sha256') ??
    answerable.find((challenge) => knownHash(challenge) === 'md5')
  );
}

/** What keeps the first Digest challenge from being answered, such as `MD5-sess` or `auth-int`, cut short; undefined without one. */
export function unknownDigest(challenges: readonly Challenge[]): string | undefined {
  const challenge = challenges.find(isDigest);
  if (challenge === undefined) return undefined;
  const unknown = knownHash(challenge) === undefined ? challenge.algorithm : challenge.qop?.join(', ');
  return excerpt(unknown ?? '', MAX_SHOWN_OPTION_CHARS);
}

/** The hash the challenge asks for. Throws TALK_ERR_UNSUPPORTED for any but MD5 (also when none is named) and SHA-256. */
export function hashName(challenge: DigestChallenge): HashName {
  const hash = knownHash(challenge);
  if (hash !== undefined) return hash;
  throw new TalkError('TALK_ERR_UNSUPPORTED', 'The camera asks for a Digest algorithm other than MD5 and SHA-256');
}

/**
 * The value of the `Authorization` header that answers the challenge.
 * Throws TALK_ERR_UNSUPPORTED when algorithm or qop is none we know, TALK_ERR_ARGUMENT for an impossible `nc`.
 */
export function authorize(challenge: DigestChallenge, credentials: DigestCredentials): string {
  const { realm, nonce, algorithm: offered, algorithmText, qop, opaque } = challenge;
  const { method, uri, username, password, cnonce, unquoted = false } = credentials;
  const algorithm = hashName(challenge);
  const hash = (...parts: string[]): string => createHash(algorithm).update(parts.join(':')).digest('hex');
  const a1 = hash(username, realm, password);
  const a2 = hash(method, uri);
  const fields = [`username=${quote(username)}`, `realm=${quote(realm)}`, `nonce=${quote(nonce)}`, `uri=${quote(uri)}`];
  // An algorithm that was not offered, or not so, turns a correct password into 401 (PROTOCOL.md D4).
  if (algorithmText !== undefined) fields.push(`algorithm=${unquoted ? offered : algorithmText}`);
  if (qop === undefined) {
    // RFC 2069.
    fields.push(`response=${quote(hash(a1, nonce, a2))}`);
  } else {
    if (!qop.includes('auth')) {
      throw new TalkError('TALK_ERR_UNSUPPORTED', 'The camera asks for a Digest quality of protection other than auth');
    }
    const nc = nonceCount(credentials.nc ?? 1);
    // VIGI, the only SHA-256 dialect seen, refuses qop and nc without quotes; RFC 7616 wants them without (PROTOCOL.md D5).
    const spell = algorithm === 'sha256' && !unquoted ? quote : (value: string): string => value;
    fields.push(`qop=${spell('auth')}`, `cnonce=${quote(cnonce)}`, `nc=${spell(nc)}`);
    fields.push(`response=${quote(hash(a1, nonce, nc, cnonce, 'auth', a2))}`);
  }
  if (opaque !== undefined) fields.push(`opaque=${quote(opaque)}`);
  return `Digest ${fields.join(', ')}`;
}

function isDigest(challenge: Challenge): challenge is DigestChallenge {
  return challenge.nonce !== undefined;
}

function knownHash({ algorithm }: DigestChallenge): HashName | undefined {
  if (algorithm === undefined || /^md5$/i.test(algorithm)) return 'md5';
  return /^sha-256$/i.test(algorithm) ? 'sha256' : undefined;
}

function nonceCount(nc: number): string {
  if (!Number.isInteger(nc) || nc < 1 || nc > 0xffffffff) {
    throw new TalkError(
      'TALK_ERR_ARGUMENT',
      `Digest nonce count: expected a whole number from 1 to 4294967295, not ${nc}`,
    );
  }
  return nc.toString(16).padStart(8, '0');
}

function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

function unquote(value: string): string {
  return value.replace(/\\(.)/gs, '$1');
}
