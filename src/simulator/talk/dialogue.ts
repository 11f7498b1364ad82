// The camera's side of OPTIONS and MULTITRANS on one connection, as values: a request goes in, an answer and complaints come out.
import { headerValue, headerValues, parseSession } from '../../rtsp/headers.js';
import type { HeaderList, RtspRequest, RtspResponse } from '../../rtsp/message.js';
import type { RequestVerdict, SimulatorDialect, Step, TalkReply } from '../behaviors/behavior.js';
import { formatChallenge, verifyCredentials } from '../digest.js';
import type { Challenge, DigestChallenge } from '../digest.js';
import { PUBLIC_METHODS, respond } from './replies.js';
import { readTalkRequest } from './request.js';

export interface DialogueOptions {
  readonly dialect: SimulatorDialect;
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  readonly withoutLogin: boolean;
  nonce(): string;
  sessionId(): string;
  /** An answer that takes the place of the usual one. */
  instead(request: RtspRequest): RequestVerdict | undefined;
  /** The challenges that are sent, made of those this dialect usually sends. */
  challenges(usual: readonly Challenge[]): readonly Challenge[];
  /** Takes the talk slot: 0, an error number, or silence. */
  openTalk(mode: string): number | 'silent';
  talkReplyText(reply: TalkReply): string;
}

export interface Answer {
  readonly step: Step;
  /** Absent: no answer. */
  readonly response?: RtspResponse;
  /** The mode of the talk that this answer opens. */
  readonly opens?: string;
  readonly loginFailed?: true;
  /** This request has crashed the RTSP process of a real camera (PROTOCOL.md T10). */
  readonly crashed?: true;
  /** FIN after the response, or instead of it. */
  readonly closes?: true;
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
}

type Outcome = Omit<Answer, 'violations' | 'warnings'>;

/** One connection's dialogue. */
export class CameraDialogue {
  readonly #options: DialogueOptions;
  readonly #sessionId: string;
  #challenge: DigestChallenge | undefined;
  #nc = 0;
  #loggedIn: boolean;
  #cseq: number | undefined;
  #clientUuid: string | undefined;
  #violations: string[] = [];
  #warnings: string[] = [];

  constructor(options: DialogueOptions) {
    this.#options = options;
    this.#sessionId = options.sessionId();
    this.#loggedIn = options.withoutLogin;
  }

  receive(request: RtspRequest): Answer {
    this.#violations = [];
    this.#warnings = [];
    const outcome = this.#checkHeaders(request) ?? this.#instead(request) ?? this.#route(request);
    return { ...outcome, violations: this.#violations, warnings: this.#warnings };
  }

  #instead(request: RtspRequest): Outcome | undefined {
    const verdict = this.#options.instead(request);
    if (verdict === undefined) return undefined;
    if (verdict === 'silent') return { step: 'other' };
    if (verdict === 'close') return { step: 'other', closes: true };
    if (verdict === 'stale') return this.#ask(request, true);
    if (verdict === 'refuse') return { ...this.#ask(request, false), loginFailed: true };
    return { step: 'other', response: verdict };
  }

  #checkHeaders(request: RtspRequest): Outcome | undefined {
    const { headers, body } = request;
    const [cseqText = '', ...more] = headerValues(headers, 'CSeq');
    if (!/^\d{1,9}$/.test(cseqText) || more.length > 0) {
      this.#violate('CSeq is missing, doubled or no number');
      return { step: 'other', response: respond(request, 400) };
    }
    const cseq = Number(cseqText);
    if (this.#cseq !== undefined && cseq !== this.#cseq + 1) this.#violate(`CSeq ${cseq} after ${this.#cseq}`);
    this.#cseq = cseq;

    const uuid = headerValue(headers, 'X-Client-UUID');
    if (uuid !== undefined && uuid !== (this.#clientUuid ?? uuid)) this.#violate('X-Client-UUID changed');
    this.#clientUuid = uuid ?? this.#clientUuid;

    const session = headerValue(headers, 'Session');
    if (session !== undefined && this.#options.dialect === 'vigi') this.#warn('Session was never given');
    else if (session !== undefined && parseSession(session).id !== this.#sessionId) {
      this.#violate('Session is not the one given');
    } else if (session?.includes(';') === true) this.#warn('Session was sent back with its parameters');

    if (body.length > 0 && !/^application\/json\b/i.test(headerValue(headers, 'Content-Type') ?? '')) {
      this.#violate('Content-Type of the body is not application/json');
    }
    return undefined;
  }

  #route(request: RtspRequest): Outcome {
    const { method, uri } = request;
    if (method === 'OPTIONS') {
      return { step: 'options', response: respond(request, 200, [['Public', PUBLIC_METHODS.join(', ')]]) };
    }
    if (method !== 'MULTITRANS') {
      return { step: 'other', response: respond(request, method === 'DESCRIBE' ? 404 : 400) };
    }
    if (
      !/^rtsp:\/\/(\[[0-9a-f:.]+\]|[^\s/@[\]:]+)(:\d{1,5})?\/multitrans$/i.test(uri) ||
      !uri.endsWith('/multitrans')
    ) {
      this.#violate('request URI is not rtsp://host[:port]/multitrans');
      return { step: 'other', response: respond(request, 400) };
    }
    return this.#multitrans(request);
  }

  #multitrans(request: RtspRequest): Outcome {
    const credentials = headerValues(request.headers, 'Authorization');
    const loggedInBefore = this.#loggedIn;
    if (credentials.length > 0 && !this.#options.withoutLogin) {
      const refusal = this.#verify(request, credentials);
      if (refusal !== undefined) return refusal;
    } else if (credentials.length > 0) this.#violate('credentials for a camera that asked for none');
    else if (!loggedInBefore) return this.#ask(request, false);
    // VIGI has no session: each request brings its own credentials.
    this.#loggedIn = this.#options.dialect === 'ipc' || this.#options.withoutLogin;

    if (this.#options.dialect === 'vigi') return this.#talk(request);
    if (request.body.length > 0 && loggedInBefore) return this.#talk(request);
    if (request.body.length > 0)
      this.#violate('talk request together with the credentials, which this camera does not read');
    return { step: 'login', response: respond(request, 200, this.#sessionHeader()) };
  }

  #verify(request: RtspRequest, credentials: readonly string[]): Outcome | undefined {
    const { username, password } = this.#options;
    const challenge = this.#challenge;
    const [text = '', ...more] = credentials;
    const verdict =
      challenge === undefined
        ? { refused: 'credentials for a nonce that was not offered on this connection' }
        : more.length > 0
          ? { refused: 'more than one Authorization' }
          : verifyCredentials(text, {
              challenge,
              username,
              password,
              method: request.method,
              uri: request.uri,
              lastNc: this.#nc,
            });
    if ('nc' in verdict) {
      this.#nc = verdict.nc;
      return undefined;
    }
    if (verdict.wrongPassword !== true) this.#violate(verdict.refused);
    return { ...this.#ask(request, false), loginFailed: true };
  }

  #ask(request: RtspRequest, stale: boolean): Outcome {
    const { realm } = this.#options;
    const digest: DigestChallenge = { scheme: 'Digest', realm, nonce: this.#options.nonce() };
    const usual: Challenge[] =
      this.#options.dialect === 'ipc'
        ? [{ scheme: 'Basic', realm }, digest]
        : [{ ...digest, algorithm: 'SHA-256', qop: 'auth' }];
    const challenges = this.#options.challenges(usual).map((challenge) => {
      return stale && challenge.scheme === 'Digest' ? { ...challenge, stale } : challenge;
    });
    this.#challenge = challenges.find((challenge) => challenge.scheme === 'Digest');
    this.#nc = 0;
    this.#loggedIn = false;
    const lines = challenges.map((challenge) => ['WWW-Authenticate', formatChallenge(challenge)] as const);
    return { step: 'challenge', response: respond(request, 401, lines) };
  }

  #talk(request: RtspRequest): Outcome {
    const parsed = readTalkRequest(request.body);
    if ('crash' in parsed) {
      this.#violate(parsed.crash);
      return { step: 'talk', crashed: true };
    }
    if ('unanswered' in parsed) {
      this.#violate(parsed.unanswered);
      return { step: 'talk' };
    }
    if ('refused' in parsed) {
      this.#violate(parsed.refused);
      return { step: 'talk', response: this.#talkResponse(request, parsed.seq, parsed.errorCode) };
    }
    const errorCode = this.#options.openTalk(parsed.mode);
    if (errorCode === 'silent') return { step: 'talk' };
    const response = this.#talkResponse(request, parsed.seq, errorCode);
    return errorCode === 0 ? { step: 'talk', response, opens: parsed.mode } : { step: 'talk', response };
  }

  #talkResponse(request: RtspRequest, seq: number, errorCode: number): RtspResponse {
    const sessionId = this.#options.dialect === 'ipc' ? '2' : '0';
    const body = this.#options.talkReplyText({ seq, errorCode, sessionId });
    return respond(request, 200, [...this.#sessionHeader(), ['Content-Type', 'application/json']], body);
  }

  #sessionHeader(): HeaderList {
    return this.#options.dialect === 'ipc' ? [['Session', this.#sessionId]] : [];
  }

  #violate(text: string): void {
    this.#violations.push(text);
  }

  #warn(text: string): void {
    this.#warnings.push(text);
  }
}
