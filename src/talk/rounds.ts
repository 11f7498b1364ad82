// The rounds of one clip on one camera: how many were said, when the next one is due, and what they came to together. Whose turn it is, line.ts decides.
import { MAX_REPEAT_MS } from '../limits.js';
import { isRepeated, type Repeat } from './repeat.js';
import type { TalkReport, TalkState } from './states.js';

const ONCE: Repeat = { times: 1, pauseSeconds: 0, yield: false };

export class Rounds {
  readonly #repeat: Repeat;
  #said = 0;
  #since = 0;
  #dueAt: number | undefined;
  #together: TalkReport | undefined;

  constructor(repeat: Repeat = ONCE) {
    this.#repeat = repeat;
  }

  /** Whether others may speak between two rounds. */
  get yields(): boolean {
    return this.#repeat.yield;
  }

  /** Whole rounds so far. */
  get said(): number {
    return this.#said;
  }

  /** Whether it is between two rounds. */
  get pausing(): boolean {
    return this.#dueAt !== undefined;
  }

  /** When the next round may begin, ms on the clock; -Infinity for the first, and while one is being said. */
  get dueAt(): number {
    return this.#dueAt ?? -Infinity;
  }

  /** What the whole rounds came to; undefined before the end of the first. */
  get report(): TalkReport | undefined {
    if (this.#together === undefined || !isRepeated(this.#repeat)) return this.#together;
    return { ...this.#together, rounds: this.#said };
  }

  /** The same when no round is to come any more. */
  reportAtEnd(now: number): TalkReport | undefined {
    const last = this.#said >= (this.#repeat.times ?? Infinity);
    return last || Math.max(now, this.dueAt) - this.#since >= MAX_REPEAT_MS ? this.report : undefined;
  }

  /** A round was said to its end, the first of them since then. Returns true. */
  add(round: TalkReport, since: number | undefined, now: number): true {
    this.#said += 1;
    this.#since = since ?? now;
    this.#dueAt = now + this.#repeat.pauseSeconds * 1_000;
    this.#together = together(this.#together, round);
    return true;
  }

  /** The next round begins. */
  begin(): void {
    this.#dueAt = undefined;
  }

  /** The state with the round it is about. */
  mark(state: TalkState): TalkState {
    if (!isRepeated(this.#repeat) || (state.name !== 'talking' && state.name !== 'pausing')) return state;
    const { times } = this.#repeat;
    return { ...state, round: this.#said + 1, ...(times === undefined ? {} : { rounds: times }) };
  }
}

/** The beginning is that of the first round; `attempts` and `queuedMs` of the last one are of all. */
function together(before: TalkReport | undefined, round: TalkReport): TalkReport {
  if (before === undefined) return round;
  const warnings = [...new Set([...(before.warnings ?? []), ...(round.warnings ?? [])])];
  return {
    ...round,
    session: before.session,
    firstSoundMs: before.firstSoundMs,
    packets: before.packets + round.packets,
    bytes: before.bytes + round.bytes,
    worstLatenessMs: Math.max(before.worstLatenessMs, round.worstLatenessMs),
    slips: before.slips + round.slips,
    cached: before.cached,
    confirmed: before.confirmed && round.confirmed,
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}
