// The ways a password travels in a web API login. Pure; which one is used is decided in login-method.ts.
import { constants, createHash, publicEncrypt, type KeyObject } from 'node:crypto';
import { TalkError } from '../errors.js';

/** Of the international models' page (PROTOCOL.md W7). */
const SALT = 'TPCQ75NF2Y';
/** 0, 2, at least eight random bytes, 0 (RFC 8017 section 7.2.1). */
const PKCS1_OVERHEAD_BYTES = 11;

/** Type 3, and types 1 and 2 of firmware that looks at md5_encrypt_type: lowercase hex. */
export function md5Password(password: string, nonce: string): string {
  return createHash('md5').update(`${password}:${nonce}`, 'utf8').digest('hex');
}

/** What international models want inside type 2 instead of the scrambled password: uppercase hex. */
export function saltedPassword(password: string): string {
  return createHash('md5').update(`${SALT}:${password}`, 'utf8').digest('hex').toUpperCase();
}

/**
 * Type 2: base64 of the PKCS#1 v1.5 encrypted `encoded:nonce`, where `encoded` is the scrambled or salted password.
 * Throws TALK_ERR_ARGUMENT when it does not fit the key.
 */
export function rsaPassword({ encoded, nonce, key }: { encoded: string; nonce: string; key: KeyObject }): string {
  const plain = Buffer.from(`${encoded}:${nonce}`, 'utf8');
  const room = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8) - PKCS1_OVERHEAD_BYTES;
  if (plain.length > room) {
    throw new TalkError(
      'TALK_ERR_ARGUMENT',
      `The password is too long for the camera's RSA key, which takes ${room} bytes`,
    );
  }
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, plain).toString('base64');
}
