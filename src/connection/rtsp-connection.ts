// One socket that speaks RTSP: requests out and responses in, one at a time, with the reader on from birth to death. What is said is not known here.
import type { Socket } from 'node:net';
import { onAbort } from '../abort.js';
import { withDeadline, type Clock } from '../clock.js';
import { deferred } from '../deferred.js';
import { TalkError } from '../errors.js';
import { BODY_QUIET_MS, EXCHANGE_TIMEOUT_MS } from '../limits.js';
import { logger } from '../logger.js';
import { headerValue, headerValues } from '../rtsp/headers.js';
import type { InterleavedFrame, RtspMessage, RtspRequest, RtspResponse } from '../rtsp/message.js';
import { RtspParser } from '../rtsp/parser.js';
import { serializeRequest } from '../rtsp/serialize.js';
import type { Wire } from '../wire.js';
import { CameraSocket } from './camera-socket.js';

const log = logger('rtsp');

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
  readonly #socket: CameraSocket;
  readonly #clock: Clock;
  readonly #camera: string;
  readonly #onFrame: (frame: InterleavedFrame) => void;
  readonly #parser = new RtspParser();
  #answer: ((response: RtspResponse) => void) | undefined;
  /** Ends the wait for more of a body whose length nobody told. */
  #quiet: AbortController | undefined;
  /** Number of the request that waits for its answer. */
  #asked: string | undefined;
  /** The latest 401. */
  #challenge: RtspResponse | undefined;
  /** What looks like a copy of it; the answer, if no other comes. */
  #doubtful: RtspResponse | undefined;

  /** Takes over a connected socket. */
  constructor(socket: Socket, { onFrame = () => undefined, ...options }: ConnectionOptions) {
    this.#clock = options.clock;
    this.#camera = options.camera;
    this.#onFrame = onFrame;
    this.#socket = new CameraSocket(socket, {
      ...options,
      onBytes: (bytes) => this.#read(bytes),
      // The end of the connection is the end of a body, too.
      onLost: () => this.#handOut(this.#parser.endBody()),
      onOver: () => this.#giveUp(),
    });
  }

  /** See CameraSocket. */
  get ended(): AbortSignal {
    return this.#socket.ended;
  }

  /** Tells which channels were agreed on; see RtspParser. */
  expectRtp(channels: readonly number[]): void {
    this.#parser.expectRtp(channels);
  }

  get socket(): CameraSocket['socket'] {
    return this.#socket.socket;
  }

  /** Throws what ended the connection. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /**
   * Sends a request and waits for the next response.
   * Rejects with TALK_ERR_TIMEOUT that names the step, with TALK_ERR_PROTOCOL when all that came in that time was noise, with what ended the connection, or with the signal's reason.
   * @param step what the request is to the user, such as "the log-in"
   */
  async exchange(request: RtspRequest, step: string, signal?: AbortSignal): Promise<RtspResponse> {
    this.#socket.ended.throwIfAborted();
    const { promise, resolve, reject } = deferred<RtspResponse>();
    this.#answer = resolve;
    const { noiseBytes } = this.#parser;
    this.#asked = headerValue(request.headers, 'CSeq');
    const ignore = onAbort(this.#socket.ended, () => reject(this.#socket.ended.reason as Error));
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

  /** See CameraSocket. */
  close(): Promise<void> {
    return this.#socket.close();
  }

  /** Ends now. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends now, for this reason; the first reason counts. */
  fail(error: TalkError): void {
    this.#socket.fail(error);
  }

  #read(bytes: Buffer): void {
    this.#quiet?.abort();
    this.#handOut(this.#parser.push(bytes));
    if (this.#parser.waitsForEnd && this.#socket.live) void this.#endBodyWhenQuiet();
  }

  async #endBodyWhenQuiet(): Promise<void> {
    const quiet = (this.#quiet = new AbortController());
    await this.#clock.wait(BODY_QUIET_MS, quiet.signal).catch(() => undefined);
    if (!quiet.signal.aborted) this.#socket.guarded(() => this.#handOut(this.#parser.endBody()));
  }

  #giveUp(): void {
    this.#quiet?.abort();
    if (this.#doubtful !== undefined) this.#give(this.#doubtful);
  }

  #handOut(messages: readonly RtspMessage[]): void {
    for (const message of messages) {
      if (message.kind === 'interleaved') this.#onFrame(message);
      else if (message.kind === 'response') this.#take(message);
      // Requests from the camera are notifications; none is known that wants an answer.
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
    this.#clock.wait(COPY_GRACE_MS, this.#socket.ended).then(given, () => undefined);
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

  #unanswered(step: string, noiseBefore: number): TalkError {
    const noise = this.#parser.noiseBytes - noiseBefore;
    if (noise > 0) return this.#socket.garbage(`${noise} bytes that are no RTSP instead of the answer to ${step}`);
    return new TalkError(
      'TALK_ERR_TIMEOUT',
      `The camera at ${this.#camera} did not answer ${step} within ${EXCHANGE_TIMEOUT_MS / 1_000} s`,
      { camera: this.#camera },
    );
  }
}
