// The MULTITRANS requests as values. When which of them is sent is the dialogue's business.
import type { TalkMode } from '../camera-options.js';
import type { HeaderList, RtspRequest } from '../rtsp/message.js';
import { rtspUri } from '../rtsp/uri.js';

const METHOD = 'MULTITRANS';

export function multitransUri(host: string, port: number): string {
  return rtspUri({ host, port }, 'multitrans');
}

export interface RequestParts {
  readonly uri: string;
  readonly cseq: number;
  readonly clientId?: string | undefined;
  readonly authorization?: string | undefined;
  readonly session?: string | undefined;
  /** The talk request as JSON text. */
  readonly body?: string | undefined;
}

/** Header order as the field's clients send it (PROTOCOL.md T6). */
export function multitransRequest(parts: RequestParts): RtspRequest {
  const headers: Array<readonly [string, string]> = [['CSeq', String(parts.cseq)]];
  if (parts.authorization !== undefined) headers.push(['Authorization', parts.authorization]);
  if (parts.clientId !== undefined) headers.push(['X-Client-UUID', parts.clientId]);
  if (parts.session !== undefined) headers.push(['Session', parts.session]);
  if (parts.body === undefined) return request(METHOD, parts.uri, headers);
  const body = Buffer.from(parts.body);
  headers.push(['Content-Type', 'application/json'], ['Content-Length', String(body.length)]);
  return request(METHOD, parts.uri, headers, body);
}

/** Asks without log-in which methods the camera knows. */
export function optionsRequest(uri: string, cseq: number): RtspRequest {
  return request('OPTIONS', uri, [['CSeq', String(cseq)]]);
}

/** The talk request's JSON; `seq` is a number on ipc, the text "1" on VIGI (PROTOCOL.md T8). */
export function talkBody(mode: TalkMode, seq: number | string): string {
  return JSON.stringify({ type: 'request', seq, params: { method: 'get', talk: { mode } } });
}

function request(method: string, uri: string, headers: HeaderList, body: Buffer = Buffer.alloc(0)): RtspRequest {
  return { kind: 'request', method, uri, headers, body };
}
