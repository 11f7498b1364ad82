// Every form a password may have in an exchange: written, encoded, hashed, scrambled, part of a digest. Pure.
import { createHash } from 'node:crypto';
import { securityEncode } from '../security-encode.js';
import { saltedPassword } from '../webapi/password.js';
import { MIN_NEEDLE_CHARS } from './needles.js';
import { asLatin1, spellings } from './written.js';

/** What a password may have been mixed with. */
export interface Mixed {
  readonly username: string;
  readonly realms: readonly string[];
  readonly nonces: readonly string[];
}

const HASHES = ['md5', 'sha1', 'sha256', 'sha512'] as const;

/** As they stand in text and, beyond ASCII, as the bytes of UTF-8 read as latin1. */
export function passwordForms(password: string, { username, realms, nonces }: Mixed): string[] {
  if (password === '') return [];
  const salted = saltedPassword(password);
  const scrambled = scrambledForms(password);
  const talkForms = [...scrambled, ...upperHashes(password)];
  const account = `${username}:${password}`;
  const mixtures = [
    password,
    account,
    ...realms.flatMap((realm) => [password, ...talkForms].map((form) => `${username}:${realm}:${form}`)),
    ...nonces.flatMap((nonce) => [password, salted, ...talkForms].map((form) => `${form}:${nonce}`)),
  ];
  const forms = [
    ...[password, ...scrambled].flatMap(spellings),
    salted,
    ...mixtures.flatMap(hashed),
    ...[password, account, salted, ...scrambled].flatMap(base64Forms),
  ];
  return [...new Set(forms.flatMap((form) => [form, asLatin1(form)]))].filter(
    ({ length }) => length >= MIN_NEEDLE_CHARS,
  );
}

/** What stands for the password in the HTTP talk. */
function upperHashes(password: string): string[] {
  return ['md5', 'sha256'].map((name) => createHash(name).update(password, 'utf8').digest('hex').toUpperCase());
}

function scrambledForms(password: string): string[] {
  try {
    return [securityEncode(password)];
  } catch {
    return [];
  }
}

/** In base64 wherever it begins in a group of three bytes; the ends, which depend on what is beside it, are left out. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const whole = bytes.toString('base64').replaceAll('=', '');
    const from = before === 0 ? 0 : before + 1;
    const inner = whole.slice(from, bytes.length % 3 === 0 ? undefined : -1);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function hashed(text: string): string[] {
  return HASHES.flatMap((name) => {
    const digest = createHash(name).update(text, 'utf8').digest();
    return [digest.toString('hex'), digest.toString('base64').replaceAll('=', ''), digest.toString('base64url')];
  });
}
