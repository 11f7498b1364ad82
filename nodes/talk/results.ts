// What came of one message on its cameras -> `msg.talk` or one error. Pure.
import {
  toTalkError,
  wallTime,
  type CameraOptions,
  type CutReason,
  type TalkError,
  type TalkOutcome,
  type TalkReport,
  type TalkState,
} from '../../src/index.js';
import { timeIn } from '../shared/time-of-day.js';
import { failureReport, joinedFailure, type FailureReport } from '../shared/failures.js';

/** `msg.talk` of one camera, however it ended. */
export type CameraReport =
  (TalkReport & { readonly outcome: 'spoken' }) | (FailureReport & { readonly outcome: 'failed' }) | EndedReport;

/** Of a camera that has nothing more to tell. */
export interface EndedReport {
  readonly camera: string;
  readonly host: string;
  readonly outcome: 'spoken' | 'cut' | 'quiet';
  /** What cut it. */
  readonly by?: CutReason | 'close';
  /** Of a repeated clip: how often it was said to its end before. */
  readonly rounds?: number;
}

/** One entry per camera, in their order. */
export function reportsOf(
  results: readonly PromiseSettledResult<TalkOutcome>[],
  cameras: readonly CameraOptions[],
): CameraReport[] {
  return cameras.flatMap((camera, index): CameraReport[] => {
    const result = results[index];
    if (result === undefined) return [];
    if (result.status === 'rejected') return [failedReport(camera, talkError(result.reason))];
    const { value } = result;
    if (value.outcome === 'spoken') return [{ ...value.report, outcome: 'spoken' }];
    return [{ ...placeOf(camera), ...value }];
  });
}

export function failedReport(camera: CameraOptions, failure: TalkError): CameraReport {
  return { ...failureReport(camera, failure), outcome: 'failed' };
}

/** Of a camera whose node closes. @param ended how its clip had ended before; undefined cuts it */
export function closedReport(camera: CameraOptions, ended?: 'spoken' | 'quiet'): CameraReport {
  return { ...placeOf(camera), ...(ended === undefined ? { outcome: 'cut', by: 'close' } : { outcome: ended }) };
}

function placeOf({ name, host }: CameraOptions): { camera: string; host: string } {
  return { camera: name || host, host };
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
  return `${state.problem}. The clip is tried again until ${timeIn(state.secondsLeft, now)}.`;
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
