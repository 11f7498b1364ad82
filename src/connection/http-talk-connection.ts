// One socket that speaks TP-Link's HTTP talk: responses first, then parts both ways, with the reader on from birth to death. What is said is not known here.
import type { Socket } from 'node:net';
import { onAbort } from '../abort.js';
import { withDeadline, type Clock } from '../clock.js';
import { deferred } from '../deferred.js';
import { TalkError } from '../errors.js';
import { EXCHANGE_TIMEOUT_MS, STOP_ANSWER_MS } from '../limits.js';
import { HttpResponseParser, type HttpResponse } from '../multipart/http.js';
import { MultipartParser } from '../multipart/parser.js';
import { boundaryOf, type Part } from '../multipart/part.js';
import type { Wire } from '../wire.js';
import { CameraSocket } from './camera-socket.js';

export interface HttpTalkConnectionOptions {
  /** `host:port`, for errors. */
  readonly camera: string;
  readonly clock: Clock;
  /** Is told what goes over the connection. */
  readonly wire?: Wire | undefined;
  /** Hears every part. What it throws is garbage, and ends the connection. */
  readonly onPart?: ((part: Part) => void) | undefined;
}

/** What may answer: a part, or a status line where parts were due. */
export type Heard = Part | { readonly status: number };

/** What is said at the end, however the connection ends, and what answers it. */
export interface LastWords {
  readonly bytes: Uint8Array;
  readonly isAnswer: (heard: Heard) => boolean;
}

export class HttpTalkConnection {
  readonly #socket: CameraSocket;
  readonly #clock: Clock;
  readonly #camera: string;
  readonly #onPart: (part: Part) => void;
  readonly #responses = new HttpResponseParser();
  /** From the 200 on. */
  #parts: MultipartParser | undefined;
  #onResponse: ((response: HttpResponse) => void) | undefined;
  #onHeard: ((heard: Heard) => void) | undefined;
  #isLast: LastWords['isAnswer'] | undefined;

  /** Takes over a connected socket. */
  constructor(socket: Socket, { onPart = () => undefined, ...options }: HttpTalkConnectionOptions) {
    this.#clock = options.clock;
    this.#camera = options.camera;
    this.#onPart = onPart;
    this.#socket = new CameraSocket(socket, {
      ...options,
      onBytes: (bytes) => this.#read(bytes),
      // A body may be cut short and its head still be an answer.
      onLost: () => this.#answered(this.#responses.end()),
    });
  }

  /** See CameraSocket. */
  get ended(): AbortSignal {
    return this.#socket.ended;
  }

  get socket(): CameraSocket['socket'] {
    return this.#socket.socket;
  }

  /** Throws what ended the connection. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /**
   * Sends a request and waits for its response; behind a 200 come parts.
   * Rejects with TALK_ERR_TIMEOUT that names the step, with what ended the connection, or with the signal's reason.
   */
  request(bytes: Uint8Array, step: string, signal?: AbortSignal): Promise<HttpResponse> {
    const { promise, resolve } = deferred<HttpResponse>();
    this.#onResponse = resolve;
    return this.#exchange(bytes, promise, () => this.#unanswered(step), EXCHANGE_TIMEOUT_MS, signal);
  }

  /** Sends a part and waits until `read` makes something of what is heard. Rejects as `request`, and with what `read` throws. */
  ask<T>(
    bytes: Uint8Array,
    read: (heard: Heard) => T | undefined,
    step: string,
    { signal, ms = EXCHANGE_TIMEOUT_MS }: { readonly signal?: AbortSignal; readonly ms?: number } = {},
  ): Promise<T> {
    const { promise, resolve, reject } = deferred<T>();
    this.#onHeard = (heard) => {
      try {
        const answer = read(heard);
        if (answer !== undefined) resolve(answer);
      } catch (error) {
        reject(error as Error);
      }
    };
    return this.#exchange(bytes, promise, () => this.#unanswered(step), ms, signal);
  }

  /** From now on the connection says this before it ends, whoever ends it, the camera excepted. */
  endsWith({ bytes, isAnswer }: LastWords): void {
    this.#socket.lastWords = bytes;
    this.#isLast = isAnswer;
  }

  /** Says the last words, waits STOP_ANSWER_MS for their answer at most, and closes as CameraSocket does. */
  async close(): Promise<void> {
    const { lastWords, live } = this.#socket;
    const isLast = this.#isLast;
    if (lastWords !== undefined && isLast !== undefined && live) {
      this.#socket.lastWords = undefined;
      const answer = this.ask(lastWords, (heard) => isLast(heard) || undefined, 'the end', { ms: STOP_ANSWER_MS });
      // Without an answer it is closed all the same.
      await answer.catch(() => undefined);
    }
    await this.#socket.close();
  }

  /** Ends now; see `endsWith`. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends now, for this reason; the first reason counts. */
  fail(error: TalkError): void {
    this.#socket.fail(error);
  }

  async #exchange<T>(
    bytes: Uint8Array,
    answer: Promise<T>,
    late: () => TalkError,
    ms: number,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const over = deferred<never>();
    over.promise.catch(() => undefined);
    answer.catch(() => undefined);
    const ignore = onAbort(this.ended, () => over.reject(this.ended.reason as Error));
    try {
      this.write(bytes);
      return await withDeadline(this.#clock, Promise.race([answer, over.promise]), ms, late, signal);
    } finally {
      ignore();
      this.#onResponse = undefined;
      this.#onHeard = undefined;
    }
  }

  #read(bytes: Buffer): void {
    let rest: Buffer | undefined = bytes;
    while (this.#parts === undefined && rest !== undefined && rest.length > 0) {
      const response = this.#responses.push(rest);
      if (response?.status === 200) this.#parts = new MultipartParser(boundaryOf(response.headers));
      this.#answered(response);
      rest = response?.rest;
    }
    if (this.#parts === undefined || rest === undefined) return;
    for (const part of this.#parts.push(rest)) {
      this.#onPart(part);
      this.#onHeard?.(part);
    }
    const status = this.#parts.strayStatus;
    if (status !== undefined) this.#onHeard?.({ status });
  }

  #answered(response: HttpResponse | undefined): void {
    if (response !== undefined) this.#onResponse?.(response);
  }

  #unanswered(step: string): TalkError {
    const why = `The camera at ${this.#camera} did not answer ${step} within ${EXCHANGE_TIMEOUT_MS / 1_000} s`;
    return new TalkError('TALK_ERR_TIMEOUT', why, { camera: this.#camera });
  }
}
