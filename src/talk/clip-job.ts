// One clip for one camera, and how it is to be said: handed from the announcement to the line, and from the line to the attempts. Types only.
import type { Prepared } from '../audio/prepare.js';
import type { CameraOptions } from '../camera-options.js';
import type { TalkError } from '../errors.js';
import type { Clip, ClipHold } from '../sound/clip.js';
import type { Repeat } from './repeat.js';
import type { TalkState, WhenBusy } from './states.js';
import type { Member } from './unison.js';

export interface ClipJob {
  readonly camera: CameraOptions;
  readonly clip: Clip;
  /** This camera's hold on a clip that forgets what everybody has heard. */
  readonly hold?: ClipHold | undefined;
  /** The caller's; the clip ends with its reason when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Higher goes first. */
  readonly priority: number;
  readonly whenBusy: WhenBusy;
  /** Waiting clips at most. */
  readonly maxQueue: number;
  /** How often the clip is started again after a retryable failure; undefined counts only the time. */
  readonly retries?: number | undefined;
  /** How long the clip is tried again in one outage, s. */
  readonly retrySeconds: number;
  /** How long the clip may wait for a camera that is away or busy with others, over all outages, s. */
  readonly maxWaitSeconds: number;
  /** Said once unless given. */
  readonly repeat?: Repeat | undefined;
  /** Who sent it: what `stop` clears of those waiting. */
  readonly owner: string;
  /** 0 to 100 while the clip is said; undefined leaves the loudspeaker alone. */
  readonly speakerVolume?: number | undefined;
  /** What went wrong beside the speaking. */
  readonly onWarning?: ((warning: TalkError) => void) | undefined;
  /** How the clip came about; read when it has been said. */
  readonly preparation: Pick<Prepared, 'cached' | 'warnings'>;
  /** This camera's part in an announcement on several; left when the clip has to wait for its turn. */
  readonly unison?: Member | undefined;
  readonly onState: (state: TalkState) => void;
}
