// Quiet hours of a camera: how much softer a clip is said at a time of day, or that it is kept back. Pure.
import type { CameraOptions } from '../camera-options.js';
import { minutesOfDay } from '../options.js';

export type QuietHours = Pick<CameraOptions, 'quietFrom' | 'quietTo' | 'quietMode' | 'quietGain' | 'quietPriority'>;

/** The softest gain of all. */
const KEPT_BACK_DB = -Infinity;

interface Clip {
  readonly camera: QuietHours;
  readonly priority: number;
}

const DAY_MINUTES = 24 * 60;

/** dB: 0 as usual, `quietGain` softer, −Infinity not at all. `time` counts as the clocks on the wall show it, also when summer time begins or ends. */
export function quietGainDb(hours: QuietHours, priority: number, time: Date): number {
  const { quietMode, quietGain, quietPriority } = hours;
  if (quietMode === 'off' || priority >= quietPriority || !isWithin(hours, time)) return 0;
  return quietMode === 'silent' ? KEPT_BACK_DB : quietGain;
}

/** Whether a clip would not be said now. */
export function isKeptBack({ camera, priority }: Clip, time: Date): boolean {
  return quietGainDb(camera, priority, time) === KEPT_BACK_DB;
}

/** The minute of `quietFrom` belongs to them, that of `quietTo` no more. The same time twice is the whole day. */
function isWithin({ quietFrom, quietTo }: QuietHours, time: Date): boolean {
  const from = minutesOfDay(quietFrom);
  const to = minutesOfDay(quietTo);
  if (from === undefined || to === undefined) return false;
  const since = (minutes: number): number => (minutes - from + DAY_MINUTES) % DAY_MINUTES;
  return since(time.getHours() * 60 + time.getMinutes()) < (since(to) || DAY_MINUTES);
}
