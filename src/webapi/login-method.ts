// Chooses the one way to answer a login challenge and writes the login request. Pure; when to log in is in login.ts.
import type { KeyObject } from 'node:crypto';
import type { Login } from '../camera-options.js';
import { TalkError } from '../errors.js';
import { securityEncode } from '../security-encode.js';
import type { Challenge } from './challenge.js';
import type { JsonObject } from './json.js';
import { md5Password, rsaPassword, saltedPassword } from './password.js';
import { parsePublicKey } from './public-key.js';

/** How the password will travel; `encryptType` as it goes into the request. */
export type LoginMethod =
  | {
      readonly kind: 'rsa';
      readonly key: KeyObject;
      readonly nonce: string;
      readonly secondKey: boolean;
      readonly salted: boolean;
    }
  | { readonly kind: 'md5'; readonly encryptType: string | number; readonly nonce: string }
  | { readonly kind: 'plain'; readonly encryptType: string | undefined };

/**
 * As PROTOCOL.md W4 has it: RSA when type 2 is offered with a key that can be used, then MD5, then scrambled text, but not from a camera that names type 2;
 * what the configuration demands goes before. Throws TALK_ERR_ARGUMENT for `none`, TALK_ERR_UNSUPPORTED or TALK_ERR_PROTOCOL when the challenge does not allow it.
 */
export function chooseLogin(challenge: Challenge, login: Login): LoginMethod {
  switch (login) {
    case 'auto':
      return automatic(challenge);
    case 'rsa':
      return rsa(challenge);
    case 'md5':
      return md5(challenge, md5Type(challenge));
    case 'plain':
      return plain(challenge);
    case 'none':
      throw new TalkError(
        'TALK_ERR_ARGUMENT',
        'Camera option login is none: the web interface of this camera is not used',
      );
  }
}

/** The body of the login. Throws TALK_ERR_ARGUMENT for a password this method cannot carry. */
export function loginRequest(username: string, password: string, method: LoginMethod): JsonObject {
  return { method: 'do', login: { username, ...answer(password, method) } };
}

function answer(password: string, method: LoginMethod): JsonObject {
  switch (method.kind) {
    case 'rsa':
      return {
        password: rsaPassword({
          encoded: method.salted ? saltedPassword(password) : securityEncode(password),
          nonce: method.nonce,
          key: method.key,
        }),
        encrypt_type: '2',
        ...(method.secondKey ? { keyType: '1' } : {}),
      };
    case 'md5':
      return {
        password: md5Password(password, method.nonce),
        encrypt_type: method.encryptType,
        md5_encrypt_type: '1',
      };
    case 'plain':
      return {
        password: securityEncode(password),
        ...(method.encryptType === undefined ? {} : { encrypt_type: method.encryptType }),
      };
  }
}

function automatic(challenge: Challenge): LoginMethod {
  const offers = (type: string): boolean => challenge.encryptTypes.includes(type);
  if (offers('2') && hasReadableKey(challenge)) return rsa(challenge);
  if (offers('3')) return md5(challenge, '3');
  if (offers('2') && challenge.md5) return md5(challenge, '2');
  // Without its key: whoever takes it out of the challenge must not get what can be read again.
  if (offers('2')) return rsa(challenge);
  if (offers('1')) return challenge.md5 ? md5(challenge, '1') : plain(challenge);
  if (challenge.encryptTypes.length === 0)
    return challenge.nonce === undefined ? plain(challenge) : md5(challenge, '3');
  const types = challenge.encryptTypes.map((type) => JSON.stringify(type.slice(0, 8))).join(', ');
  throw new TalkError(
    'TALK_ERR_UNSUPPORTED',
    `The camera asks for a way to log in that is not known here (encrypt_type ${types})`,
  );
}

function rsa(challenge: Challenge): LoginMethod {
  const nonce = needNonce(challenge);
  const { key, key2, salted } = challenge;
  if (key !== undefined && (key2 === undefined || isReadable(key))) {
    return { kind: 'rsa', key: parsePublicKey(key), nonce, secondKey: false, salted };
  }
  if (key2 !== undefined) return { kind: 'rsa', key: parsePublicKey(key2), nonce, secondKey: true, salted };
  throw new TalkError(
    'TALK_ERR_PROTOCOL',
    'The camera sent no RSA key to log in with; if it never does, choose another web login',
  );
}

function md5(challenge: Challenge, type: string): LoginMethod {
  // The TL-IPC6109-A4, which names the number 1, was only ever seen answered with the number.
  const encryptType = type === '1' && challenge.numericType ? 1 : type;
  return { kind: 'md5', encryptType, nonce: needNonce(challenge) };
}

/** Firmware with `md5_encrypt_type` takes MD5 under the type it names itself; without, MD5 is type 3. */
function md5Type({ md5, encryptTypes }: Challenge): string {
  if (!md5 || encryptTypes.includes('3')) return '3';
  return ['2', '1'].find((type) => encryptTypes.includes(type)) ?? '3';
}

function plain({ encryptTypes }: Challenge): LoginMethod {
  return { kind: 'plain', encryptType: encryptTypes.length === 0 ? undefined : '1' };
}

function needNonce({ nonce }: Challenge): string {
  if (nonce === undefined) throw new TalkError('TALK_ERR_PROTOCOL', 'The camera sent no nonce to log in with');
  return nonce;
}

function hasReadableKey({ key, key2 }: Challenge): boolean {
  return isReadable(key) || isReadable(key2);
}

function isReadable(key: string | undefined): boolean {
  if (key === undefined) return false;
  try {
    parsePublicKey(key);
    return true;
  } catch {
    return false;
  }
}
