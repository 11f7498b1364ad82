// What was heard -> properties of a message; what went wrong -> one error. Pure.
import {
  TalkError,
  toTalkError,
  toWav,
  type AudioFormat,
  type CameraOptions,
  type Recording,
  type SoundChunk,
} from '../../src/index.js';
import type { ListenOutput } from './request.js';

/** What every message with sound has. */
export interface SoundMessage {
  readonly payload: Buffer;
  /** Of the samples, in a WAV too. */
  readonly format: AudioFormat;
  /** The camera's name. */
  readonly topic: string;
  /** When the camera heard the first sample, ms since 1970. */
  readonly startedAt: number;
}

/** `msg.recording`. */
export type RecordingReport = Pick<Recording, 'seconds' | 'ended' | 'speech' | 'filledMs'>;

/** The same moment on the clock of the sound and on that of the wall, ms. */
export interface Moment {
  readonly clock: number;
  readonly wall: number;
}

export function soundMessage(
  sound: SoundChunk,
  output: ListenOutput,
  camera: Pick<CameraOptions, 'name' | 'host'>,
  now: Moment,
): SoundMessage {
  return {
    payload: output === 'wav' ? toWav(sound) : sound.pcm,
    format: { encoding: 's16le', sampleRate: sound.sampleRate, channels: 1 },
    topic: camera.name || camera.host,
    startedAt: Math.round(now.wall - (now.clock - sound.startedAt)),
  };
}

export function recordingReport({ seconds, ended, speech, filledMs }: Recording): RecordingReport {
  return { seconds, ended, ...(speech === undefined ? {} : { speech }), filledMs };
}

/** The error as the user may see it. */
export function listenError(reason: unknown): TalkError {
  const error = toTalkError(reason, 'TALK_ERR_ARGUMENT', `The message could not be read: ${String(reason)}`);
  if (error.code !== 'TALK_ERR_ABORTED') return error;
  const why = 'The settings of this camera changed while it was listened to: send the message again';
  return new TalkError('TALK_ERR_CLOSED', why, { camera: error.camera });
}
