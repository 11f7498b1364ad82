// What the camera computes from its own password to judge a login: securityEncode and the MD5 forms. Pure; nonces are kept by login.ts.
import { createHash } from 'node:crypto';

// The two constants of securityEncode (PROTOCOL.md W5); the table has 255 characters and no blank at its end.
const SHORT_KEY = 'RDpbLfCPsJZ7fiv';
/** @internal The substitution table, for the test that asserts its SHA-256. */
export const TABLE =
  'yLwVl0zKqws7LgKPRQ84Mdt708T1qQ3Ha7xv3H7NyU84p21BriUWBU43odz3iP4rBL3cD02KZciXTysVXiV8ngg6vL48rPJyAUw0HurW20xqxv9a' +
  'Yb4M9wK1Ae0wlro510qXeU07kV57fQMc8L6aLgMLwygtc0F10a0Dg70TOoouyFhdysuRMO51yY5ZlOZZLEal1h0t9YQW0Ko7oBwmCAHoic4HYbUy' +
  'VeU3sfQ1xtXcPcf1aT303wAQhv66qzW';
// Stands for a character past the end of the shorter text (PROTOCOL.md W5).
const FILLER = 187;
// The salt of the VIGI form (PROTOCOL.md W7).
const VIGI_SALT = 'TPCQ75NF2Y:';

/** The password as logins of type 1 and 2 carry it: at least 15 letters and digits. */
export function securityEncode(password: string): string {
  let encoded = '';
  for (let i = 0; i < Math.max(password.length, SHORT_KEY.length); i += 1) {
    const mixed = codeAt(password, i) ^ codeAt(SHORT_KEY, i);
    encoded += TABLE.charAt(mixed % TABLE.length);
  }
  return encoded;
}

/** The answer of type 3, lower-case hex. */
export function md5Answer(password: string, nonce: string): string {
  return createHash('md5').update(`${password}:${nonce}`).digest('hex');
}

/** What stands in for securityEncode when the challenge says `passwdType: "md5"`, upper-case hex. */
export function saltedMd5(password: string): string {
  return createHash('md5').update(`${VIGI_SALT}${password}`).digest('hex').toUpperCase();
}

function codeAt(text: string, index: number): number {
  return index < text.length ? text.charCodeAt(index) : FILLER;
}
