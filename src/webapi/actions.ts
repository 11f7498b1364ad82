// What the control node can ask a camera, with the arguments and results of the contract. How requests travel is in client.ts.
import { TalkError } from '../errors.js';
import { MAX_WEB_REQUEST_BYTES } from '../limits.js';
import { given, refused } from '../options.js';
import { audioLevel, type AudioLevel } from './audio-level.js';
import type { RequestOptions, WebRequester } from './client.js';
import { apiErrorCode } from './error-codes.js';
import { at, copyJson, integer, isJsonObject, text, type JsonObject } from './json.js';

export const CONTROL_ACTIONS = [
  'info',
  'speaker',
  'microphone',
  'privacy',
  'clock',
  'siren',
  'reboot',
  'request',
] as const;
export type ControlAction = (typeof CONTROL_ACTIONS)[number];

export interface CameraInfo {
  readonly model: string;
  readonly name: string;
  readonly firmware: string;
  readonly hardware: string;
  readonly mac: string;
}

export interface CameraTime {
  /** The camera's clock, ISO 8601 in UTC; cameras tell whole seconds. */
  readonly time: string;
  /** How far the camera's clock is ahead of ours, ms. */
  readonly offsetMs: number;
}

/** The time of day here, ms since 1970. */
export type WallClock = () => number;

export interface ControlOptions extends RequestOptions {
  readonly now: WallClock;
}

export type ControlResult = CameraInfo | AudioLevel | CameraTime | JsonObject;

/** Answers of models that know the device information only as a table. */
const NO_SUCH_SECTION: readonly number[] = [-40106, -40210];
/** 9999-12-31, the last second that ISO 8601 writes with four digits. */
const LAST_SECOND = 253_402_300_799;

/** Runs one action by name. Throws TALK_ERR_ARGUMENT for an unknown action or an argument it does not take, and what the request throws. */
export function control(
  api: WebRequester,
  action: string,
  argument: unknown,
  { now, signal }: ControlOptions,
): Promise<ControlResult> {
  const options = { signal };
  switch (CONTROL_ACTIONS.find((known) => known === action)) {
    case 'info':
      return info(api, options);
    case 'speaker':
      return speaker(api, argument, options);
    case 'microphone':
      return microphone(api, argument, options);
    case 'privacy':
      return privacy(api, argument, options);
    case 'clock':
      return clock(api, argument, now, options);
    case 'siren':
      return siren(api, argument, options);
    case 'reboot':
      return reboot(api, options);
    case 'request':
      return request(api, argument, options);
    case undefined:
      return Promise.reject(refused('msg.action', CONTROL_ACTIONS.join(', ')));
  }
}

export async function info(api: WebRequester, options?: RequestOptions): Promise<CameraInfo> {
  const section = await readDeviceInfo(api, options);
  if (!isJsonObject(section)) throw new TalkError('TALK_ERR_PROTOCOL', 'The camera told nothing about itself');
  const field = (name: string): string => text(section[name]) ?? '';
  return {
    model: field('device_model'),
    name: field('device_name'),
    firmware: field('sw_version'),
    hardware: field('hw_version'),
    mac: field('mac'),
  };
}

/** See `audioLevel`. */
export function speaker(api: WebRequester, argument?: unknown, options?: RequestOptions): Promise<AudioLevel> {
  return audioLevel(api, 'speaker', argument, options);
}

/** See `audioLevel`. */
export function microphone(api: WebRequester, argument?: unknown, options?: RequestOptions): Promise<AudioLevel> {
  return audioLevel(api, 'microphone', argument, options);
}

/** The lens mask: nothing reads, `on`, `off` or a boolean sets. */
export async function privacy(
  api: WebRequester,
  argument?: unknown,
  options?: RequestOptions,
): Promise<{ enabled: boolean }> {
  if (given(argument) === undefined) {
    const reply = await api.request({ method: 'get', lens_mask: { name: ['lens_mask_info'] } }, options);
    const enabled = text(at(reply, 'lens_mask', 'lens_mask_info', 'enabled'));
    if (enabled === undefined) throw new TalkError('TALK_ERR_PROTOCOL', 'The camera told nothing about its lens mask');
    return { enabled: enabled === 'on' };
  }
  if (argument !== 'on' && argument !== 'off' && typeof argument !== 'boolean') {
    throw refused('Action privacy', 'nothing to read, "on", "off", true or false');
  }
  const enabled = argument === 'on' || argument === true;
  await api.request({ method: 'set', lens_mask: { lens_mask_info: { enabled: enabled ? 'on' : 'off' } } }, options);
  return { enabled };
}

/** The camera's clock: nothing reads, `now` sets it to ours and reads it back. */
export async function clock(
  api: WebRequester,
  argument: unknown,
  now: WallClock,
  options?: RequestOptions,
): Promise<CameraTime> {
  if (given(argument) !== undefined) {
    if (argument !== 'now') throw refused('Action clock', 'nothing to read, or "now" to set it');
    const seconds = Math.round(now() / 1_000);
    await api.request({ method: 'do', system: { boot_set_date: { seconds_from_1970: seconds } } }, options);
  }
  const asked = now();
  const reply = await api.request({ method: 'get', system: { name: ['clock_status'] } }, options);
  const here = (asked + now()) / 2;
  const seconds = integer(at(reply, 'system', 'clock_status', 'seconds_from_1970'));
  if (seconds === undefined || seconds < 0 || seconds > LAST_SECOND) {
    throw new TalkError('TALK_ERR_PROTOCOL', 'The camera told no usable time');
  }
  return { time: new Date(seconds * 1_000).toISOString(), offsetMs: Math.round(seconds * 1_000 - here) };
}

/** `start` or `stop`; cameras stop by themselves after about 10 s. */
export async function siren(
  api: WebRequester,
  argument: unknown,
  options?: RequestOptions,
): Promise<{ active: boolean }> {
  if (argument !== 'start' && argument !== 'stop') throw refused('Action siren', '"start" or "stop"');
  await api.request({ method: 'do', msg_alarm: { manual_msg_alarm: { action: argument } } }, options);
  return { active: argument === 'start' };
}

export async function reboot(api: WebRequester, options?: RequestOptions): Promise<Record<string, never>> {
  // The text "null", not null: that is what the cameras' own page sends.
  await api.request({ method: 'do', system: { reboot: 'null' } }, options);
  return {};
}

/** An object of the flow's own, sent as it is. */
export async function request(api: WebRequester, argument: unknown, options?: RequestOptions): Promise<JsonObject> {
  const json = copyJson(argument);
  if (!isJsonObject(json)) {
    throw refused(
      'Action request',
      'an object of text, numbers, booleans, null, lists and objects, such as {"method":"get", …}',
    );
  }
  if (Buffer.byteLength(JSON.stringify(json)) > MAX_WEB_REQUEST_BYTES) {
    throw refused('Action request', `an object of at most ${MAX_WEB_REQUEST_BYTES} bytes as JSON`);
  }
  return api.request(json, options);
}

/** Most models have `basic_info`; newer business models keep the same fields in the first row of a table. */
async function readDeviceInfo(api: WebRequester, options: RequestOptions | undefined): Promise<unknown> {
  try {
    const reply = await api.request({ method: 'get', device_info: { name: ['basic_info'] } }, options);
    return at(reply, 'device_info', 'basic_info');
  } catch (error) {
    if (!NO_SUCH_SECTION.includes(apiErrorCode(error) ?? 0)) throw error;
    const reply = await api.request({ method: 'get', device_info: { table: ['info'] } }, options);
    return at(reply, 'device_info', 'info', 0, 'info');
  }
}
