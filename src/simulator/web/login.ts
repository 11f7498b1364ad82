// The camera's side of a web login: challenge, one-time nonces, judging the password, counting attempts, locking. No HTTP here.
import type { Clock } from '../../clock.js';
import { WEB_LOCK_AFTER, WEB_LOCK_SECONDS, WEB_MAX_NONCES } from '../limits.js';
import { jsonText, type Json, type JsonObject } from './json.js';
import { decryptStrictly, KEY_1024, KEY_2048, publicKeyText, type KeyFormat } from './keys.js';
import { md5Answer, saltedMd5, securityEncode } from './password.js';
import { randomNonce } from './stok.js';

export interface WebLoginOptions {
  /** Default `admin`. */
  username?: string;
  password: string;
  /** `encrypt_type` of the challenge as it is written; default `["1","2"]`; `absent` leaves the field out. */
  encryptTypes?: Json;
  keyFormat?: KeyFormat;
  /** `md5_encrypt_type` of the challenge; with it the camera takes MD5 under type 1 and 2 too. */
  md5EncryptType?: '1' | 1;
  /** `md5`: the challenge says `passwdType: "md5"` and the salted MD5 stands in for securityEncode. */
  passwordForm?: 'encoded' | 'md5';
  /** Refused passwords until the camera locks (default 20), and for how many seconds (default 1800). */
  lockAfter?: number;
  lockSeconds?: number;
  /** Locked from the start, as after somebody else's attempts. */
  locked?: boolean;
  /** Default `refuse`: a nonce is good for one log-in. */
  nonceReuse?: 'refuse' | 'accept';
  /** The first `times` logins are answered with `code` and not judged. */
  loginRefusals?: { code: number; times: number };
  /** Where -40404, -40410 and the like stand: in `data.code` (default) or in `error_code` itself. */
  loginCodeAt?: 'data' | 'top';
  /** Where nonces come from. */
  nextNonce?: () => string;
}

/** What became of one login. */
export interface LoginVerdict {
  accepted: boolean;
  /** The body of the answer when it was not accepted. */
  refusal: JsonObject;
  /** The answer had a form that this camera does not take: real ones say HTTP 401. */
  wrongForm: boolean;
}

type Judgement = 'accepted' | 'refused' | 'wrong-form' | { code: number };

// PROTOCOL.md W26.
const UNAUTHENTICATED = -40401;
const LOCKED = -40404;
const FIRST_CHALLENGE = -40407;
const STALE_NONCE = { code: -40410 };
const INVALID_ARGUMENT = { code: -40205 };
const MISSING_ARGUMENT = { code: -40211 };

/** Login state of one camera. */
export class WebLogin {
  readonly #options: Required<Omit<WebLoginOptions, 'md5EncryptType'>> & Pick<WebLoginOptions, 'md5EncryptType'>;
  readonly #clock: Clock;
  readonly #types: readonly string[];
  #nonces: string[] = [];
  #usedNonces: string[] = [];
  #failures = 0;
  #lockedUntil = -Infinity;
  #refusalsLeft: number;

  constructor(options: WebLoginOptions, clock: Clock) {
    this.#options = {
      username: 'admin',
      encryptTypes: ['1', '2'],
      keyFormat: 'spki',
      passwordForm: 'encoded',
      lockAfter: WEB_LOCK_AFTER,
      lockSeconds: WEB_LOCK_SECONDS,
      locked: false,
      nonceReuse: 'refuse',
      loginRefusals: { code: 0, times: 0 },
      loginCodeAt: 'data',
      nextNonce: randomNonce,
      ...options,
    };
    this.#clock = clock;
    this.#types = typeList(this.#options.encryptTypes);
    this.#refusalsLeft = this.#options.loginRefusals.times;
    if (this.#options.locked) this.#countFailures(this.#options.lockAfter);
  }

  /** Refused passwords since the last accepted one. */
  get failures(): number {
    if (this.#lockedUntil !== -Infinity && this.#clock.now() >= this.#lockedUntil) {
      this.#failures = 0;
      this.#lockedUntil = -Infinity;
    }
    return this.#failures;
  }

  /** A fresh challenge; while the camera is locked one without nonce and key. */
  challenge(): JsonObject {
    return this.#refusal(FIRST_CHALLENGE);
  }

  /** Judges the `login` object of a request. */
  attempt(login: JsonObject): LoginVerdict {
    const judgement = this.#locked() ? { code: LOCKED } : this.#judge(login);
    if (judgement === 'accepted') {
      this.#failures = 0;
      return { accepted: true, refusal: {}, wrongForm: false };
    }
    if (typeof judgement === 'object') {
      return { accepted: false, refusal: this.#refusal(judgement.code), wrongForm: false };
    }
    this.#countFailures(this.#failures + 1);
    return { accepted: false, refusal: this.#refusal(FIRST_CHALLENGE), wrongForm: judgement === 'wrong-form' };
  }

  #judge(login: JsonObject): Judgement {
    if (this.#refusalsLeft > 0) {
      this.#refusalsLeft -= 1;
      return { code: this.#options.loginRefusals.code };
    }
    const { username, password, encrypt_type: claimed, md5_encrypt_type: md5Claimed } = login;
    if (username === undefined || password === undefined) return MISSING_ARGUMENT;
    if (typeof username !== 'string' || typeof password !== 'string') return INVALID_ARGUMENT;
    if (typeof claimed === 'number' && typeof this.#options.encryptTypes !== 'number') return INVALID_ARGUMENT;
    if (md5Claimed !== undefined && md5Claimed !== '1') return INVALID_ARGUMENT;

    const type = claimed === undefined ? '1' : jsonText(claimed);
    const offered = this.#types.length === 0 ? ['1', '3'] : this.#types;
    if (!offered.includes(type)) return 'wrong-form';
    const judgement = this.#judgePassword(type, password, login);
    return judgement === 'accepted' && username !== this.#options.username ? 'refused' : judgement;
  }

  #judgePassword(type: string, password: string, login: JsonObject): Judgement {
    const asMd5 = login['md5_encrypt_type'] !== undefined;
    if (type === '3') return asMd5 ? this.#judgeMd5(password) : MISSING_ARGUMENT;
    if (asMd5) return this.#options.md5EncryptType === undefined ? 'wrong-form' : this.#judgeMd5(password);
    if (type === '2') return this.#judgeRsa(password, login['keyType']);
    // A camera that offers type 1 together with MD5 wants the hash (PROTOCOL.md W4).
    if (this.#options.md5EncryptType !== undefined) return 'wrong-form';
    return password === securityEncode(this.#options.password) ? 'accepted' : 'refused';
  }

  #judgeMd5(password: string): Judgement {
    const answersTo = (nonce: string): boolean => md5Answer(this.#options.password, nonce) === password;
    const nonce = this.#nonces.find(answersTo);
    if (nonce !== undefined) return this.#use(nonce);
    if (this.#nonces.length === 0 || this.#usedNonces.some(answersTo)) return STALE_NONCE;
    // Which nonce a wrong answer belongs to cannot be known, so none of them is good any more.
    for (const unknown of this.#nonces) this.#use(unknown);
    return /^[0-9a-f]{32}$/.test(password) ? 'refused' : 'wrong-form';
  }

  #judgeRsa(cipherText: string, keyType: Json | undefined): Judgement {
    const only2048 = this.#options.keyFormat === 'key_2';
    if ((keyType === '1') !== only2048) return keyType === undefined ? MISSING_ARGUMENT : INVALID_ARGUMENT;
    const message = decryptStrictly(only2048 ? KEY_2048 : KEY_1024, cipherText);
    if (message === undefined) return 'wrong-form';
    const colon = message.indexOf(':');
    const nonce = message.slice(colon + 1);
    if (colon < 0) return 'wrong-form';
    if (!this.#nonces.includes(nonce)) return STALE_NONCE;
    this.#use(nonce);
    const { password, passwordForm } = this.#options;
    const expected = passwordForm === 'md5' ? saltedMd5(password) : securityEncode(password);
    return message.slice(0, colon) === expected ? 'accepted' : 'refused';
  }

  #use(nonce: string): 'accepted' {
    if (this.#options.nonceReuse === 'refuse') {
      this.#nonces = this.#nonces.filter((open) => open !== nonce);
      this.#usedNonces = [...this.#usedNonces, nonce].slice(-WEB_MAX_NONCES);
    }
    return 'accepted';
  }

  #countFailures(failures: number): void {
    this.#failures = failures;
    if (failures >= this.#options.lockAfter) {
      this.#lockedUntil = this.#clock.now() + this.#options.lockSeconds * 1000;
    }
  }

  #locked(): boolean {
    return this.failures > 0 && this.#lockedUntil !== -Infinity;
  }

  #refusal(code: number): JsonObject {
    const locked = this.#locked();
    const shown = locked ? LOCKED : code;
    const time = { time: this.failures, max_time: this.#options.lockAfter };
    const left = locked ? Math.ceil((this.#lockedUntil - this.#clock.now()) / 1000) : 0;
    const atTop = this.#options.loginCodeAt === 'top' && shown !== FIRST_CHALLENGE;
    return {
      error_code: atTop ? shown : UNAUTHENTICATED,
      data: { code: shown, ...(locked ? {} : this.#offer()), ...time, sec_left: left },
    };
  }

  #offer(): JsonObject {
    const { encryptTypes, keyFormat, md5EncryptType, passwordForm } = this.#options;
    const nonce = this.#options.nextNonce();
    this.#nonces = [...this.#nonces, nonce].slice(-WEB_MAX_NONCES);
    const key = publicKeyText(keyFormat === 'key_2' ? KEY_2048 : KEY_1024, keyFormat);
    return {
      ...(encryptTypes === 'absent' ? {} : { encrypt_type: encryptTypes }),
      ...(key === undefined ? {} : { [keyFormat === 'key_2' ? 'key_2' : 'key']: encodeURIComponent(key) }),
      nonce,
      ...(md5EncryptType === undefined ? {} : { md5_encrypt_type: md5EncryptType }),
      ...(passwordForm === 'md5' ? { passwdType: 'md5' } : {}),
    };
  }
}

function typeList(value: Json): string[] {
  if (value === null || value === 'absent') return [];
  return (Array.isArray(value) ? value : [value]).map(jsonText);
}
