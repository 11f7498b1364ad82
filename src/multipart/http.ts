// The HTTP responses that come before the parts: bytes in any pieces to heads and short bodies, within limits. What they mean for a talk is told elsewhere.
import { TalkError, toTalkError } from '../errors.js';
import { MAX_BODY_BYTES, MAX_HEAD_BYTES } from '../limits.js';
import type { HeaderList } from '../rtsp/message.js';
import { Body } from './body.js';
import { Head } from './head.js';
import { announcedBytes } from './part.js';

export interface HttpResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
  /** Empty with status 200: what follows are parts, whatever its `Content-Length` says (PROTOCOL.md M3). */
  readonly body: Buffer;
  /** What came behind it in the same chunk: parts after 200, otherwise the next response. Shares memory with the chunk. */
  readonly rest: Buffer;
}

type ResponseHead = Omit<HttpResponse, 'body' | 'rest'>;

interface Begun {
  readonly head: ResponseHead;
  readonly body: Body;
}

const LF = 0x0a;
const CR = 0x0d;
const PROTOCOL = Buffer.from('HTTP', 'latin1');
const EMPTY = Buffer.alloc(0);

/**
 * The responses of one connection, HTTP/1.0 or 1.1, one after the other; interim ones (1xx) are passed over.
 * Throws TALK_ERR_PROTOCOL when the peer breaks a limit or speaks something else, and the same error ever after.
 */
export class HttpResponseParser {
  readonly #head = new Head();
  #response: Begun | undefined;
  #blanks = 0;
  #error: TalkError | undefined;

  /** Bytes held of a response that is not whole yet. */
  get bufferedBytes(): number {
    return this.#head.length + (this.#response?.body.length ?? 0);
  }

  /** Takes the next bytes. Returns the response that is whole with them; what is behind it has not been looked at, and is its `rest`. */
  push(chunk: Buffer): HttpResponse | undefined {
    if (this.#error !== undefined) throw this.#error;
    try {
      return this.#read(chunk);
    } catch (error) {
      this.#error = toTalkError(error, 'TALK_ERR_PROTOCOL', 'The peer sent what cannot be read');
      this.#reset();
      throw this.#error;
    }
  }

  /** Nothing more comes: the response whose head is whole, with what there is of its body. */
  end(): HttpResponse | undefined {
    return this.#response === undefined ? undefined : this.#finish(this.#response.head, this.#response.body, EMPTY);
  }

  #read(chunk: Buffer): HttpResponse | undefined {
    let at = 0;
    while (this.#response === undefined) {
      const byte = chunk[at++];
      if (byte === undefined) return undefined;
      this.#response = this.#addToHead(byte);
    }
    const { head, body } = this.#response;
    at = body.add(chunk, at);
    return body.isWhole ? this.#finish(head, body, chunk.subarray(at)) : undefined;
  }

  #addToHead(byte: number): Begun | undefined {
    const place = this.#head.length;
    if (place === 0 && (byte === CR || byte === LF)) {
      this.#blanks++;
      if (this.#blanks > MAX_HEAD_BYTES) throw tooLong();
      return undefined;
    }
    if (place < PROTOCOL.length && byte !== PROTOCOL[place]) throw notHttp();
    const state = this.#head.add(byte);
    if (state === 'too long') throw tooLong();
    if (state === 'open') return undefined;
    const head = this.#readHead();
    if (head.status >= 200) return { head, body: new Body(bodyBytes(head)) };
    this.#reset();
    return undefined;
  }

  #readHead(): ResponseHead {
    const { firstLine, headers } = this.#head.read();
    // A body that nobody announced may stand before it in the line: `HTTP ERROR 401HTTP/1.0 200 OK` (PROTOCOL.md M2).
    const [, status, reason = ''] = /HTTP\/1\.\d +([1-9]\d\d)(?: (.*))?$/.exec(firstLine) ?? [];
    if (status === undefined) throw notHttp();
    return { status: Number(status), reason, headers };
  }

  #finish(head: ResponseHead, body: Body, rest: Buffer): HttpResponse {
    this.#reset();
    return { ...head, body: body.contents, rest };
  }

  #reset(): void {
    this.#head.clear();
    this.#response = undefined;
    this.#blanks = 0;
  }
}

function bodyBytes({ status, headers }: ResponseHead): number {
  if (status === 200 || status === 204 || status === 304) return 0;
  const bytes = announcedBytes(headers) ?? 0;
  if (bytes <= MAX_BODY_BYTES) return bytes;
  throw new TalkError('TALK_ERR_PROTOCOL', `The peer announced a body of more than ${MAX_BODY_BYTES} bytes`);
}

function tooLong(): TalkError {
  return new TalkError('TALK_ERR_PROTOCOL', `The peer sent a head of more than ${MAX_HEAD_BYTES} bytes`);
}

function notHttp(): TalkError {
  return new TalkError('TALK_ERR_PROTOCOL', 'The peer does not speak HTTP: check the stream port');
}
