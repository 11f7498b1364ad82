// What a line tells about a clip and about its session: plain data, fit for another thread.
import type { TalkErrorCode } from '../errors.js';

/** Where a clip is on its way. */
export type TalkState =
  | { readonly name: 'decoding' | 'connecting' | 'authenticating' | 'opening' }
  /** `ahead`: clips that come first, the current one included. */
  | { readonly name: 'waiting'; readonly ahead: number }
  /** `secondsLeft` is missing while the length is unknown. */
  | { readonly name: 'talking'; readonly secondsLeft?: number; readonly round?: number; readonly rounds?: number }
  /** Between two rounds. `round` is the next one of `rounds`, which is missing when only a stop ends them. */
  | { readonly name: 'pausing'; readonly secondsLeft: number; readonly round?: number; readonly rounds?: number }
  /** `quiet`: kept back in the camera's quiet hours. */
  | { readonly name: 'finished' | 'stopped' | 'quiet' }
  /** Another try comes when the camera answers, or after a pause. `problem` and how long it is still tried: once, when it lasts longer than a moment. */
  | {
      readonly name: 'retrying';
      readonly code: TalkErrorCode;
      readonly problem?: string;
      readonly secondsLeft?: number;
    }
  | { readonly name: 'failed'; readonly code: TalkErrorCode };

/** Whether a camera's session is open with nothing to say. */
export type SessionState = 'kept' | 'talking' | 'closed';

/** `msg.talk` of one camera. Milliseconds, seconds, bytes. */
export interface TalkReport {
  /** The camera's name, its host when it has none. */
  readonly camera: string;
  readonly host: string;
  readonly session: 'new' | 'reused';
  /** The clip without lead-in and drain. */
  readonly seconds: number;
  /** From the message's arrival, or the start of its turn if it waited, to the first sample after the lead-in. */
  readonly firstSoundMs: number;
  readonly queuedMs: number;
  readonly packets: number;
  readonly bytes: number;
  readonly worstLatenessMs: number;
  readonly slips: number;
  readonly attempts: number;
  readonly cached: boolean;
  /** Whether the system has shown that the camera took everything; false where nobody can know. */
  readonly confirmed: boolean;
  /** Of a clip that was to be repeated: how often it was said to its end. The other figures are those of all rounds, `seconds` those of one. */
  readonly rounds?: number;
  /** What of the audio was missing or skipped, a sentence each; left out when nothing was. */
  readonly warnings?: readonly string[];
  /** How much softer it was said because of the camera's quiet hours, dB; left out when it was not. */
  readonly quietGain?: number;
}

/** How a clip ended that did not fail. */
export type TalkOutcome =
  | { readonly outcome: 'spoken'; readonly report: TalkReport }
  /** `rounds`: how often a repeated clip was said to its end before. */
  | { readonly outcome: 'cut'; readonly by: CutReason; readonly rounds?: number }
  /** The camera's quiet hours kept it back. */
  | { readonly outcome: 'quiet' };

export type CutReason = 'stop' | 'skip' | 'interrupt' | 'replace';

export const WHEN_BUSY = ['queue', 'interrupt', 'replace', 'drop'] as const;
export type WhenBusy = (typeof WHEN_BUSY)[number];
