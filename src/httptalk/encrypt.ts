// Encryption of parts: AES with key and start from the log-in and the camera's Key-Exchange header, the same for every part of a session.
import { createCipheriv, createHash } from 'node:crypto';
import { TalkError } from '../errors.js';

export interface KeySource {
  /** `host:port`, for errors. */
  readonly key: string;
  /** What stands for the password in the log-in; undefined where the camera wanted none. */
  readonly secret: string | undefined;
  /** The header of the 200. */
  readonly keyExchange: string | undefined;
}

/** AES-128-CBC with PKCS#7 padding (PROTOCOL.md H11). Throws TALK_ERR_UNSUPPORTED for a camera that offers no key of this kind. */
export function partCipher({ key, secret, keyExchange = '' }: KeySource): (body: Uint8Array) => Buffer {
  const { cipher, username, nonce, algorithm } = parametersOf(keyExchange);
  const known = cipher === 'AES_128_CBC' && algorithm === 'MD5' && username !== undefined && nonce !== undefined;
  // Without a password of the user's it would be one that the maker built in.
  if (!known || secret === undefined || username === 'none') {
    const why = `The camera at ${key} offers no encryption that is known here; switch it off in the camera's settings`;
    throw new TalkError('TALK_ERR_UNSUPPORTED', why, { camera: key });
  }
  const aesKey = md5(`${nonce}:${secret}`);
  const start = md5(`${username}:${nonce}`);
  return (body) => {
    const aes = createCipheriv('aes-128-cbc', aesKey, start);
    return Buffer.concat([aes.update(body), aes.final()]);
  };
}

function parametersOf(header: string): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']): [string, string] => [name, value]),
  );
}

function md5(text: string): Buffer {
  return createHash('md5').update(text, 'utf8').digest();
}
