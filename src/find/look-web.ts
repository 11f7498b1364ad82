// A look at the web port without a log-in: does it show TP-Link's challenge.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { urlHost } from '../camera-options.js';
import { deferred } from '../deferred.js';
import { onAbort, abortReason } from '../abort.js';
import { MAX_HEAD_BYTES, MAX_WEB_BODY_BYTES } from '../limits.js';
import { parseChallenge, parseLock, UNAUTHENTICATED } from '../webapi/challenge.js';
import { plainHeaders } from '../webapi/headers.js';
import { parseReply } from '../webapi/reply.js';

/** `open`: something answers HTTP there; `ours`: as a camera of TP-Link does. */
export type WebLook = 'closed' | 'open' | 'ours';

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

/** Ways to the challenge that hold no log-in (PROTOCOL.md W1). */
const CHALLENGE_QUESTIONS: readonly Question[] = [
  { method: 'GET', path: '/pc/Content.htm' },
  {
    method: 'POST',
    path: '/',
    body: JSON.stringify({ method: 'do', user_management: { get_encrypt_info: null } }),
  },
];

/** Never rejects. */
export async function lookAtWeb(host: string, port: number, signal: AbortSignal): Promise<WebLook> {
  let look: WebLook = 'closed';
  for (const question of CHALLENGE_QUESTIONS) {
    try {
      const { status, body } = await ask(host, port, question, signal);
      look = 'open';
      const { json, code } = parseReply({ status, body });
      const challenged = parseChallenge(json) !== undefined || parseLock(json) !== undefined;
      if (challenged || code === UNAUTHENTICATED) return 'ours';
    } catch {
      if (look === 'closed') return look;
    }
  }
  return look;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** One question on a connection of its own. Redirects are answers. Rejects with whatever went wrong, or the signal's reason. */
async function ask(host: string, port: number, question: Question, signal: AbortSignal): Promise<Answer> {
  const { method, path, body = '' } = question;
  const length = method === 'POST' ? { 'Content-Length': String(Buffer.byteLength(body)) } : {};
  const authority = port === 80 ? urlHost(host) : `${urlHost(host)}:${port}`;
  const request = httpRequest({
    agent: false,
    host,
    port,
    method,
    path,
    maxHeaderSize: MAX_HEAD_BYTES,
    headers: { Host: authority, ...plainHeaders(), ...length },
  });
  const { promise, resolve, reject } = deferred<IncomingMessage>();
  request.once('response', resolve);
  request.on('error', reject);
  const ignore = onAbort(signal, () => request.destroy(abortReason(signal)));
  try {
    request.end(body);
    const response = await promise;
    return { status: response.statusCode ?? 0, body: await read(response) };
  } finally {
    ignore();
    request.destroy();
  }
}

async function read(response: IncomingMessage): Promise<Buffer> {
  response.on('error', () => undefined);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_WEB_BODY_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
