// What came of one control message on its cameras -> `msg.payload` or one error. Pure.
import { TalkError, cameraKey, toTalkError, type CameraOptions, type ControlResult } from '../../src/index.js';
import { failureReport, joinedFailure, type FailureReport } from '../shared/failures.js';

/** One entry per camera, in their order. */
export function controlResults(
  results: readonly PromiseSettledResult<ControlResult>[],
  cameras: readonly CameraOptions[],
): (ControlResult | FailureReport)[] {
  return cameras.flatMap((camera, index): (ControlResult | FailureReport)[] => {
    const result = results[index];
    if (result === undefined) return [];
    if (result.status === 'fulfilled') return [result.value];
    return [failureReport(camera, controlError(result.reason, camera))];
  });
}

/** The error of the message: the only one, or one that names every camera that failed; undefined when none did. */
export function controlFailure(
  results: readonly PromiseSettledResult<ControlResult>[],
  cameras: readonly CameraOptions[],
): TalkError | undefined {
  return joinedFailure(results, cameras, controlError, 'failed');
}

function controlError(reason: unknown, camera: CameraOptions): TalkError {
  const error = toTalkError(reason, 'TALK_ERR_PROTOCOL', 'The camera could not be asked', cameraKey(camera));
  if (error.code !== 'TALK_ERR_ABORTED') return error;
  const why = 'The settings of this camera changed while it was asked: send the message again';
  return new TalkError('TALK_ERR_CLOSED', why, { camera: cameraKey(camera) });
}
