// Behaviors of how an answer looks: its spelling, its pieces, its size, its JSON.
import type { Behavior, BehaviorConnection, TalkReply } from './behavior.js';
import { busyTimes } from './talk.js';
import { channelBack, frameBack, NONSENSE } from '../talk/downlink.js';
import { usualTalkReplyText } from '../talk/replies.js';

const BAD_LINE = Buffer.from('this line is no header\r\n');

// --- pieces -------------------------------------------------------------------------------------------------------

export const splitBytes = (): Behavior => ({
  name: 'split-bytes',
  transformReply: (bytes) => Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1)),
});

export const slow = (ms = 1_500): Behavior => ({
  name: 'slow',
  transformReply: (bytes, _step, connection) => {
    connection.writeAfter(ms, bytes);
    return [];
  },
});

export const splitHeaderBody = (): Behavior => ({
  name: 'split-header-body',
  transformReply: (bytes) => {
    const end = bytes.indexOf('\r\n\r\n') + 4;
    return end < bytes.length ? [bytes.subarray(0, end), bytes.subarray(end)] : [bytes];
  },
});

export const gluedFrame = (): Behavior => ({
  name: 'glued-frame',
  transformReply: (bytes, step, connection) => {
    if (step !== 'talk') return [bytes];
    const channel = channelBack(connection.dialect);
    return [Buffer.concat([frameBack(channel, 0), bytes, frameBack(channel, 1)])];
  },
});

// --- spelling -----------------------------------------------------------------------------------------------------

export const lowerCaseHeaders = (): Behavior => ({
  name: 'lower-case-headers',
  transformResponse: (response) => ({
    ...response,
    headers: response.headers.map(([name, value]) => [name.toLowerCase(), value]),
  }),
});

export const noContentLength = (): Behavior => ({
  name: 'no-content-length',
  transformReply: (bytes) => [Buffer.from(bytes.toString('latin1').replace(/^Content-Length:.*\r\n/im, ''), 'latin1')],
});

/** Busy for the first `times` talk requests, and no answer tells its length. */
export const busyWithoutLength = (times = Infinity): Behavior => ({
  ...busyTimes(times),
  ...noContentLength(),
  name: 'busy-without-length',
});

/** A line without a colon among the headers of each answer. */
export const badHeaderLine = (): Behavior => ({
  name: 'bad-header-line',
  transformReply: (bytes) => {
    const end = bytes.indexOf('\r\n') + 2;
    const isHead = bytes.toString('latin1', 0, 5) === 'RTSP/';
    return [isHead ? Buffer.concat([bytes.subarray(0, end), BAD_LINE, bytes.subarray(end)]) : bytes];
  },
});

/** As written by a program that sends the end of its string as well; counted in Content-Length. */
export const nulAfterJson = (): Behavior =>
  withTalkReply('nul-after-json', (reply) => `${usualTalkReplyText(reply)}\0`);

const withTalkReply = (name: string, talkReplyText: (reply: TalkReply) => string): Behavior => ({
  name,
  talkReplyText,
});

export const jsonBlanks = (): Behavior =>
  withTalkReply('json-blanks', ({ seq, errorCode, sessionId }) =>
    JSON.stringify(
      {
        type: 'response',
        seq,
        params: { error_code: errorCode, ...(errorCode === 0 ? { session_id: sessionId } : {}) },
      },
      undefined,
      2,
    ),
  );

export const errorCodeFlat = (): Behavior =>
  withTalkReply('error-code-flat', ({ errorCode, sessionId }) =>
    JSON.stringify({ error_code: errorCode, session_id: sessionId }),
  );

export const errorCodeString = (): Behavior =>
  withTalkReply('error-code-string', ({ seq, errorCode, sessionId }) =>
    JSON.stringify({ type: 'response', seq, params: { error_code: String(errorCode), session_id: sessionId } }),
  );

export const errorCodeMissing = (): Behavior =>
  withTalkReply('error-code-missing', ({ seq, sessionId }) =>
    JSON.stringify({ type: 'response', seq, params: { session_id: sessionId } }),
  );

export const sessionIdNumber = (): Behavior =>
  withTalkReply('session-id-number', ({ seq, errorCode, sessionId }) =>
    JSON.stringify({ type: 'response', seq, params: { error_code: errorCode, session_id: Number(sessionId) } }),
  );

// --- too much, or nonsense ----------------------------------------------------------------------------------------

/** Every byte but `$`, which would begin a frame, all over: nothing here is a message. */
const NOISE = Buffer.from(
  Array.from({ length: 1_024 }, (_, n) => (Math.imul(n, 167) + 3) & 0xff).map((byte) => (byte === 0x24 ? 0 : byte)),
);
/** What the endless answers repeat. */
const POUR_BYTES = 65_536;
const poursInsteadOfTalk = (name: string, start: string, more: Buffer): Behavior => ({
  name,
  onRequest: (request, connection: BehaviorConnection) => {
    if (request.method !== 'MULTITRANS') return undefined;
    connection.write(Buffer.from(start, 'latin1'));
    connection.pour(more);
    return 'silent';
  },
});

/** A header line of `bytes`, and then the usual end of an answer. */
export const hugeHeader = (bytes = POUR_BYTES): Behavior => ({
  name: 'huge-header',
  transformReply: (answer) => {
    const end = answer.indexOf('\r\n') + 2;
    return [answer.subarray(0, end), Buffer.from(`X-Filler: ${'a'.repeat(bytes)}\r\n`), answer.subarray(end)];
  },
});

/** One header line without end. */
export const endlessHeader = (): Behavior =>
  poursInsteadOfTalk('endless-header', 'RTSP/1.0 200 OK\r\nX-Filler: ', Buffer.alloc(POUR_BYTES, 'a'));

/** Header lines without end. */
export const endlessHeaders = (): Behavior =>
  poursInsteadOfTalk('endless-headers', 'RTSP/1.0 200 OK\r\n', Buffer.alloc(POUR_BYTES, 'X-Filler: aaaa\r\n'));

export const hugeBody = (): Behavior =>
  poursInsteadOfTalk(
    'huge-body',
    'RTSP/1.0 200 OK\r\nContent-Length: 4294967296\r\n\r\n',
    Buffer.alloc(POUR_BYTES, ' '),
  );

/** `bytes` of garbage in front of each answer to MULTITRANS; by default more than a client should accept. */
export const garbage = (bytes = 2 * POUR_BYTES): Behavior => ({
  name: 'garbage',
  onRequest: (request, connection) => {
    if (request.method === 'MULTITRANS') connection.write(Buffer.alloc(bytes, NONSENSE));
    return undefined;
  },
});

/** `bytes` of noise instead of an answer, then silence. Noise has bytes of each value, and none of them begins a message. */
export const noise = (step: 'first' | 'talk' = 'first'): Behavior => ({
  name: 'noise',
  onRequest: (request, connection) => {
    if (request.method !== 'MULTITRANS' || step === 'talk') return undefined;
    connection.write(NOISE);
    return 'silent';
  },
  onTalkRequest: (_mode, connection) => {
    if (step === 'first') return undefined;
    connection.write(NOISE);
    return 'silent';
  },
});

/** An HTTP server on the RTSP port. */
export const speaksHttp = (): Behavior => ({
  name: 'speaks-http',
  onRequest: (_request, connection) => {
    connection.write(Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'));
    return 'close';
  },
});
