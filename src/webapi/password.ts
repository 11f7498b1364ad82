// The ways a password travels in a web API login. Pure; which one is used is decided in login-method.ts.
import { constants, createHash, publicEncrypt, type KeyObject } from 'node:crypto';
import { TalkError } from '../errors.js';

/** The two constants of the cameras' own login page (PROTOCOL.md W5). */
const SHORT_KEY = 'RDpbLfCPsJZ7fiv';
const TABLE =
  'yLwVl0zKqws7LgKPRQ84Mdt708T1qQ3Ha7xv3H7NyU84p21BriUWBU43odz3iP4rBL3cD02KZciXTysVXiV8ngg6vL48rPJyAUw0HurW20xqxv9aYb4M9wK1Ae0wlro510qXeU07kV57fQMc8L6aLgMLwygtc0F10a0Dg70TOoouyFhdysuRMO51yY5ZlOZZLEal1h0t9YQW0Ko7oBwmCAHoic4HYbUyVeU3sfQ1xtXcPcf1aT303wAQhv66qzW';
/** Of the international models' page (PROTOCOL.md W7). */
const SALT = 'TPCQ75NF2Y';
/** Stands in for the character past the end of the shorter text. */
const PADDING_CODE = 187;
/** 0, 2, at least eight random bytes, 0 (RFC 8017 section 7.2.1). */
const PKCS1_OVERHEAD_BYTES = 11;

/** Type 1: the vendor's reversible scrambling. Throws TALK_ERR_ARGUMENT for a password that is not ASCII. */
export function securityEncode(password: string): string {
  // eslint-disable-next-line no-control-regex -- ASCII is meant, control characters included
  if (!/^[\x00-\x7f]*$/.test(password)) {
    throw new TalkError('TALK_ERR_ARGUMENT', 'The web login of this camera takes only passwords of ASCII characters');
  }
  let encoded = '';
  for (let i = 0; i < Math.max(password.length, SHORT_KEY.length); i++) {
    encoded += TABLE.charAt((codeAt(password, i) ^ codeAt(SHORT_KEY, i)) % TABLE.length);
  }
  return encoded;
}

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

function codeAt(text: string, index: number): number {
  return index < text.length ? text.charCodeAt(index) : PADDING_CODE;
}
