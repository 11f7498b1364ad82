// Reads the head of a request of the HTTP talk, byte by byte as strict as it can be: the request, and what is wrong with its form.
import type { HeaderList } from '../../rtsp/message.js';
import { MAX_TALK_HEAD_BYTES } from '../limits.js';

export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  readonly headers: HeaderList;
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
}

const END = '\r\n\r\n';

/** Collects bytes until a head is whole. What comes behind it is `rest`, or belongs to the next one. */
export class HeadReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** The head once it is whole; why it never will be; undefined while it may become so. */
  push(chunk: Buffer): RequestHead | { readonly unreadable: string } | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const end = this.#bytes.indexOf(END);
    if (end === -1) {
      const tooLong = this.#bytes.length > MAX_TALK_HEAD_BYTES;
      return tooLong ? { unreadable: `head of more than ${MAX_TALK_HEAD_BYTES} bytes` } : undefined;
    }
    const text = this.#bytes.toString('latin1', 0, end);
    this.#bytes = this.#bytes.subarray(end + END.length);
    return parseHead(text);
  }

  /** What came behind the head; empties the reader. */
  takeRest(): Buffer {
    const rest = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return rest;
  }
}

function parseHead(text: string): RequestHead | { readonly unreadable: string } {
  const [first = '', ...lines] = text.split('\r\n');
  const [, method, uri] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(first) ?? [];
  if (method === undefined || uri === undefined) return { unreadable: 'request line is none of HTTP/1.0 or 1.1' };
  const fields = parseFields(lines);
  return 'unreadable' in fields ? fields : { method, uri, ...fields };
}

type Fields = Pick<RequestHead, 'headers' | 'violations' | 'warnings'>;

/** Header lines of a request or of a part. */
export function parseFields(lines: readonly string[]): Fields | { readonly unreadable: string } {
  const headers: (readonly [string, string])[] = [];
  const warnings: string[] = [];
  for (const line of lines) {
    const [, name, blank, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([ \t]*)([^\0\r\n]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return { unreadable: 'header line without name, colon and value' };
    if (blank === '') warnings.push('no blank after the colon of a header');
    headers.push([name, value.trimEnd()]);
  }
  const names = headers.map(([name]) => name.toLowerCase());
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  return { headers, violations: doubled === undefined ? [] : [`header ${doubled} stands twice`], warnings };
}

/** The number of a `Content-Length`; undefined when it is absent, why it is none otherwise. */
export function parseLength(value: string | undefined): number | { readonly wrong: string } | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,10}$/.test(value)) return Number(value);
  return { wrong: value.startsWith('-') ? 'negative Content-Length' : 'Content-Length is no number' };
}
