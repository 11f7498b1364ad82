// WebApi: one camera's web interface. Keeps the token and repeats once what may be repeated. Login is in login.ts, what can be asked in actions.ts.
import { cameraKey, type CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { abortedError, isTalkError, TalkError } from '../errors.js';
import { MAX_WEB_QUEUE } from '../limits.js';
import type { PasswordGuard } from '../password/guard.js';
import type { OnWire } from '../wire.js';
import { UNAUTHENTICATED } from './challenge.js';
import { apiError, errorMeaning } from './error-codes.js';
import { browserHeaders, plainHeaders } from './headers.js';
import { HttpConnection } from './http.js';
import type { JsonObject } from './json.js';
import { createLogin, type LoggedIn, type LoginUsed, type WebRequest } from './login.js';
import { decodeTexts, encodeStok, parseReply, type HttpReply, type WebReply } from './reply.js';
import { shown } from './shown.js';
import { oneAtATime } from './one-at-a-time.js';

export interface WebApiDeps {
  readonly clock: Clock;
  /** The one guard of this process. */
  readonly guard: PasswordGuard;
  /** Is told what goes over the connections. */
  readonly onWire?: OnWire | undefined;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What the actions need of a web interface. */
export interface WebRequester {
  request(json: JsonObject, options?: RequestOptions): Promise<JsonObject>;
}

/** All of them mean: log in again (PROTOCOL.md W14). */
const STALE_TOKEN: readonly number[] = [UNAUTHENTICATED, -40402, -40403, -40415];
/** Also what some firmware answers when it misses a browser's headers. */
const FORMAT_ERROR = -40210;
/** Busy, or asked twice within a second (PROTOCOL.md W24): after this pause, ms, it is asked once more. */
const BUSY = -40109;
const BUSY_PAUSE_MS = 1_100;

export class WebApi implements WebRequester {
  readonly #camera: CameraOptions;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #connection: HttpConnection;
  readonly #login: (signal?: AbortSignal) => Promise<LoggedIn>;
  readonly #turns = oneAtATime(MAX_WEB_QUEUE);
  #asBrowser = false;
  #loggedIn: LoggedIn | undefined;
  #loggingIn: Promise<LoggedIn> | undefined;

  constructor(camera: CameraOptions, { clock, guard, onWire }: WebApiDeps) {
    this.#camera = camera;
    this.#clock = clock;
    this.#connection = new HttpConnection(camera, clock, onWire);
    this.#login = createLogin(camera, { clock, guard }, (request, signal) => this.#send(request, signal));
  }

  /**
   * Asks the camera; logs in first when there is no token. Requests of one camera go one after the other.
   * Resolves to the reply with its texts decoded. Throws TALK_ERR_API with the camera's error number, TALK_ERR_LOGIN, TALK_ERR_LOCKED,
   * TALK_ERR_CONNECT, TALK_ERR_TIMEOUT, TALK_ERR_CLOSED, TALK_ERR_PROTOCOL, TALK_ERR_UNSUPPORTED, TALK_ERR_QUEUE_FULL,
   * TALK_ERR_ARGUMENT, TALK_ERR_ABORTED.
   */
  request(json: JsonObject, { signal }: RequestOptions = {}): Promise<JsonObject> {
    return this.#inTurn((until) => this.#converse(json, until), signal);
  }

  /** Logs in unless there is a token; tells how. Throws as `request` does. */
  logIn({ signal }: RequestOptions = {}): Promise<LoginUsed> {
    return this.#inTurn(async (until) => (await this.#logOn(until)).used, signal);
  }

  /** Forgets the token and ends what is under way with TALK_ERR_ABORTED. Resolves when the connection is closed, after the answer to a log-in. Idempotent. */
  async close(): Promise<void> {
    this.#loggedIn = undefined;
    this.#closing.abort(abortedError(cameraKey(this.#camera)));
    if (this.#loggingIn !== undefined) await this.#loggingIn.catch(() => undefined);
    this.#connection.close();
  }

  async #inTurn<T>(converse: (until: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const until = AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]);
    try {
      const why = unused(this.#camera);
      if (why !== undefined) throw new TalkError('TALK_ERR_ARGUMENT', why);
      return await this.#turns(() => converse(until), until);
    } catch (error) {
      throw this.#ofThisCamera(error);
    }
  }

  async #converse(json: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const mayBeStale = this.#loggedIn !== undefined;
    let reply = await this.#ask(json, signal);
    if (isStale(reply) && mayBeStale) {
      // One integration drops its connections together with a stale token; so do we.
      this.#forgetToken();
      reply = await this.#ask(json, signal);
    }
    if (reply.code === FORMAT_ERROR && !this.#asBrowser) {
      this.#asBrowser = true;
      reply = await this.#ask(json, signal);
      this.#asBrowser = reply.code !== FORMAT_ERROR;
    }
    if (reply.code === BUSY) {
      await this.#clock.wait(BUSY_PAUSE_MS, signal);
      reply = await this.#ask(json, signal);
    }
    if (isStale(reply)) this.#forgetToken();
    if (reply.code === 0 && reply.status < 400) return decodeTexts(reply.json);
    throw this.#apiError(reply, describeRequest(json));
  }

  async #ask(json: JsonObject, signal: AbortSignal): Promise<WebReply> {
    const { stok } = await this.#logOn(signal);
    const path = `/stok=${encodeStok(stok)}/ds`;
    const repeatable = json['method'] !== 'do';
    return parseReply(await this.#send({ step: describeRequest(json), path, json, repeatable }, signal));
  }

  async #logOn(signal: AbortSignal): Promise<LoggedIn> {
    if (this.#loggedIn !== undefined) return this.#loggedIn;
    this.#loggingIn = this.#login(signal);
    try {
      const loggedIn = await this.#loggingIn;
      if (!this.#closing.signal.aborted) this.#loggedIn = loggedIn;
      return loggedIn;
    } finally {
      this.#loggingIn = undefined;
    }
  }

  #send({ step, path, json, repeatable }: WebRequest, signal?: AbortSignal): Promise<HttpReply> {
    const headers = this.#asBrowser ? browserHeaders(this.#camera) : plainHeaders();
    const content =
      json === undefined ? { method: 'GET' as const } : { method: 'POST' as const, body: JSON.stringify(json) };
    return this.#connection.exchange({ ...content, path, headers, step, repeatable }, signal);
  }

  #forgetToken(): void {
    this.#loggedIn = undefined;
    this.#connection.reset();
  }

  #apiError({ status, json, code }: WebReply, asked: string): TalkError {
    if (code === 0) return new TalkError('TALK_ERR_API', `The camera answered HTTP ${status} to ${asked}`);
    const secrets = [this.#loggedIn?.stok ?? '', this.#camera.password];
    return apiError(code, asked, errorMeaning(code) === undefined ? shown(json, secrets) : '');
  }

  #ofThisCamera(error: unknown): unknown {
    if (!isTalkError(error) || error.camera !== undefined) return error;
    return new TalkError(error.code, error.message, { camera: cameraKey(this.#camera), cause: error.cause });
  }
}

/** Why nothing is sent. The password of dialect `tapo` is not the camera's alone. */
function unused({ login, dialect }: CameraOptions): string | undefined {
  if (dialect === 'tapo') {
    return 'Camera option dialect is tapo: volume, privacy and what else a web interface does are set in the Tapo app';
  }
  return login === 'none' ? 'Camera option login is none: the web interface of this camera is not used' : undefined;
}

function isStale({ status, code }: WebReply): boolean {
  return status === 401 || STALE_TOKEN.includes(code);
}

/** `get device_info`: method and section, the only parts of a request that are safe to show. */
function describeRequest(json: JsonObject): string {
  const section = Object.keys(json).find((key) => key !== 'method') ?? '';
  const words = [json['method'], section].map((word) =>
    typeof word === 'string' ? word.replace(/[^\w.-]/g, '').slice(0, 40) : '',
  );
  return words.join(' ').trim() || 'the request';
}
