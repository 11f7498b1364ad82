// One kept HTTP connection to one camera: a request out, a whole bounded reply back. Knows no JSON and no login.
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import { throwIfAborted } from '../abort.js';
import { withDeadline, type Clock } from '../clock.js';
import { abortedError, isTalkError, TalkError, type TalkErrorCode } from '../errors.js';
import { CONNECT_TIMEOUT_MS, MAX_HEAD_BYTES, MAX_WEB_BODY_BYTES, WEB_EXCHANGE_TIMEOUT_MS } from '../limits.js';
import { logger } from '../logger.js';
import type { OnWire } from '../wire.js';
import { webAuthority } from './headers.js';
import type { HttpReply } from './reply.js';
import { watcher, type WatchRequest } from './watcher.js';

export interface HttpExchange {
  readonly method: 'GET' | 'POST';
  /** May hold a token: never shown. */
  readonly path: string;
  /** May hold a password: never shown. */
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Names the request in logs and errors: `login`, `get device_info`. */
  readonly step: string;
  /** Whether it may be sent again when a kept connection turns out to be dead: it holds no password and changes nothing. */
  readonly repeatable: boolean;
}

/** One turn reads a FIN that has arrived, one ends the socket, one takes it out of the agent. */
const EVENT_LOOP_TURNS = 3;
/** An idle web connection is given back after so long: below the 5 s after which small HTTP servers drop one themselves. */
const WEB_IDLE_MS = 4_000;

const log = logger('webapi');

export class HttpConnection {
  readonly #camera: CameraOptions;
  readonly #clock: Clock;
  readonly #watch: WatchRequest | undefined;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1, timeout: WEB_IDLE_MS });
  #running: ClientRequest | undefined;
  #closed = false;

  constructor(camera: CameraOptions, clock: Clock, onWire?: OnWire) {
    this.#camera = camera;
    this.#clock = clock;
    this.#watch = onWire && watcher(clock, onWire);
  }

  /**
   * One exchange; the caller takes care that there is only one at a time. Any HTTP status but a redirect is a reply.
   * Throws TALK_ERR_CONNECT, TALK_ERR_TIMEOUT, TALK_ERR_CLOSED, TALK_ERR_PROTOCOL or the signal's reason.
   */
  async exchange(exchange: HttpExchange, signal?: AbortSignal): Promise<HttpReply> {
    // A camera may have dropped a kept connection without saying so. Before a request that must not be sent twice we wait until that would show.
    if (!exchange.repeatable) for (let turn = 0; turn < EVENT_LOOP_TURNS; turn++) await setImmediate();
    this.#refuseWhenClosed();
    throwIfAborted(signal);
    const request = this.#send(exchange);
    const progress = watch(request);
    this.#running = request;
    try {
      const reply = await this.#receive(progress, exchange.step, signal);
      log('%s: HTTP %d, %d bytes', exchange.step, reply.status, reply.body.length);
      return reply;
    } catch (error) {
      request.destroy();
      if (signal?.aborted === true || isTalkError(error)) throw error;
      this.#refuseWhenClosed();
      const cause = progress.failure ?? error;
      if (exchange.repeatable && !progress.answered && request.reusedSocket && isLostConnection(cause)) {
        return await this.exchange({ ...exchange, repeatable: false }, signal);
      }
      throw this.#translate(cause, exchange.step, progress);
    } finally {
      this.#running = undefined;
    }
  }

  /** Gives the connection back; the next exchange makes a new one. */
  reset(): void {
    this.#agent.destroy();
  }

  /** Ends a running exchange with TALK_ERR_ABORTED and refuses new ones. */
  close(): void {
    this.#closed = true;
    this.#running?.destroy();
    this.#agent.destroy();
  }

  #send({ method, path, headers, body }: HttpExchange): ClientRequest {
    const { host, httpPort } = this.#camera;
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const request = httpRequest({
      agent: this.#agent,
      host,
      port: httpPort,
      method,
      path,
      maxHeaderSize: MAX_HEAD_BYTES,
      headers: { Host: webAuthority(this.#camera), ...headers, ...length },
    });
    this.#watch?.(request, body);
    request.end(body);
    return request;
  }

  async #receive(progress: Progress, step: string, signal: AbortSignal | undefined): Promise<HttpReply> {
    await withDeadline(
      this.#clock,
      Promise.race([progress.connection, progress.response]),
      CONNECT_TIMEOUT_MS,
      () => this.#error('TALK_ERR_CONNECT', `no connection within ${CONNECT_TIMEOUT_MS / 1_000} s`),
      signal,
    );
    return withDeadline(
      this.#clock,
      progress.response.then((response) => this.#read(response, step)),
      WEB_EXCHANGE_TIMEOUT_MS,
      () => this.#error('TALK_ERR_TIMEOUT', `no whole answer to ${step} within ${WEB_EXCHANGE_TIMEOUT_MS / 1_000} s`),
      signal,
    );
  }

  async #read(response: IncomingMessage, step: string): Promise<HttpReply> {
    const { statusCode: status = 0, headers } = response;
    if (status >= 300 && status < 400) {
      const secure = headers.location?.startsWith('https:') === true ? ' to HTTPS, which is not spoken here' : '';
      throw this.#error('TALK_ERR_PROTOCOL', `redirected ${step}${secure}; redirects are not followed`);
    }
    const tooLong = `answered ${step} with more than ${MAX_WEB_BODY_BYTES} bytes`;
    if (Number(headers['content-length'] ?? 0) > MAX_WEB_BODY_BYTES) throw this.#error('TALK_ERR_PROTOCOL', tooLong);
    let bytes = 0;
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_WEB_BODY_BYTES) throw this.#error('TALK_ERR_PROTOCOL', tooLong);
      chunks.push(chunk);
    }
    return { status, body: Buffer.concat(chunks) };
  }

  #translate(error: unknown, step: string, { connected, answered }: Progress): TalkError {
    const code = errno(error);
    // The parser's error carries the bytes it choked on, so it does not become the cause.
    if (code.startsWith('HPE_')) return this.#error('TALK_ERR_PROTOCOL', `answered ${step} with broken HTTP (${code})`);
    if (answered) return this.#error('TALK_ERR_CLOSED', `dropped the connection amid its answer to ${step}`, error);
    if (connected) return this.#error('TALK_ERR_CONNECT', `closed the connection without answering ${step}`, error);
    return this.#error('TALK_ERR_CONNECT', `no connection (${code === '' ? 'closed' : code})`, error);
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw abortedError(cameraKey(this.#camera));
  }

  #error(code: TalkErrorCode, what: string, cause?: unknown): TalkError {
    const camera = cameraKey(this.#camera);
    return new TalkError(code, `Web interface at ${webAuthority(this.#camera)}: ${what}`, { camera, cause });
  }
}

/** What has become of a request so far. */
interface Progress {
  connected: boolean;
  answered: boolean;
  /** The first error, before what it causes elsewhere. */
  failure: Error | undefined;
  readonly connection: Promise<void>;
  readonly response: Promise<IncomingMessage>;
}

function watch(request: ClientRequest): Progress {
  const connection = new Promise<void>((resolve) => {
    const connected = (): void => {
      progress.connected = true;
      resolve();
    };
    request.once('socket', (socket) => (socket.connecting ? socket.once('connect', connected) : connected()));
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', (incoming) => {
      progress.answered = true;
      resolve(incoming);
    });
    request.on('error', (error) => {
      progress.failure ??= error;
      reject(error);
    });
    request.once('close', () => reject(new Error('closed')));
  });
  response.catch(() => undefined);
  const progress: Progress = { connected: false, answered: false, failure: undefined, connection, response };
  return progress;
}

function errno(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function isLostConnection(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(errno(error));
}
