// What the flows of the house sent, and what became of it.
import type { TalkError } from '../../src/errors.js';
import type { CutReason, TalkReport, WhenBusy } from '../../src/talk/states.js';
import type { Room } from './room.js';

export interface Draft {
  /** `mute`: a stream that never delivers anything. `heavy`: a large file with little sound in it. */
  readonly kind: 'clip' | 'live' | 'mute' | 'heavy';
  readonly rooms: readonly Room[];
  readonly owner: string;
  /** Length in blocks; of live sound, how much its source would give. */
  readonly blocks: number;
  readonly priority: number;
  readonly whenBusy: WhenBusy;
  readonly maxQueue: number;
  readonly retries: number | undefined;
  readonly retrySeconds: number | undefined;
  readonly maxWaitSeconds: number | undefined;
}

export type End =
  | { readonly how: 'spoken'; readonly at: number; readonly report: TalkReport }
  | { readonly how: 'cut'; readonly at: number; readonly by: CutReason }
  | { readonly how: 'failed'; readonly at: number; readonly error: TalkError };

/** One camera's part of a message. */
export interface Part {
  readonly message: Message;
  readonly room: Room;
  /** The password in the settings when it was sent. */
  readonly password: string;
  /** Clips that were neither said nor refused when it came. */
  readonly before: readonly Part[];
  /** Told by `onState`; a part that was refused has none. */
  stateEndedAt: number | undefined;
  /** Since it last waited: when its attempt began, when it was first heard going out. */
  connectingAt: number | undefined;
  attempts: number;
  /** Whether it was let in: it has had a state. */
  begun: boolean;
  soundAt: number | undefined;
  end: End | undefined;
}

export interface Message extends Draft {
  readonly id: number;
  readonly sentAt: number;
  readonly parts: Part[];
  /** Of live sound: when each block was given. */
  readonly givenAt: { readonly upTo: number; readonly at: number }[];
  /** Blocks there were in the end. */
  given: number;
}

/** Ended, or refused at the door, which is told with the whole message only. */
export function isOver(part: Part): boolean {
  return part.end !== undefined || part.stateEndedAt !== undefined || !part.begun;
}

export function textOf({ code, message }: TalkError): string {
  return `${code} ${message}`;
}
