// A body in chunks (RFC 9112 section 7.1), whose content can be changed: a value may be cut in two by a chunk's end. Pure.

interface Chunk {
  /** Its size, as it was written, and what is behind it in that line. */
  readonly size: string;
  readonly extension: string;
  readonly content: string;
  /** Line break; blank for a chunk that was cut off. */
  readonly end: string;
}

export interface ChunkedBody {
  readonly chunks: readonly Chunk[];
  /** What is no chunk with content: the last one, trailers, garbage. */
  readonly rest: string;
}

const SIZE_LINE = /([0-9a-f]{1,8})([^\r\n]{0,200}\r?\n)/iy;
const LINE_END = /\r?\n/y;

/** @param body as latin1 */
export function readChunks(body: string): ChunkedBody {
  const chunks: Chunk[] = [];
  let at = 0;
  for (;;) {
    SIZE_LINE.lastIndex = at;
    const [line = '', size = '0', extension = ''] = SIZE_LINE.exec(body) ?? [];
    const length = Number.parseInt(size, 16);
    if (length === 0) return { chunks, rest: body.slice(at) };
    const from = at + line.length;
    const content = body.slice(from, from + length);
    LINE_END.lastIndex = from + content.length;
    const [end = ''] = LINE_END.exec(body) ?? [];
    chunks.push({ size, extension, content, end });
    at = from + content.length + end.length;
  }
}

export function contentOf({ chunks }: ChunkedBody): string {
  return chunks.map(({ content }) => content).join('');
}

/** Cut where it was before, the last chunk longer or shorter; a size that was wrong stays as wrong. */
export function withContent({ chunks, rest }: ChunkedBody, content: string): string {
  let at = 0;
  const written = chunks.map(({ size, extension, content: before, end }, index) => {
    const now = content.slice(at, index === chunks.length - 1 ? undefined : at + before.length);
    at += now.length;
    if (now === '') return '';
    const grown = now.length - before.length;
    return `${grown === 0 ? size : (Number.parseInt(size, 16) + grown).toString(16)}${extension}${now}${end}`;
  });
  return written.join('') + rest;
}
