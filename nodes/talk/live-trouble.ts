// Live sound that cannot be said: when its next piece may begin anew, and when that it failed is told again. Counts the pieces that are not said.
import { TalkError, type Clock, type TalkErrorCode } from '../../src/index.js';

/** An announcement that time may cure begins so long after the one before, ms: as often as a line tries, and no sooner. */
const PAUSES_MS: readonly number[] = [1_000, 2_000, 4_000, 8_000, 15_000];
const LONGEST_PAUSE_MS = 15_000;
/** What lasts is told so often, ms; what time does not cure, such as a refused password, is not tried sooner either. */
const TOLD_AGAIN_MS = 60_000;

export class LiveTrouble {
  readonly #clock: Clock;
  #code: TalkErrorCode | undefined;
  #told: { readonly code: TalkErrorCode; readonly at: number } | undefined;
  #began: number;
  #next = 0;
  #failures = 0;
  #leftOut = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.now();
  }

  /** Why nothing is said now; undefined while something is. */
  get code(): TalkErrorCode | undefined {
    return this.#code;
  }

  /** Whether a piece may begin an announcement. */
  get mayBegin(): boolean {
    return this.#clock.now() >= this.#next;
  }

  /** An announcement begins. */
  begins(): void {
    this.#began = this.#clock.now();
    this.#code = undefined;
  }

  /** A piece came that is not said. */
  leaveOut(): void {
    this.#leftOut += 1;
  }

  /** The announcement has failed. What to tell of it; undefined when that was told a moment ago. */
  failed(failure: TalkError): TalkError | undefined {
    const now = this.#clock.now();
    const { code, message, camera, cause, retryAfterMs } = failure;
    this.#code = code;
    if (now - this.#began > LONGEST_PAUSE_MS) this.#failures = 0;
    const isCuredByTime = failure.retryable || code === 'TALK_ERR_EXPIRED';
    const pause = PAUSES_MS[Math.min(this.#failures, PAUSES_MS.length - 1)] ?? 0;
    this.#next = this.#began + (isCuredByTime ? pause : TOLD_AGAIN_MS);
    this.#failures += 1;
    if (this.#told?.code === code && now - this.#told.at < TOLD_AGAIN_MS) {
      this.leaveOut();
      return undefined;
    }
    this.#told = { code, at: now };
    const leftOut = this.#tellLeftOut();
    if (leftOut === undefined) return failure;
    return new TalkError(code, `${message}; ${leftOut} since the last word of it`, { camera, cause, retryAfterMs });
  }

  /** Nothing more comes: what was not told yet, if anything. */
  rest(): string | undefined {
    const leftOut = this.#tellLeftOut();
    return leftOut === undefined ? undefined : `${leftOut} after ${this.#told?.code ?? 'a failure'}`;
  }

  #tellLeftOut(): string | undefined {
    const count = this.#leftOut;
    this.#leftOut = 0;
    return count === 0 ? undefined : `${count} ${count === 1 ? 'piece' : 'pieces'} of live sound not said`;
  }
}
