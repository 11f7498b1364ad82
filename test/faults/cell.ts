// One cell of the matrix: a behavior in a situation, what came of it, and what should not have been.
import { BEHAVIORS, HTTP_TALK_BEHAVIORS, parseBehavior } from '../../src/simulator/index.js';
import { SITUATIONS, type Situation } from './situations.js';
import { Stage, type Family } from './stage.js';
import { fakeTime, realTime, type Time } from './time.js';

export interface Cell {
  /** What each clip ended with, in the order they came, or how long the recording is; and how often a password was sent: `heard CLOSED, 2`. */
  readonly outcome: string;
  /** Sentences; none when all is well. */
  readonly wrong: readonly string[];
}

/** Says yes and plays nothing, or plays what it complains of: no client can know. */
const MUTE: ReadonlySet<string> = new Set(['encrypted', 'vendor-groups', 'hub']);

/** Every behavior by its name, and on the first connection only, `busy@1`, where it can be had so. */
export const ROWS: Readonly<Record<Family, readonly string[]>> = {
  multitrans: Object.keys(BEHAVIORS).flatMap((name) => (canBeOnFirst(name) ? [name, `${name}@1`] : [name])),
  tapo: Object.keys(HTTP_TALK_BEHAVIORS).flatMap((name) => (MUTE.has(name) ? [] : [name, `${name}@1`])),
};

/** Decoding AAC takes a program, which knows no clock but the real one. */
const NEEDS_REAL_TIME: ReadonlySet<string> = new Set(['stream-aac', 'stream-aac@1']);

export function playInFakeTime(family: Family, row: string, situation: Situation): Promise<Cell> {
  return play(family, row, situation, situation === 'listening' && NEEDS_REAL_TIME.has(row) ? realTime() : fakeTime());
}

export function playInRealTime(family: Family, row: string, situation: Situation): Promise<Cell> {
  return play(family, row, situation, realTime());
}

async function play(family: Family, row: string, situation: Situation, time: Time): Promise<Cell> {
  const stage = await Stage.set(time, family, [row]);
  const wrong: string[] = [];
  try {
    await SITUATIONS[situation](stage);
  } catch (error) {
    wrong.push(String(error));
  }
  const { clips, recorded, logIns } = stage;
  wrong.push(...(await stage.strike()));
  const ends = [...clips.map(({ outcome }) => outcome || 'hangs'), ...(recorded === undefined ? [] : [recorded])];
  return { outcome: `${ends.join(' ')}, ${logIns}`, wrong };
}

function canBeOnFirst(name: string): boolean {
  try {
    parseBehavior(`${name}@1`);
    return true;
  } catch {
    return false;
  }
}
