// The requests about volume and mute, and what their replies hold. What the user wants from them is in audio-level.ts.
import { TalkError } from '../errors.js';
import type { RequestOptions, WebRequester } from './client.js';
import { apiErrorCode } from './error-codes.js';
import { at, integer, isJsonObject, text, type JsonObject, type JsonValue } from './json.js';

export type SoundPart = 'speaker' | 'microphone';

export interface LevelReading {
  /** 0 to 100. */
  readonly volume: number;
  /** Undefined when the firmware has no such key. */
  readonly mute: boolean | undefined;
}

export interface LevelChange {
  readonly volume?: number | undefined;
  readonly mute?: boolean | undefined;
}

/** Answers to a volume of the wrong JSON type (PROTOCOL.md W15). */
const VOLUME_TYPE_ERRORS: readonly number[] = [-40209, -40210, -64206];

/** Cameras that took a volume only as a JSON number. */
const numericVolumes = new WeakSet<WebRequester>();

/** Throws TALK_ERR_PROTOCOL when the answer holds no volume. */
export async function readLevel(api: WebRequester, part: SoundPart, options?: RequestOptions): Promise<LevelReading> {
  const reply = await api.request({ method: 'get', audio_config: { name: [part] } }, options);
  const section = at(reply, 'audio_config', part);
  const volume = integer(at(section, 'volume'));
  if (!isJsonObject(section) || volume === undefined) {
    throw new TalkError('TALK_ERR_PROTOCOL', `The camera told no volume of its ${part}`);
  }
  const mute = text(section['mute']);
  return { volume, mute: mute === undefined ? undefined : mute === 'on' || mute === '1' };
}

/** Volumes go as text, as every example from this family writes them; once as a number when the camera does not like that. */
export async function writeLevel(
  api: WebRequester,
  part: SoundPart,
  { volume, mute }: LevelChange,
  options?: RequestOptions,
): Promise<void> {
  const muting: JsonObject = mute === undefined ? {} : { mute: mute ? 'on' : 'off' };
  const send = (sent: JsonValue | undefined): Promise<JsonObject> => {
    const level: JsonObject = sent === undefined ? muting : { volume: sent, ...muting };
    return api.request({ method: 'set', audio_config: { [part]: level } }, options);
  };
  if (volume === undefined || numericVolumes.has(api)) {
    await send(volume);
    return;
  }
  try {
    await send(String(volume));
  } catch (error) {
    if (!VOLUME_TYPE_ERRORS.includes(apiErrorCode(error) ?? 0)) throw error;
    await send(volume);
    numericVolumes.add(api);
  }
}

/** Whether the camera says that its `mute` key does something; true when it does not say. */
export async function readMuteCapability(
  api: WebRequester,
  part: SoundPart,
  options?: RequestOptions,
): Promise<boolean> {
  const device = `device_${part}`;
  try {
    const reply = await api.request({ method: 'get', audio_capability: { name: [device] } }, options);
    return text(at(reply, 'audio_capability', device, 'mute')) !== '0';
  } catch (error) {
    if (apiErrorCode(error) === undefined) throw error;
    return true;
  }
}
