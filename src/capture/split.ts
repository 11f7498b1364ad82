// What a camera or we said on one connection, cut into messages, frames and what is neither. Nothing is lost: together they are the bytes that came. Pure.
import { MAX_HEAD_BYTES } from '../limits.js';
import type { Piece } from './collector.js';

export interface Part {
  readonly kind: 'request' | 'response' | 'frame' | 'noise';
  /** When its last byte was there, ms on the clock. */
  readonly at: number;
  readonly bytes: Buffer;
  /** What a file of it may be called after: a status, a method; blank for the rest. */
  readonly name: string;
}

const FRAME_HEAD_BYTES = 4;
const DOLLAR = 0x24;
const LF = 0x0a;
const START = /^(?:(?:RTSP|HTTP)\/\d\.\d (\d{3})|([A-Z_]{3,32}) \S{1,4096} (?:RTSP|HTTP)\/\d\.\d\r?$)/;

/** @param pieces in the order in which they came, without anything from the other side between them */
export function split(pieces: readonly Piece[]): Part[] {
  const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
  const parts: Part[] = [];
  const arrived = arrivals(pieces);
  const marks = { nextStart: finder(bytes, ['RTSP/', 'HTTP/', '$']), emptyLine: finder(bytes, ['\n\r\n', '\n\n']) };
  let noiseFrom = 0;
  const noiseUntil = (end: number): void => {
    if (end <= noiseFrom) return;
    parts.push({ kind: 'noise', at: arrived(end), bytes: bytes.subarray(noiseFrom, end), name: '' });
  };
  for (let at = 0; at < bytes.length;) {
    const found = frameAt(bytes, at) ?? messageAt(bytes, at, marks);
    if (found === undefined) {
      at = marks.nextStart(at + 1);
      continue;
    }
    noiseUntil(at);
    const { length, ...part } = found;
    parts.push({ ...part, at: arrived(at + length), bytes: bytes.subarray(at, at + length) });
    at += length;
    noiseFrom = at;
  }
  noiseUntil(bytes.length);
  return parts;
}

type Found = Pick<Part, 'kind' | 'name'> & { readonly length: number };
type NextStart = (from: number) => number;
interface Marks {
  readonly nextStart: NextStart;
  readonly emptyLine: NextStart;
}

function frameAt(bytes: Buffer, at: number): Found | undefined {
  if (bytes[at] !== DOLLAR || at + FRAME_HEAD_BYTES > bytes.length) return undefined;
  const length = FRAME_HEAD_BYTES + bytes.readUInt16BE(at + 2);
  return at + length > bytes.length ? undefined : { kind: 'frame', name: '', length };
}

function messageAt(bytes: Buffer, at: number, { nextStart, emptyLine }: Marks): Found | undefined {
  const window = bytes.subarray(at, at + MAX_HEAD_BYTES);
  const [, status, method] = START.exec(window.toString('latin1', 0, window.indexOf(LF))) ?? [];
  if (status === undefined && method === undefined) return undefined;
  const empty = emptyLine(at);
  const headBytes = empty - at + (bytes[empty + 1] === LF ? 2 : 3);
  if (empty === bytes.length || headBytes > MAX_HEAD_BYTES) return undefined;
  const head = window.toString('latin1', 0, headBytes);
  const told = /^Content-Length:[ \t]*(\d{1,9})[ \t]*\r?$/im.exec(head)?.[1];
  // A body whose length nobody told goes on to what begins a message or a frame.
  const end = told === undefined ? nextStart(at + headBytes) : at + headBytes + Number(told);
  const length = Math.min(end, bytes.length) - at;
  return method === undefined
    ? { kind: 'response', name: status ?? '', length }
    : { kind: 'request', name: method.toLowerCase(), length };
}

/** Where the first of the marks stands from here on, or the end; asked with rising numbers, each mark is looked for once. */
function finder(bytes: Buffer, marks: readonly string[]): NextStart {
  const found = marks.map((mark) => ({ mark, at: -1 }));
  return (from) => {
    for (const each of found) {
      if (each.at >= from) continue;
      const next = bytes.indexOf(each.mark, from, 'latin1');
      each.at = next < 0 ? bytes.length : next;
    }
    return Math.min(bytes.length, ...found.map(({ at }) => at));
  };
}

/** When so many of the bytes had come. */
function arrivals(pieces: readonly Piece[]): (count: number) => number {
  let next = 0;
  let come = 0;
  return (count) => {
    while (come < count && next < pieces.length) come += pieces[next++]?.bytes.length ?? 0;
    return pieces[Math.max(0, next - 1)]?.at ?? 0;
  };
}
