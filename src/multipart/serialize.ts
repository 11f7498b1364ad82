// Parts and requests of the HTTP talk to bytes. Refuses what could break out of its line; knows no header but the fixed ones of the request and Content-Length.
import { urlHost } from '../camera-options.js';
import { TalkError } from '../errors.js';
import { headerValue } from '../rtsp/headers.js';
import type { HeaderList } from '../rtsp/message.js';
import { headerLines } from '../rtsp/serialize.js';
import { CLIENT_BOUNDARY, type Part } from './part.js';

/**
 * The bytes of a part: delimiter, its headers in their order, `Content-Length` behind them, the body, one CR LF (PROTOCOL.md M4, M6).
 * Throws TALK_ERR_ARGUMENT when a header could break out of its line, or is `Content-Length`.
 */
export function serializePart({ headers, body }: Part, boundary?: string): Buffer {
  return partSerializer(headers, boundary)(body);
}

/** The same for many parts that differ in their bodies alone. */
export function partSerializer(headers: HeaderList, boundary: string = CLIENT_BOUNDARY): (body: Uint8Array) => Buffer {
  if (headerValue(headers, 'Content-Length') !== undefined) {
    throw new TalkError('TALK_ERR_ARGUMENT', 'Headers of a part: Content-Length follows from the body');
  }
  const fixed = Buffer.from([`--${boundary}`, ...headerLines(headers), 'Content-Length: '].join('\r\n'), 'utf8');
  return (body) => {
    const rest = `${body.length}\r\n\r\n`;
    const bodyAt = fixed.length + rest.length;
    const bytes = Buffer.allocUnsafe(bodyAt + body.length + 2);
    bytes.set(fixed);
    bytes.write(rest, fixed.length, 'latin1');
    bytes.set(body, bodyAt);
    bytes.write('\r\n', bodyAt + body.length, 'latin1');
    return bytes;
  };
}

/** What the requests for the stream differ in. */
export interface StreamRequest {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query, as the digest has it. */
  readonly uri: string;
  /** Behind the fixed ones: `Authorization`. */
  readonly headers?: HeaderList;
}

/** The bytes of `POST uri`, a head without body (PROTOCOL.md M1). Throws TALK_ERR_ARGUMENT when a value could break out of its line. */
export function serializeStreamRequest({ host, port, uri, headers = [] }: StreamRequest): Buffer {
  if (!/^\/[\x21-\x7e]*$/.test(uri)) {
    throw new TalkError('TALK_ERR_ARGUMENT', 'URI of the stream: expected a slash and visible ASCII characters');
  }
  const fixed: HeaderList = [
    ['Host', `${urlHost(host)}:${port}`],
    ['Content-Type', `multipart/mixed; boundary=${CLIENT_BOUNDARY}`],
    ['Connection', 'keep-alive'],
    ['Content-Length', '0'],
  ];
  return Buffer.from([`POST ${uri} HTTP/1.1`, ...headerLines([...fixed, ...headers]), '', ''].join('\r\n'), 'utf8');
}
