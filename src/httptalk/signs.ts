// A look at a camera of the HTTP talk without a password: the question, and what the answer says. No socket, no time.
import type { HttpResponse } from '../multipart/http.js';
import { serializeStreamRequest } from '../multipart/serialize.js';
import { parseChallenges } from '../rtsp/digest.js';
import { headerValue, headerValues } from '../rtsp/headers.js';
import { STREAM_URI } from './login.js';

/** Dialects of the HTTP talk: they want different passwords. */
export type StreamDialect = 'tapo' | 'vigi-stream';

export interface StreamSigns {
  readonly dialect: StreamDialect;
  /** Whether it asks for a password. */
  readonly asks: boolean;
}

/** Realms of the two lines (PROTOCOL.md N4). */
const REALMS: Readonly<Record<string, StreamDialect>> = {
  'TP-Link IP-Camera': 'tapo',
  'TP-LINK IP-Camera': 'vigi-stream',
};

/** Counts as no attempt to log in (PROTOCOL.md N4). */
export function streamQuestion(host: string, port: number): Buffer {
  return serializeStreamRequest({ host, port, uri: STREAM_URI });
}

/** Undefined where it is none of these cameras. */
export function streamSigns({ status, headers }: Pick<HttpResponse, 'status' | 'headers'>): StreamSigns | undefined {
  // In its set-up state it wants no password (PROTOCOL.md N4).
  if (status === 200 && headerValue(headers, 'Key-Exchange') !== undefined) return { dialect: 'tapo', asks: false };
  if (status !== 401) return undefined;
  for (const challenge of parseChallenges(headerValues(headers, 'WWW-Authenticate'))) {
    const dialect = challenge.nonce === undefined ? undefined : REALMS[challenge.realm];
    if (dialect !== undefined) return { dialect, asks: true };
  }
  return undefined;
}
