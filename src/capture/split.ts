// What a camera or we said on one connection, cut into messages, frames and what is neither. Nothing is lost: together they are the bytes that came. Pure.
import { MAX_HEAD_BYTES } from '../limits.js';
import type { Conversation, Piece } from './collector.js';
import { partHead } from './sound-part.js';

export interface Part {
  /** `part`: of the HTTP talk. */
  readonly kind: 'request' | 'response' | 'part' | 'frame' | 'noise';
  /** When its last byte was there, ms on the clock. */
  readonly at: number;
  readonly bytes: Buffer;
  /** What a file of it may be called after: a status, a method, what a part holds; blank for the rest. */
  readonly name: string;
}

const FRAME_HEAD_BYTES = 4;
const DOLLAR = 0x24;
const LF = 0x0a;
const HYPHEN = 0x2d;
/** None to two stand behind a body (PROTOCOL.md M6). */
const MAX_LINE_ENDS_BYTES = 4;
const START = /^(?:(?:RTSP|HTTP)\/\d\.\d (\d{3})|([A-Z_]{3,32}) \S{1,4096} (?:RTSP|HTTP)\/\d\.\d\r?$)/;

/**
 * What begins behind what nobody can read, or behind a body whose length nobody told. Channels are small numbers: a `$` with anything else behind it is
 * part of a text, which may be a password.
 */
const NEXT = {
  // eslint-disable-next-line no-control-regex -- channels 0 to 31 are meant
  rtsp: /(?:RTSP|HTTP)\/\d\.\d \d{3}|\$[\0-\x1f]/g,
  http: /HTTP\/\d\.\d \d{3}/g,
  stream: /HTTP\/\d\.\d \d{3}|--[^\r\n]{1,72}\r?\n[\w-]{1,40}:/g,
};

/**
 * @param pieces in the order in which they came, without anything from the other side between them
 * @param protocol HTTP has no frames, and what comes after a request is its answer to the end; in the HTTP talk parts follow the answer
 */
export function split(pieces: readonly Piece[], protocol: Conversation['protocol']): Part[] {
  const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
  const parts: Part[] = [];
  const arrived = arrivals(pieces);
  const text = bytes.toString('latin1');
  const nextStart = finder(text, NEXT[protocol]);
  const openEnd = protocol === 'http' ? () => bytes.length : protocol === 'rtsp' ? nextStart : (from: number) => from;
  const emptyLine = finder(text, /\n\r?\n/g);
  let noiseFrom = 0;
  const noiseUntil = (end: number): void => {
    if (end <= noiseFrom) return;
    parts.push({ kind: 'noise', at: arrived(end), bytes: bytes.subarray(noiseFrom, end), name: '' });
  };
  for (let at = 0; at < bytes.length;) {
    const found =
      (protocol === 'rtsp' ? frameAt(bytes, at) : protocol === 'stream' ? partAt(bytes, at) : undefined) ??
      messageAt(bytes, at, { openEnd, emptyLine });
    if (found === undefined) {
      at = nextStart(at + 1);
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
type Next = (from: number) => number;
interface Marks {
  /** Of a body whose length nobody told. */
  readonly openEnd: Next;
  readonly emptyLine: Next;
}

function frameAt(bytes: Buffer, at: number): Found | undefined {
  if (bytes[at] !== DOLLAR || at + FRAME_HEAD_BYTES > bytes.length) return undefined;
  const length = FRAME_HEAD_BYTES + bytes.readUInt16BE(at + 2);
  return at + length > bytes.length ? undefined : { kind: 'frame', name: '', length };
}

/** With the line end behind it. */
function partAt(bytes: Buffer, at: number): Found | undefined {
  if (bytes[at] !== HYPHEN) return undefined;
  const head = partHead(bytes.subarray(at, at + MAX_HEAD_BYTES));
  if (head === '') return undefined;
  const told = Number(/^Content-Length:[ \t]*(\d{1,9})[ \t]*\r?$/im.exec(head)?.[1] ?? 0);
  const end = at + head.length + told;
  const [, name = ''] = /^Content-Type:[ \t]*\w+\/(\w{1,20})/im.exec(head) ?? [];
  const behind = /^(?:\r?\n)*/.exec(bytes.toString('latin1', end, end + MAX_LINE_ENDS_BYTES))?.[0].length ?? 0;
  return { kind: 'part', name: name.toLowerCase(), length: Math.min(end + behind, bytes.length) - at };
}

function messageAt(bytes: Buffer, at: number, { openEnd, emptyLine }: Marks): Found | undefined {
  const window = bytes.subarray(at, at + MAX_HEAD_BYTES);
  const [, status, method] = START.exec(window.toString('latin1', 0, window.indexOf(LF))) ?? [];
  if (status === undefined && method === undefined) return undefined;
  const empty = emptyLine(at);
  const headBytes = empty - at + (bytes[empty + 1] === LF ? 2 : 3);
  if (empty === bytes.length || headBytes > MAX_HEAD_BYTES) return undefined;
  const head = window.toString('latin1', 0, headBytes);
  const told = /^Content-Length:[ \t]*(\d{1,9})[ \t]*\r?$/im.exec(head)?.[1];
  const end = told === undefined ? openEnd(at + headBytes) : at + headBytes + Number(told);
  const length = Math.min(end, bytes.length) - at;
  return method === undefined
    ? { kind: 'response', name: status ?? '', length }
    : { kind: 'request', name: method.toLowerCase(), length };
}

/** Where the mark stands from here on, or the end; asked with rising numbers, each is looked for once. */
function finder(text: string, mark: RegExp): Next {
  const pattern = new RegExp(mark);
  let at = -1;
  return (from) => {
    if (at >= from) return at;
    pattern.lastIndex = from;
    at = pattern.exec(text)?.index ?? text.length;
    return at;
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
