// What tuning tells, as plain data: the settings it found, why others were not, what was tried and heard. It measures nothing.
import type { CameraOptions, TalkMode } from '../camera-options.js';
import type { TuneRemark } from './sentences.js';

/** The settings that are looked for, in their order; of the sizes of packets the one that the camera's talk has. */
export const TUNED = ['mode', 'codec', 'leadInMs', 'drainMs', 'packetBytes', 'packetMs'] as const;
export type TunedSetting = (typeof TUNED)[number];

/** One thing that was tried, and what came of it. */
export interface TuneTrial {
  readonly setting: TunedSetting;
  readonly value: string | number;
  /** In which mode it was played. */
  readonly mode: TalkMode;
  /** Whose microphone heard it: the camera's own, another camera's, a recording's. */
  readonly ear: TuneEar;
  /** In English: what was heard. */
  readonly heard: string;
  /** The same, to be translated. */
  readonly said: readonly TuneRemark[];
}

export type TuneEar = 'own' | 'other' | 'recording';

export interface VolumeAdvice {
  readonly advice: 'lower' | 'raise' | 'keep';
  /** Of the loudspeaker's sound in the microphone, dB of full scale, and above the noise of the room. */
  readonly levelDb: number;
  readonly snrDb: number;
  readonly clipping: boolean;
}

export interface TuneResult {
  /** What could not be found out is absent. */
  readonly settings: Partial<Pick<CameraOptions, TunedSetting>>;
  /** In English: why a setting is absent. */
  readonly unknown: Partial<Record<TunedSetting, string>>;
  /** The same, to be translated. */
  readonly reasons: Partial<Record<TunedSetting, readonly TuneRemark[]>>;
  /** In which mode a setting was measured, when it was another one than `settings.mode`. */
  readonly measuredIn: Partial<Record<TunedSetting, TalkMode>>;
  /** From packet to sound, as the ear heard it: the median, and how far all lie apart; absent when nothing was heard. */
  readonly latencyMs?: number;
  readonly latencySpreadMs?: number;
  readonly speakerVolume?: VolumeAdvice;
  readonly tried: readonly TuneTrial[];
}

/** What tuning is busy with, `done` of about `of` sounds have been played. */
export interface TuneProgress {
  readonly setting: TunedSetting;
  readonly value: string | number;
  readonly done: number;
  readonly of: number;
  /** All has been played: now the recording is waited for. */
  readonly waits?: true;
}
