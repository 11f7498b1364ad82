// What came of one message on its cameras -> `msg.talk` or one error. Pure.
import {
  TalkError,
  cameraKey,
  toTalkError,
  type CameraOptions,
  type TalkErrorCode,
  type TalkOutcome,
  type TalkReport,
} from '../../src/index.js';

/** In place of a report when one of several cameras failed. */
export interface FailureReport {
  readonly camera: string;
  readonly host: string;
  readonly error: TalkErrorCode;
}

/** One entry per camera that spoke or failed; cameras on which the clip was cut are left out. */
export function reportsOf(
  results: readonly PromiseSettledResult<TalkOutcome>[],
  cameras: readonly CameraOptions[],
): (TalkReport | FailureReport)[] {
  return results.flatMap((result, index): (TalkReport | FailureReport)[] => {
    if (result.status === 'fulfilled') return result.value.outcome === 'spoken' ? [result.value.report] : [];
    const camera = cameras[index];
    return camera === undefined
      ? []
      : [{ camera: camera.name || camera.host, host: camera.host, error: codedReason(result).code }];
  });
}

/** The error of the message: the only one, or one that names every camera that failed; undefined when none did. */
export function failureOf(
  results: readonly PromiseSettledResult<TalkOutcome>[],
  cameras: readonly CameraOptions[],
): TalkError | undefined {
  const failures = results.flatMap((result, index) => {
    const camera = cameras[index];
    return result.status === 'rejected' && camera !== undefined ? [{ camera, error: codedReason(result) }] : [];
  });
  const [first] = failures;
  if (first === undefined || cameras.length === 1) return first?.error;
  const each = failures.map(({ camera, error }) => `${camera.name || cameraKey(camera)}: ${error.message}`).join('; ');
  return new TalkError(first.error.code, `${failures.length} of ${cameras.length} cameras did not speak: ${each}`, {
    camera: first.error.camera,
    cause: first.error,
  });
}

function codedReason(result: PromiseRejectedResult): TalkError {
  return toTalkError(result.reason, 'TALK_ERR_PROTOCOL', 'Talking failed');
}
