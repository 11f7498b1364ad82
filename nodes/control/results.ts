// What came of one control message on its cameras -> `msg.payload` or one error. Pure.
import {
  TalkError,
  cameraKey,
  toTalkError,
  type CameraOptions,
  type ControlResult,
  type TalkErrorCode,
} from '../../src/index.js';

/** In place of a result when one of several cameras failed. */
export interface ControlFailure {
  readonly camera: string;
  readonly host: string;
  readonly error: TalkErrorCode;
}

/** One entry per camera, in their order. */
export function controlResults(
  results: readonly PromiseSettledResult<ControlResult>[],
  cameras: readonly CameraOptions[],
): (ControlResult | ControlFailure)[] {
  return cameras.flatMap((camera, index) => {
    const result = results[index];
    if (result === undefined) return [];
    if (result.status === 'fulfilled') return [result.value];
    return [{ camera: camera.name || camera.host, host: camera.host, error: controlError(result.reason, camera).code }];
  });
}

/** The error of the message: the only one, or one that names every camera that failed; undefined when none did. */
export function controlFailure(
  results: readonly PromiseSettledResult<ControlResult>[],
  cameras: readonly CameraOptions[],
): TalkError | undefined {
  const failures = cameras.flatMap((camera, index) => {
    const result = results[index];
    return result?.status === 'rejected' ? [{ camera, error: controlError(result.reason, camera) }] : [];
  });
  const [first] = failures;
  if (first === undefined || cameras.length === 1) return first?.error;
  const each = failures.map(({ camera, error }) => `${camera.name || cameraKey(camera)}: ${error.message}`).join('; ');
  return new TalkError(first.error.code, `${failures.length} of ${cameras.length} cameras failed: ${each}`, {
    camera: first.error.camera,
    cause: first.error,
  });
}

function controlError(reason: unknown, camera: CameraOptions): TalkError {
  const error = toTalkError(reason, 'TALK_ERR_PROTOCOL', 'The camera could not be asked', cameraKey(camera));
  if (error.code !== 'TALK_ERR_ABORTED') return error;
  const why = 'The settings of this camera changed while it was asked: send the message again';
  return new TalkError('TALK_ERR_CLOSED', why, { camera: cameraKey(camera) });
}
