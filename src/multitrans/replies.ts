// What the camera's answers mean: status lines and the talk reply's error numbers, as coded errors.
import { isTalkError, TalkError, type TalkErrorCode } from '../errors.js';
import { redirectTarget } from '../rtsp/headers.js';
import type { RtspResponse } from '../rtsp/message.js';

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

/** Bad Request, Not Found, Method Not Allowed, Not Implemented, Option not supported: seen or to be expected from cameras without MULTITRANS. */
const UNSUPPORTED_STATUSES: ReadonlySet<number> = new Set([400, 404, 405, 501, 551]);
/** Not Enough Bandwidth and Service Unavailable carry the busy numbers on siblings. */
const BUSY_STATUSES: ReadonlySet<number> = new Set([453, 503]);

/** What makes a VIGI camera refuse that could talk (PROTOCOL.md F6). */
const VIGI_HINT =
  'a VIGI camera talks once OpenAPI is on (Settings > Network Settings > OpenAPI), to the user admin, and some models never do';
const VIGI_REFUSALS: ReadonlySet<TalkErrorCode> = new Set([
  'TALK_ERR_AUTH',
  'TALK_ERR_REFUSED',
  'TALK_ERR_UNSUPPORTED',
]);

/** Whether another mode may be granted to whom this TALK_ERR_REFUSED was said. */
export function refusesMode({ cause }: TalkError): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && ABOUT_MODE.has(cause.code);
}

/** The error of a VIGI camera that refuses, with what may be missing in its settings. */
export function hintedForVigi(error: unknown): unknown {
  if (!isTalkError(error) || !VIGI_REFUSALS.has(error.code)) return error;
  return new TalkError(error.code, `${error.message}; ${VIGI_HINT}`, { camera: error.camera, cause: error.cause });
}

/** Throws what a status other than 200 and 401 means. */
export function refuseStatus(response: RtspResponse, camera: string): never {
  const { status } = response;
  if (UNSUPPORTED_STATUSES.has(status)) {
    throw new TalkError(
      'TALK_ERR_UNSUPPORTED',
      `The camera at ${camera} does not know the talk request (RTSP status ${status}); check the port and whether this model has a speaker`,
      { camera },
    );
  }
  if (BUSY_STATUSES.has(status))
    throw new TalkError('TALK_ERR_BUSY', busyText(camera, `RTSP status ${status}`), { camera });
  if (status >= 400 && status < 600) {
    throw new TalkError('TALK_ERR_REFUSED', `The camera at ${camera} refused to talk: RTSP status ${status}`, {
      camera,
    });
  }
  const target = redirectTarget(response);
  const to = target === undefined ? '' : `, a redirect to ${target}, which is not followed`;
  throw new TalkError(
    'TALK_ERR_PROTOCOL',
    `The camera at ${camera} answered with the unexpected RTSP status ${status}${to}`,
    {
      camera,
    },
  );
}

/**
 * Returns when the reply grants talk; throws TALK_ERR_BUSY, TALK_ERR_REFUSED or TALK_ERR_PROTOCOL.
 * With `ignoreBusy` a 200 that says busy is returned as what it said instead: `error -52411, another talk is in progress`.
 */
export function checkTalkReply(response: RtspResponse, camera: string, ignoreBusy = false): string | undefined {
  const code = response.status === 200 ? errorNumber(response.body, camera) : errorNumberIfAny(response.body, camera);
  if (code !== undefined && code !== 0) {
    const meaning = MEANINGS[code];
    const shown = meaning === undefined ? `error ${code}` : `error ${code}, ${meaning}`;
    if (BUSY.has(code) && ignoreBusy && response.status === 200) return shown;
    if (BUSY.has(code)) throw new TalkError('TALK_ERR_BUSY', busyText(camera, shown), { camera });
    throw new TalkError('TALK_ERR_REFUSED', `The camera at ${camera} refused to talk: ${shown}`, {
      camera,
      cause: { code },
    });
  }
  if (response.status !== 200) refuseStatus(response, camera);
  return undefined;
}

/** `params.error_code`, failing that `error_code`; a number or a number as text; undefined when there is none (counts as success with status 200). */
function errorNumber(body: Buffer, camera: string): number | undefined {
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
  const params = reply['params'];
  const value = (isRecord(params) ? params['error_code'] : undefined) ?? reply['error_code'];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number))
    throw senseless(camera, 'has an error_code that is no number');
  return number;
}

/** The same where an error page may come instead. */
function errorNumberIfAny(body: Buffer, camera: string): number | undefined {
  try {
    return errorNumber(body, camera);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function senseless(camera: string, what: string): TalkError {
  return new TalkError('TALK_ERR_PROTOCOL', `The talk reply of the camera at ${camera} ${what}`, { camera });
}

function busyText(camera: string, shown: string): string {
  return `The talk channel of the camera at ${camera} is in use (${shown}); only one app can talk at a time`;
}
