// The camera's parts: bytes in any pieces to parts, within limits. Lenient: what cannot be understood is passed over, for a talk wants none of it.
import { TalkError, toTalkError } from '../errors.js';
import { MAX_BETWEEN_PARTS_BYTES, MAX_PART_BYTES, MAX_PASSED_PART_BYTES } from '../limits.js';
import { Body } from './body.js';
import { Delimiter } from './delimiter.js';
import { Head } from './head.js';
import { announcedBytes, DEVICE_BOUNDARY, type Part } from './part.js';

/** What a peer may cost, bytes. */
export interface MultipartLimits {
  /** A larger body is passed over without being held. */
  readonly maxPartBytes: number;
  /** A larger body ends the connection. */
  readonly maxPassedPartBytes: number;
  /** Bytes in a row that are in no body: heads, delimiters, junk. */
  readonly maxBetweenBytes: number;
}

const DEFAULT_LIMITS: MultipartLimits = {
  maxPartBytes: MAX_PART_BYTES,
  maxPassedPartBytes: MAX_PASSED_PART_BYTES,
  maxBetweenBytes: MAX_BETWEEN_PARTS_BYTES,
};

/** So much of what came instead of a part is kept to find a status line in, bytes. */
const MAX_STRAY_BYTES = 256;

/** Where the parser stands. */
type Phase =
  | { readonly at: 'between' }
  | { readonly at: 'head' }
  | { readonly at: 'body'; readonly headers: Part['headers']; readonly body: Body }
  | { readonly at: 'passing'; left: number };

const BETWEEN: Phase = { at: 'between' };
const HEAD: Phase = { at: 'head' };

/**
 * The parts of one byte stream. `Content-Length` alone frames a body; a part without one is passed over up to the next delimiter (PROTOCOL.md M5, M8).
 * Throws TALK_ERR_PROTOCOL when the peer breaks a limit, and the same error ever after.
 */
export class MultipartParser {
  readonly #limits: MultipartLimits;
  readonly #delimiter: Delimiter;
  readonly #head = new Head();
  #phase: Phase = BETWEEN;
  /** Bytes since the last body. */
  #between = 0;
  #stray = '';
  #error: TalkError | undefined;

  /** @param boundary of the response, without the two hyphens before it; see `boundaryOf` */
  constructor(boundary: string = DEVICE_BOUNDARY, limits: Partial<MultipartLimits> = {}) {
    this.#delimiter = new Delimiter(`--${boundary}`);
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Bytes held of a part that is not whole yet. */
  get bufferedBytes(): number {
    const { at } = this.#phase;
    if (at === 'head') return this.#head.length;
    return at === 'body' ? this.#phase.body.length : 0;
  }

  /** The status of an HTTP response that came where a part was due: a camera's answer to a part it does not understand (PROTOCOL.md M10). */
  get strayStatus(): number | undefined {
    const status = /HTTP\/1\.\d (\d{3})/.exec(this.#stray)?.[1];
    return status === undefined ? undefined : Number(status);
  }

  /** Takes the next bytes of the stream, returns the parts that are whole with them. Nothing returned shares memory with `chunk`. */
  push(chunk: Buffer): Part[] {
    if (this.#error !== undefined) throw this.#error;
    const parts: Part[] = [];
    try {
      for (let at = 0; at < chunk.length;) at = this.#take(chunk, at, parts);
    } catch (error) {
      this.#error = toTalkError(error, 'TALK_ERR_PROTOCOL', 'The peer sent what cannot be read');
      this.#phase = BETWEEN;
      throw this.#error;
    }
    return parts;
  }

  /** Returns where the rest of the chunk begins. */
  #take(chunk: Buffer, at: number, parts: Part[]): number {
    const phase = this.#phase;
    if (phase.at === 'between') return this.#seek(chunk, at);
    if (phase.at === 'head') return this.#readHead(chunk, at, parts);
    if (phase.at === 'body') {
      const end = phase.body.add(chunk, at);
      if (phase.body.isWhole) this.#finish(parts, { headers: phase.headers, body: phase.body.contents });
      return end;
    }
    const passed = Math.min(phase.left, chunk.length - at);
    phase.left -= passed;
    if (phase.left === 0) this.#finish(parts);
    return at + passed;
  }

  #seek(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && this.#phase.at === 'between') {
      if (this.#delimiter.endsWith(chunk[at++] ?? 0)) this.#beginHead();
    }
    const room = MAX_STRAY_BYTES - this.#stray.length;
    if (room > 0) this.#stray += chunk.toString('latin1', from, Math.min(at, from + room));
    this.#count(at - from);
    return at;
  }

  #readHead(chunk: Buffer, from: number, parts: Part[]): number {
    for (let at = from; at < chunk.length; at++) {
      this.#count(1);
      const byte = chunk[at] ?? 0;
      const state = this.#head.add(byte);
      // The head before it broke off, and with it its part (PROTOCOL.md M9).
      if (this.#delimiter.endsWith(byte)) this.#beginHead();
      else if (state === 'too long') this.#phase = BETWEEN;
      else if (state === 'whole') this.#beginBody(parts);
      if (this.#phase.at !== 'head') return at + 1;
    }
    return chunk.length;
  }

  #beginHead(): void {
    this.#head.clear();
    this.#phase = HEAD;
  }

  #beginBody(parts: Part[]): void {
    const { headers } = this.#head.read();
    const bytes = announcedBytes(headers);
    const { maxPartBytes, maxPassedPartBytes } = this.#limits;
    if (bytes === undefined) this.#phase = BETWEEN;
    else if (bytes > maxPassedPartBytes) {
      throw new TalkError('TALK_ERR_PROTOCOL', `The peer announced a part of more than ${maxPassedPartBytes} bytes`);
    } else if (bytes > maxPartBytes) this.#phase = { at: 'passing', left: bytes };
    else if (bytes > 0) this.#phase = { at: 'body', headers, body: new Body(bytes) };
    else this.#finish(parts, { headers, body: Buffer.alloc(0) });
  }

  #finish(parts: Part[], part?: Part): void {
    if (part !== undefined) parts.push(part);
    this.#phase = BETWEEN;
    this.#between = 0;
    this.#stray = '';
  }

  #count(bytes: number): void {
    this.#between += bytes;
    const { maxBetweenBytes } = this.#limits;
    if (this.#between > maxBetweenBytes) {
      throw new TalkError('TALK_ERR_PROTOCOL', `The peer sent more than ${maxBetweenBytes} bytes that are in no part`);
    }
  }
}
