// The simulated camera's web API over HTTP: reads requests, writes answers, waits and misbehaves as told, and remembers what was asked.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { monotonicClock, type Clock } from '../../clock.js';
import { MAX_SIMULATOR_RECORDS, WEB_MAX_REQUEST_BYTES } from '../limits.js';
import { logger } from '../../logger.js';
import type { VolumeChange } from './audio.js';
import { createEndpoints, type WebAnswer, type WebEndpointOptions, type WebStep } from './endpoints.js';
import { answerBadly, REDIRECT_PATH, type WebFault } from './faults.js';
import { isObject, mapObject, parseObject, percentDecode, readBody, type JsonObject } from './json.js';
import type { WebState } from './state.js';

export interface WebApiOptions extends WebEndpointOptions {
  /** The simulator's clock; stamps the log and the volume changes. */
  clock?: Clock;
  /** Every answer waits so long, milliseconds. */
  answerDelayMs?: number;
  /** Misbehave at every step, or only at the one named by `at`. */
  fault?: { kind: WebFault; at?: WebStep };
}

/** One request as it came in and what it was answered, without password and token. */
export interface WebRequest {
  /** On the simulator's clock, milliseconds. */
  at: number;
  step: WebStep;
  method: string;
  path: string;
  body?: JsonObject;
  /** HTTP status and `error_code` of the answer; absent when there was none, or a fault took its place. */
  status?: number;
  errorCode?: number;
}

export interface WebCounts {
  /** Requests of any kind. */
  requests: number;
  challenges: number;
  /** Logins with a password, and those among them that were accepted. */
  logins: number;
  acceptedLogins: number;
  /** Requests that came while another one was still unanswered. */
  overlaps: number;
}

export interface WebApi {
  /** Answers the request if its address belongs to the API; false leaves it to others. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  readonly state: WebState;
  /** The latest requests, oldest first. */
  readonly log: readonly WebRequest[];
  readonly volumeLog: readonly VolumeChange[];
  readonly counts: Readonly<WebCounts>;
  /** Ends every login, as a restart of the camera does. */
  expireLogins(): void;
}

const log = logger('simulator:web');

/** The web API of a camera that was just switched on. It owns no timer and no socket beyond the requests it is given. */
export function createWebApi(options: WebApiOptions): WebApi {
  const clock = options.clock ?? monotonicClock;
  const endpoints = createEndpoints(options, clock);
  const counts: WebCounts = { requests: 0, challenges: 0, logins: 0, acceptedLogins: 0, overlaps: 0 };
  const requests: WebRequest[] = [];
  let unanswered = 0;

  const remember = (request: WebRequest): WebRequest => {
    requests.push(request);
    if (requests.length > MAX_SIMULATOR_RECORDS) requests.shift();
    if (request.step === 'challenge') counts.challenges += 1;
    if (request.step === 'login') counts.logins += 1;
    return request;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const method = request.method ?? '';
    const text = await readBody(request, WEB_MAX_REQUEST_BYTES);
    const parsed = parseObject(text ?? '');
    const body = parsed === undefined ? undefined : mapObject(parsed, percentDecode);
    const question = { path, body, userAgent: request.headers['user-agent'] ?? '' };
    const step = path === REDIRECT_PATH ? 'unknown' : endpoints.stepOf(question);
    const record = remember({
      at: clock.now(),
      step,
      method,
      path: path.replace(/^\/stok=[^/]*/, '/stok=***'),
      ...(body === undefined ? {} : { body: withoutPassword(body) }),
    });
    if (options.answerDelayMs !== undefined) await waitWhileOpen(clock, options.answerDelayMs, response);

    const answer = refuseToRead(request, text) ?? endpoints.answer(step, question);
    if (step === 'login' && answer.body?.['error_code'] === 0) counts.acceptedLogins += 1;
    const { fault } = options;
    if (fault !== undefined && path !== REDIRECT_PATH && (fault.at ?? step) === step) {
      log('%s %s %s: fault %s', method, record.path, step, fault.kind);
      answerBadly(fault.kind, response, JSON.stringify(answer.body ?? {}));
      return;
    }
    record.status = answer.status;
    if (typeof answer.body?.['error_code'] === 'number') record.errorCode = answer.body['error_code'];
    log('%s %s %s: HTTP %d, error_code %s', method, record.path, step, answer.status, record.errorCode ?? 'none');
    write(response, answer);
  };

  return {
    log: requests,
    volumeLog: endpoints.device.volumeLog,
    counts,
    get state() {
      return endpoints.device.state;
    },
    expireLogins: () => endpoints.expireLogins(),
    handle(request, response) {
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      const followed = options.fault?.kind === 'redirect' && path === REDIRECT_PATH;
      if (!followed && !endpoints.owns(request.method ?? '', path)) return false;
      counts.requests += 1;
      if (unanswered > 0) counts.overlaps += 1;
      unanswered += 1;
      response.once('close', () => (unanswered -= 1));
      serve(request, response, path).catch((reason: unknown) => {
        log('answering failed: %s', String(reason));
        response.destroy();
      });
      return true;
    },
  };
}

/** Refuses a body that is too large (`text` is undefined), or of unknown length: nobody has seen a camera take a chunked request. */
function refuseToRead(request: IncomingMessage, text: string | undefined): WebAnswer | undefined {
  if (text === undefined) return { status: 413 };
  const lengthMissing = request.method === 'POST' && request.headers['content-length'] === undefined;
  return lengthMissing ? { status: 411 } : undefined;
}

function write(response: ServerResponse, { status, body, type }: WebAnswer): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': type ?? 'application/json; charset=UTF-8',
    'Content-Length': Buffer.byteLength(text),
    ...(status === 413 || status === 411 ? { Connection: 'close' } : {}),
  });
  response.end(text);
}

function withoutPassword(body: JsonObject): JsonObject {
  const { login } = body;
  return isObject(login) && 'password' in login ? { ...body, login: { ...login, password: '***' } } : body;
}

/** Resolves after the time, or when the client has gone. */
async function waitWhileOpen(clock: Clock, ms: number, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  response.once('close', abort);
  await clock.wait(ms, gone.signal).catch(() => undefined);
  response.off('close', abort);
}
