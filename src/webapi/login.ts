// The login: challenge, one answer, token. Spends at most one password per call; how it is encoded is in login-method.ts.
import { throwIfAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import { noPassword, type CameraOptions } from '../camera-options.js';
import { isTalkError, TalkError } from '../errors.js';
import { MAX_STOK_CHARS } from '../limits.js';
import { answerToLogin } from '../password/late-answer.js';
import type { PasswordGuard } from '../password/guard.js';
import { loginCode, NO_CHALLENGE, parseAttemptsLeft, parseChallenge, parseLock, type Challenge } from './challenge.js';
import { apiError, describeCode } from './error-codes.js';
import { at, type JsonObject } from './json.js';
import { chooseLogin, loginRequest, type LoginMethod } from './login-method.js';
import { parseReply, type HttpReply, type WebReply } from './reply.js';

/** A request as the login and the client see it; a GET when there is no JSON. */
export interface WebRequest {
  readonly step: string;
  readonly path: string;
  readonly json?: JsonObject;
  /** See HttpExchange. */
  readonly repeatable: boolean;
}

export type Send = (request: WebRequest, signal?: AbortSignal) => Promise<HttpReply>;

/** How the password travelled, with the `encrypt_type` it travelled under. */
export interface LoginUsed {
  readonly kind: LoginMethod['kind'];
  readonly encryptType: string;
}

export interface LoggedIn {
  /** The token as it came. */
  readonly stok: string;
  readonly used: LoginUsed;
}

/** Most evidence first; none of them spends an attempt (PROTOCOL.md W1). */
const CHALLENGE_REQUESTS: readonly WebRequest[] = [
  { step: 'the challenge (Content.htm)', path: '/pc/Content.htm', repeatable: true },
  { step: 'the challenge (empty login)', path: '/', json: { method: 'do', login: {} }, repeatable: true },
  {
    step: 'the challenge (get_encrypt_info)',
    path: '/',
    json: { method: 'do', user_management: { get_encrypt_info: null } },
    repeatable: true,
  },
  { step: 'the challenge (passport)', path: '/passport/auth', json: { method: 'get' }, repeatable: true },
];

/** The nonce was not accepted; the password was not looked at. */
const NONCE_REFUSED = -40410;
/** The login could not be dealt with; says nothing about the password. */
const FAULTS: readonly number[] = [-40101, -40104, -40105, -40106, -40108, -40109, -40112, -40205, -40210, -40211];
/** The camera lets nobody in just now, whatever the password: no password set, too many clients, nonce refused again. */
const CLOSED_TO_ALL: readonly number[] = [-40405, -40406, NONCE_REFUSED];

/**
 * Makes the function that logs in to this camera and resolves to its token. It remembers which challenge request worked.
 * It throws TALK_ERR_LOGIN when the camera refuses or offers less than it did before, TALK_ERR_LOCKED when the camera or the guard holds back, TALK_ERR_ARGUMENT,
 * TALK_ERR_UNSUPPORTED, TALK_ERR_PROTOCOL, and whatever `send` throws. A refusal is never followed by a second password.
 */
export function createLogin(
  camera: CameraOptions,
  { clock, guard }: { readonly clock: Clock; readonly guard: PasswordGuard },
  send: Send,
): (signal?: AbortSignal) => Promise<LoggedIn> {
  let challengeRequests = CHALLENGE_REQUESTS;

  const fetchChallenge = async (signal?: AbortSignal): Promise<Challenge> => {
    const failures = new Set<string>();
    for (const request of challengeRequests) {
      const answer = await send(request, signal);
      try {
        const { json, code } = parseReply(answer);
        throwIfLocked(json);
        const challenge = parseChallenge(json);
        if (challenge !== undefined) {
          challengeRequests = [request, ...CHALLENGE_REQUESTS.filter((other) => other !== request)];
          return challenge;
        }
        failures.add(`error ${describeCode(code)}`);
      } catch (error) {
        if (!isTalkError(error) || error.code !== 'TALK_ERR_PROTOCOL') throw error;
        failures.add(error.message);
      }
    }
    if (camera.login === 'plain') return NO_CHALLENGE;
    throw new TalkError('TALK_ERR_PROTOCOL', `The camera gave no login challenge: ${[...failures].join('; ')}`);
  };

  const throwIfLocked = (json: JsonObject): void => {
    const lock = parseLock(json);
    if (lock === undefined) return;
    guard.locked(camera, lock.seconds);
    const until = lock.permanent ? ' for good' : lock.seconds === undefined ? '' : ` for ${lock.seconds} s more`;
    throw new TalkError('TALK_ERR_LOCKED', `The camera has locked the account${until} after too many wrong passwords`);
  };

  /** `over` aborts when it is known what became of the password. */
  const attempt = async (
    over: AbortSignal,
    signal?: AbortSignal,
  ): Promise<{ reply: WebReply; method: LoginMethod }> => {
    if (camera.password === '') throw noPassword(camera);
    guard.check('web', camera);
    const method = chooseLogin(await fetchChallenge(signal), camera.login);
    if (camera.login === 'auto') guard.offered('web', camera, method.kind);
    const json = loginRequest(camera.username, camera.password, method);
    await guard.turn('web', camera, over, signal);
    guard.check('web', camera);
    throwIfAborted(signal);
    try {
      const request = { step: 'the login', path: '/', json, repeatable: false };
      const answer = await answerToLogin(clock, (giveUp) => send(request, giveUp), signal);
      return { reply: parseReply(answer), method };
    } catch (error) {
      // Not even sent, or answered by nothing that is yes or no.
      if (!isTalkError(error) || error.code !== 'TALK_ERR_ABORTED') guard.unanswered('web', camera);
      throwIfAborted(signal);
      throw error;
    }
  };

  const logIn = async (over: AbortSignal, signal?: AbortSignal): Promise<LoggedIn> => {
    let { reply, method } = await attempt(over, signal);
    if (loginCode(reply.json) === NONCE_REFUSED) ({ reply, method } = await attempt(over, signal));
    const { json, status } = reply;
    const code = loginCode(json) ?? 0;
    if (reply.code === 0 && status < 400) {
      guard.accepted('web', camera);
      return { stok: readStok(json), used: loginUsed(method) };
    }
    throwIfLocked(json);
    if (FAULTS.includes(code)) throw apiError(code, 'the login');
    if (CLOSED_TO_ALL.includes(code)) {
      throw new TalkError('TALK_ERR_LOGIN', `The camera let nobody log in: error ${describeCode(code)}`);
    }
    throw guard.refused('web', camera, refusal(status, code, method, parseAttemptsLeft(json)));
  };

  return async (signal) => {
    const over = new AbortController();
    try {
      return await logIn(over.signal, signal);
    } finally {
      over.abort();
    }
  };
}

function loginUsed(method: LoginMethod): LoginUsed {
  const encryptType = method.kind === 'rsa' ? '2' : String(method.encryptType ?? '1');
  return { kind: method.kind, encryptType };
}

function readStok(json: JsonObject): string {
  const stok = at(json, 'stok') ?? at(json, 'result', 'stok');
  if (typeof stok === 'string' && stok.length <= MAX_STOK_CHARS && /^[\x21-\x7e]+$/.test(stok)) return stok;
  throw new TalkError('TALK_ERR_PROTOCOL', 'The camera accepted the login but sent no usable token');
}

function refusal(status: number, code: number, method: LoginMethod, attemptsLeft: number | undefined): TalkError {
  const answer = code === 0 ? `HTTP ${status}` : `error ${describeCode(code)}`;
  const left = attemptsLeft === undefined ? '' : `; ${attemptsLeft} attempts left`;
  return new TalkError(
    'TALK_ERR_LOGIN',
    `The camera refused the user name or password (${answer}, login method ${method.kind})${left}. ` +
      'If they are right, choose another login method in the settings of the camera; ' +
      'if it has locked this computer out after several wrong log-ins, wait or restart it',
  );
}
