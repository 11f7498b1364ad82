// The RTSP dialogue that makes a camera send its sound, as values: requests out, responses in. No socket, no time.
import { cameraKey } from '../camera-options.js';
import { TalkError } from '../errors.js';
import { MAX_KEEP_ALIVE_MS, MIN_KEEP_ALIVE_MS } from '../limits.js';
import { headerValue, headerValues, parsePublic, parseSession } from '../rtsp/headers.js';
import type { HashName } from '../rtsp/digest.js';
import type { HeaderList, RtspRequest, RtspResponse } from '../rtsp/message.js';
import type { NextRequest } from '../rtsp/opening.js';
import type { StreamAccess } from '../stream-access.js';
import { KeepAliveHabit, type KeepAliveMethod } from './keep-alive.js';
import { pickAudioTrack, type AudioTrack } from './audio-track.js';
import { DigestLogin, loginError, type OnForm, type Shown } from '../rtsp/digest-login.js';
import { checkStatus, parseTransport, TRANSPORT, type Channels } from './replies.js';
import { parseSdp } from './sdp.js';
import { controlUri, streamUri } from './uri.js';

/** What the camera agreed to send. */
export interface ListenGrant {
  readonly track: AudioTrack;
  readonly channels: Channels;
  /** How often to say that we are still here, ms. */
  readonly keepAliveMs: number;
  /** The digest's hash, or `basic`; `none` when the camera wanted no password. */
  readonly login: HashName | 'basic' | 'none';
}

/** `grant` comes with the request after whose sending sound may arrive. */
export interface NextListenRequest extends NextRequest {
  readonly grant?: ListenGrant;
}

/** What to do after a response. */
export type ListenStep = NextListenRequest | ListenEnd;
export type ListenEnd =
  | { readonly kind: 'playing'; readonly grant: ListenGrant }
  /** A keep-alive was answered. */
  | { readonly kind: 'alive' };

export interface ListenDialogueOptions {
  readonly camera: Pick<StreamAccess, 'host' | 'port' | 'username' | 'password' | 'path' | 'basic'>;
  /** `stream1`, `stream2` or a path. */
  readonly stream: string;
  /** A fresh client nonce, 16 hex digits. */
  readonly clientNonce: () => string;
  /** See DigestLogin. */
  readonly onForm?: OnForm | undefined;
  /** What is known of this camera's keep-alives; a fresh one when absent. */
  readonly habit?: KeepAliveHabit | undefined;
}

/** A restream may know nothing else (PROTOCOL.md L10). */
const BASIC_ADVICE = '. If it is a restream on a network you trust, listenBasic allows Basic';

type OpeningMethod = 'DESCRIBE' | 'SETUP' | 'PLAY';

/** A request that waits for its response. */
interface Asked extends Shown {
  readonly method: OpeningMethod | KeepAliveMethod;
  readonly uri: string;
  readonly headers: HeaderList;
}

/** An RTSP session without `;timeout=` lasts so long, ms (RFC 2326 section 12.37). */
const RTSP_SESSION_TIMEOUT_MS = 60_000;
/** Keep-alives go after this part of the session's time. */
const KEEP_ALIVE_PART = 0.5;

/**
 * One attempt to listen on one connection: start(), then receive() until `playing`; keepAlive() and receive() from then on.
 * `receive` throws TALK_ERR_AUTH, _UNSUPPORTED, _BUSY, _REFUSED, _CLOSED or _PROTOCOL; after that the connection is to be closed.
 */
export class ListenDialogue {
  readonly #key: string;
  readonly #login: DigestLogin;
  readonly #streamUri: string;
  /** What PLAY, keep-alives and TEARDOWN are about: the whole presentation. */
  #uri: string;
  #cseq = 1;
  #asked: Asked | undefined;
  #session: string | undefined;
  #timeoutSeconds: number | undefined;
  #track: AudioTrack | undefined;
  #grant: ListenGrant | undefined;
  readonly #habit: KeepAliveHabit;
  /** False once a camera that plays has refused the digest of a keep-alive: another one could count as a wrong password. */
  #keepAliveAuthorized = true;

  /** Throws TALK_ERR_ARGUMENT for a stream that is no path. */
  constructor(options: ListenDialogueOptions) {
    this.#key = cameraKey(options.camera);
    this.#login = new DigestLogin({ ...options, basic: options.camera.basic });
    this.#streamUri = streamUri(options.camera, options.stream);
    this.#uri = this.#streamUri;
    this.#habit = options.habit ?? new KeepAliveHabit();
  }

  /** Whether the camera has accepted the password on this connection. */
  get proved(): boolean {
    return this.#login.proved;
  }

  /** The first request. It never carries a password. */
  start(): RtspRequest {
    return this.#ask('DESCRIBE', this.#streamUri, [['Accept', 'application/sdp']]);
  }

  /** Says that we still listen. */
  keepAlive(): RtspRequest {
    return this.#ask(this.#habit.method, this.#uri);
  }

  /** The keep-alive was not answered in time. The same by another method, if one is left to try. */
  unanswered(): RtspRequest | undefined {
    const asked = this.#asked;
    const again = asked !== undefined && isKeepAlive(asked.method) && this.#habit.failed(asked.method);
    return again ? this.keepAlive() : undefined;
  }

  /** Says goodbye; its answer is not waited for. */
  teardown(): RtspRequest {
    return this.#request('TEARDOWN', this.#uri, this.#login.authorization('TEARDOWN', this.#uri));
  }

  receive(response: RtspResponse): ListenStep {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked === undefined) throw this.#protocolError('answered a question nobody asked');
    this.#habit.listed(headerValues(response.headers, 'Public').flatMap(parsePublic));
    if (response.status === 401) return this.#challenged(asked, response);
    if (asked.authorized) this.#login.accepted();
    switch (asked.method) {
      case 'DESCRIBE':
        return this.#described(response);
      case 'SETUP':
        return this.#setUp(response);
      case 'PLAY':
        checkStatus(response, 'the request to play', this.#key);
        if (this.#grant === undefined) throw this.#protocolError('plays what was not set up');
        this.#readSession(response);
        return { kind: 'playing', grant: { ...this.#grant, keepAliveMs: keepAliveMs(this.#timeoutSeconds) } };
      case 'GET_PARAMETER':
      case 'OPTIONS':
        return this.#keptAlive(asked.method, response);
    }
  }

  #described(response: RtspResponse): ListenStep {
    checkStatus(response, 'the request for the stream', this.#key);
    const text = response.body.toString('utf8');
    if (!/^m=/im.test(text)) throw this.#protocolError('describes its stream by nothing that can be read');
    const description = parseSdp(text);
    // RFC 2326 section C.1.1.
    const given = [headerValue(response.headers, 'Content-Base'), headerValue(response.headers, 'Content-Location')];
    const base = given.find((value) => value !== undefined && /^rtspu?:\/\//i.test(value)) ?? this.#streamUri;
    this.#uri = controlUri(description.control, base);
    this.#track = pickAudioTrack(description, base, this.#key);
    if (![this.#uri, this.#track.uri].every((uri) => /^[\x21-\x7e]+$/.test(uri))) {
      throw this.#protocolError('names a track by what cannot stand in a request');
    }
    return this.#send('SETUP', this.#track.uri, [['Transport', TRANSPORT]]);
  }

  /** Some cameras name the session, or its time, with PLAY only (PROTOCOL.md L8). */
  #readSession(response: RtspResponse): void {
    const { id, timeoutSeconds } = parseSession(headerValue(response.headers, 'Session') ?? '');
    if (id !== '') this.#session = id;
    this.#timeoutSeconds = timeoutSeconds ?? this.#timeoutSeconds;
  }

  #setUp(response: RtspResponse): ListenStep {
    checkStatus(response, 'the request for its sound', this.#key);
    this.#readSession(response);
    if (this.#track === undefined) throw this.#protocolError('sets up what was not described');
    this.#grant = {
      track: this.#track,
      channels: parseTransport(response, this.#key),
      keepAliveMs: keepAliveMs(this.#timeoutSeconds),
      login: this.#login.basic ? 'basic' : this.#login.hash,
    };
    return { ...this.#send('PLAY', this.#uri, [['Range', 'npt=0.000-']]), grant: this.#grant };
  }

  #keptAlive(method: KeepAliveMethod, response: RtspResponse): ListenStep {
    if (response.status !== 200 && this.#habit.failed(method)) return this.#send(this.#habit.method, this.#uri);
    // Any other answer is ignored, 454 too: as long as sound comes, the session lives.
    return { kind: 'alive' };
  }

  #challenged(asked: Asked, response: RtspResponse): ListenStep {
    if (isKeepAlive(asked.method) && !this.#keepAliveAuthorized) return { kind: 'alive' };
    const verdict = this.#login.challenged(response, asked);
    if (verdict === 'refused' && isKeepAlive(asked.method)) {
      this.#habit.failed(asked.method);
      this.#keepAliveAuthorized = false;
      return { kind: 'alive' };
    }
    if (verdict !== 'again') throw loginError(verdict, this.#key, response, BASIC_ADVICE);
    return {
      ...this.#send(asked.method, asked.uri, asked.headers, asked.authorized),
      stage: this.#login.proved ? 'opening' : 'authenticating',
      ...(asked.method === 'PLAY' && this.#grant !== undefined && { grant: this.#grant }),
    };
  }

  #send(method: Asked['method'], uri: string, headers: HeaderList = [], renewed = false): NextListenRequest {
    return { kind: 'send', request: this.#ask(method, uri, headers, renewed), stage: 'opening' };
  }

  #ask(method: Asked['method'], uri: string, headers: HeaderList = [], renewed = false): RtspRequest {
    const bare = isKeepAlive(method) && !this.#keepAliveAuthorized;
    const authorization = bare ? undefined : this.#login.authorization(method, uri);
    this.#asked = { method, uri, headers, authorized: authorization !== undefined, renewed };
    return this.#request(method, uri, authorization, headers);
  }

  #request(method: string, uri: string, authorization: string | undefined, more: HeaderList = []): RtspRequest {
    const headers: [string, string][] = [['CSeq', String(this.#cseq++)]];
    if (authorization !== undefined) headers.push(['Authorization', authorization]);
    if (this.#session !== undefined) headers.push(['Session', this.#session]);
    return { kind: 'request', method, uri, headers: [...headers, ...more], body: Buffer.alloc(0) };
  }

  #protocolError(what: string): TalkError {
    return new TalkError('TALK_ERR_PROTOCOL', `The camera at ${this.#key} ${what}`, { camera: this.#key });
  }
}

function isKeepAlive(method: Asked['method']): method is KeepAliveMethod {
  return method === 'GET_PARAMETER' || method === 'OPTIONS';
}

function keepAliveMs(timeoutSeconds: number | undefined): number {
  // Zero would mean that the session is over already.
  const timeoutMs = timeoutSeconds ? timeoutSeconds * 1_000 : RTSP_SESSION_TIMEOUT_MS;
  return Math.min(Math.max(timeoutMs * KEEP_ALIVE_PART, MIN_KEEP_ALIVE_MS), MAX_KEEP_ALIVE_MS);
}
