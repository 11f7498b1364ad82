// Reads the parts that a client sends, as strictly as the strictest camera: a part, or what ends the camera's patience. Knows no JSON and no sound.
import type { HeaderList } from '../../rtsp/message.js';
import { headerValue } from '../../rtsp/headers.js';
import { MAX_TALK_HEAD_BYTES, MAX_TALK_PART_BYTES } from '../limits.js';
import { parseFields, parseLength } from './head.js';

export interface Part {
  readonly headers: HeaderList;
  readonly body: Buffer;
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
}

/** What a piece of the connection held. */
export interface Read {
  readonly parts: readonly Part[];
  /** Why nothing more will be understood (PROTOCOL.md M10). */
  readonly lost?: string;
}

const CR = 0x0d;
const LF = 0x0a;
const HEAD_END = '\r\n\r\n';
/** CR LF behind a body: one is usual, none and two play as well (PROTOCOL.md M6). */
const MOST_LINE_ENDS = 2;

class Lost extends Error {}

interface Head {
  readonly headers: HeaderList;
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
  readonly length: number;
}

/** One connection's parts. After it is lost it reads nothing. */
export class PartReader {
  readonly #delimiter: Buffer;
  #bytes: Buffer = Buffer.alloc(0);
  #head: Head | undefined;
  #inHead = false;
  #count = 0;
  #lost = false;
  #lineEnds = 0;

  /** @param boundary the value of the request's `Content-Type`; the delimiter is `--` and that, its own hyphens included */
  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`--${boundary}`, 'latin1');
  }

  push(chunk: Buffer): Read {
    if (this.#lost) return { parts: [] };
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const parts: Part[] = [];
    try {
      for (let part = this.#next(); part !== undefined; part = this.#next()) parts.push(part);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      this.#lost = true;
      this.#bytes = Buffer.alloc(0);
      return { parts, lost: error.message };
    }
    return { parts };
  }

  /** Whether a part is not whole. */
  get isInside(): boolean {
    return this.#inHead && !this.#lost;
  }

  #next(): Part | undefined {
    this.#inHead ||= this.#readDelimiter();
    if (!this.#inHead) return undefined;
    this.#head ??= this.#readHead();
    const head = this.#head;
    if (head === undefined || this.#bytes.length < head.length) return undefined;
    const body = this.#bytes.subarray(0, head.length);
    this.#bytes = this.#bytes.subarray(head.length);
    this.#head = undefined;
    this.#inHead = false;
    this.#count += 1;
    const { headers, violations, warnings } = head;
    return { headers, body, violations, warnings };
  }

  /** Takes line ends and the delimiter from the front; false while they are not whole. */
  #readDelimiter(): boolean {
    const bytes = this.#bytes;
    let at = 0;
    while (bytes[at] === CR) {
      if (at + 1 === bytes.length) return false;
      if (bytes[at + 1] !== LF) throw new Lost('junk between two parts');
      at += 2;
    }
    const lineEnds = at / 2;
    if (lineEnds > (this.#count === 0 ? 0 : MOST_LINE_ENDS)) throw new Lost('junk between two parts');
    const found = bytes.subarray(at, at + this.#delimiter.length);
    if (!this.#delimiter.subarray(0, found.length).equals(found)) {
      throw new Lost(bytes[at] === 0x2d ? 'wrong delimiter' : 'junk between two parts');
    }
    const after = bytes.toString('latin1', at + this.#delimiter.length, at + this.#delimiter.length + 2);
    if (after.startsWith('-')) throw new Lost('closing delimiter');
    if (after !== '' && !'\r\n'.startsWith(after)) throw new Lost('wrong delimiter');
    if (after !== '\r\n') return false;
    this.#lineEnds = lineEnds;
    this.#bytes = bytes.subarray(at + this.#delimiter.length + 2);
    return true;
  }

  #readHead(): Head | undefined {
    const end = this.#bytes.indexOf(HEAD_END);
    if (end === -1) {
      if (this.#bytes.length > MAX_TALK_HEAD_BYTES) throw new Lost('head of a part without end');
      return undefined;
    }
    const fields = parseFields(this.#bytes.toString('latin1', 0, end).split('\r\n'));
    if ('unreadable' in fields) throw new Lost(fields.unreadable);
    const length = parseLength(headerValue(fields.headers, 'Content-Length'));
    if (length === undefined) throw new Lost('part without Content-Length');
    if (typeof length !== 'number') throw new Lost(length.wrong);
    if (length > MAX_TALK_PART_BYTES) throw new Lost(`part of ${length} bytes`);
    this.#bytes = this.#bytes.subarray(end + HEAD_END.length);
    const warnings = [...fields.warnings];
    if (this.#count > 0 && this.#lineEnds !== 1) warnings.push(`${this.#lineEnds} line ends behind a part’s body`);
    return { headers: fields.headers, violations: fields.violations, warnings, length };
  }
}
