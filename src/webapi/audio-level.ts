// Volume and mute of loudspeaker and microphone as a user sees them, also where the firmware cannot mute. The requests are in level-request.ts.
import { TalkError } from '../errors.js';
import { MAX_WEB_QUEUE } from '../limits.js';
import type { RequestOptions, WebRequester } from './client.js';
import { at, integer, isJsonObject } from './json.js';
import {
  readLevel,
  readMuteCapability,
  writeLevel,
  type SoundPart,
  type LevelChange,
  type LevelReading,
} from './level-request.js';
import { oneAtATime, type OneAtATime } from './one-at-a-time.js';

export interface AudioLevel {
  /** 0 to 100; while muted, the volume that comes back. */
  readonly volume: number;
  readonly mute: boolean;
}

/** What we changed at one camera and have to undo. */
export interface LevelState {
  readonly turns: OneAtATime;
  /** Whether the `mute` key works; undefined before the camera was asked. */
  canMute: boolean | undefined;
  /** Muted through volume 0: the volume from before. */
  mutedFrom: number | undefined;
  /** The volume an announcement has put aside, see temporary-volume.ts. */
  lent: LentVolume | undefined;
}

export interface LentVolume {
  /** What the camera gets back. */
  original: number;
  /** What the camera has now; undefined when a change went unanswered. */
  applied: number | undefined;
  /** Those who still need another volume; the latest one counts. */
  readonly borrowers: { readonly volume: number }[];
}

interface Target {
  readonly api: WebRequester;
  readonly part: SoundPart;
  readonly state: LevelState;
  readonly options: RequestOptions | undefined;
}

const states = new WeakMap<WebRequester, Record<SoundPart, LevelState>>();

export function levelState(api: WebRequester, part: SoundPart): LevelState {
  const known = states.get(api) ?? { speaker: newState(), microphone: newState() };
  states.set(api, known);
  return known[part];
}

/**
 * Reads (nothing, or an empty object) or sets: a number from 0 to 100 is a volume, an object may hold `volume` and `mute`.
 * Where the firmware cannot mute, volume 0 stands in and the volume from before is remembered. A volume lent to an announcement
 * does not show. Throws TALK_ERR_ARGUMENT, and what the request throws.
 */
export async function audioLevel(
  api: WebRequester,
  part: SoundPart,
  argument?: unknown,
  options?: RequestOptions,
): Promise<AudioLevel> {
  const { volume, mute } = parseChange(part, argument);
  const state = levelState(api, part);
  const target: Target = { api, part, state, options };
  return state.turns(async () => {
    const reading = await readLevel(api, part, options);
    const current = { volume: state.lent?.original ?? reading.volume, mute: reading.mute };
    if (current.volume > 0) state.mutedFrom = undefined;
    if (mute !== undefined) {
      const change = { volume, mute };
      return (await mutesByKey(target, reading))
        ? muteByKey(target, current, change)
        : muteByVolume(target, current, change);
    }
    if (volume === undefined) return shown(current, state.mutedFrom);
    await apply(target, { volume });
    state.mutedFrom = undefined;
    return shown({ volume, mute: reading.mute }, undefined);
  }, options?.signal);
}

/** A volume from 0 to 100, as a number or as text, or undefined. */
export function parseVolume(value: unknown): number | undefined {
  const volume = integer(value);
  return volume !== undefined && volume >= 0 && volume <= 100 ? volume : undefined;
}

function newState(): LevelState {
  return { turns: oneAtATime(MAX_WEB_QUEUE), canMute: undefined, mutedFrom: undefined, lent: undefined };
}

function shown({ volume, mute }: LevelReading, mutedFrom: number | undefined): AudioLevel {
  return mutedFrom === undefined ? { volume, mute: mute ?? volume === 0 } : { volume: mutedFrom, mute: true };
}

/** The key alone proves nothing: cameras that cannot mute show it as well. */
async function mutesByKey({ api, part, state, options }: Target, { mute }: LevelReading): Promise<boolean> {
  if (mute === undefined) return false;
  state.canMute ??= await readMuteCapability(api, part, options);
  return state.canMute;
}

async function muteByKey(
  target: Target,
  current: LevelReading,
  change: LevelChange & { mute: boolean },
): Promise<AudioLevel> {
  await apply(target, change);
  return { volume: change.volume ?? current.volume, mute: change.mute };
}

async function muteByVolume(
  target: Target,
  current: LevelReading,
  change: LevelChange & { mute: boolean },
): Promise<AudioLevel> {
  const { state, part } = target;
  const volume = change.volume ?? state.mutedFrom ?? current.volume;
  if (!change.mute && volume === 0 && change.volume === undefined) {
    const why = `The ${part} stands at volume 0 and the volume from before is not known: send { "volume": 1 to 100 }`;
    throw new TalkError('TALK_ERR_ARGUMENT', why);
  }
  await apply(target, { volume: change.mute ? 0 : volume });
  state.mutedFrom = change.mute && volume > 0 ? volume : undefined;
  return { volume, mute: change.mute };
}

/** A change by the user holds at once, and is what an announcement in progress gives back. */
async function apply({ api, part, state, options }: Target, change: LevelChange): Promise<void> {
  await writeLevel(api, part, change, options);
  if (change.volume === undefined || state.lent === undefined) return;
  state.lent.original = change.volume;
  state.lent.applied = change.volume;
  if (state.lent.borrowers.length === 0) state.lent = undefined;
}

function parseChange(part: SoundPart, argument: unknown): LevelChange {
  if (argument === undefined || argument === null || argument === '') return {};
  const volume = parseVolume(argument);
  if (volume !== undefined) return { volume };
  if (isJsonObject(argument)) {
    const change = { volume: parseVolume(argument['volume']), mute: parseSwitch(argument['mute']) };
    const understood = Object.entries<unknown>(argument).every(
      ([key, value]) => value === undefined || at(change, key) !== undefined,
    );
    if (understood) return change;
  }
  const expected = 'nothing to read, a whole number from 0 to 100, or { volume, mute } with mute true or false';
  throw new TalkError('TALK_ERR_ARGUMENT', `Action ${part}: expected ${expected}`);
}

function parseSwitch(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'on' ? true : value === 'off' ? false : undefined;
}
