// What a microphone tells about itself and gives to its user: plain data, fit for another thread.
import type { TalkErrorCode } from '../errors.js';

/** Where a microphone is. */
export type ListenState =
  | { readonly name: 'connecting' | 'authenticating' | 'opening' }
  | { readonly name: 'listening'; readonly codec: string; readonly sampleRate: number }
  /** Another try comes after the pause. `problem` is a sentence about what to look at meanwhile: told once, and only when waiting will hardly help. */
  | { readonly name: 'retrying'; readonly code: TalkErrorCode; readonly inMs: number; readonly problem?: string }
  | { readonly name: 'stopped' }
  | { readonly name: 'failed'; readonly code: TalkErrorCode };

/** Sound as it comes out of a session. */
export interface HeardSound {
  /** Mono, full scale ±1. */
  readonly samples: Float32Array;
  /** Hz. */
  readonly sampleRate: number;
  /** When the camera heard the first sample, ms on the Clock of the session, as well as arrival times tell. */
  readonly heardAt: number;
}

/** What became of the packets of one session. */
export interface ListenStats {
  readonly packets: number;
  /** Missing, and given up. */
  readonly lost: number;
  /** Dropped: their place was taken or had passed. */
  readonly late: number;
  /** Dropped: of another payload type than announced. */
  readonly foreign: number;
  /** Dropped: they made no sense. */
  readonly malformed: number;
  /** Silence put in for lost sound. */
  readonly filledMs: number;
}

/** A piece of sound for the user. */
export interface SoundChunk {
  /** s16le, mono. */
  readonly pcm: Buffer;
  /** Hz. */
  readonly sampleRate: number;
  /** When the camera heard its first sample, ms on the microphone's Clock, as well as arrival times tell. */
  readonly startedAt: number;
}

export interface Recording extends SoundChunk {
  readonly seconds: number;
  /** `full`: as long as asked for. `silence`: the speech is over, or none came. `stopped`: by the user. */
  readonly ended: 'full' | 'silence' | 'stopped';
  /** Whether anybody spoke; only known when recording until silence. */
  readonly speech?: boolean;
  /** Silence in it that stands for lost sound. */
  readonly filledMs: number;
}
