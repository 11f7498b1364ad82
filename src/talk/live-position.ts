// Where a camera goes on in live sound: with what comes next, or with what is current when that would be too old. Pure.
import { MAX_LIVE_DELAY_MS } from '../limits.js';
import type { Clip } from '../sound/clip.js';

/** Live sound may be so far ahead of time and still come at its pace, ms: what a source sends at once when it begins. */
const PACE_SLACK_MS = 1_000;
/** The same for its clock, which may be faster than ours: far more than any clock, far less than what is read from a file. */
const PACE_SLACK = 0.05;

/**
 * The byte with which a clip goes on after an outage. What comes at the pace of time, such as a microphone's sound, goes on with what is current;
 * of what comes faster, or has ended, nothing is left out that is still there.
 */
export function afterOutage(clip: Clip, byte: number, bytesPerMs: number, now: number): number {
  return !clip.ended && isAtPaceOfTime(clip, bytesPerMs, now) ? clip.available : stillThere(clip, byte);
}

/** The byte with which a bridge goes on that is being said: `byte`, unless that came too long ago. */
export function whileSaid(clip: Clip, byte: number, bytesPerMs: number, now: number): number {
  const isLate = clip.bridge && clip.available - byte > MAX_LIVE_DELAY_MS * bytesPerMs;
  return isLate ? afterOutage(clip, byte, bytesPerMs, now) : stillThere(clip, byte);
}

/** What was forgotten is not gone on with in the middle, where more would be forgotten with each packet. */
function stillThere(clip: Clip, byte: number): number {
  if (byte >= clip.first) return byte;
  return clip.ended ? clip.first : clip.available;
}

function isAtPaceOfTime({ available, liveBegin }: Clip, bytesPerMs: number, now: number): boolean {
  if (liveBegin === undefined) return false;
  const cameMs = (available - liveBegin.byte) / bytesPerMs;
  return cameMs <= (now - liveBegin.at) * (1 + PACE_SLACK) + PACE_SLACK_MS;
}
