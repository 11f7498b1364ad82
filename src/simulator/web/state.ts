// What the simulated camera is set to, and its sections behind `/stok=…/ds` besides audio. No HTTP, no login here.
import type { Clock } from '../../clock.js';
import { WEB_SIREN_MS } from '../limits.js';
import { createAudio, type Loudness, type VolumeChange, type WebAudioOptions } from './audio.js';
import { isObject, type Json, type JsonObject } from './json.js';
import { answerRequest, CODE, type Section } from './sections.js';

export interface WebStateOptions extends WebAudioOptions {
  /** Shown as `device_name`; default `SimulatedCamera`. */
  name?: string;
  /** How device_info may be asked for; default `both`. */
  deviceInfoBy?: 'name' | 'table' | 'both';
  /** Answer to a section this camera does not know; default -40106, others say -40210. */
  unknownSectionCode?: number;
  /** The camera's own time at the start, seconds since 1970; default 2020-01-01, as after a power cut without a time server. */
  startSeconds?: number;
}

/** What the camera is set to now. */
export interface WebState {
  speaker: Loudness;
  microphone: Loudness;
  lensMask: boolean;
  siren: boolean;
  clockSeconds: number;
  reboots: number;
}

/** The device behind the API. */
export interface WebDevice {
  /** The body that answers a request, `error_code` included. */
  answer(request: JsonObject): JsonObject;
  readonly state: WebState;
  readonly volumeLog: readonly VolumeChange[];
}

// 2020-01-01T00:00:00Z
const UNSET_CLOCK_SECONDS = 1_577_836_800;
// China has one time zone, eight hours ahead.
const ZONE_SECONDS = 8 * 3600;

/** A camera that was just switched on. */
export function createDevice(options: WebStateOptions, clock: Clock): WebDevice {
  const audio = createAudio(options, clock);
  let lensMask = 'off';
  let sirenUntil = -Infinity;
  let reboots = 0;
  let zeroSeconds = (options.startSeconds ?? UNSET_CLOCK_SECONDS) - clock.now() / 1000;
  const clockSeconds = (): number => Math.floor(zeroSeconds + clock.now() / 1000);

  const lens_mask: Section = {
    name: {
      lens_mask_info: () => ({
        ...(options.dotKeys === true ? { '.name': 'lens_mask_info', '.type': 'lens_mask_info' } : {}),
        enabled: lensMask,
      }),
    },
    set: {
      lens_mask_info: argument('enabled', (enabled) => {
        if (enabled !== 'on' && enabled !== 'off') return CODE.invalidArgument;
        lensMask = enabled;
        return CODE.ok;
      }),
    },
  };

  const system: Section = {
    name: {
      clock_status: () => ({ seconds_from_1970: String(clockSeconds()), local_time: localTime(clockSeconds()) }),
    },
    do: {
      boot_set_date: argument('seconds_from_1970', (seconds) => {
        const isText = typeof seconds === 'string' || typeof seconds === 'number';
        if (!isText || !/^\d{1,10}$/.test(String(seconds))) return CODE.invalidArgument;
        zeroSeconds = Number(seconds) - clock.now() / 1000;
        return CODE.ok;
      }),
      reboot: (value) => {
        if (value !== 'null') return CODE.invalidArgument;
        reboots += 1;
        return CODE.ok;
      },
    },
  };

  const msg_alarm: Section = {
    do: {
      manual_msg_alarm: argument('action', (action) => {
        if (action !== 'start' && action !== 'stop') return CODE.invalidArgument;
        sirenUntil = action === 'start' ? clock.now() + WEB_SIREN_MS : -Infinity;
        return CODE.ok;
      }),
    },
  };

  const sections = { device_info: deviceInfo(options), ...audio.sections, lens_mask, system, msg_alarm };
  return {
    volumeLog: audio.volumeLog,
    get state() {
      return {
        speaker: audio.speaker,
        microphone: audio.microphone,
        lensMask: lensMask === 'on',
        siren: clock.now() < sirenUntil,
        clockSeconds: clockSeconds(),
        reboots,
      };
    },
    answer: (request) => answerRequest(sections, request, options.unknownSectionCode ?? CODE.unknownInstruction),
  };
}

function deviceInfo(options: WebStateOptions): Section {
  const facts = {
    device_type: 'SMART.IPCAMERA',
    device_model: 'TL-IPC44AW-COLOR',
    device_name: options.name ?? 'SimulatedCamera',
    manufacturer_name: 'TP-LINK',
    sw_version: '1.0.3 Build 230601 Rel.50000n',
    hw_version: '6.0',
    // from the range that RFC 7042 sets aside for documentation
    mac: '00-00-5E-00-53-01',
  };
  const by = options.deviceInfoBy ?? 'both';
  return {
    ...(by === 'table' ? {} : { name: { basic_info: () => facts, info: () => facts } }),
    ...(by === 'name' ? {} : { table: { info: () => [{ info: facts }] } }),
  };
}

/** A setter of a part that takes exactly one argument. */
function argument(key: string, set: (value: Json) => number): (part: Json) => number {
  return (part) => {
    if (!isObject(part)) return CODE.formatError;
    const { [key]: value, ...more } = part;
    if (value === undefined) return CODE.missingArgument;
    return Object.keys(more).length > 0 ? CODE.unknownParameter : set(value);
  };
}

function localTime(seconds: number): string {
  return new Date((seconds + ZONE_SECONDS) * 1000).toISOString().slice(0, 19).replace('T', ' ');
}
