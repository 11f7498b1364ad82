// The MULTITRANS dialogue up to "open", as values: requests out, responses in. No socket, no time.
import { cameraKey, type CameraOptions } from '../camera-options.js';
import { TalkError } from '../errors.js';
import { authorize, hashName, parseChallenges, pickChallenge, type DigestChallenge } from '../rtsp/digest.js';
import { headerValue, headerValues, parseSession } from '../rtsp/headers.js';
import type { RtspRequest, RtspResponse } from '../rtsp/message.js';
import type { NextRequest } from '../rtsp/opening.js';
import { talkProfile, type TalkProfile, type WireDialect } from './profile.js';
import { checkTalkReply, refuseStatus } from './replies.js';
import { multitransRequest, multitransUri, talkBody } from './requests.js';

/** What to do after a response: send the next request, or talk. */
export type DialogueStep = NextRequest | OpenStep;

export interface OpenStep {
  readonly kind: 'open';
  readonly granted: Granted;
}

/** What the camera granted, and how it let us in. */
export interface Granted {
  readonly dialect: WireDialect;
  readonly profile: TalkProfile;
  /** The digest's hash; `none` when the camera wanted no password. */
  readonly login: 'none' | 'md5' | 'sha256';
}

type DialogueCamera = Pick<
  CameraOptions,
  'host' | 'port' | 'username' | 'password' | 'dialect' | 'mode' | 'codec' | 'packetBytes'
>;

export interface DialogueOptions {
  readonly camera: DialogueCamera;
  /** Sent as X-Client-UUID, a UUID. */
  readonly clientId: string;
  /** A fresh client nonce, 16 hex digits. */
  readonly clientNonce: () => string;
}

/** What the camera's next response answers. `asking` carried no password, `proving` did. */
type Stage =
  | { readonly name: 'idle' }
  | { readonly name: 'asking' }
  | { readonly name: 'proving'; readonly retriedStale: boolean }
  | { readonly name: 'opening' }
  | { readonly name: 'over' };

/**
 * One attempt to open talk on one connection.
 * `receive` throws TALK_ERR_AUTH, _UNSUPPORTED, _BUSY, _REFUSED or _PROTOCOL; after that the connection is to be closed.
 */
export class TalkDialogue {
  readonly #options: DialogueOptions;
  readonly #uri: string;
  readonly #key: string;
  #dialect: WireDialect;
  #login: Granted['login'] = 'none';
  #session: string | undefined;
  #stage: Stage = { name: 'idle' };
  #cseq: number;

  constructor(options: DialogueOptions) {
    this.#options = options;
    this.#uri = multitransUri(options.camera.host, options.camera.port);
    this.#key = cameraKey(options.camera);
    this.#dialect = options.camera.dialect === 'vigi' ? 'vigi' : 'ipc';
    // Every ipc client counts from 0, every VIGI client from 1.
    this.#cseq = this.#dialect === 'vigi' ? 1 : 0;
  }

  /** Whether the camera has accepted the password. Only when talk is open: the talk request may carry no digest, and a camera may still ask for one there. */
  get proved(): boolean {
    return this.#stage.name === 'over' && this.#login !== 'none';
  }

  /** The first request. It never carries a password. */
  start(): RtspRequest {
    this.#stage = { name: 'asking' };
    return this.#request();
  }

  receive(response: RtspResponse): DialogueStep {
    this.#rememberSession(response);
    switch (this.#stage.name) {
      case 'asking':
        if (response.status === 401) return this.#prove(response, false);
        return this.#accepted(response);
      case 'proving':
        if (response.status === 401) return this.#proveAgainIfStale(response, this.#stage.retriedStale);
        return this.#accepted(response);
      case 'opening':
        if (response.status === 401) throw this.#askedAgain();
        return this.#opened(response);
      case 'idle':
      case 'over':
        throw new TalkError('TALK_ERR_PROTOCOL', `The camera at ${this.#key} answered a question nobody asked`, {
          camera: this.#key,
        });
    }
  }

  #prove(response: RtspResponse, retriedStale: boolean): DialogueStep {
    const challenge = this.#challenge(response);
    const { camera, clientNonce } = this.#options;
    this.#login = hashName(challenge);
    // VIGI announces itself by SHA-256; the ipc line has only been seen with MD5.
    if (camera.dialect === 'auto') this.#dialect = this.#login === 'sha256' ? 'vigi' : 'ipc';
    const authorization = authorize(challenge, {
      method: 'MULTITRANS',
      uri: this.#uri,
      username: camera.username,
      password: camera.password,
      cnonce: clientNonce(),
    });
    this.#stage = { name: 'proving', retriedStale };
    return { kind: 'send', request: this.#request(authorization), stage: 'authenticating' };
  }

  /** `stale=true` says that the password was right and only the nonce too old: one more time, no guess (RFC 7616 section 3.3). */
  #proveAgainIfStale(response: RtspResponse, retriedStale: boolean): DialogueStep {
    if (!retriedStale && offered(response)?.stale === true) return this.#prove(response, true);
    throw this.#refusedPassword();
  }

  /** A status other than 401 in front of the talk reply; in the two-message dialect it is the talk reply. */
  #accepted(response: RtspResponse): DialogueStep {
    if (this.#dialect === 'vigi' && !this.#tookLoginOnly(response)) return this.#opened(response);
    if (response.status !== 200) refuseStatus(response, this.#key);
    this.#dialect = 'ipc';
    this.#stage = { name: 'opening' };
    return { kind: 'send', request: this.#request(), stage: 'opening' };
  }

  /** An ipc camera with SHA-256: it let us in and passed over the talk request, so the third message is due. */
  #tookLoginOnly(response: RtspResponse): boolean {
    const { dialect } = this.#options.camera;
    return dialect === 'auto' && response.status === 200 && response.body.length === 0 && this.#session !== undefined;
  }

  #opened(response: RtspResponse): DialogueStep {
    checkTalkReply(response, this.#key);
    this.#stage = { name: 'over' };
    const profile = talkProfile(this.#options.camera, this.#dialect);
    return { kind: 'open', granted: { dialect: this.#dialect, profile, login: this.#login } };
  }

  #challenge(response: RtspResponse): DigestChallenge {
    const challenge = offered(response);
    if (challenge !== undefined) return challenge;
    throw new TalkError(
      'TALK_ERR_UNSUPPORTED',
      `The camera at ${this.#key} offers no Digest log-in; the password is not sent in any other way`,
      { camera: this.#key },
    );
  }

  #refusedPassword(): TalkError {
    return new TalkError(
      'TALK_ERR_AUTH',
      `The camera at ${this.#key} refused the user name or password; it wants the password set on the camera itself, not that of the cloud account`,
      { camera: this.#key },
    );
  }

  /** Not a judgement on the password: the talk request carries none in this dialect. */
  #askedAgain(): TalkError {
    return new TalkError(
      'TALK_ERR_PROTOCOL',
      `The camera at ${this.#key} asked for a log-in again at the talk request; try the dialect vigi in the camera's settings`,
      { camera: this.#key },
    );
  }

  #rememberSession(response: RtspResponse): void {
    const session = headerValue(response.headers, 'Session');
    if (session === undefined) return;
    const { id } = parseSession(session);
    if (id !== '') this.#session = id;
  }

  #request(authorization?: string): RtspRequest {
    const cseq = this.#cseq++;
    const { mode } = this.#options.camera;
    if (this.#dialect === 'vigi') {
      return multitransRequest({ uri: this.#uri, cseq, authorization, body: talkBody(mode, '1') });
    }
    if (this.#stage.name === 'opening') {
      return multitransRequest({ uri: this.#uri, cseq, session: this.#session, body: talkBody(mode, 0) });
    }
    return multitransRequest({ uri: this.#uri, cseq, clientId: this.#options.clientId, authorization });
  }
}

/** The strongest challenge of the response that we can answer. */
function offered(response: RtspResponse): DigestChallenge | undefined {
  return pickChallenge(parseChallenges(headerValues(response.headers, 'WWW-Authenticate')));
}
