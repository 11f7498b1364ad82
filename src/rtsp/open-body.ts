// Where the body of a response without Content-Length ends, as far as its bytes can tell. When nothing more comes is the connection's to notice.
import type { RtspHead } from './head.js';
import { headerValue } from './headers.js';

/** Whether something begins at a place in the body; `open` when too few bytes are there to tell. */
export type Begins = 'yes' | 'no' | 'open';

const LF = 0x0a;
const DOLLAR = 0x24;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LEFT_BRACE = 0x7b;
const RIGHT_BRACE = 0x7d;
const STATUS_LINE = Buffer.from('RTSP/1.');

/** Whether the response tells of a body, but not of its length (PROTOCOL.md R8). */
export function hasOpenBody({ kind, headers }: RtspHead): boolean {
  if (kind !== 'response' || headerValue(headers, 'Content-Length') !== undefined) return false;
  return headerValue(headers, 'Content-Type') !== undefined;
}

/** Looks at each byte of one body once. A JSON object ends with its last brace, anything else where a line begins a frame or a status line. */
export class OpenBody {
  #scanned = 0;
  #atLineStart = true;
  #form: 'unknown' | 'json' | 'text' = 'unknown';
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** Bytes that surely belong to the body. */
  get scanned(): number {
    return this.#scanned;
  }

  /**
   * True when the body is over with `scanned` bytes.
   * @param bytes the body from its beginning, and what has come after it
   * @param frameAt whether the `$` at this place begins a frame
   */
  isOver(bytes: Buffer, frameAt: (place: number) => Begins): boolean {
    for (; this.#scanned < bytes.length; this.#scanned++) {
      const byte = bytes.readUInt8(this.#scanned);
      if (this.#atLineStart && !this.#inString) {
        const next = byte === DOLLAR ? frameAt(this.#scanned) : statusLineAt(bytes, this.#scanned);
        if (next !== 'no') return next === 'yes';
      }
      this.#atLineStart = byte === LF;
      if (this.#form === 'unknown' && byte > 0x20) this.#form = byte === LEFT_BRACE ? 'json' : 'text';
      if (this.#form === 'json' && this.#closesJson(byte)) {
        this.#scanned += 1;
        return true;
      }
    }
    return false;
  }

  #closesJson(byte: number): boolean {
    if (this.#inString) {
      const escaped = this.#escaped;
      this.#escaped = !escaped && byte === BACKSLASH;
      if (!escaped && byte === QUOTE) this.#inString = false;
    } else if (byte === QUOTE) this.#inString = true;
    else if (byte === LEFT_BRACE) this.#depth += 1;
    else if (byte === RIGHT_BRACE) this.#depth -= 1;
    return this.#depth === 0;
  }
}

function statusLineAt(bytes: Buffer, place: number): Begins {
  const there = bytes.subarray(place, place + STATUS_LINE.length);
  if (!there.equals(STATUS_LINE.subarray(0, there.length))) return 'no';
  return there.length === STATUS_LINE.length ? 'yes' : 'open';
}
