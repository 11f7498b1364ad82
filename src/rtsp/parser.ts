// The growing buffer of one connection: bytes in any pieces to whole RTSP messages and interleaved frames, within limits.
import { TalkError, toTalkError } from '../errors.js';
import {
  MAX_BODY_BYTES,
  MAX_GARBAGE_BYTES,
  MAX_HEAD_BYTES,
  MAX_HEADERS,
  MAX_LINE_BYTES,
  MAX_RTP_FRAME_BYTES,
} from '../limits.js';
import { parseHead, StartLines, type LineMatch, type RtspHead } from './head.js';
import { parseContentLength } from './headers.js';
import type { InterleavedFrame, RtspMessage } from './message.js';
import { hasOpenBody, OpenBody, type Begins } from './open-body.js';

/** What a peer may cost; sizes in bytes, line ends not counted in `maxLineBytes`. */
export interface RtspLimits {
  readonly maxLineBytes: number;
  /** Start line, headers, blank line, all line ends. */
  readonly maxHeadBytes: number;
  /** Header lines, continuation lines included. */
  readonly maxHeaders: number;
  readonly maxBodyBytes: number;
  /** Bytes in a row that belong to no message. */
  readonly maxGarbageBytes: number;
}

const DEFAULT_LIMITS: RtspLimits = {
  maxLineBytes: MAX_LINE_BYTES,
  maxHeadBytes: MAX_HEAD_BYTES,
  maxHeaders: MAX_HEADERS,
  maxBodyBytes: MAX_BODY_BYTES,
  maxGarbageBytes: MAX_GARBAGE_BYTES,
};

const LF = 0x0a;
const CR = 0x0d;
const DOLLAR = 0x24;
const FRAME_HEADER_BYTES = 4;
/** Channels 0 to 7 serve four tracks, more than any camera has. After garbage a `$` must name one, so that text cannot look like a frame. */
const MAX_RESYNC_CHANNEL = 7;
/** Version 2 in the upper bits of the first byte, and the shortest packet (RFC 3550 sections 5.1 and 6.4). */
const RTP_VERSION_BITS = 0xc0;
const RTP_VERSION_2 = 0x80;
const MIN_RTP_BYTES = 8;
/** A chunk is taken in slices of this, which bounds the buffer whatever the caller pushes. */
const SLICE_BYTES = 16_384;

/** Where the parser stands; offsets count from the start of the message. */
type Phase =
  | { readonly at: 'start' }
  | { readonly at: 'head'; lineFrom: number; headerLines: number }
  | { readonly at: 'body'; readonly head: RtspHead; readonly from: number; readonly to: number }
  | { readonly at: 'open body'; readonly head: RtspHead; readonly from: number; readonly body: OpenBody };

const START: Phase = { at: 'start' };
const EMPTY = Buffer.alloc(0);

/**
 * Requests, responses and interleaved frames of one byte stream.
 * Throws TALK_ERR_PROTOCOL when the peer breaks a limit or the syntax, and the same error ever after.
 */
export class RtspParser {
  readonly #limits: RtspLimits;
  readonly #startLines = new StartLines();
  #store = EMPTY;
  /** Where in the stream #store begins. */
  #origin = 0;
  #start = 0;
  #end = 0;
  #phase: Phase = START;
  /** Bytes after #start that need no second look: they hold no line end. */
  #searched = 0;
  #garbageBytes = 0;
  #noiseBytes = 0;
  /** False after garbage: then only what is surely a message counts as one. */
  #inSync = true;
  /** Channels that were agreed on; until then a frame may hold anything. */
  #channels: readonly number[] | undefined;
  #error: TalkError | undefined;

  constructor(limits: Partial<RtspLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Bytes held of a message that is not whole yet. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** Bytes that belonged to no message before channels were agreed on; line ends between messages are none of them. */
  get noiseBytes(): number {
    return this.#noiseBytes;
  }

  /** Whether the body of a response without Content-Length is being read, of which the end has not been seen. */
  get waitsForEnd(): boolean {
    return this.#phase.at === 'open body';
  }

  /** Nothing more comes of that body: returns what there is of its response, and what was held back behind it. */
  endBody(): RtspMessage[] {
    return this.#guarded(() => {
      if (this.#phase.at !== 'open body') return [];
      const { head, from, body } = this.#phase;
      return this.#takeAll([this.#takeMessage(head, from, from + body.scanned)]);
    });
  }

  /** From now on only RTP and RTCP counts as a frame, after garbage only on these channels: what else looks like one would swallow seconds of sound. */
  expectRtp(channels: readonly number[]): void {
    this.#channels = channels;
  }

  /** Takes the next bytes of the stream, returns what they complete. Nothing returned shares memory with `chunk` or the parser. */
  push(chunk: Buffer): RtspMessage[] {
    return this.#guarded(() => {
      const messages: RtspMessage[] = [];
      for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
        this.#append(chunk.subarray(at, at + SLICE_BYTES));
        this.#takeAll(messages);
      }
      return messages;
    });
  }

  #takeAll(messages: RtspMessage[]): RtspMessage[] {
    for (let message = this.#next(); message !== undefined; message = this.#next()) messages.push(message);
    return messages;
  }

  #guarded<T>(parse: () => T): T {
    if (this.#error !== undefined) throw this.#error;
    try {
      return parse();
    } catch (error) {
      this.#error = toTalkError(error, 'TALK_ERR_PROTOCOL', 'The peer sent what cannot be read');
      this.#store = EMPTY;
      this.#start = this.#end = 0;
      throw this.#error;
    }
  }

  #append(bytes: Buffer): void {
    const held = this.bufferedBytes;
    const needed = held + bytes.length;
    if (this.#end + bytes.length > this.#store.length) {
      // Half empty: compact in place. Otherwise double. Either way each byte moves a bounded number of times.
      const roomy = needed * 2 <= this.#store.length;
      const target = roomy ? this.#store : Buffer.allocUnsafeSlow(Math.max(1024, needed * 2));
      this.#store.copy(target, 0, this.#start, this.#end);
      this.#store = target;
      this.#origin += this.#start;
      this.#start = 0;
      this.#end = held;
    }
    this.#store.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #consume(bytes: number): void {
    this.#start += bytes;
    this.#searched = 0;
    if (this.#start < this.#end) return;
    this.#origin += this.#start;
    this.#start = this.#end = 0;
    if (this.#store.length > 2 * SLICE_BYTES) this.#store = EMPTY;
  }

  #next(): RtspMessage | undefined {
    if (this.#phase.at === 'start' && this.#seekStart()) {
      if (this.#store[this.#start] === DOLLAR) return this.#takeFrame();
      this.#phase = { at: 'head', lineFrom: 0, headerLines: -1 };
      this.#inSync = true;
    }
    if (this.#phase.at === 'head') this.#readHead(this.#phase);
    if (this.#phase.at === 'open body') return this.#takeOpenBody(this.#phase);
    if (this.#phase.at !== 'body' || this.bufferedBytes < this.#phase.to) return undefined;
    return this.#takeMessage(this.#phase.head, this.#phase.from, this.#phase.to);
  }

  /** Whether the `$` at this place of #store begins a frame. */
  #looksLikeFrame(at: number): Begins {
    const there = this.#end - at;
    if (there < 2) return 'open';
    const channel = this.#store.readUInt8(at + 1);
    if (this.#channels === undefined) return channel <= MAX_RESYNC_CHANNEL ? 'yes' : 'no';
    if (!this.#channels.includes(channel) && !(this.#inSync && channel <= MAX_RESYNC_CHANNEL)) return 'no';
    if (there <= FRAME_HEADER_BYTES) return 'open';
    const bytes = this.#store.readUInt16BE(at + 2);
    const version = this.#store.readUInt8(at + FRAME_HEADER_BYTES) & RTP_VERSION_BITS;
    return version === RTP_VERSION_2 && bytes >= MIN_RTP_BYTES && bytes <= MAX_RTP_FRAME_BYTES ? 'yes' : 'no';
  }

  /** Skips garbage. True when a frame or a whole start line stands at #start. */
  #seekStart(): boolean {
    while (this.#start < this.#end) {
      const byte = this.#store[this.#start];
      if (byte === DOLLAR) {
        const believed = this.#channels === undefined && this.#inSync;
        const frame = believed ? 'yes' : this.#looksLikeFrame(this.#start);
        if (frame !== 'no') return frame === 'yes';
        this.#inSync = false;
      } else if (byte !== CR && byte !== LF) {
        // The longest line and its CR LF: what comes after cannot change the verdict.
        const most = this.#limits.maxLineBytes + 2;
        const to = Math.min(this.#end, this.#start + most);
        const match = this.#startLines.match(this.#store, this.#start, to, this.#origin);
        if (match === 'whole') return true;
        if (match === 'partial' && this.bufferedBytes < most) return false;
        if (this.#inSync) this.#refuseStart(match);
        this.#inSync = false;
      }
      if (this.#channels === undefined && byte !== CR && byte !== LF) this.#noiseBytes += 1;
      this.#skip();
    }
    return false;
  }

  /** Throws when what stands at #start is no garbage to skip, but a message that went wrong. */
  #refuseStart(match: LineMatch): void {
    if (match !== 'no') throw protocolError(`The peer sent a line of more than ${this.#limits.maxLineBytes} bytes`);
    const protocol = this.#store.toString('latin1', this.#start, Math.min(this.#end, this.#start + 5));
    if (protocol === 'RTSP/') throw protocolError('The peer sent a status line that makes no sense');
    if (protocol === 'HTTP/') throw protocolError('The peer speaks HTTP, not RTSP: check the RTSP port');
  }

  #skip(): void {
    this.#consume(1);
    this.#garbageBytes += 1;
    if (this.#garbageBytes > this.#limits.maxGarbageBytes) {
      throw protocolError(`The peer sent more than ${this.#limits.maxGarbageBytes} bytes that are no RTSP`);
    }
  }

  #takeFrame(): InterleavedFrame | undefined {
    if (this.bufferedBytes < FRAME_HEADER_BYTES) return undefined;
    const from = this.#start + FRAME_HEADER_BYTES;
    const to = from + this.#store.readUInt16BE(this.#start + 2);
    if (to > this.#end) return undefined;
    const channel = this.#store.readUInt8(this.#start + 1);
    const payload = Buffer.from(this.#store.subarray(from, to));
    this.#finish(to - this.#start);
    return { kind: 'interleaved', channel, payload };
  }

  #readHead(phase: Extract<Phase, { at: 'head' }>): void {
    const { maxLineBytes, maxHeadBytes, maxHeaders, maxBodyBytes } = this.#limits;
    for (;;) {
      const lineStart = this.#start + phase.lineFrom;
      const found = this.#store.subarray(0, this.#end).indexOf(LF, Math.max(lineStart, this.#start + this.#searched));
      const lineEnd = found === -1 ? this.#end : found;
      const hasCr = lineEnd > lineStart && this.#store[lineEnd - 1] === CR;
      const lineBytes = lineEnd - lineStart - (hasCr ? 1 : 0);
      if (lineBytes > maxLineBytes) throw protocolError(`The peer sent a line of more than ${maxLineBytes} bytes`);
      const headBytes = lineEnd - this.#start + (found === -1 ? 0 : 1);
      if (headBytes > maxHeadBytes) throw protocolError(`The peer sent a head of more than ${maxHeadBytes} bytes`);
      this.#searched = headBytes;
      if (found === -1) return;
      if (lineBytes === 0) {
        const head = parseHead(this.#store.subarray(this.#start, lineEnd + 1));
        const to = headBytes + parseContentLength(head.headers, maxBodyBytes);
        this.#phase = hasOpenBody(head)
          ? { at: 'open body', head, from: headBytes, body: new OpenBody() }
          : { at: 'body', head, from: headBytes, to };
        return;
      }
      phase.lineFrom = headBytes;
      phase.headerLines += 1;
      if (phase.headerLines > maxHeaders) throw protocolError(`The peer sent more than ${maxHeaders} headers`);
    }
  }

  #takeOpenBody({ head, from, body }: Extract<Phase, { at: 'open body' }>): RtspMessage | undefined {
    const bodyAt = this.#start + from;
    const frameAt = (place: number): Begins => this.#looksLikeFrame(bodyAt + place);
    const isOver = body.isOver(this.#store.subarray(bodyAt, this.#end), frameAt);
    const { maxBodyBytes } = this.#limits;
    if (body.scanned > maxBodyBytes) throw protocolError(`The peer sent a body of more than ${maxBodyBytes} bytes`);
    return isOver ? this.#takeMessage(head, from, from + body.scanned) : undefined;
  }

  #takeMessage(head: RtspHead, from: number, to: number): RtspMessage {
    const body = Buffer.from(this.#store.subarray(this.#start + from, this.#start + to));
    this.#finish(to);
    return { ...head, body };
  }

  #finish(bytes: number): void {
    this.#consume(bytes);
    this.#phase = START;
    this.#inSync = true;
    this.#garbageBytes = 0;
  }
}

function protocolError(message: string): TalkError {
  return new TalkError('TALK_ERR_PROTOCOL', message);
}
