// What one camera heard, and what follows from it. Pure.
import { apart, lateness, percentile } from './figures.js';

export interface Heard {
  /** 1 for the camera's first talk session. */
  readonly number: number;
  /** TCP accept, ms on the same clock as `arrivals`. */
  readonly acceptedAt: number;
  /** Silence before the first sound, exact to the sample. */
  readonly leadInMs: number;
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

/**
 * How far apart the same sound came to the cameras, ms, whatever the length of their packets: one value for each packet with sound of the
 * camera that had the most of them. Nothing when a camera heard none.
 */
export function spread(all: readonly Maybe[]): number[] {
  const heard = all.filter((one) => one != null && one.audible.includes(true)) as Heard[];
  if (heard.length < all.length) return [];
  const marks = heard.map(packetsFromSound).reduce((most, one) => (one.length > most.length ? one : most), []);
  return apart(heard.map((one) => marks.flatMap((mark) => instantOf(one, mark) ?? [])));
}

/** The beginnings of the packets from the first one with sound on, ms since the first sound; that one began before it, or with it. */
function packetsFromSound({ due, audible, leadInMs }: Heard): number[] {
  return due.slice(audible.indexOf(true)).map((at) => Math.max(0, at - leadInMs));
}

/** When a camera that plays each packet as it comes has the sound that begins so long after the first; undefined behind the end. */
function instantOf({ arrivals, due, durationMs, leadInMs }: Heard, mark: number): number | undefined {
  const position = leadInMs + mark;
  if (position >= durationMs) return undefined;
  const packet = due.findLastIndex((at) => at <= position);
  return (arrivals[packet] ?? Number.NaN) + position - (due[packet] ?? Number.NaN);
}

/** The lateness below which a share `p` of all packets of all cameras lies. */
export function latenessOfAll(all: readonly Maybe[], p: number): number {
  return percentile(all.flatMap(packetLateness), p);
}
