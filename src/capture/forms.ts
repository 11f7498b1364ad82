// Every form a password may have in an exchange: written, encoded, hashed, scrambled, part of a digest. Pure.
import { createHash } from 'node:crypto';
import { securityEncode } from '../security-encode.js';
import { saltedPassword } from '../webapi/password.js';

/** What a password may have been mixed with. */
export interface Mixed {
  readonly username: string;
  readonly realms: readonly string[];
  readonly nonces: readonly string[];
}

/** Shorter ones would be found in any text. */
export const MIN_FORM_CHARS = 4;
const HASHES = ['md5', 'sha1', 'sha256', 'sha512'] as const;
/** Of those that an exchange has; a camera may send any number. */
const MAX_MIXED = 20;

/** The longest first; as they stand in text and, beyond ASCII, as the bytes of UTF-8 read as latin1. */
export function passwordForms(password: string, { username, realms, nonces }: Mixed): string[] {
  if (password === '') return [];
  const salted = saltedPassword(password);
  const scrambled = scrambledForms(password);
  const mixtures = [
    password,
    `${username}:${password}`,
    ...realms.slice(0, MAX_MIXED).map((realm) => `${username}:${realm}:${password}`),
    ...nonces
      .slice(0, MAX_MIXED)
      .flatMap((nonce) => [password, salted, ...scrambled].map((form) => `${form}:${nonce}`)),
  ];
  const forms = [
    ...[password, ...scrambled].flatMap(spellings),
    salted,
    ...mixtures.flatMap((text) => [...hashed(text), ...base64Forms(text)]),
  ];
  const all = forms.flatMap((form) => [form, Buffer.from(form).toString('latin1')]);
  return [...new Set(all)].filter(({ length }) => length >= MIN_FORM_CHARS).sort((a, b) => b.length - a.length);
}

function scrambledForms(password: string): string[] {
  try {
    return [securityEncode(password)];
  } catch {
    return [];
  }
}

/** As it is, in JSON, in JSON within JSON, in an address, in markup, in hex, backwards for good measure. */
function spellings(text: string): string[] {
  const inJson = (of: string): string => JSON.stringify(of).slice(1, -1);
  const ascii = JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const everyByte = [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const markup = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return [
    text,
    inJson(text),
    inJson(inJson(text)),
    ascii,
    encodeURIComponent(text),
    encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`),
    encodeURIComponent(encodeURIComponent(text)),
    everyByte,
    markup,
    Buffer.from(text).toString('hex'),
  ];
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
