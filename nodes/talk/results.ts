// What came of one message on its cameras -> `msg.talk` or one error. Pure.
import {
  toTalkError,
  wallTime,
  type CameraOptions,
  type TalkError,
  type TalkOutcome,
  type TalkReport,
  type TalkState,
} from '../../src/index.js';
import { failureReport, joinedFailure, type FailureReport } from '../shared/failures.js';

/** One entry per camera that spoke or failed; cameras on which the clip was cut are left out. */
export function reportsOf(
  results: readonly PromiseSettledResult<TalkOutcome>[],
  cameras: readonly CameraOptions[],
): (TalkReport | FailureReport)[] {
  return results.flatMap((result, index): (TalkReport | FailureReport)[] => {
    if (result.status === 'fulfilled') return result.value.outcome === 'spoken' ? [result.value.report] : [];
    const camera = cameras[index];
    return camera === undefined ? [] : [failureReport(camera, talkError(result.reason))];
  });
}

/** What of the audio was missing or skipped, for the sidebar; undefined when nothing was. The same on every camera, told once. */
export function audioWarning(results: readonly PromiseSettledResult<TalkOutcome>[]): string | undefined {
  const warnings = results.flatMap((result) =>
    result.status === 'fulfilled' && result.value.outcome === 'spoken' ? (result.value.report.warnings ?? []) : [],
  );
  return warnings.length === 0 ? undefined : [...new Set(warnings)].join(' ');
}

/** What to tell of an outage that lasts, with the time of day until which the clip is tried; undefined for every other state. */
export function troubleOf(state: TalkState, now = wallTime()): string | undefined {
  if (state.name !== 'retrying' || state.problem === undefined || state.secondsLeft === undefined) return undefined;
  const until = new Date(now.getTime() + state.secondsLeft * 1_000);
  const [hours, minutes, seconds] = [until.getHours(), until.getMinutes(), until.getSeconds()].map(twoDigits);
  return `${state.problem}. The clip is tried again until ${hours}:${minutes}:${seconds}.`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** The error of the message: the only one, or one that names every camera that failed; undefined when none did. */
export function failureOf(
  results: readonly PromiseSettledResult<TalkOutcome>[],
  cameras: readonly CameraOptions[],
): TalkError | undefined {
  return joinedFailure(results, cameras, talkError, 'did not speak');
}

function talkError(reason: unknown): TalkError {
  return toTalkError(reason, 'TALK_ERR_PROTOCOL', 'Talking failed');
}
