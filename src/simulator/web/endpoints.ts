// What each address of the simulated web API answers: challenges, logins, `/ds` requests with a token. Values in, values out; no HTTP here.
import type { Clock } from '../../clock.js';
import { WEB_BUSY_MS } from '../limits.js';
import { isObject, mapObject, percentEncode, type JsonObject } from './json.js';
import { WebLogin, type WebLoginOptions } from './login.js';
import { CODE } from './sections.js';
import { createDevice, type WebDevice, type WebStateOptions } from './state.js';
import { StokRegister, type WebStokOptions } from './stok.js';

/** What a request is for. */
export type WebStep = 'challenge' | 'login' | 'request' | 'unknown';

export interface WebEndpointOptions extends WebLoginOptions, WebStokOptions, WebStateOptions {
  /** HTTP status of challenges and refused logins; default 401. */
  challengeStatus?: 200 | 401;
  /** Where a challenge can be had; by default everywhere but at `/passport/auth`. */
  endpoints?: { content?: boolean; login?: boolean; encryptInfo?: boolean; passport?: boolean };
  /** How an unknown or expired token is refused; default `code` (-40401). */
  expireBy?: 'code' | 'http401';
  /** String values in answers are percent-encoded, the token too. */
  percentEncodeStrings?: boolean;
  /** Challenge and token stand inside `result`. */
  nestInResult?: boolean;
  /** A `/ds` request within a second of the one before is answered -40109. */
  busyEverySecond?: boolean;
  /** The first `times` `/ds` requests with a good token are answered with `code`. */
  requestRefusals?: { code: number; times: number };
  /** Without the User-Agent of a browser, `/ds` answers -40210. */
  browserHeadersNeeded?: boolean;
}

/** An answer before it is written; without a body it is empty. */
export interface WebAnswer {
  status: number;
  body?: JsonObject;
  type?: string;
}

/** One request, its strings already percent-decoded; `body` is undefined when it was not a JSON object. */
export interface WebQuestion {
  path: string;
  body: JsonObject | undefined;
  userAgent: string;
}

export interface WebEndpoints {
  owns(method: string, path: string): boolean;
  stepOf(question: WebQuestion): WebStep;
  answer(step: WebStep, question: WebQuestion): WebAnswer;
  expireLogins(): void;
  readonly device: WebDevice;
}

const CONTENT_PATH = '/pc/Content.htm';
const PASSPORT_PATH = '/passport/auth';
const DS_PATH = /^\/stok=([^/]*)\/ds$/;

/** The addresses of a camera that was just switched on. */
export function createEndpoints(options: WebEndpointOptions, clock: Clock): WebEndpoints {
  const offered = { content: true, login: true, encryptInfo: true, passport: false, ...options.endpoints };
  const login = new WebLogin(options, clock);
  const stoks = new StokRegister(options);
  const device = createDevice(options, clock);
  let lastRequestAt = -Infinity;
  let refusalsLeft = options.requestRefusals?.times ?? 0;

  const nested = (status: number, body: JsonObject): WebAnswer => {
    if (options.nestInResult !== true) return { status, body };
    const { error_code = CODE.ok, ...result } = body;
    return { status, body: { error_code, result } };
  };

  const answerLogin = (fields: JsonObject): WebAnswer => {
    const verdict = login.attempt(fields);
    if (!verdict.accepted) return nested(verdict.wrongForm ? 401 : (options.challengeStatus ?? 401), verdict.refusal);
    const stok = stoks.issue();
    const shown = options.percentEncodeStrings === true ? percentEncode(stok) : stok;
    return nested(200, { error_code: CODE.ok, stok: shown, user_group: 'root' });
  };

  /** The error number with which a `/ds` request with a good token is refused unread; 0: it is answered. */
  const holdBack = (): number => {
    const sinceLast = clock.now() - lastRequestAt;
    lastRequestAt = clock.now();
    if (options.busyEverySecond === true && sinceLast < WEB_BUSY_MS) return CODE.busy;
    if (options.requestRefusals === undefined || refusalsLeft === 0) return CODE.ok;
    refusalsLeft -= 1;
    return options.requestRefusals.code;
  };

  const answerDs = ({ path, body, userAgent }: WebQuestion): WebAnswer => {
    const refused = (error_code: number): WebAnswer => ({ status: 200, body: { error_code } });
    if (options.browserHeadersNeeded === true && !userAgent.startsWith('Mozilla/')) return refused(CODE.formatError);
    if (!stoks.admit(DS_PATH.exec(path)?.[1] ?? '')) {
      return options.expireBy === 'http401' ? { status: 401 } : refused(CODE.unauthenticated);
    }
    const code = holdBack();
    if (code !== CODE.ok) return refused(code);
    if (body === undefined) return refused(CODE.formatError);
    const { reboots } = device.state;
    const reply = device.answer(body);
    if (device.state.reboots > reboots) stoks.expireAll();
    return { status: 200, body: options.percentEncodeStrings === true ? mapObject(reply, percentEncode) : reply };
  };

  return {
    device,
    expireLogins: () => stoks.expireAll(),
    owns: (method, path) =>
      method === 'GET'
        ? path === CONTENT_PATH
        : method === 'POST' && (path === '/' || path === PASSPORT_PATH || DS_PATH.test(path)),
    stepOf({ path, body }) {
      if (path === CONTENT_PATH) return offered.content ? 'challenge' : 'unknown';
      if (DS_PATH.test(path)) return 'request';
      if (body === undefined || (path === PASSPORT_PATH && !offered.passport)) return 'unknown';
      const { method, login: fields, user_management: user } = body;
      if (method === 'get') return path === PASSPORT_PATH ? 'challenge' : 'unknown';
      if (method !== 'do') return 'unknown';
      if (isObject(fields)) return Object.keys(fields).length > 0 ? 'login' : offered.login ? 'challenge' : 'unknown';
      const asksEncryptInfo = isObject(user) && user['get_encrypt_info'] === null;
      return asksEncryptInfo && offered.encryptInfo ? 'challenge' : 'unknown';
    },
    answer(step, question) {
      const { path, body } = question;
      const fields = body?.['login'];
      if (step === 'request') return answerDs(question);
      if (step === 'login' && isObject(fields)) return answerLogin(fields);
      if (step === 'challenge') {
        const answer = nested(options.challengeStatus ?? 401, login.challenge());
        return path === CONTENT_PATH ? { ...answer, type: 'text/html' } : answer;
      }
      const closed = path === CONTENT_PATH || (path === PASSPORT_PATH && !offered.passport);
      return closed ? { status: 404 } : { status: 200, body: { error_code: CODE.formatError } };
    },
  };
}
