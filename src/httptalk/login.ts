// The log-in of the HTTP talk: responses in, headers of the next request out; at most two forms of a password, each once. No socket, no time.
import { noPassword, type CameraOptions } from '../camera-options.js';
import { TalkError } from '../errors.js';
import { refuseStatus } from '../multitrans/replies.js';
import type { HttpResponse } from '../multipart/http.js';
import {
  authorize,
  hashName,
  parseChallenges,
  pickChallenge,
  type DigestChallenge,
  type HashName,
} from '../rtsp/digest.js';
import { loginError } from '../rtsp/digest-login.js';
import { headerValues } from '../rtsp/headers.js';
import type { HeaderList } from '../rtsp/message.js';
import { secretForms, secretOf, type SecretForm } from './secret.js';

export const STREAM_URI = '/stream';

export type StreamCamera = Pick<
  CameraOptions,
  'host' | 'port' | 'streamPort' | 'username' | 'password' | 'dialect' | 'mode' | 'packetMs' | 'encrypt' | 'ignoreBusy'
>;

export interface StreamLoginOptions {
  readonly camera: StreamCamera;
  /** `host:port`, for errors. */
  readonly key: string;
  /** A fresh client nonce, 16 hex digits. */
  readonly clientNonce: () => string;
  /** Told how the camera wants the password, before anything is made of it; `bare` is a digest without qop. What it throws ends the log-in. */
  readonly onForm?: ((form: HashName | 'bare') => void) | undefined;
  /** The form of the password that this camera took before. */
  readonly known?: string | undefined;
}

export class StreamLogin {
  readonly #options: StreamLoginOptions;
  /** Forms still to be tried. */
  #forms: SecretForm[] | undefined;
  #form: SecretForm | undefined;
  #challenge: DigestChallenge | undefined;
  /** How often a nonce was used. */
  readonly #counts = new Map<string, number>();
  #moved = false;
  #renewed = false;
  #proved = false;

  constructor(options: StreamLoginOptions) {
    this.#options = options;
  }

  /** The form of the password that was sent last. */
  get form(): SecretForm | undefined {
    return this.#form;
  }

  /** What stands for the password; undefined when the camera wants none. */
  get secret(): string | undefined {
    return this.#form && secretOf(this.#options.camera.password, this.#form);
  }

  /** Whether the camera has accepted the password. */
  get proved(): boolean {
    return this.#proved;
  }

  /** `none` when the camera wanted no password. */
  get hash(): HashName | 'none' {
    return this.#challenge === undefined ? 'none' : hashName(this.#challenge);
  }

  /** The last request goes over another connection, where its nonce may not be known. */
  moved(): void {
    this.#moved = true;
  }

  /**
   * The headers to ask again with, or `open`.
   * Throws TALK_ERR_AUTH, _ARGUMENT, _UNSUPPORTED, _BUSY, _REFUSED or _PROTOCOL, and what `onForm` throws.
   */
  receive(response: HttpResponse): HeaderList | 'open' {
    const { key } = this.#options;
    if (response.status === 401) return this.#challenged(response);
    if (response.status !== 200) refuseStatus(response, key, 'HTTP');
    this.#proved = this.#form !== undefined;
    return 'open';
  }

  #challenged(response: HttpResponse): HeaderList {
    const { camera, key, onForm, known } = this.#options;
    const offered = pickChallenge(parseChallenges(headerValues(response.headers, 'WWW-Authenticate')));
    const challenge = offered ?? this.#challenge;
    if (challenge === undefined) throw loginError('unanswerable', key, response);
    if (camera.password === '') throw noPassword({ host: camera.host, port: camera.streamPort });
    this.#forms ??= secretForms(camera, challenge.encryptType, known);
    const again = this.#onlyTooOld(challenge);
    const form = again ? this.#form : this.#forms.shift();
    if (form === undefined) throw refused(camera, key);
    this.#renewed ||= again;
    this.#moved = false;
    onForm?.(challenge.qop === undefined ? 'bare' : hashName(challenge));
    this.#form = form;
    this.#challenge = challenge;
    return [['Authorization', this.#authorization(challenge, secretOf(camera.password, form))]];
  }

  /** Whether not the password was refused but its nonce: said so, or used on a connection that it was not made for. */
  #onlyTooOld(challenge: DigestChallenge): boolean {
    if (this.#form === undefined || this.#renewed || challenge.nonce === this.#challenge?.nonce) return false;
    return challenge.stale || this.#moved;
  }

  #authorization(challenge: DigestChallenge, secret: string): string {
    const { camera, clientNonce } = this.#options;
    const nc = (this.#counts.get(challenge.nonce) ?? 0) + 1;
    this.#counts.set(challenge.nonce, nc);
    return authorize(challenge, {
      method: 'POST',
      uri: STREAM_URI,
      username: camera.username,
      password: secret,
      cnonce: clientNonce(),
      nc,
      unquoted: true,
    });
  }
}

const CAUSES = {
  tapo:
    'it wants the password of the TP-Link account, not that of the camera account. If it is right: Third-Party Compatibility is off in the Tapo app, ' +
    'two-factor log-in is on, the camera had no internet since the password was changed, or it is overloaded and wants a restart',
  'vigi-stream':
    'it wants the password set on the camera itself. If it is right, the camera may be overloaded or have locked this computer out: wait, or restart it',
} as const;

/** The causes in the order in which they were met (PROTOCOL.md H6). */
function refused({ dialect }: StreamCamera, key: string): TalkError {
  const causes = CAUSES[dialect === 'tapo' ? 'tapo' : 'vigi-stream'];
  return new TalkError('TALK_ERR_AUTH', `The camera at ${key} refused the password; ${causes}`, { camera: key });
}
