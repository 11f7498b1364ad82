// Reads the RSA key of a login challenge, forgiving what cameras get wrong. Pure; what is encrypted with it is in password.ts.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { TalkError } from '../errors.js';
import { MAX_EXPONENT_BYTES, MAX_KEY_CHARS, MAX_MODULUS_BITS, MIN_MODULUS_BITS } from '../limits.js';

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const SEQUENCE = 0x30;

/**
 * The key as the camera writes it: base64, percent-encoded or not, of an SPKI or a bare PKCS#1 structure. The modulus is taken as
 * unsigned, because some firmware leaves out its leading zero. Throws TALK_ERR_PROTOCOL, also for a key that would protect nothing.
 */
export function parsePublicKey(key: string): KeyObject {
  const base64 = key.length <= MAX_KEY_CHARS ? percentDecoded(key) : '';
  if (!/^[A-Za-z0-9+/\s]+=*$/.test(base64.trimEnd())) throw unreadable('it is not base64');
  const { modulus, exponent } = findNumbers(Buffer.from(base64, 'base64'));
  const bits = bitLength(modulus);
  if (bits > MAX_MODULUS_BITS) throw unreadable(`${bits} bits is no usual size`);
  if (exponent.length > MAX_EXPONENT_BYTES) throw unreadable('its exponent is no usual one');
  if (bits < MIN_MODULUS_BITS) throw unsafe(`it has ${bits} bits, ${MIN_MODULUS_BITS} are the least`);
  // With 1 the message itself would go out; RFC 8017 section 3.1 wants an odd number from 3 on.
  const e = exponent.length === 0 ? 0 : exponent.readUIntBE(0, exponent.length);
  if (e < 3 || e % 2 === 0) throw unsafe(`its exponent is ${e}, an odd number from 3 on is needed`);
  try {
    const jwk = { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') };
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw unreadable('its numbers make no RSA key');
  }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** PKCS#1 is SEQUENCE { n, e }; SPKI wraps it as SEQUENCE { algorithm, BIT STRING { 0, PKCS#1 } } (RFC 8017, RFC 5280). */
function findNumbers(der: Buffer): { modulus: Buffer; exponent: Buffer } {
  let numbers = expectTlv(der, 0, SEQUENCE).value;
  if (numbers[0] === SEQUENCE) {
    const algorithm = expectTlv(numbers, 0, SEQUENCE);
    const bits = expectTlv(numbers, algorithm.end, BIT_STRING).value;
    numbers = expectTlv(bits, 1, SEQUENCE).value;
  }
  const n = expectTlv(numbers, 0, INTEGER);
  const e = expectTlv(numbers, n.end, INTEGER);
  return { modulus: withoutLeadingZeros(n.value), exponent: withoutLeadingZeros(e.value) };
}

function expectTlv(bytes: Buffer, offset: number, tag: number): { value: Buffer; end: number } {
  if (bytes[offset] !== tag) throw unreadable('it is neither SPKI nor PKCS#1');
  const first = bytes[offset + 1] ?? 0x80;
  const lengthBytes = first > 0x80 ? first - 0x80 : 0;
  const start = offset + 2 + lengthBytes;
  // Two bytes of length reach far beyond MAX_KEY_CHARS.
  if (first === 0x80 || lengthBytes > 2 || start > bytes.length) throw unreadable('it is cut off');
  const end = start + (lengthBytes === 0 ? first : bytes.readUIntBE(offset + 2, lengthBytes));
  if (end > bytes.length) throw unreadable('it is cut off');
  return { value: bytes.subarray(start, end), end };
}

function withoutLeadingZeros(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
}

function bitLength(bytes: Buffer): number {
  return bytes.length === 0 ? 0 : bytes.length * 8 - (Math.clz32(bytes[0] ?? 0) - 24);
}

function unsafe(why: string): TalkError {
  return new TalkError('TALK_ERR_PROTOCOL', `The camera's RSA key does not protect a password: ${why}`);
}

function unreadable(why: string): TalkError {
  return new TalkError('TALK_ERR_PROTOCOL', `The camera's RSA key cannot be read: ${why}`);
}
