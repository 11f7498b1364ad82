// The error numbers of the web API and the error made of them. Numbers of the talk channel are in multitrans.
import { TalkError } from '../errors.js';
import { at, integer } from './json.js';

/** PROTOCOL.md W26. Where sources differ, the Chinese web page's meaning. */
const MEANINGS: Readonly<Record<number, string>> = {
  [-10000]: 'general failure',
  [-40101]: 'system error, or no such parameter',
  [-40104]: 'unsupported kind of operation',
  [-40105]: 'no such method',
  [-40106]: 'instruction not supported',
  [-40107]: 'forbidden',
  [-40108]: 'time-out inside the camera',
  [-40109]: 'busy, or repeated within one second',
  [-40112]: 'a firmware update is running',
  [-40205]: 'invalid argument',
  [-40209]: 'invalid argument',
  [-40210]: 'format error, or no such section or method',
  [-40211]: 'an argument is missing',
  [-40401]: 'not logged in, or login refused',
  [-40402]: 'logged out',
  [-40403]: 'the login has expired',
  [-40404]: 'the account is locked',
  [-40405]: 'factory state, no password has been set yet',
  [-40406]: 'too many clients are logged in',
  [-40407]: 'login failed',
  [-40408]: 'the account is locked for good',
  [-40409]: 'the login nonce has expired',
  [-40410]: 'the login nonce is invalid or was used before',
  [-40411]: 'this user cannot log in',
  [-40412]: 'HomeKit login failed',
  [-40413]: 'invalid HomeKit nonce',
  [-40414]: 'a login with the local password is needed',
  [-40415]: 'the token is invalid',
  [-60502]: 'no such user',
  [-60506]: 'the old password is wrong',
  [-60507]: 'this user has no permission for it',
  [-64201]: 'audio: operation failed',
  [-64202]: 'audio: sampling rate not supported',
  [-64203]: 'audio: number of channels not supported',
  [-64204]: 'audio: encoding not supported',
  [-64205]: 'audio: decoding not supported',
  [-64206]: 'audio: volume not accepted',
  [-64207]: 'audio: no such device',
  [-64208]: 'audio: bit rate not supported',
  [-64302]: 'no such preset, or a parameter of the wrong form',
  [-64324]: 'the privacy mask is on',
  [-67306]: 'the sound file is not accepted',
  [-71101]: 'too many users of playback',
  [-71103]: 'invalid playback id',
  [-71114]: 'no storage',
};

/** In words, or undefined for a number nobody has explained. */
export function errorMeaning(code: number): string | undefined {
  return MEANINGS[code];
}

/** `-40210 (format error, …)`, for error texts. */
export function describeCode(code: number): string {
  return `${code} (${errorMeaning(code) ?? 'meaning unknown'})`;
}

/** TALK_ERR_API. `detail` is a text without secrets; the number can be had back with `apiErrorCode`. */
export function apiError(code: number, asked: string, detail = ''): TalkError {
  const text = `The camera answered error ${describeCode(code)} to ${asked}`;
  return new TalkError('TALK_ERR_API', detail === '' ? text : `${text}: ${detail}`, { cause: { code } });
}

/** The camera's number in a TALK_ERR_API, else undefined. */
export function apiErrorCode(error: unknown): number | undefined {
  return error instanceof TalkError && error.code === 'TALK_ERR_API' ? integer(at(error.cause, 'code')) : undefined;
}
