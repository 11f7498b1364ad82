// Failures of one message on its cameras -> one error, or an entry in a list. Pure.
import { TalkError, cameraKey, excerpt, type CameraOptions, type TalkErrorCode } from '../../src/index.js';

/** In place of a result when one of several cameras failed. */
export interface FailureReport {
  readonly camera: string;
  readonly host: string;
  readonly error: TalkErrorCode;
}

export function failureReport({ name, host }: CameraOptions, { code }: TalkError): FailureReport {
  return { camera: name || host, host, error: code };
}

/**
 * The error of the message: the only one, or one that names every camera that failed; undefined when none did.
 * @param coded makes the error of what a camera was rejected with
 * @param what they did, such as "failed"
 */
export function joinedFailure(
  results: readonly PromiseSettledResult<unknown>[],
  cameras: readonly CameraOptions[],
  coded: (reason: unknown, camera: CameraOptions) => TalkError,
  what: string,
): TalkError | undefined {
  const failures = cameras.flatMap((camera, index) => {
    const result = results[index];
    return result?.status === 'rejected' ? [{ camera, error: coded(result.reason, camera) }] : [];
  });
  const [first] = failures;
  if (first === undefined || cameras.length === 1) return first?.error;
  const reasons = new Map<string, string[]>();
  for (const { camera, error } of failures) {
    const name = excerpt(camera.name || cameraKey(camera), 20);
    reasons.set(error.message, [...(reasons.get(error.message) ?? []), name]);
  }
  const each = [...reasons].map(([reason, names]) => `${names.join(', ')}: ${reason}`).join('; ');
  return new TalkError(first.error.code, `${failures.length} of ${cameras.length} cameras ${what}: ${each}`, {
    camera: first.error.camera,
    cause: first.error,
  });
}
