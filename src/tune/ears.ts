// Who hears a camera that is tuned, and that they all listen before it speaks.
import type { CameraOptions } from '../camera-options.js';
import { isTalkError } from '../errors.js';
import type { TuneEar } from './result.js';
import { remark, type TuneRemark } from './sentences.js';
import type { TuneDeps } from './session.js';

/** Whose microphone hears the camera. */
export interface Ear {
  readonly kind: TuneEar;
  readonly camera: CameraOptions;
}

export interface OpenEars {
  readonly ears: readonly Ear[];
  /** Why an ear is missing: its stream carries no sound. */
  readonly silent: TuneRemark | undefined;
  readonly close: () => Promise<void>;
}

/**
 * Kept open all the time, so that the camera is not asked for its microphone again and again. A stream without sound is no reason not to hear with another ear.
 * Rejects with whatever else listening rejects with.
 */
export async function openEars(
  wanted: readonly Ear[],
  listen: TuneDeps['listen'],
  signal: AbortSignal,
): Promise<OpenEars> {
  const open: { readonly ear: Ear; readonly microphone: Awaited<ReturnType<TuneDeps['listen']>> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(open.map(({ microphone }) => microphone.close()));
  };
  let silent: TuneRemark | undefined;
  try {
    for (const ear of wanted) {
      try {
        open.push({ ear, microphone: await listen(ear.camera, { signal, onSound: () => undefined }) });
      } catch (error) {
        if (!isTalkError(error) || error.code !== 'TALK_ERR_UNSUPPORTED') throw error;
        silent = remark('unknown.noSound', undefined, error.message);
      }
    }
    return { ears: open.map(({ ear }) => ear), silent, close };
  } catch (error) {
    await close();
    throw error;
  }
}
