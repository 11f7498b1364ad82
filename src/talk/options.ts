// How one message is to be spoken, with the defaults of the tplink-talk node.
import type { TalkError } from '../errors.js';
import type { TalkState, WhenBusy } from './states.js';

/** How one message is to be spoken; everything has the defaults of the tplink-talk node. */
export interface SpeakOptions {
  readonly signal?: AbortSignal | undefined;
  /** Higher goes first; 0. */
  readonly priority?: number | undefined;
  /** `queue`. */
  readonly whenBusy?: WhenBusy | undefined;
  /** Waiting clips per camera; 20. */
  readonly maxQueue?: number | undefined;
  /** Longest clip, seconds; 600. */
  readonly maxSeconds?: number | undefined;
  /** Starts again after retryable failures; 2. */
  readonly retries?: number | undefined;
  /** dB, 0. */
  readonly gain?: number | undefined;
  readonly normalize?: boolean | undefined;
  /** The loudspeaker's volume while the clip is said, 0 to 100; undefined leaves it alone. */
  readonly speakerVolume?: number | undefined;
  /** Whose clips `stop` clears. */
  readonly owner?: string | undefined;
  /** Called when something else than the speaking went wrong: the volume was left alone. */
  readonly onWarning?: ((warning: TalkError) => void) | undefined;
  /** `camera` is the index in the list of cameras spoken to. */
  readonly onState?: ((state: TalkState, camera: number) => void) | undefined;
}

export const SPEAK_DEFAULTS = {
  priority: 0,
  whenBusy: 'queue',
  maxQueue: 20,
  maxSeconds: 600,
  retries: 2,
  gain: 0,
  normalize: false,
  owner: '',
} as const;
