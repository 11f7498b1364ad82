// Times when the camera is away or busy with others: how long they last, for whom they count, and the pauses between attempts. Whose attempt it is, line.ts decides.
import type { CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import type { TalkState } from './states.js';

/** Whether the camera takes connections just now. Rejects with the signal's reason. */
export type Answers = (camera: CameraOptions, signal?: AbortSignal) => Promise<boolean>;

/** Pauses before a clip is started again, ms; cameras release the talk slot within seconds (PROTOCOL.md S2). The last one goes on. */
const PAUSES_MS: readonly number[] = [1_000, 2_000, 4_000];
/** The same for a camera that takes no connection, ms. It is looked at meanwhile, */
const UNREACHABLE_PAUSES_MS: readonly number[] = [...PAUSES_MS, 8_000, 15_000];
/** so often, ms. */
const LOOK_MS = 1_000;
/** What is over sooner is not worth a word, ms. */
const TOLD_AFTER_MS = 3_000;

/** What a clip bears, and since when it bears it. */
export interface Waiter {
  readonly retrySeconds: number;
  readonly maxWaitSeconds: number;
  /** `awayMs` when the clip came. */
  readonly awayMsBefore: number;
}

/** The clip whose attempt is next. */
interface Next extends Waiter {
  readonly camera: CameraOptions;
  readonly signal: AbortSignal;
  readonly onState: (state: TalkState) => void;
}

export class Outages {
  readonly #key: string;
  readonly #clock: Clock;
  readonly #answers: Answers;
  /** Time away, over all outages. Stands still while we speak. */
  #awayMs = 0;
  #awaySince: number | undefined;
  #problem: TalkError | undefined;
  /** `awayMs` when the present outage began. */
  #beganAtMs = 0;
  #failures = 0;
  #nextAttemptAt = 0;
  #told = false;

  /** @param key `host:port`, for errors */
  constructor(key: string, clock: Clock, answers: Answers) {
    this.#key = key;
    this.#clock = clock;
    this.#answers = answers;
  }

  /** How long the camera was away or busy since the line is there, ms. */
  get awayMs(): number {
    return this.#awayMs + (this.#awaySince === undefined ? 0 : this.#clock.now() - this.#awaySince);
  }

  /** An attempt has failed in a way that time may cure: the outage begins, or goes on. */
  failed(problem: TalkError): void {
    if (this.#problem === undefined) this.#beganAtMs = this.awayMs;
    this.#awaySince ??= this.#clock.now();
    this.#problem = problem;
    const pauses = problem.code === 'TALK_ERR_CONNECT' ? UNREACHABLE_PAUSES_MS : PAUSES_MS;
    this.#nextAttemptAt = this.#clock.now() + (pauses[Math.min(this.#failures, pauses.length - 1)] ?? 0);
    this.#failures += 1;
  }

  /** We speak: time stands still. Whether the camera is really back shows the end of the clip. */
  speaking(): void {
    this.#awayMs = this.awayMs;
    this.#awaySince = undefined;
  }

  /** A clip was said, or nobody waits any more. */
  over(): void {
    this.speaking();
    this.#problem = undefined;
    this.#failures = 0;
    this.#nextAttemptAt = 0;
    this.#told = false;
  }

  /** Whether the camera was away when we last tried. */
  get lasts(): boolean {
    return this.#problem !== undefined;
  }

  /**
   * Waits until the next attempt is due, and tells once how it stands. Those of `others` that have waited too long meanwhile go to `fail`.
   * Rejects with what ends the clip.
   */
  async wait<T extends Waiter>(
    next: Next,
    others: Iterable<T>,
    fail: (other: T, tooOld: TalkError) => void,
  ): Promise<void> {
    for (;;) {
      for (const other of [...others]) {
        const tooOld = this.expired(other);
        if (tooOld !== undefined) fail(other, tooOld);
      }
      const end = this.expired(next);
      if (end !== undefined) throw end;
      const leftMs = Math.min(...[next, ...others].map((waiter) => this.leftMs(waiter)));
      if (await this.isDue(next.camera, leftMs, next.signal)) return;
      const problem = this.news();
      if (problem !== undefined) {
        const secondsLeft = Math.ceil(this.leftMs(next) / 1_000);
        next.onState({ name: 'retrying', code: problem.code, problem: problem.message, secondsLeft });
      }
    }
  }

  /** How long the clip may still wait, ms; without end when nothing is wrong. */
  leftMs(waiter: Waiter): number {
    if (this.#problem === undefined) return Infinity;
    return Math.min(this.#retryLeftMs(waiter), waiter.maxWaitSeconds * 1_000 - this.#waitedMs(waiter));
  }

  /** What ends a clip that has waited as long as it may; undefined while it may wait. */
  expired(waiter: Waiter): TalkError | undefined {
    const problem = this.#problem;
    if (problem === undefined || this.leftMs(waiter) > 0) return undefined;
    const options = { camera: this.#key, cause: problem };
    if (this.#retryLeftMs(waiter) <= 0) {
      const tried = `tried again for ${waiter.retrySeconds} s`;
      return new TalkError(problem.code, `${problem.message}; ${tried}`, { ...options, cause: problem.cause });
    }
    const waited = `The clip has waited ${Math.round(this.#waitedMs(waiter) / 1_000)} s for the camera at ${this.#key}`;
    return new TalkError('TALK_ERR_EXPIRED', `${waited} (${problem.message}) and is too old to be said`, options);
  }

  /** The problem, once for each outage, when it lasts long enough to be worth a word. */
  news(): TalkError | undefined {
    if (this.#told || this.#problem === undefined || this.#tellInMs > 0) return undefined;
    this.#told = true;
    return this.#problem;
  }

  /**
   * Waits for a step of at most `ms`; true when the next attempt is due: the pause is over, or the camera takes connections again.
   * Rejects with the signal's reason.
   */
  async isDue(camera: CameraOptions, ms: number, signal: AbortSignal): Promise<boolean> {
    const left = this.#nextAttemptAt - this.#clock.now();
    if (this.#problem === undefined || left <= 0) return true;
    const looks = this.#problem.code === 'TALK_ERR_CONNECT';
    const step = Math.min(left, ms, looks ? LOOK_MS : Infinity, this.#told ? Infinity : this.#tellInMs);
    await this.#clock.wait(step, signal);
    return step >= left || (looks && (await this.#answers(camera, signal)));
  }

  get #tellInMs(): number {
    return TOLD_AFTER_MS - (this.awayMs - this.#beganAtMs);
  }

  #retryLeftMs({ retrySeconds, awayMsBefore }: Waiter): number {
    return retrySeconds * 1_000 - (this.awayMs - Math.max(this.#beganAtMs, awayMsBefore));
  }

  #waitedMs({ awayMsBefore }: Waiter): number {
    return this.awayMs - awayMsBefore;
  }
}
