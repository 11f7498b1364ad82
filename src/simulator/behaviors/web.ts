// Named ways in which web APIs of real cameras differ, and named faults: patches to WebApiOptions for tests and the command line.
import { TalkError } from '../../errors.js';
import type { WebApiOptions } from '../web/api.js';
import type { WebFault } from '../web/faults.js';

export interface WebBehavior {
  /** One line for `simulate --help`. */
  description: string;
  options: Partial<WebApiOptions>;
}

// RFC 3986 allows these in a path without encoding; TL-IPC6109-A4 has them in its tokens (PROTOCOL.md W12).
const ODD_STOK_ALPHABET = `)!*('abcdef012345`;
const ALWAYS = Infinity;

/** Behaviors by name. */
export const WEB_BEHAVIORS: Readonly<Record<string, WebBehavior>> = {
  'web-type1': say('offers login type 1 only, the plainly encoded password', { encryptTypes: ['1'] }),
  'web-type1-md5': say('offers type 1 as a number and wants the MD5 answer under it', {
    encryptTypes: 1,
    md5EncryptType: '1',
  }),
  'web-type2': say('offers login type 2 only, RSA', { encryptTypes: ['2'] }),
  'web-type2-short-key': say('publishes the 161-byte key that strict libraries refuse', {
    encryptTypes: ['2'],
    keyFormat: 'spki-short',
  }),
  'web-pkcs1': say('publishes its key as bare RSAPublicKey', { encryptTypes: ['2'], keyFormat: 'pkcs1' }),
  'web-key2': say('publishes a 2048-bit key_2 only and wants keyType 1', { encryptTypes: ['2'], keyFormat: 'key_2' }),
  'web-key2-md5': say('wants the salted MD5 inside RSA, as VIGI cameras do', {
    encryptTypes: ['2'],
    keyFormat: 'key_2',
    passwordForm: 'md5',
  }),
  'web-no-key': say('offers types 1 and 2 without a key', { keyFormat: 'none' }),
  'web-broken-key': say('offers types 1 and 2 with a key that is cut in the middle', { keyFormat: 'broken' }),
  'web-type2-md5': say('offers type 2 and takes the MD5 answer under it as well', {
    encryptTypes: ['2'],
    md5EncryptType: '1',
  }),
  'web-type3': say('offers login type 3 only, MD5, and publishes a key all the same', {
    encryptTypes: ['3'],
    md5EncryptType: '1',
  }),
  'web-type3-no-key': say('offers login type 3 only, MD5, and publishes no key', {
    encryptTypes: ['3'],
    md5EncryptType: '1',
    keyFormat: 'none',
  }),
  'web-type3-number': say('offers type 3 and md5_encrypt_type as numbers', { encryptTypes: 3, md5EncryptType: 1 }),
  'web-no-type': say('has no encrypt_type in its challenge', { encryptTypes: 'absent' }),
  'web-null-type': say('has encrypt_type null in its challenge', { encryptTypes: null }),
  'web-status-200': say('sends challenges and refusals with HTTP 200', { challengeStatus: 200 }),
  'web-content-off': say('has no /pc/Content.htm', { endpoints: { content: false } }),
  'web-encrypt-info': say('gives its challenge to get_encrypt_info only', {
    endpoints: { content: false, login: false },
  }),
  'web-passport': say('gives its challenge at /passport/auth only, as TL-IPC6109-A4 does', {
    endpoints: { content: false, login: false, encryptInfo: false, passport: true },
    encryptTypes: 1,
    md5EncryptType: '1',
    stokAlphabet: ODD_STOK_ALPHABET,
    deviceInfoBy: 'table',
  }),
  'web-nested': say('puts challenge and token inside result', { nestInResult: true }),
  'web-wrong-password': say('has another password than the one configured', { password: 'another password' }),
  'web-locked': say('is locked when the first request comes', { locked: true }),
  'web-locked-top': say('is locked, and says so in error_code itself', { locked: true, loginCodeAt: 'top' }),
  'web-lock-after-1': say('locks after a single wrong password', { lockAfter: 1 }),
  'web-stale-nonce': say('calls the nonce of the first login used up', { loginRefusals: { code: -40410, times: 1 } }),
  'web-stale-nonce-always': say('calls every nonce used up', { loginRefusals: { code: -40410, times: ALWAYS } }),
  'web-factory': say('never had its password set', { loginRefusals: { code: -40405, times: ALWAYS } }),
  'web-too-many': say('has too many clients logged in', { loginRefusals: { code: -40406, times: ALWAYS } }),
  'web-odd-stok': say('puts !, *, quotes and brackets into its tokens', { stokAlphabet: ODD_STOK_ALPHABET }),
  'web-encoded': say('percent-encodes the strings of its answers', {
    percentEncodeStrings: true,
    stokAlphabet: ODD_STOK_ALPHABET,
    name: '前门',
  }),
  'web-expire-code': say('forgets a login after two requests and says -40401', { stokLifetimeRequests: 2 }),
  'web-expire-401': say('forgets a login after two requests and says HTTP 401', {
    stokLifetimeRequests: 2,
    expireBy: 'http401',
  }),
  'web-expire-always': say('forgets every login at once', { stokLifetimeRequests: 0 }),
  'web-browser-only': say('answers -40210 to clients without the User-Agent of a browser', {
    browserHeadersNeeded: true,
  }),
  'web-busy': say('answers -40109 to the first request', { requestRefusals: { code: -40109, times: 1 } }),
  'web-busy-second': say('answers -40109 to a second request within a second', { busyEverySecond: true }),
  'web-flaky': say('answers -10000 twice', { requestRefusals: { code: -10000, times: 2 } }),
  'web-slow': say('takes three seconds for every answer', { answerDelayMs: 3_000 }),
  'web-no-mute': say('has a loudspeaker without mute', { speakerMute: 'absent' }),
  'web-mute-refused': say('shows a mute that it refuses to set', { speakerMute: 'capability-0' }),
  'web-old-firmware': say('adds .name and .type to what it reads and has no mute', {
    dotKeys: true,
    speakerMute: 'absent',
  }),
  'web-volume-number': say('takes volumes as numbers only', { acceptVolumeAs: 'number' }),
  'web-volume-string': say('takes volumes as strings only', { acceptVolumeAs: 'string' }),
  'web-table-info': say('knows device_info as a table only', { deviceInfoBy: 'table' }),
  'web-unknown-40210': say('answers -40210 to sections it does not know', { unknownSectionCode: -40210 }),
  'web-html': fault('html', 'answers with a web page'),
  'web-redirect': fault('redirect', 'redirects every request'),
  'web-endless': fault('endless', 'sends a body without end'),
  'web-close': fault('close', 'closes the connection without an answer'),
  'web-silent': fault('silent', 'never answers'),
  'web-truncated': fault('truncated', 'sends half of the JSON'),
  'web-cut': fault('cut', 'closes the connection inside the body'),
  'web-silent-login': fault('silent', 'never answers a login', 'login'),
  'web-html-request': fault('html', 'answers with a web page once logged in', 'request'),
  'web-silent-request': fault('silent', 'never answers once logged in', 'request'),
  'web-truncated-request': fault('truncated', 'sends half of the JSON once logged in', 'request'),
};

/**
 * The options changed by the named behaviors, in this order.
 * @throws TalkError TALK_ERR_ARGUMENT for a name that is not in the table.
 */
export function withWebBehaviors(options: WebApiOptions, names: readonly string[]): WebApiOptions {
  return names.reduce((patched, name) => {
    const behavior = Object.hasOwn(WEB_BEHAVIORS, name) ? WEB_BEHAVIORS[name] : undefined;
    if (behavior !== undefined) return { ...patched, ...behavior.options };
    const known = Object.keys(WEB_BEHAVIORS).join(', ');
    throw new TalkError('TALK_ERR_ARGUMENT', `No web behavior is called "${name}"; choose from ${known}`);
  }, options);
}

function say(description: string, options: Partial<WebApiOptions>): WebBehavior {
  return { description, options };
}

function fault(kind: WebFault, description: string, at?: 'login' | 'request'): WebBehavior {
  return { description, options: { fault: { kind, ...(at === undefined ? {} : { at }) } } };
}
