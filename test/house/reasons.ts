// Whether a part ended for a reason that is true: what its error names was the case, and for as long as the clip was to bear it.
import { SPEAK_DEFAULTS } from '../../src/talk/options.js';
import { textOf, type End, type Part } from './message.js';
import type { FaultKind } from './room.js';

/** What was wrong is felt for so long, ms: an answer is waited for (8 s), a pause made (15 s). */
const FELT_MS = 25_000;
const HOUR_MS = 3_600_000;

type Failed = Extract<End, { how: 'failed' }>;

/** What is untrue about the end; undefined when nothing is. */
export function reasonFor(part: Part): string | undefined {
  const { end } = part;
  if (end === undefined || end.how === 'spoken') return undefined;
  if (end.how === 'cut') return wasCut(part, end) ? undefined : `cut by ${end.by}, and nobody did that`;
  return failure(part, end);
}

function wasCut({ message, room }: Part, { by, at }: Extract<End, { how: 'cut' }>): boolean {
  if (by === 'stop' || by === 'skip') return room.cuts.some((cut) => cut.by === by && Math.abs(cut.at - at) < 1);
  const cutter = (other: Part): boolean =>
    other.message.id > message.id &&
    other.message.whenBusy === by &&
    other.message.priority >= message.priority &&
    Math.abs(other.message.sentAt - at) < 1;
  return room.parts.some(cutter);
}

function failure(part: Part, { at, error }: Failed): string | undefined {
  const { code } = error;
  const text = textOf(error);
  const { message, room } = part;
  const {
    sentAt,
    retries,
    retrySeconds = SPEAK_DEFAULTS.retrySeconds,
    maxWaitSeconds = SPEAK_DEFAULTS.maxWaitSeconds,
  } = message;
  const was = (...kinds: FaultKind[]): boolean =>
    room.faultsIn(sentAt - FELT_MS, at).some(({ kind }) => kinds.includes(kind));
  const untrue = `failed without that reason: ${text}`;
  if (was('deploy') && (code === 'TALK_ERR_ABORTED' || code === 'TALK_ERR_CLOSED')) return undefined;
  switch (code) {
    case 'TALK_ERR_QUEUE_FULL':
      if (message.kind === 'heavy') return undefined;
      // One of them is being said.
      return part.before.length > message.maxQueue ? undefined : untrue;
    case 'TALK_ERR_SOURCE':
    case 'TALK_ERR_AUDIO':
      return message.kind === 'mute' ? undefined : untrue;
    case 'TALK_ERR_AUTH':
      return refused(part, sentAt, at) ? undefined : untrue;
    case 'TALK_ERR_LOCKED':
      // What was sent and not answered may never have reached the camera.
      if (/has not said/.test(text) && room.faultsIn(at - HOUR_MS, at).length > 0) return undefined;
      return refused(part, at - HOUR_MS, at) ? undefined : untrue;
    case 'TALK_ERR_BUSY':
      if (message.whenBusy === 'drop' && !part.begun) return part.before.length > 0 ? undefined : untrue;
      break;
    case 'TALK_ERR_EXPIRED': {
      // The slot of our own last talk.
      if (room.device.slotReleaseMs > 0 && maxWaitSeconds <= 5) return undefined;
      const wrongMs = room.wrongMs(sentAt, at, FELT_MS);
      return wrongMs >= maxWaitSeconds * 1_000 ? undefined : `${untrue} (wrong for ${wrongMs} ms)`;
    }
    case 'TALK_ERR_CONNECT':
    case 'TALK_ERR_TIMEOUT':
    case 'TALK_ERR_CLOSED':
    case 'TALK_ERR_STALLED':
      break;
    default:
      return untrue;
  }
  // The slot of our own last talk takes of the time, too, before or between what else is wrong.
  const ownSlot = room.device.slotReleaseMs > 0 && (retries !== undefined || retrySeconds <= 5);
  if (code === 'TALK_ERR_BUSY' && ownSlot) return undefined;
  const wrongMs = room.wrongMs(sentAt - FELT_MS, at, FELT_MS);
  if (wrongMs === 0) return untrue;
  const enough = retries !== undefined || ownSlot || wrongMs >= retrySeconds * 1_000;
  return enough ? undefined : `given up after less than ${retrySeconds} s: ${text} (wrong for ${wrongMs} ms)`;
}

/** Whether the camera refused this password in that time, or its answer may have been lost. What talking has seen accepted is only talking's to lose. */
function refused({ room, password }: Part, from: number, until: number): boolean {
  const tried = room.device.attempts.filter((attempt) => attempt.password === password && attempt.at <= until);
  const talked = tried.some(({ method, accepted }) => method === 'MULTITRANS' && accepted);
  return tried.some(
    ({ at, accepted, method }) =>
      at >= from &&
      (method === 'MULTITRANS' || !talked) &&
      (!accepted || room.faultsIn(at - 1_000, at + 10_000).length > 0),
  );
}
