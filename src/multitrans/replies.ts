// What the camera's answers mean, as coded errors: status lines, and the talk reply under them.
import { isTalkError, TalkError, type TalkErrorCode } from '../errors.js';
import { redirectTarget } from '../rtsp/headers.js';
import type { RtspResponse } from '../rtsp/message.js';
import { busyError, errorNumber, replyError, saysBusy, shownError } from './talk-reply.js';

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

/** The error of a VIGI camera that refuses, with what may be missing in its settings. */
export function hintedForVigi(error: unknown): unknown {
  if (!isTalkError(error) || !VIGI_REFUSALS.has(error.code)) return error;
  return new TalkError(error.code, `${error.message}; ${VIGI_HINT}`, { camera: error.camera, cause: error.cause });
}

/** Throws what a status other than 200 and 401 means. */
export function refuseStatus(
  response: Pick<RtspResponse, 'status' | 'headers'>,
  camera: string,
  protocol = 'RTSP',
): never {
  const { status } = response;
  if (UNSUPPORTED_STATUSES.has(status)) {
    throw new TalkError(
      'TALK_ERR_UNSUPPORTED',
      `The camera at ${camera} does not know the talk request (${protocol} status ${status}); check the port and whether this model has a speaker`,
      { camera },
    );
  }
  if (BUSY_STATUSES.has(status)) throw busyError(`${protocol} status ${status}`, camera);
  if (status >= 400 && status < 600) {
    throw new TalkError('TALK_ERR_REFUSED', `The camera at ${camera} refused to talk: ${protocol} status ${status}`, {
      camera,
    });
  }
  const target = redirectTarget(response);
  const to = target === undefined ? '' : `, a redirect to ${target}, which is not followed`;
  throw new TalkError(
    'TALK_ERR_PROTOCOL',
    `The camera at ${camera} answered with the unexpected ${protocol} status ${status}${to}`,
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
    if (saysBusy(code) && ignoreBusy && response.status === 200) return shownError(code);
    throw replyError(code, camera);
  }
  if (response.status !== 200) refuseStatus(response, camera);
  return undefined;
}

/** The same where an error page may come instead. */
function errorNumberIfAny(body: Buffer, camera: string): number | undefined {
  try {
    return errorNumber(body, camera);
  } catch {
    return undefined;
  }
}
