// What stands for the password in the digest of the HTTP talk: a hash, or TP-Link's scrambling. Which of them a camera wants it says only roughly.
import { createHash } from 'node:crypto';
import type { CameraOptions } from '../camera-options.js';
import { securityEncode } from '../security-encode.js';

/** `stored`: what the user gave is a hash already. */
export type SecretForm = 'md5' | 'sha256' | 'scrambled' | 'stored';

type Account = Pick<CameraOptions, 'dialect' | 'password'>;

/**
 * The forms in which a password may be tried, the likeliest first; never more than two.
 * @param announced `encrypt_type` of the challenge: 3 is SHA-256 where it is true (PROTOCOL.md H4, H5)
 * @param known the form that this camera has taken before
 */
export function secretForms(
  { dialect, password }: Account,
  announced: string | undefined,
  known?: string,
): SecretForm[] {
  if (isHash(password)) return ['stored'];
  if (dialect === 'vigi-stream') return ['scrambled'];
  const forms: SecretForm[] = announced === '3' ? ['sha256', 'md5'] : ['md5', 'sha256'];
  return known !== undefined && forms.some((form) => form === known)
    ? [known as SecretForm, ...forms.filter((form) => form !== known)]
    : forms;
}

/** Hashes in upper case: a camera takes no other (PROTOCOL.md H4). Throws TALK_ERR_ARGUMENT where a password cannot be scrambled. */
export function secretOf(password: string, form: SecretForm): string {
  if (form === 'scrambled') return securityEncode(password);
  if (form === 'stored') return password.trim().toUpperCase();
  return createHash(form).update(password, 'utf8').digest('hex').toUpperCase();
}

/** Whether a password is the hash of one. */
export function isHash(password: string): boolean {
  return /^(?:[\da-f]{32}|[\da-f]{64})$/i.test(password.trim());
}
