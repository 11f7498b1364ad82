// The simulated camera's RSA keys: the forms in which cameras publish them, and strict PKCS#1 v1.5 decryption. Throw-away keys, no secrets.
import { constants, createPrivateKey, privateDecrypt, type KeyObject } from 'node:crypto';

/**
 * How the public key appears in the challenge: correct DER (162 bytes), DER whose modulus lacks the leading zero (161 bytes),
 * bare RSAPublicKey, only as 2048-bit `key_2`, not at all, or cut in the middle.
 */
export type KeyFormat = 'spki' | 'spki-short' | 'pkcs1' | 'key_2' | 'none' | 'broken';

export interface RsaKey {
  readonly modulus: Buffer;
  readonly privateKey: KeyObject;
}

const PUBLIC_EXPONENT = 65537n;

/** The factors of the published 1024-bit example key (PROTOCOL.md V12). */
export const KEY_1024 = rsaKey(
  'e96334b35860ef061a7c9ec191a4cb26448523c412f61dead48bd2c39dd3d2048ce64bbd1f6fe15119765b170aa34992d46e7792ecc1cba41a01909ad07ec847',
  'f99f5631a7962648bcb81fa8481414fc95afbeb7ba8a3a52b3f44b56d95e025b2f77cb0ffd573fe7cd840d1146204ff39ddcad0b616f8f5ecbf9599ec6623eaf',
);

/** A 2048-bit key made for this simulator. */
export const KEY_2048 = rsaKey(
  'edf1626e6852c8b35d551f381a5a499d48006a7802c28651d6ea26c5b6bbc9dc586719d9522d473551b167c833e37fefab18796a1b9f36b1b8da7644db054d1a' +
    'f51f27f8b4493d6dcb709319c1c67971ebd7f00c761c7558700655c8f6e9c7f04cb10dd9ef237560e1c2608c3dafe88af2ac885a8b3ab37e3464197942bf64ed',
  'eb50448252d40d3bc29f1cd160f8bb581e1e5a50d45c6fed9b9c5696ca59393d09da90297581e8337719a612f47120821f63cb9b1d62bfeb51c434c909a4d2a6' +
    'a8c2626aafd5b88b0687036fb4d74e3641ca6ab365339c63facef7d2f865117b5189e2b4599a0ce2465baae34b87096305f905c67b02684a1c5bd839a35a9609',
);

/** The public key as base64 text of the given form; undefined for `none`. */
export function publicKeyText(key: RsaKey, format: KeyFormat): string | undefined {
  if (format === 'none') return undefined;
  const strict = Buffer.concat([Buffer.of(0), key.modulus]);
  const exponent = Buffer.of(0x01, 0x00, 0x01);
  const rsaPublicKey = tlv(0x30, tlv(0x02, format === 'spki-short' ? key.modulus : strict), tlv(0x02, exponent));
  if (format === 'pkcs1') return rsaPublicKey.toString('base64');
  // rsaEncryption, 1.2.840.113549.1.1.1, with NULL parameters
  const algorithm = Buffer.from('300d06092a864886f70d0101010500', 'hex');
  const spki = tlv(0x30, algorithm, tlv(0x03, Buffer.of(0), rsaPublicKey));
  return (format === 'broken' ? spki.subarray(0, 60) : spki).toString('base64');
}

/** The message in a base64 cipher text; undefined unless length, alphabet and padding are exactly right. */
export function decryptStrictly(key: RsaKey, cipherText: string): string | undefined {
  const cipher = Buffer.from(cipherText, 'base64');
  if (cipher.length !== key.modulus.length || cipher.toString('base64') !== cipherText) return undefined;
  // A number above the modulus is no cipher text.
  if (Buffer.compare(cipher, key.modulus) >= 0) return undefined;
  const block = privateDecrypt({ key: key.privateKey, padding: constants.RSA_NO_PADDING }, cipher);
  const end = block.indexOf(0, 2);
  // 00 02, at least eight bytes of padding that are not zero, 00, the message
  if (block[0] !== 0 || block[1] !== 2 || end < 10) return undefined;
  return block.toString('latin1', end + 1);
}

function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const bytes = toBytes(BigInt(content.length));
  const length = content.length < 0x80 ? bytes : Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
  return Buffer.concat([Buffer.of(tag), length, content]);
}

function rsaKey(pHex: string, qHex: string): RsaKey {
  const p = BigInt(`0x${pHex}`);
  const q = BigInt(`0x${qHex}`);
  const d = inverse(PUBLIC_EXPONENT, (p - 1n) * (q - 1n));
  const [n, e] = [p * q, PUBLIC_EXPONENT];
  const numbers = { n, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const jwk = Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, toBytes(value).toString('base64url')]),
  );
  return { modulus: toBytes(n), privateKey: createPrivateKey({ format: 'jwk', key: { kty: 'RSA', ...jwk } }) };
}

function toBytes(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** The number that times `value` leaves 1 modulo `modulus`. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [rest, next] = [modulus, value % modulus];
  let [factor, nextFactor] = [0n, 1n];
  while (next > 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return factor < 0n ? factor + modulus : factor;
}
