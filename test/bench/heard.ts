// What one camera heard, and what follows from it. Pure.
import { apart, lateness, percentile } from './figures.js';

export interface Heard {
  /** 1 for the camera's first talk session. */
  readonly number: number;
  /** Arrival of each packet, ms on the system's monotonic clock. */
  readonly arrivals: readonly number[];
  /** How much sound came before each packet, ms: when it is due, from the first one on. */
  readonly due: readonly number[];
  /** All of it, silence included. */
  readonly durationMs: number;
  /** Whether the packet holds anything but silence. */
  readonly audible: readonly boolean[];
  /** Of this talk. */
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
  /** A-law, base64. */
  readonly audio?: string;
}

/** So much silence at its two ends is not missed: speech begins and ends with a pause; ours. */
const PAUSES_SECONDS = 0.3;

type Maybe = Heard | null | undefined;

/** When the first packet with sound came, ms; NaN when none did. */
export function firstAudible(heard: Maybe, from = 0): number {
  const index = heard?.audible.findIndex((audible, n) => audible && n >= from) ?? -1;
  return heard?.arrivals[index] ?? Number.NaN;
}

/** From the start of the first packet with sound to the end of the last one. */
export function audibleSeconds(heard: Maybe): number {
  if (heard === null || heard === undefined) return 0;
  const first = heard.audible.indexOf(true);
  const last = heard.audible.lastIndexOf(true);
  if (first === -1) return 0;
  return ((heard.due[last + 1] ?? heard.durationMs) - (heard.due[first] ?? 0)) / 1_000;
}

/** Whether a clip of `seconds` came through. */
export function isWhole(heard: Maybe, seconds: number): boolean {
  return audibleSeconds(heard) >= seconds - PAUSES_SECONDS;
}

/** How late each packet came, ms. */
export function packetLateness(heard: Maybe): number[] {
  return lateness(heard?.arrivals ?? [], heard?.due ?? []);
}

/** How far apart the packets of the same number came to the cameras, ms: one value for each number, counted from the first packet with sound. */
export function spread(all: readonly Maybe[]): number[] {
  return apart(all.map((heard) => heard?.arrivals.slice(Math.max(0, heard.audible.indexOf(true))) ?? []));
}

/** The lateness below which a share `p` of all packets of all cameras lies. */
export function latenessOfAll(all: readonly Maybe[], p: number): number {
  return percentile(all.flatMap(packetLateness), p);
}
