// What stands for the password in the digest of the HTTP talk, and the key that follows from it. Shares nothing with the client's side. Pure.
import { createDecipheriv, createHash } from 'node:crypto';
import { securityEncode } from '../web/password.js';

/** Upper-case MD5 or SHA-256 of the password, or the web interface’s scrambling of it (PROTOCOL.md H4). */
export type PasswordForm = 'md5' | 'sha256' | 'encode';

export function secretOf(form: PasswordForm, password: string): string {
  if (form === 'encode') return securityEncode(password);
  return createHash(form).update(password, 'utf8').digest('hex').toUpperCase();
}

/** What `Key-Exchange` of the 200 names, and the secret that logged in. */
export interface KeyExchange {
  readonly username: string;
  readonly nonce: string;
  readonly secret: string;
}

const md5 = (text: string): Buffer => createHash('md5').update(text).digest();

/** The body of a part with `X-If-Encrypt: 1` (PROTOCOL.md H11); undefined when it is no cipher text of this key. */
export function decrypt(body: Buffer, { username, nonce, secret }: KeyExchange): Buffer | undefined {
  const cipher = createDecipheriv('aes-128-cbc', md5(`${nonce}:${secret}`), md5(`${username}:${nonce}`));
  try {
    return Buffer.concat([cipher.update(body), cipher.final()]);
  } catch {
    return undefined;
  }
}
