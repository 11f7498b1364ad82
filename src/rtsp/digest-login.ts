// The log-in of one RTSP connection: challenges in, Authorization values out, a password never tried twice; Digest, Basic only where it was allowed. Pure.
import { noPassword, type CameraOptions } from '../camera-options.js';
import { TalkError } from '../errors.js';
import {
  authorize,
  hashName,
  parseChallenges,
  pickChallenge,
  unknownDigest,
  type Challenge,
  type DigestChallenge,
  type HashName,
} from './digest.js';
import { headerValues } from './headers.js';
import type { RtspResponse } from './message.js';

export interface DigestLoginOptions {
  readonly camera: Pick<CameraOptions, 'host' | 'port' | 'username' | 'password'>;
  /** A fresh client nonce, 16 hex digits. */
  readonly clientNonce: () => string;
  /** Whether Basic may be answered, which shows the password to whoever listens in. Never unless told so, and never to a camera that has named Digest. */
  readonly basic?: boolean | undefined;
  /** Told the best way that a 401 offers, and whether the password is about to go out in it. What it throws then ends the log-in. */
  readonly onForm?: OnForm | undefined;
}

/** A digest's hash, the password as it is, or any way that is not known here. */
type LoginForm = HashName | 'basic' | 'other';

export type OnForm = (form: LoginForm, isAnswered: boolean) => void;

/** What a 401 means: ask again with a digest, the password is refused, or the camera offers no log-in we answer. */
export type Verdict = 'again' | 'refused' | 'unanswerable';

/** What a request has shown of the password. */
export interface Shown {
  /** Whether it carried a digest, or the password. */
  readonly authorized: boolean;
  /** Whether it has been sent before with an older nonce. */
  readonly renewed: boolean;
}

export class DigestLogin {
  readonly #options: DigestLoginOptions;
  #challenge: DigestChallenge | undefined;
  #basic = false;
  #nonceCount = 0;
  #proved = false;

  constructor(options: DigestLoginOptions) {
    this.#options = options;
  }

  /** Whether the password goes out as Basic. */
  get basic(): boolean {
    return this.#basic;
  }

  /** `none` as long as the camera wants no digest. */
  get hash(): HashName | 'none' {
    return this.#challenge === undefined ? 'none' : hashName(this.#challenge);
  }

  /** Whether the password has been accepted on this connection. */
  get proved(): boolean {
    return this.#proved;
  }

  /** For a request of this method and URI; undefined as long as the camera wants no password. */
  authorization(method: string, uri: string): string | undefined {
    const { username, password } = this.#options.camera;
    if (this.#basic) return basicAuthorization(username, password);
    if (this.#challenge === undefined) return undefined;
    this.#nonceCount += 1;
    return authorize(this.#challenge, {
      method,
      uri,
      username,
      password,
      cnonce: this.#options.clientNonce(),
      nc: this.#nonceCount,
    });
  }

  /** A request with credentials was not answered by 401. */
  accepted(): void {
    this.#proved = true;
  }

  /**
   * Throws TALK_ERR_ARGUMENT when there is no password to answer with, and what `onForm` throws. Judges a 401. A digest that was refused is a refused password, with or without another challenge, unless only its nonce was too old: then it is worth one more.
   */
  challenged(response: RtspResponse, shown: Shown): Verdict {
    const challenges = challengesOf(response);
    const challenge = pickChallenge(challenges);
    const form = bestForm(challenges, challenge);
    const verdict = this.#verdict(challenge, form, shown);
    const { camera, onForm } = this.#options;
    if (form !== undefined) onForm?.(form, verdict === 'again' && camera.password !== '');
    if (verdict !== 'again') return verdict;
    if (camera.password === '') throw noPassword(camera);
    this.#challenge = challenge;
    this.#basic = challenge === undefined;
    this.#nonceCount = 0;
    return verdict;
  }

  #verdict(challenge: DigestChallenge | undefined, form: LoginForm | undefined, shown: Shown): Verdict {
    // What a password without a nonce was refused for is no old nonce.
    if (shown.authorized && (shown.renewed || this.#basic || !this.#onlyTooOld(challenge))) return 'refused';
    if (challenge !== undefined) return 'again';
    const mayAnswerBasic = this.#options.basic === true && this.#challenge === undefined;
    return form === 'basic' && mayAnswerBasic ? 'again' : 'unanswerable';
  }

  /** `stale` says that the password was right (RFC 7616 section 3.3). Once it has been accepted, another nonce alone says the same. */
  #onlyTooOld(challenge: DigestChallenge | undefined): boolean {
    if (challenge === undefined) return false;
    return challenge.stale || (this.#proved && challenge.nonce !== this.#challenge?.nonce);
  }
}

const REFUSALS = {
  refused: [
    'TALK_ERR_AUTH',
    'refused the user name or password; it wants the password set on the camera itself, not that of the cloud account. ' +
      'If they are right, it may have locked this computer out after several wrong log-ins: wait, or restart the camera',
  ],
  unanswerable: ['TALK_ERR_UNSUPPORTED', 'offers no Digest log-in; the password is not sent in any other way'],
} as const;

/** What a verdict on this response, which ends the log-in, is to the user. `basicAdvice` is for whom Basic could be allowed. */
export function loginError(
  verdict: keyof typeof REFUSALS,
  camera: string,
  response: Pick<RtspResponse, 'headers'>,
  basicAdvice = '',
): TalkError {
  const unknown = verdict === 'unanswerable' ? unknownDigest(challengesOf(response)) : undefined;
  const [code, known] = REFUSALS[verdict];
  const what =
    unknown === undefined
      ? `${known}${verdict === 'unanswerable' ? basicAdvice : ''}`
      : `asks for a Digest log-in with ${unknown}, which is not known here; MD5 and SHA-256 are`;
  return new TalkError(code, `The camera at ${camera} ${what}`, { camera });
}

/** A Digest that cannot be answered is better than Basic all the same: whoever adds it to Basic, or takes it away, is told nothing. */
function bestForm(challenges: readonly Challenge[], picked: DigestChallenge | undefined): LoginForm | undefined {
  if (picked !== undefined) return hashName(picked);
  if (challenges.length === 0) return undefined;
  return challenges.every(({ scheme }) => scheme === 'basic') ? 'basic' : 'other';
}

function challengesOf(response: Pick<RtspResponse, 'headers'>): Challenge[] {
  return parseChallenges(headerValues(response.headers, 'WWW-Authenticate'));
}

/** RFC 7617 section 2; a colon would end the user name. */
function basicAuthorization(username: string, password: string): string {
  if (username.includes(':')) throw new TalkError('TALK_ERR_ARGUMENT', 'A user name for Basic cannot hold a colon');
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
