// Behaviors of cameras that talk over HTTP, as far as they differ from those of MULTITRANS: challenges, parts, breaking off. Shared ones are in the files beside this one.
import type { RtspRequest } from '../../rtsp/message.js';
import { headerValue } from '../../rtsp/headers.js';
import type { HttpTalkTraits } from '../httptalk/family.js';
import {
  DEVICE_DELIMITER,
  devicePart,
  httpResponse,
  jsonPart,
  notificationText,
  serializeHttp,
} from '../httptalk/replies.js';
import { NONSENSE } from '../talk/downlink.js';
import { TALK_ERROR, usualTalkReplyText } from '../talk/replies.js';
import type { Behavior, BehaviorConnection, Step } from './behavior.js';

const hasCredentials = (request: RtspRequest): boolean => headerValue(request.headers, 'Authorization') !== undefined;

/** A trait by its name. */
export const withTalk = (name: string, httpTalk: Partial<HttpTalkTraits>): Behavior => ({ name, httpTalk });

// --- log-in -------------------------------------------------------------------------------------------------------

/** 401 to the right password, as an overloaded camera says it. */
export const overloaded = (times = 1): Behavior => {
  let left = times;
  return { name: 'overloaded', onRequest: (request) => (hasCredentials(request) && left-- > 0 ? 'refuse' : undefined) };
};

type Ending = 'hangs-up' | 'resets';

function breaksOff(connection: BehaviorConnection, ending: Ending): void {
  if (ending === 'resets') connection.reset();
  else connection.end();
}

/** FIN or RST in place of the answer to credentials, which nobody has looked at. */
export const breaksAtLogin = (name: string, ending: Ending): Behavior => ({
  name,
  onRequest: (request, connection) => {
    if (!hasCredentials(request)) return undefined;
    breaksOff(connection, ending);
    return 'silent';
  },
});

export const answersHttp = (
  name: string,
  status: number,
  errorCode: number | undefined,
  at: 'talk' | 'login' = 'talk',
): Behavior => {
  const text = errorCode === undefined ? '' : usualTalkReplyText({ seq: 0, errorCode, sessionId: '' });
  const response = httpResponse(status, text === '' ? [] : [['Content-Type', 'application/json']], text);
  return {
    name,
    onRequest: (request) => (at === 'login' && hasCredentials(request) ? response : undefined),
    onTalkRequest: (_mode, connection) => {
      if (at === 'login') return undefined;
      connection.write(serializeHttp('1.0', response));
      return 'silent';
    },
  };
};

/** Somebody else’s HTTP server. */
export const otherServer = (status = 404): Behavior => ({
  name: 'other-server',
  onRequest: (_request, connection) => {
    connection.write(
      Buffer.from(`HTTP/1.1 ${status} Whatever\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n`, 'latin1'),
    );
    return 'silent';
  },
});

// --- the talk request and stop ------------------------------------------------------------------------------------

export const breaksAtTalk = (name: string, ending: Ending): Behavior => ({
  name,
  onTalkRequest: (_mode, connection) => {
    breaksOff(connection, ending);
    return 'silent';
  },
});

export const breaksAtStop = (name: string, ending: Ending): Behavior => ({
  name,
  onTalkStop: (connection) => {
    breaksOff(connection, ending);
    return 'silent';
  },
});

export const silentStop = (): Behavior => ({ name: 'silent-stop', onTalkStop: () => 'silent' });

const withText = (name: string, talkReplyText: Behavior['talkReplyText']): Behavior => ({
  name,
  ...(talkReplyText === undefined ? {} : { talkReplyText }),
});

export const jsonCompact = (): Behavior =>
  withText('json-compact', (reply) => usualTalkReplyText(reply).replaceAll(', ', ','));

/** As a refusal has been seen. */
export const noSeq = (): Behavior =>
  withText('no-seq', (reply) => usualTalkReplyText(reply).replace(/"seq":\d+, /, ''));

export const sessionIdCrlf = (): Behavior =>
  withText('session-id-crlf', (reply) => usualTalkReplyText({ ...reply, sessionId: '71\\r\\nX-Evil: 1' }));

const WRONG_JSON = { array: '[]', text: '"error_code"', null: 'null', broken: '{"type":"response", "seq":' } as const;

export const jsonWrong = (form: keyof typeof WRONG_JSON = 'array'): Behavior =>
  withText('json-wrong', () => WRONG_JSON[form]);

// --- parts around the answer to the talk request ------------------------------------------------------------------

const STATUS = jsonPart(notificationText('stream_status', { status: 'running' }));

/** The answer in the middle of something; all in one write, or piece by piece. */
const around = (name: string, before: Buffer, after: Buffer = Buffer.alloc(0), glued = true): Behavior => ({
  name,
  transformReply: (bytes, step) => {
    if (step !== 'talk') return [bytes];
    return glued ? [Buffer.concat([before, bytes, after])] : [before, bytes, after].filter(({ length }) => length > 0);
  },
});

export const notificationFirst = (): Behavior => around('notification-first', STATUS, undefined, false);
/** In one piece with what comes next also the 200. */
export const gluedParts = (): Behavior => {
  const behavior = around('glued-parts', STATUS, STATUS);
  return {
    ...behavior,
    transformReply: (bytes, step, connection) =>
      step === 'login'
        ? [Buffer.concat([bytes, STATUS])]
        : (behavior.transformReply?.(bytes, step, connection) ?? [bytes]),
  };
};

/** The answer to somebody else’s question, before ours. */
export const otherAnswerFirst = (): Behavior =>
  around('other-answer-first', jsonPart(usualTalkReplyText({ seq: 99_999, errorCode: 0, sessionId: '13' })));

/** Binary that holds the delimiter and line ends. */
const TRAP = Buffer.concat([
  Buffer.from([0x47, 0x40, 0x00, 0x10, 0x00, 0xff]),
  Buffer.from(
    `\r\n${DEVICE_DELIMITER}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}\r\n\r\n`,
    'latin1',
  ),
]);
const VIDEO = devicePart('video/mp2t', TRAP, [['X-Session-Id', '4']]);

export const delimiterInside = (): Behavior => around('delimiter-inside', VIDEO);

/** As after an overload (PROTOCOL.md M9). */
const BROKEN_HEAD = Buffer.from(`${DEVICE_DELIMITER}\r\nCont`, 'latin1');
export const brokenHead = (): Behavior => around('broken-head', BROKEN_HEAD);

const part = (lines: string): Buffer =>
  Buffer.from(`${DEVICE_DELIMITER}\r\nContent-Type: application/json\r\n${lines}\r\n{}\r\n`, 'latin1');
export const partLength = (form: 'missing' | 'negative' | 'text' = 'missing'): Behavior => {
  const line = { missing: '', negative: 'Content-Length: -1\r\n', text: 'Content-Length: two\r\n' }[form];
  return around('part-length', part(line));
};

const POUR_BYTES = 65_536;
const poursAtTalk = (name: string, start: string, more: Buffer): Behavior => ({
  name,
  onTalkRequest: (_mode, connection) => {
    connection.write(Buffer.from(`${DEVICE_DELIMITER}\r\n${start}`, 'latin1'));
    connection.pour(more);
    return 'silent';
  },
});

export const endlessPartHead = (): Behavior =>
  poursAtTalk(
    'endless-part-head',
    'Content-Type: application/json\r\n',
    Buffer.alloc(POUR_BYTES, 'X-Filler: aaaa\r\n'),
  );
export const hugePart = (bytes = 64 * 1024 * 1024): Behavior =>
  poursAtTalk(
    'huge-part',
    `Content-Type: video/mp2t\r\nContent-Length: ${bytes}\r\n\r\n`,
    Buffer.alloc(POUR_BYTES, 'a'),
  );

/** Heads without end, in place of the answer to credentials. */
export const endlessHead = (): Behavior => ({
  name: 'endless-head',
  onRequest: (request, connection) => {
    if (!hasCredentials(request)) return undefined;
    connection.write(Buffer.from('HTTP/1.0 200 OK\r\n'));
    connection.pour(Buffer.alloc(POUR_BYTES, 'X-Filler: aaaa\r\n'));
    return 'silent';
  },
});

/** One byte of each answer, then the next so many ms later. */
export const drips = (ms = 1_000): Behavior => ({
  name: 'drips',
  transformReply: (bytes, _step, connection) => {
    for (let at = 1; at < bytes.length; at += 1) connection.writeAfter(at * ms, bytes.subarray(at, at + 1));
    return [bytes.subarray(0, 1)];
  },
});

/** Names in lower case, of heads and of parts. */
export const lowerCaseHeaders = (): Behavior => ({
  name: 'lower-case-headers',
  transformReply: (bytes) => {
    const end = bytes.indexOf('\r\n\r\n');
    const head = bytes.toString('latin1', 0, end).replace(/^[\w-]+(?=:)/gm, (name) => name.toLowerCase());
    return [Buffer.concat([Buffer.from(head, 'latin1'), bytes.subarray(end)])];
  },
});

/** No line end behind the camera’s parts, or two. */
export const lineEnds = (count = 0): Behavior => ({
  name: 'line-ends',
  transformReply: (bytes, step: Step) =>
    step === 'talk' ? [Buffer.concat([bytes.subarray(0, -2), Buffer.from('\r\n'.repeat(count))])] : [bytes],
});

// --- what the camera sends during a talk --------------------------------------------------------------------------

const every = (name: string, packets: number, bytes: () => Buffer): Behavior => ({
  name,
  onPacket: (count, connection) => {
    if (count % packets === 2 % packets) connection.write(bytes());
  },
});

/** A part of the microphone or the picture for each packet of the client. */
export const downlinkVideo = (): Behavior => every('downlink-video', 1, () => VIDEO);
export const downlinkJson = (): Behavior => every('downlink-json', 100, () => STATUS);
export const heartbeat = (): Behavior => every('heartbeat', 100, () => jsonPart(notificationText('heartbeat')));
export const downlinkGarbage = (): Behavior =>
  every('downlink-garbage', 10, () => Buffer.concat([NONSENSE, BROKEN_HEAD, VIDEO]));

/** Cipher text of nobody’s key. */
export const downlinkEncrypted = (): Behavior =>
  every('downlink-encrypted', 1, () =>
    Buffer.from(VIDEO.toString('latin1').replace('X-If-Encrypt: 0', 'X-If-Encrypt: 1'), 'latin1'),
  );

/** Says that the stream is over, and plays no more. */
export const tellsFinish = (reason = 'internal_error'): Behavior => ({
  name: 'tells-finish',
  onPacket: (count, connection) => {
    if (count !== 10) return;
    connection.write(jsonPart(notificationText('stream_finish', { reason })));
  },
});

export const tellsClosed = (): Behavior => ({
  name: 'tells-closed',
  onPacket: (count, connection) => {
    if (count !== 10) return;
    connection.write(jsonPart(notificationText('connection_closed', { close_reason: 'password_changed' })));
  },
});

export const videoCall = (): Behavior => ({ name: 'video-call', onTalkRequest: () => TALK_ERROR.videoCall });

// --- time ---------------------------------------------------------------------------------------------------------

export const slotHeld = (seconds = 1_200): Behavior => withTalk('slot-held', { heldMs: seconds * 1_000 });
export const idleTimeout = (seconds = 30): Behavior => withTalk('idle-timeout', { idleMs: seconds * 1_000 });
export const sleeps = (seconds = 30): Behavior => withTalk('sleeps', { awakeMs: seconds * 1_000 });
