// A part of the HTTP talk as a value, and what headers say of parts: how long a body is, what stands between two. No bytes here (serialize.ts, parser.ts).
import { MAX_BOUNDARY_CHARS } from '../limits.js';
import { headerValue, headerValues } from '../rtsp/headers.js';
import type { HeaderList } from '../rtsp/message.js';

export interface Part {
  /** Without `Content-Length` when it is to be sent. */
  readonly headers: HeaderList;
  readonly body: Buffer;
}

/** Two more hyphens before it make the delimiter; those at its end belong to it and close nothing (PROTOCOL.md M4). */
export const CLIENT_BOUNDARY = '--client-stream-boundary--';
export const DEVICE_BOUNDARY = '--device-stream-boundary--';

/** What stands between the parts behind a response with these headers; the usual where none is told, or one that is too long (PROTOCOL.md M7). */
export function boundaryOf(headers: HeaderList): string {
  const type = headerValue(headers, 'Content-Type') ?? '';
  const [, quoted, bare] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;"]*))/i.exec(type) ?? [];
  const boundary = quoted ?? bare ?? '';
  return boundary === '' || boundary.length > MAX_BOUNDARY_CHARS ? DEVICE_BOUNDARY : boundary;
}

/** How many bytes a body has; undefined when it is not told, or not in one whole number. May be beyond any size. */
export function announcedBytes(headers: HeaderList): number | undefined {
  const [first, ...others] = headerValues(headers, 'Content-Length').map((value) =>
    /^\d+$/.test(value) ? Number(value) : undefined,
  );
  return others.every((other) => other === first) ? first : undefined;
}
