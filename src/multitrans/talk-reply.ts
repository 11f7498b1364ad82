// The talk reply: JSON that holds an error number, and what the numbers mean. The same behind RTSP and behind HTTP.
import { TalkError } from '../errors.js';

/** Stream-layer error numbers with what public sources call them (PROTOCOL.md R6). */
const MEANINGS: Readonly<Record<number, string>> = {
  [-501]: 'the camera could not read the request',
  [-502]: 'the camera could not read the request’s parameters',
  // Seen on a recorder (PROTOCOL.md F7).
  [-52402]: 'all media sessions in use; for an NVR enter the camera’s own address',
  [-52405]: 'too many requests',
  [-52407]: 'too many clients',
  [-52409]: 'memory card unplugged',
  [-52411]: 'another talk is in progress',
  [-52419]: 'too many clients',
  [-52423]: 'the camera does not take these audio parameters; try another mode or codec',
  [-52435]: 'all sessions in use',
  [-52499]: 'busy with a video call',
};
const BUSY: ReadonlySet<number> = new Set([-52402, -52405, -52407, -52411, -52419, -52435, -52499]);
/** Those that may be about the mode of the talk; the others are about anything else. */
const ABOUT_MODE: ReadonlySet<unknown> = new Set([-502, -52410, -52423]);

/** Whether another mode may be granted to whom this TALK_ERR_REFUSED was said. */
export function refusesMode({ cause }: TalkError): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && ABOUT_MODE.has(cause.code);
}

/** What an error number is to the user: `error -52411, another talk is in progress`. */
export function shownError(code: number): string {
  const meaning = MEANINGS[code];
  return meaning === undefined ? `error ${code}` : `error ${code}, ${meaning}`;
}

export function saysBusy(code: number): boolean {
  return BUSY.has(code);
}

/** TALK_ERR_BUSY, or TALK_ERR_REFUSED with the number in `cause.code`. */
export function replyError(code: number, camera: string): TalkError {
  const shown = shownError(code);
  if (BUSY.has(code)) return busyError(shown, camera);
  const why = `The camera at ${camera} refused to talk: ${shown}`;
  return new TalkError('TALK_ERR_REFUSED', why, { camera, cause: { code } });
}

/** @param shown what the camera said */
export function busyError(shown: string, camera: string): TalkError {
  const why = `The talk channel of the camera at ${camera} is in use (${shown}); only one app can talk at a time`;
  return new TalkError('TALK_ERR_BUSY', why, { camera });
}

/** The number in a reply's body, see `errorIn`; undefined also for an empty body. Throws TALK_ERR_PROTOCOL. */
export function errorNumber(body: Buffer, camera: string): number | undefined {
  const reply = parseReply(body, camera);
  return reply === undefined ? undefined : errorIn(reply, camera);
}

/** The body as JSON; undefined when it is empty. Throws TALK_ERR_PROTOCOL when it is no object. */
export function parseReply(body: Buffer, camera: string): Readonly<Record<string, unknown>> | undefined {
  // Some C code sends the end of its string as well.
  const text = body
    .toString('utf8')
    .replace(/(?<!\0)\0+$/, '')
    .trim();
  if (text === '') return undefined;
  let reply: unknown;
  try {
    reply = JSON.parse(text);
  } catch {
    throw senseless(camera, 'is not JSON');
  }
  if (!isRecord(reply)) throw senseless(camera, 'is not a JSON object');
  return reply;
}

/** `params.error_code`, failing that `error_code`; a number or a number as text; undefined when there is none, which counts as success. Throws TALK_ERR_PROTOCOL. */
export function errorIn(reply: Readonly<Record<string, unknown>>, camera: string): number | undefined {
  const value = paramsOf(reply)['error_code'] ?? reply['error_code'];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number))
    throw senseless(camera, 'has an error_code that is no number');
  return number;
}

/** `params` of a reply; empty when it is none. */
export function paramsOf(reply: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const params = reply['params'];
  return isRecord(params) ? params : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error for a reply that makes no sense. */
export function senseless(camera: string, what: string): TalkError {
  return new TalkError('TALK_ERR_PROTOCOL', `The talk reply of the camera at ${camera} ${what}`, { camera });
}
