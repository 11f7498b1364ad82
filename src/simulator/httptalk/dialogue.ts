// The camera's side of `POST /stream` up to the 200, as values: a head goes in, an answer and complaints come out.
import { wallTime } from '../../clock.js';
import { headerValue } from '../../rtsp/headers.js';
import type { RtspRequest, RtspResponse } from '../../rtsp/message.js';
import type { RequestVerdict, Step } from '../behaviors/behavior.js';
import type { HttpTalkTraits } from './family.js';
import { parseLength } from './head.js';
import type { RequestHead } from './head.js';
import { hubComplaint } from './hub.js';
import type { TalkLogin } from './login.js';
import { httpResponse, opened, refusal } from './replies.js';
import type { KeyExchange } from './secret.js';

export interface HttpTalkDialogueOptions {
  readonly traits: HttpTalkTraits;
  readonly login: TalkLogin;
  /** For the keys. */
  nonce(): string;
  /** An answer that takes the place of the usual one. */
  instead(request: RtspRequest): RequestVerdict | undefined;
}

/** From here on there are parts. */
export interface OpenedStream {
  readonly boundary: string;
  readonly keys: KeyExchange;
}

export interface HttpAnswer {
  readonly step: Step;
  /** Absent: no answer. */
  readonly response?: RtspResponse;
  readonly opens?: OpenedStream;
  readonly loginFailed?: true;
  /** FIN after the response, or instead of it. */
  readonly closes?: true;
  /** The connection is dropped. */
  readonly drops?: true;
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
}

type Outcome = Omit<HttpAnswer, 'violations' | 'warnings'>;

const MULTIPART = /^multipart\/mixed\s*;\s*boundary=(?:"([^"]+)"|([^\s;"]+))\s*$/i;

/** One connection's dialogue. */
export class HttpTalkDialogue {
  readonly #options: HttpTalkDialogueOptions;
  #violations: string[] = [];
  #warnings: string[] = [];

  constructor(options: HttpTalkDialogueOptions) {
    this.#options = options;
  }

  receive(head: RequestHead): HttpAnswer {
    this.#violations = [...head.violations];
    this.#warnings = [...head.warnings];
    const outcome = this.#route(head);
    return { ...outcome, violations: this.#violations, warnings: this.#warnings };
  }

  #route(head: RequestHead): Outcome {
    const { method, uri, headers } = head;
    const [path = '', query] = uri.split('?', 2);
    if (method !== 'POST' || path !== '/stream') {
      this.#violations.push('request line is not POST /stream');
      return { step: 'other', response: httpResponse(path === '/stream' ? 405 : 404) };
    }
    this.#checkLength(head);
    if (headerValue(headers, 'Host') === undefined) this.#warnings.push('no Host');
    const [, quoted, bare] = MULTIPART.exec(headerValue(headers, 'Content-Type') ?? '') ?? [];
    const boundary = quoted ?? bare;
    if (boundary === undefined) {
      this.#violations.push('Content-Type is not multipart/mixed with a boundary');
      return { step: 'other', response: httpResponse(400) };
    }
    const complaint = this.#options.traits.hub ? hubComplaint(query, headers) : undefined;
    if (complaint !== undefined) this.#violations.push(complaint);
    if (!this.#options.traits.hub && query !== undefined)
      this.#violations.push('query for a camera that is no child of a hub');
    return this.#instead(head) ?? this.#logIn(head, boundary);
  }

  /** The body of this request is the parts, and has no length; all that was ever seen is 0, −1 and none (PROTOCOL.md M1). */
  #checkLength({ headers }: RequestHead): void {
    const length = parseLength(headerValue(headers, 'Content-Length'));
    if (headerValue(headers, 'Transfer-Encoding') !== undefined) this.#violations.push('Transfer-Encoding');
    if (length === undefined) this.#warnings.push('no Content-Length');
    else if (typeof length !== 'number') this.#violations.push(length.wrong);
    else if (length > 0) this.#violations.push(`Content-Length ${length} instead of 0`);
  }

  #instead(head: RequestHead): Outcome | undefined {
    const { method, uri, headers } = head;
    const verdict = this.#options.instead({ kind: 'request', method, uri, headers, body: Buffer.alloc(0) });
    if (verdict === undefined) return undefined;
    if (verdict === 'silent') return { step: 'other' };
    if (verdict === 'close') return { step: 'other', closes: true };
    if (verdict === 'stale') return this.#ask(true);
    if (verdict === 'refuse') return this.#refuse(head);
    return { step: 'other', response: verdict };
  }

  /** Credentials are looked at all the same: what is wrong with them is told. */
  #refuse(head: RequestHead): Outcome {
    const { is, violations, warnings } = this.#options.login.check(head);
    this.#violations.push(...violations);
    this.#warnings.push(...warnings);
    return is === 'fatal' ? { step: 'other', drops: true } : { ...this.#ask(false), loginFailed: true };
  }

  #logIn(head: RequestHead, boundary: string): Outcome {
    const { traits, login } = this.#options;
    const { is, violations, warnings } = login.check(head);
    this.#violations.push(...violations);
    this.#warnings.push(...warnings);
    if (is === 'fatal') return { step: 'other', loginFailed: true, drops: true };
    if (is === 'asked') return { ...this.#ask(false), ...(traits.closes === 'does' ? { closes: true } : {}) };
    if (is === 'stale') return this.#ask(true);
    if (is === 'refused') return { ...this.#ask(false), loginFailed: true };
    const username = traits.withoutLogin ? 'none' : 'admin';
    const keys = { username, nonce: this.#options.nonce(), secret: login.secret };
    return { step: 'login', response: opened(traits, keys), opens: { boundary, keys } };
  }

  #ask(stale: boolean): Outcome {
    const { traits, login } = this.#options;
    return { step: 'challenge', response: refusal(traits, login.challenges(stale), wallTime()) };
  }
}
