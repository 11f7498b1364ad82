// The talk itself as JSON in parts: asked for, granted, stopped, and what the camera says meanwhile. No socket, no time.
import { TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { errorIn, paramsOf, parseReply, replyError, saysBusy, shownError } from '../multitrans/talk-reply.js';
import type { Part } from '../multipart/part.js';
import { headerValue } from '../rtsp/headers.js';
import type { StreamCamera } from './login.js';

/** What the camera granted. */
export interface TalkGrant {
  readonly sessionId: string;
  /** See `Granted`. */
  readonly busy?: string;
}

type Reply = Readonly<Record<string, unknown>>;

/** Of the numbers that clients begin with, the one seen most (PROTOCOL.md H7). */
const TALK_SEQ = 3;
const STOP_SEQ = TALK_SEQ + 1;
const JSON_TYPE = 'application/json';
/** It goes into a header. */
const SESSION_ID = /^[\x21-\x7e]{1,64}$/;
/** Clears by itself, though not at once. */
const TOO_MANY_REQUESTS = -52405;

export function talkRequest(mode: StreamCamera['mode']): Part {
  const request = { params: { talk: { mode }, method: 'get' }, seq: TALK_SEQ, type: 'request' };
  return jsonPart(request, []);
}

/** Without it the camera stays in use, for minutes (PROTOCOL.md H9). */
export function stopRequest(sessionId: string | undefined): Part {
  const request = { type: 'request', seq: STOP_SEQ, params: { stop: 'null', method: 'do' } };
  return jsonPart(request, sessionId === undefined ? [] : [['X-Session-Id', sessionId]]);
}

/**
 * What a part grants; undefined when it does not answer the talk request, as a notification does.
 * Throws TALK_ERR_BUSY, TALK_ERR_REFUSED with the number in `cause.code`, or TALK_ERR_PROTOCOL.
 */
export function talkAnswer(part: Part, key: string, ignoreBusy: boolean): TalkGrant | undefined {
  const reply = answerTo(TALK_SEQ, part, key);
  if (reply === undefined) return undefined;
  const code = errorIn(reply, key) ?? 0;
  const sessionId = paramsOf(reply)['session_id'] ?? reply['session_id'];
  const id = typeof sessionId === 'number' ? String(sessionId) : sessionId;
  const granted = typeof id === 'string' && SESSION_ID.test(id);
  if (code !== 0) {
    if (granted && ignoreBusy && saysBusy(code)) return { sessionId: id, busy: shownError(code) };
    throw patient(replyError(code, key), code);
  }
  if (granted) return { sessionId: id };
  throw new TalkError('TALK_ERR_PROTOCOL', `The talk reply of the camera at ${key} has no usable session_id`, {
    camera: key,
  });
}

/** Whether a part answers the stop request. */
export function answersStop(part: Part, key: string): boolean {
  try {
    return answerTo(STOP_SEQ, part, key) !== undefined;
  } catch {
    return false;
  }
}

/** How the camera says, unasked, that the talk is over; undefined for everything else (PROTOCOL.md H8). */
export function talkEnd(part: Part, key: string): TalkError | undefined {
  const params = paramsOf(jsonOf(part, key) ?? {});
  const event = params['event_type'];
  const reason = params['reason'] ?? params['close_reason'];
  const isEnd = event === 'connection_closed' || (event === 'stream_finish' && reason !== 'finish');
  if (!isEnd) return undefined;
  const why = typeof reason === 'string' ? ` (${excerpt(reason, 40)})` : '';
  return new TalkError('TALK_ERR_CLOSED', `The camera at ${key} ended the talk${why}`, { camera: key });
}

/** A refusal may come without the number of what it refuses (PROTOCOL.md H7). */
function answerTo(seq: number, part: Part, key: string): Reply | undefined {
  const reply = isJson(part) ? parseReply(part.body, key) : undefined;
  // One that says of itself no more than a result is taken for one.
  const type = reply?.['type'] ?? (reply?.['error_code'] === undefined ? undefined : 'response');
  if (reply === undefined || type !== 'response') return undefined;
  const answered = reply['seq'];
  return answered === undefined || answered === seq || answered === String(seq) ? reply : undefined;
}

function jsonOf(part: Part, key: string): Reply | undefined {
  try {
    return isJson(part) ? parseReply(part.body, key) : undefined;
  } catch {
    // Not understood is passed over (PROTOCOL.md M8).
    return undefined;
  }
}

function isJson({ headers }: Part): boolean {
  return /^application\/json\b/i.test(headerValue(headers, 'Content-Type') ?? '');
}

function jsonPart(request: unknown, headers: Part['headers']): Part {
  return { headers: [['Content-Type', JSON_TYPE], ...headers], body: Buffer.from(JSON.stringify(request)) };
}

function patient(error: TalkError, code: number): TalkError {
  if (code !== TOO_MANY_REQUESTS) return error;
  return new TalkError(error.code, `${error.message}; it may take a minute to be free`, { camera: error.camera });
}
