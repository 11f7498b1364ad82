// The sections audio_config and audio_capability: volumes and mute as hardware writes them, and a log of the loudspeaker's changes.
import type { Clock } from '../../clock.js';
import { MAX_SIMULATOR_RECORDS } from '../limits.js';
import { isObject, jsonText, type Json } from './json.js';
import { CODE, type Section } from './sections.js';

export interface WebAudioOptions {
  /** Older firmware adds `.name` and `.type` to what it reads back. */
  dotKeys?: boolean;
  /** `key` (default): mute works; `absent`: there is no mute; `capability-0`: mute can be read, but setting it is refused. */
  speakerMute?: 'key' | 'absent' | 'capability-0';
  /** JSON type in which a volume may be set; default `both`. */
  acceptVolumeAs?: 'string' | 'number' | 'both';
}

/** One change of the loudspeaker; `at` is on the clock that also stamps packets, milliseconds. */
export interface VolumeChange {
  at: number;
  volume: number;
  muted: boolean;
}

export interface Loudness {
  volume: number;
  muted: boolean;
}

export interface WebAudio {
  readonly sections: { audio_config: Section; audio_capability: Section };
  readonly volumeLog: readonly VolumeChange[];
  readonly speaker: Loudness;
  readonly microphone: Loudness;
}

type Settings = Record<string, string>;

/** Loudspeaker at 80, microphone at 70, nothing muted. */
export function createAudio(options: WebAudioOptions, clock: Clock): WebAudio {
  const muteForm = options.speakerMute ?? 'key';
  const speaker: Settings = {
    ...(muteForm === 'absent' ? {} : { mute: 'off' }),
    output_device_type: 'SpeakerOut',
    volume: '80',
  };
  const microphone: Settings = {
    bitrate: '64',
    channels: '1',
    echo_cancelling: 'off',
    encode_type: 'G711alaw',
    input_device_type: 'MicIn',
    mute: 'off',
    noise_cancelling: 'on',
    sampling_rate: '8',
    volume: '70',
  };
  const volumeLog: VolumeChange[] = [];

  const refusal = (settings: Settings, key: string, value: Json): number => {
    if (settings[key] === undefined) return CODE.unknownParameter;
    if (key === 'volume') return volumeRefusal(value, options.acceptVolumeAs ?? 'both');
    const fixed = key === 'mute' ? settings === speaker && muteForm === 'capability-0' : !key.endsWith('_cancelling');
    if (fixed) return CODE.audioOperation;
    return value === 'on' || value === 'off' ? CODE.ok : CODE.invalidArgument;
  };

  const set =
    (settings: Settings) =>
    (changes: Json): number => {
      if (!isObject(changes)) return CODE.formatError;
      const entries = Object.entries(changes);
      if (entries.length === 0) return CODE.missingArgument;
      const code = entries.map(([key, value]) => refusal(settings, key, value)).find((each) => each !== CODE.ok);
      if (code !== undefined) return code;
      for (const [key, value] of entries) settings[key] = jsonText(value);
      if (settings === speaker && volumeLog.length < MAX_SIMULATOR_RECORDS) {
        volumeLog.push({ at: clock.now(), ...loudness(speaker) });
      }
      return CODE.ok;
    };

  const show = (name: string, settings: Settings) => () =>
    options.dotKeys === true ? { '.name': name, '.type': 'audio_config', ...settings } : { ...settings };

  return {
    volumeLog,
    get speaker() {
      return loudness(speaker);
    },
    get microphone() {
      return loudness(microphone);
    },
    sections: {
      audio_config: {
        name: { speaker: show('speaker', speaker), microphone: show('microphone', microphone) },
        set: { speaker: set(speaker), microphone: set(microphone) },
      },
      audio_capability: {
        name: {
          device_speaker: () => ({
            channels: '1',
            decode_type: ['G711alaw', 'G711ulaw'],
            mute: muteForm === 'key' ? '1' : '0',
            output_device_type: '0',
            sampling_rate: ['8', '16'],
            system_volume: '100',
            volume: '1',
          }),
          device_microphone: () => ({
            aec: '1',
            channels: '1',
            echo_cancelling: '0',
            encode_type: ['G711alaw'],
            half_duplex: '1',
            mute: '1',
            noise_cancelling: '1',
            sampling_rate: ['8', '16'],
            volume: '1',
          }),
        },
      },
    },
  };
}

function loudness(settings: Settings): Loudness {
  return { volume: Number(settings['volume']), muted: settings['mute'] === 'on' };
}

function volumeRefusal(value: Json, accepted: 'string' | 'number' | 'both'): number {
  if (typeof value !== 'string' && typeof value !== 'number') return CODE.invalidArgument;
  if (accepted !== 'both' && typeof value !== accepted) return CODE.invalidArgument;
  const inRange = /^\d{1,3}$/.test(String(value)) && Number(value) <= 100;
  return inRange ? CODE.ok : CODE.audioVolume;
}
