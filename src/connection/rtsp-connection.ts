// One socket that speaks RTSP: requests out and responses in, one at a time, with the reader on from birth to death. What is said is not known here.
import type { Socket } from 'node:net';
import { onAbort } from '../abort.js';
import { withDeadline, type Clock } from '../clock.js';
import { deferred } from '../deferred.js';
import { TalkError } from '../errors.js';
import { BODY_QUIET_MS, CLOSE_GRACE_MS, EXCHANGE_TIMEOUT_MS } from '../limits.js';
import { logger } from '../logger.js';
import { headerValue, headerValues } from '../rtsp/headers.js';
import type { InterleavedFrame, RtspMessage, RtspRequest, RtspResponse } from '../rtsp/message.js';
import { RtspParser } from '../rtsp/parser.js';
import { serializeRequest } from '../rtsp/serialize.js';
import type { Wire } from '../wire.js';

const log = logger('rtsp');

/** Read of one camera in a turn of the event loop, bytes; the packets of other cameras go out between. The worst that may stand in them takes about 2 ms. */
const READ_SLICE_BYTES = 8_192;
/** How long another answer is waited for after what may be a copy of an old one, ms; answers take under 100 ms in a house. */
const COPY_GRACE_MS = 1_000;

export interface ConnectionOptions {
  /** `host:port`, for errors. */
  readonly camera: string;
  readonly clock: Clock;
  /** The camera's own interleaved frames; without it they are read and dropped, which keeps its writer from blocking. */
  readonly onFrame?: ((frame: InterleavedFrame) => void) | undefined;
  /** Is told what goes over the connection. */
  readonly wire?: Wire | undefined;
}

export class RtspConnection {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #camera: string;
  readonly #onFrame: (frame: InterleavedFrame) => void;
  readonly #wire: Wire | undefined;
  readonly #parser = new RtspParser();
  readonly #ended = new AbortController();
  readonly #socketClosed: Promise<void>;
  #answer: ((response: RtspResponse) => void) | undefined;
  /** Ends the wait for more of a body whose length nobody told. */
  #quiet: AbortController | undefined;
  /** Number of the request that waits for its answer. */
  #asked: string | undefined;
  /** The latest 401. */
  #challenge: RtspResponse | undefined;
  /** What looks like a copy of it; the answer, if no other comes. */
  #doubtful: RtspResponse | undefined;
  #state: 'live' | 'closing' | 'closed' = 'live';

  /** Takes over a connected socket. */
  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#clock = options.clock;
    this.#camera = options.camera;
    this.#onFrame = options.onFrame ?? (() => undefined);
    this.#wire = options.wire;
    this.#wire?.open();
    this.#socketClosed = socket.closed
      ? Promise.resolve()
      : new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => {
      this.#wire?.received(chunk);
      this.#receive(chunk);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => this.#lost(error.code));
    socket.on('end', () => this.#lost(undefined));
    socket.on('close', () => this.#lost(undefined));
    // It was reset in the same turn of the event loop in which it connected, so no event will come.
    if (socket.destroyed) this.#lost('ECONNRESET');
  }

  /** Aborts when the connection is over; its reason is the error, TALK_ERR_ABORTED when it was our own doing. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Tells which channels were agreed on; see RtspParser. */
  expectRtp(channels: readonly number[]): void {
    this.#parser.expectRtp(channels);
  }

  /** The socket, for those who watch its queues. */
  get socket(): Pick<Socket, 'bytesWritten' | 'writableLength' | 'localPort' | 'remotePort' | 'remoteAddress'> {
    return this.#socket;
  }

  /** Throws what ended the connection. */
  write(bytes: Uint8Array): void {
    this.#ended.signal.throwIfAborted();
    this.#wire?.sent(bytes);
    this.#socket.write(bytes);
  }

  /**
   * Sends a request and waits for the next response.
   * Rejects with TALK_ERR_TIMEOUT that names the step, with TALK_ERR_PROTOCOL when all that came in that time was noise, with what ended the connection, or with the signal's reason.
   * @param step what the request is to the user, such as "the log-in"
   */
  async exchange(request: RtspRequest, step: string, signal?: AbortSignal): Promise<RtspResponse> {
    this.#ended.signal.throwIfAborted();
    const { promise, resolve, reject } = deferred<RtspResponse>();
    this.#answer = resolve;
    const { noiseBytes } = this.#parser;
    this.#asked = headerValue(request.headers, 'CSeq');
    const ignore = onAbort(this.#ended.signal, () => reject(this.#ended.signal.reason as Error));
    try {
      log('%s > %s', this.#camera, request.method);
      this.write(serializeRequest(request));
      return await withDeadline(
        this.#clock,
        promise,
        EXCHANGE_TIMEOUT_MS,
        () => this.#unanswered(step, noiseBytes),
        signal,
      );
    } finally {
      this.#answer = undefined;
      ignore();
    }
  }

  /** Sends our FIN, goes on reading so that it does not become a reset, and is gone after CLOSE_GRACE_MS at the latest. */
  async close(): Promise<void> {
    if (this.#state === 'live') {
      this.#state = 'closing';
      this.#wire?.over('us');
      this.#quiet?.abort();
      this.#socket.end();
      this.#ended.abort(new TalkError('TALK_ERR_ABORTED', 'The connection was closed', { camera: this.#camera }));
    }
    await withDeadline(this.#clock, this.#socketClosed, CLOSE_GRACE_MS, () => this.#dropped(undefined)).catch(
      () => undefined,
    );
    this.destroy();
    await this.#socketClosed;
  }

  /** Ends now. */
  destroy(): void {
    this.fail(new TalkError('TALK_ERR_ABORTED', 'The connection was ended', { camera: this.#camera }));
  }

  /** Ends now, for this reason; the first reason counts. */
  fail(error: TalkError): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#wire?.over('us', error.code);
    this.#quiet?.abort();
    this.#socket.destroy();
    if (this.#doubtful !== undefined) this.#give(this.#doubtful);
    if (this.#ended.signal.aborted) return;
    log('%s over: %s', this.#camera, error.message);
    this.#ended.abort(error);
  }

  #receive(chunk: Buffer): void {
    this.#read(chunk.subarray(0, READ_SLICE_BYTES));
    if (chunk.length > READ_SLICE_BYTES) {
      this.#socket.pause();
      setImmediate(() => this.#receive(chunk.subarray(READ_SLICE_BYTES)));
    } else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #read(chunk: Buffer): void {
    this.#quiet?.abort();
    this.#handOut(() => this.#parser.push(chunk));
    if (this.#parser.waitsForEnd && this.#state === 'live') void this.#endBodyWhenQuiet();
  }

  async #endBodyWhenQuiet(): Promise<void> {
    const quiet = (this.#quiet = new AbortController());
    await this.#clock.wait(BODY_QUIET_MS, quiet.signal).catch(() => undefined);
    if (!quiet.signal.aborted) this.#handOut(() => this.#parser.endBody());
  }

  #handOut(parse: () => RtspMessage[]): void {
    if (this.#state !== 'live') return;
    try {
      for (const message of parse()) {
        if (message.kind === 'interleaved') this.#onFrame(message);
        else if (message.kind === 'response') this.#take(message);
        // Requests from the camera are notifications; none is known that wants an answer.
      }
    } catch (error) {
      const what = error instanceof Error ? error.message : 'unreadable';
      this.fail(this.#garbage(what));
    }
  }

  #take(response: RtspResponse): void {
    log('%s < %d', this.#camera, response.status);
    if (!this.#looksCopied(response)) {
      this.#give(response);
      return;
    }
    this.#doubtful = response;
    const given = (): void => {
      if (this.#doubtful === response) this.#give(response);
    };
    this.#clock.wait(COPY_GRACE_MS, this.#ended.signal).then(given, () => undefined);
  }

  /** A challenge that comes once more under the number of an old request may be a copy, and taken for the answer it would be a refused password. */
  #looksCopied({ status, headers }: RtspResponse): boolean {
    const number = headerValue(headers, 'CSeq');
    if (status !== 401 || this.#answer === undefined || number === this.#asked || this.#challenge === undefined)
      return false;
    const [before, now] = [this.#challenge.headers, headers];
    return ['CSeq', 'WWW-Authenticate'].every(
      (name) => String(headerValues(before, name)) === String(headerValues(now, name)),
    );
  }

  #give(response: RtspResponse): void {
    this.#doubtful = undefined;
    if (response.status === 401) this.#challenge = response;
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(response);
  }

  /** The end of the connection is the end of a body, too. */
  #lost(errno: string | undefined): void {
    this.#wire?.over('camera', errno);
    this.#handOut(() => this.#parser.endBody());
    this.fail(this.#dropped(errno));
  }

  #dropped(errno: string | undefined): TalkError {
    return new TalkError(
      'TALK_ERR_CLOSED',
      `The camera at ${this.#camera} dropped the connection${errno === undefined ? '' : ` (${errno})`}`,
      { camera: this.#camera, ...(errno === undefined ? {} : { cause: { code: errno } }) },
    );
  }

  #garbage(what: string): TalkError {
    return new TalkError('TALK_ERR_PROTOCOL', `The camera at ${this.#camera} answers garbage: ${what}`, {
      camera: this.#camera,
    });
  }

  #unanswered(step: string, noiseBefore: number): TalkError {
    const noise = this.#parser.noiseBytes - noiseBefore;
    if (noise > 0) return this.#garbage(`${noise} bytes that are no RTSP instead of the answer to ${step}`);
    return new TalkError(
      'TALK_ERR_TIMEOUT',
      `The camera at ${this.#camera} did not answer ${step} within ${EXCHANGE_TIMEOUT_MS / 1_000} s`,
      { camera: this.#camera },
    );
  }
}
