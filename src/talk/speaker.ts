// What speaks on cameras, as those see it who have something said: a pool is one. How it is done is announce.ts.
import type { AudioSource } from '../audio/source.js';
import type { CameraOptions } from '../camera-options.js';
import type { SpeakOptions } from './options.js';
import type { TalkOutcome } from './states.js';

export interface Speaker {
  /**
   * Speaks the sources as one announcement on all cameras; decoded once. Resolves when every camera is done, one result per camera in their order.
   * Rejects at once with TALK_ERR_ARGUMENT for options that cannot be; failures of single cameras are rejections in the result.
   */
  speak(
    cameras: readonly CameraOptions[],
    sources: readonly AudioSource[],
    options?: SpeakOptions,
  ): Promise<PromiseSettledResult<TalkOutcome>[]>;
}
