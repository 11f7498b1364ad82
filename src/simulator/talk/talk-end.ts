// Waits for the end of a talk session of a simulated camera.
import type { EventEmitter } from 'node:events';
import { withDeadline } from '../../clock.js';
import type { Clock } from '../../clock.js';
import { deferred } from '../../deferred.js';
import { TalkError } from '../../errors.js';
import type { SimulatedCameraEvents } from '../options.js';
import type { Recording } from './recording.js';

/** The talk session with this number once it is over, at once if it already is. Rejects with TALK_ERR_TIMEOUT. */
export async function talkEnd(
  camera: EventEmitter<SimulatedCameraEvents> & { readonly sessions: readonly Recording[] },
  clock: Clock,
  number: number,
  timeoutMs: number,
): Promise<Recording> {
  const known = camera.sessions.find(({ start, end }) => start.number === number && end !== 'open');
  if (known !== undefined) return known;
  const ended = deferred<Recording>();
  const onEnd = (recording: Recording): void => {
    if (recording.start.number === number) ended.resolve(recording);
  };
  camera.on('end', onEnd);
  try {
    return await withDeadline(clock, ended.promise, timeoutMs, () => {
      return new TalkError('TALK_ERR_TIMEOUT', `The simulated camera heard no end of talk session ${number}`);
    });
  } finally {
    camera.off('end', onEnd);
  }
}
