// The head of an RTSP message: where a start line can begin in raw bytes, and a whole head as values. No buffering (parser.ts).
import { MAX_METHOD_BYTES } from '../limits.js';
import type { RtspRequest, RtspResponse } from './message.js';

/** A request or a response whose body is still to come. */
export type RtspHead = Omit<RtspRequest, 'body'> | Omit<RtspResponse, 'body'>;

/** `partial`: everything up to the end of the bytes fits, the line is not over yet. */
export type LineMatch = 'whole' | 'partial' | 'no';

/** A run of `least` to `most` bytes of one kind; each kind excludes the first byte of the next step, so no step looks back. */
interface Step {
  readonly accepts: (byte: number) => boolean;
  readonly least: number;
  readonly most: number;
}

const one = (accepts: Step['accepts']): Step => ({ accepts, least: 1, most: 1 });
const text = (literal: string): Step[] => [...Buffer.from(literal)].map((wanted) => one((byte) => byte === wanted));

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isUpper = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;
const isVisible = (byte: number): boolean => byte > 0x20 && byte < 0x7f;
const isMethod = (byte: number): boolean => isUpper(byte) || byte === 0x5f || byte === 0x2d;
const isReason = (byte: number): boolean => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09;

const VERSION = [...text('RTSP/1.'), one(isDigit)];
const LINE_END: readonly Step[] = [{ accepts: (byte) => byte === 0x0d, least: 0, most: 1 }, ...text('\n')];
const STATUS = [...VERSION, ...text(' '), one((byte) => isDigit(byte) && byte !== 0x30), one(isDigit), one(isDigit)];
/** Length of `RTSP/1.0 `; the three digits and a blank follow. */
const STATUS_AT = 9;

const START_LINES: readonly (readonly Step[])[] = [
  [...STATUS, ...LINE_END],
  [...STATUS, ...text(' '), { accepts: isReason, least: 0, most: Infinity }, ...LINE_END],
  [
    one(isUpper),
    { accepts: isMethod, least: 0, most: MAX_METHOD_BYTES - 1 },
    ...text(' '),
    { accepts: isVisible, least: 1, most: Infinity },
    ...text(' '),
    ...VERSION,
    ...LINE_END,
  ],
];

/** Finds start lines in one byte stream. Tried at every byte, it still looks at each only a few times: it remembers how far runs reach. */
export class StartLines {
  readonly #runs = new Map<Step['accepts'], Run>();

  /**
   * Whether a status line or a request line begins at `from`; bytes at and after `to` are not looked at. From one call to the next neither goes back in the stream.
   * @param origin where in the stream `bytes` begins
   */
  match(bytes: Buffer, from: number, to: number, origin: number): LineMatch {
    if (!isUpper(bytes[from] ?? 0)) return 'no';
    let best: LineMatch = 'no';
    for (const steps of START_LINES) {
      const match = this.#follow(steps, bytes, from, to, origin);
      if (match === 'whole') return match;
      if (match === 'partial') best = match;
    }
    return best;
  }

  #follow(steps: readonly Step[], bytes: Buffer, from: number, to: number, origin: number): LineMatch {
    let at = from;
    for (const { accepts, least, most } of steps) {
      const first = at;
      if (most > 1) at = Math.min(this.#runOf(accepts).end(bytes, at, to, origin), first + most);
      else if (at < to && accepts(bytes[at] ?? 0)) at++;
      if (at - first < least) return at === to ? 'partial' : 'no';
      if (at === to && most === Infinity) return 'partial';
    }
    return 'whole';
  }

  #runOf(accepts: Step['accepts']): Run {
    let run = this.#runs.get(accepts);
    if (run === undefined) this.#runs.set(accepts, (run = new Run(accepts)));
    return run;
  }
}

/** The last run of bytes of one kind that was looked at, as places in the stream. */
class Run {
  readonly #accepts: Step['accepts'];
  #from = 0;
  #to = 0;

  constructor(accepts: Step['accepts']) {
    this.#accepts = accepts;
  }

  /** Where the run that begins at `at` ends, at most at `to`. */
  end(bytes: Buffer, at: number, to: number, origin: number): number {
    const known = origin + at >= this.#from && origin + at <= this.#to;
    let end = known ? this.#to - origin : at;
    while (end < to && this.#accepts(bytes[end] ?? 0)) end++;
    if (!known) this.#from = origin + at;
    this.#to = origin + end;
    return end;
  }
}

/** A head from its start line to its blank line, whose start line has matched. Lines that are no headers are passed over. */
export function parseHead(bytes: Buffer): RtspHead {
  const [startLine = '', ...lines] = bytes.toString('utf8').split(/\r?\n/);
  const headers = parseHeaderLines(lines);
  if (startLine.startsWith('RTSP/')) {
    const status = Number(startLine.slice(STATUS_AT, STATUS_AT + 3));
    return { kind: 'response', status, reason: startLine.slice(STATUS_AT + 4), headers };
  }
  const [method = '', uri = ''] = startLine.split(' ');
  return { kind: 'request', method, uri, headers };
}

function isText(line: string): boolean {
  return !/[\r\0]/.test(line);
}

/** The headers of lines up to a blank one; lines that are no headers are passed over. */
export function parseHeaderLines(lines: readonly string[]): [name: string, value: string][] {
  const headers: [name: string, value: string][] = [];
  for (const line of lines) {
    if (line === '') break;
    const last = headers.at(-1);
    // A leading blank continues the header before it (RFC 2326 section 4.2 takes this from HTTP).
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (last !== undefined && isText(line)) last[1] = `${last[1]} ${line.trim()}`.trim();
    } else {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(0, colon)).trim();
      // A line that is no header takes the others with it nowhere (PROTOCOL.md R7).
      if (/^[\x21-\x7e]+$/.test(name) && isText(line)) headers.push([name, line.slice(colon + 1).trim()]);
    }
  }
  return headers;
}
