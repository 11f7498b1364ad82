// What every group of figures is given.
import type { Clips } from './clips.js';
import type { Family } from './family.js';
import type { Block } from './processes.js';
import type { Report } from './report.js';

export interface Bench {
  readonly report: Report;
  readonly clips: Clips;
  /** Of the cameras. */
  readonly family: Family;
  /** How often what takes seconds is measured. */
  readonly runs: number;
  /** The second client's shell command, and the length of its clip. */
  readonly compare: string | undefined;
  readonly seconds: number;
}

export type Group = (bench: Bench) => Promise<void>;

/** A main loop that is blocked 80 % of the time. */
export const PIECES: Block = { afterMs: 0, busyMs: 80, freeMs: 20 };
