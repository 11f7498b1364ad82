// The secrets of an exchange, found in what went over its connections by other means than a capture does, and the forms in which they could stand in its files.
import { createHash } from 'node:crypto';
import { securityEncode } from '../../src/security-encode.js';
import { saltedPassword } from '../../src/webapi/password.js';

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** Shorter ones stand in any text. */
const MIN_CHARS = 6;
const HASHES = ['md5', 'sha1', 'sha256', 'sha512'];
const REALMS = ['TP-LINK IP-Camera'];

/** Nonces, answers, tokens, sessions and ciphers; the simulated MAC address is nobody's already. */
export function saidSecrets(wire: readonly string[]): string[] {
  const all = wire.join('\n');
  const found = [
    ...all.matchAll(/\b(?:c?nonce|opaque|response)="([^"]+)"/g),
    ...all.matchAll(/"(?:nonce|stok|password|passwd)":"([^"]+)"/g),
    ...all.matchAll(/stok=([^/\s]+)/g),
    ...all.matchAll(/^(?:Session|X-Client-UUID): *([^;\s]+)/gim),
  ].flatMap(([, value = '']) => [value, decoded(value)]);
  return [...new Set(found)].filter(({ length }) => length >= MIN_CHARS);
}

/** The nonces of the web interface, for what a password is mixed with. */
export function webNonces(wire: readonly string[]): string[] {
  return [...wire.join('\n').matchAll(/"nonce":"([^"]+)"/g)].map(([, nonce = '']) => decoded(nonce));
}

export function accountSecrets({ username, password }: Account, nonces: readonly string[]): string[] {
  const ways = [password, securityEncode(password), saltedPassword(password)];
  const mixed = [
    `${username}:${password}`,
    ...REALMS.map((realm) => `${username}:${realm}:${password}`),
    ...nonces.flatMap((nonce) => ways.map((way) => `${way}:${nonce}`)),
  ];
  return [...ways, ...[...ways, ...mixed].flatMap(hashed), ...mixed];
}

/** In lower case, as it is and encoded. */
export function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    encodeURIComponent(encodeURIComponent(secret)),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
    Buffer.from(secret).toString('hex'),
  ];
  return [...new Set(forms.map((form) => form.toLowerCase()))];
}

function hashed(text: string): string[] {
  return HASHES.flatMap((name) => {
    const digest = createHash(name).update(text).digest();
    return [digest.toString('hex'), digest.toString('base64').replace(/=+$/, '')];
  });
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
