// The MULTITRANS dialogue up to "open", as values: requests out, responses in. No socket, no time.
import { cameraKey, type CameraOptions } from '../camera-options.js';
import { TalkError } from '../errors.js';
import type { Granted } from '../granted.js';
import { DigestLogin, loginError, type OnForm, type Shown } from '../rtsp/digest-login.js';
import { headerValue, parseSession } from '../rtsp/headers.js';
import type { RtspRequest, RtspResponse } from '../rtsp/message.js';
import type { NextRequest } from '../rtsp/opening.js';
import { talkProfile, type TalkProfile, type WireDialect } from './profile.js';
import { checkTalkReply, hintedForVigi, refuseStatus } from './replies.js';
import { multitransRequest, multitransUri, talkBody } from './requests.js';

/** What to do after a response: send the next request, or talk. */
export type DialogueStep = NextRequest | OpenStep;

export interface OpenStep {
  readonly kind: 'open';
  readonly granted: RtpGranted;
}

export interface RtpGranted extends Granted {
  readonly dialect: WireDialect;
  readonly profile: TalkProfile;
}

type DialogueCamera = Pick<
  CameraOptions,
  'host' | 'port' | 'username' | 'password' | 'dialect' | 'mode' | 'codec' | 'packetBytes' | 'ignoreBusy'
>;

export interface DialogueOptions {
  readonly camera: DialogueCamera;
  /** Sent as X-Client-UUID, a UUID. */
  readonly clientId: string;
  /** A fresh client nonce, 16 hex digits. */
  readonly clientNonce: () => string;
  /** See DigestLogin. */
  readonly onForm?: OnForm | undefined;
}

/** What the camera's next response answers. */
type Stage = { readonly name: 'idle' | 'opening' | 'over' } | ({ readonly name: 'asking' } & Shown);

/**
 * One attempt to open talk on one connection.
 * `receive` throws TALK_ERR_AUTH, _UNSUPPORTED, _BUSY, _REFUSED or _PROTOCOL; after that the connection is to be closed.
 */
export class TalkDialogue {
  readonly #options: DialogueOptions;
  readonly #uri: string;
  readonly #key: string;
  readonly #login: DigestLogin;
  #dialect: WireDialect;
  #session: string | undefined;
  #stage: Stage = { name: 'idle' };
  #cseq: number;

  constructor(options: DialogueOptions) {
    this.#options = options;
    this.#uri = multitransUri(options.camera.host, options.camera.port);
    this.#key = cameraKey(options.camera);
    this.#login = new DigestLogin({ ...options, basic: false });
    this.#dialect = options.camera.dialect === 'vigi' ? 'vigi' : 'ipc';
    // As the clients of each line do (PROTOCOL.md T5).
    this.#cseq = this.#dialect === 'vigi' ? 1 : 0;
  }

  /** Whether the camera has accepted the password. Not known before talk is open: the camera may still ask for a log-in at the talk request. */
  get proved(): boolean {
    return this.#stage.name === 'over' && this.#login.hash !== 'none';
  }

  /** The first request. It never carries a password. */
  start(): RtspRequest {
    this.#stage = { name: 'asking', authorized: false, renewed: false };
    return this.#request();
  }

  receive(response: RtspResponse): DialogueStep {
    try {
      return this.#received(response);
    } catch (error) {
      throw this.#dialect === 'vigi' ? hintedForVigi(error) : error;
    }
  }

  #received(response: RtspResponse): DialogueStep {
    this.#rememberSession(response);
    switch (this.#stage.name) {
      case 'asking':
        if (response.status === 401) return this.#challenged(this.#stage, response);
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

  #challenged(shown: Shown, response: RtspResponse): DialogueStep {
    const verdict = this.#login.challenged(response, shown);
    if (verdict !== 'again') throw loginError(verdict, this.#key, response);
    // VIGI asks for SHA-256, the ipc line has only been seen with MD5 (PROTOCOL.md F2).
    if (this.#options.camera.dialect === 'auto') this.#dialect = this.#login.hash === 'sha256' ? 'vigi' : 'ipc';
    this.#stage = { name: 'asking', authorized: true, renewed: shown.authorized };
    const authorization = this.#login.authorization('MULTITRANS', this.#uri);
    return { kind: 'send', request: this.#request(authorization), stage: 'authenticating' };
  }

  /** Not 401. In dialect `ipc` the talk request comes next; in `vigi` it was part of the request, and this is the talk reply. */
  #accepted(response: RtspResponse): DialogueStep {
    if (this.#dialect === 'vigi' && !this.#tookLoginOnly(response)) return this.#opened(response);
    if (response.status !== 200) refuseStatus(response, this.#key);
    this.#dialect = 'ipc';
    this.#stage = { name: 'opening' };
    return { kind: 'send', request: this.#request(), stage: 'opening' };
  }

  /** Whether this is an ipc camera with SHA-256: it took the log-in and ignored the talk request that came with it, so the third message is due. */
  #tookLoginOnly(response: RtspResponse): boolean {
    const { dialect } = this.#options.camera;
    return dialect === 'auto' && response.status === 200 && response.body.length === 0 && this.#session !== undefined;
  }

  #opened(response: RtspResponse): DialogueStep {
    const { camera } = this.#options;
    const busy = checkTalkReply(response, this.#key, camera.ignoreBusy);
    this.#stage = { name: 'over' };
    const profile = talkProfile(camera, this.#dialect);
    const granted = { dialect: this.#dialect, profile, login: this.#login.hash };
    return { kind: 'open', granted: busy === undefined ? granted : { ...granted, busy } };
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
