// What follows a failure of continuous listening: whether to try again, after which pause, and whether to tell somebody. Pure; it is told the time.
import type { TalkError, TalkErrorCode } from '../errors.js';

/** The pause before a microphone is opened again, ms: doubled by each failure, then shortened by up to half at random; a camera reboots in about a minute. */
const FIRST_RECONNECT_MS = 1_000;
const MAX_RECONNECT_MS = 30_000;
/** The same where the camera answers, but not with sound, ms: its path or settings are wrong, or its streams are not up yet after a reboot. */
const MAX_SLOW_RECONNECT_MS = 300_000;
/** A camera that was heard may answer strangely for so long before anybody is told, ms: twice a reboot. */
const REBOOT_MS = 120_000;
/** A session that gave sound for so long starts the pauses anew, ms; ours. */
const STEADY_LISTEN_MS = 10_000;

/** So many sessions in a row that the camera opened or began to and that gave no sound at all: the next will hardly be better; ours. */
const FRUITLESS_SESSIONS = 3;

/** `tell`: waiting will hardly help, and nobody has been told yet. */
export type Reaction =
  { readonly kind: 'give up' } | { readonly kind: 'try again'; readonly inMs: number; readonly tell: boolean };

/** No further try: a wrong argument stays wrong. */
const HOPELESS: ReadonlySet<TalkErrorCode> = new Set(['TALK_ERR_ARGUMENT', 'TALK_ERR_ABORTED']);

/** Tried again when the password guard says, and not before. */
const PASSWORD: ReadonlySet<TalkErrorCode> = new Set(['TALK_ERR_AUTH', 'TALK_ERR_LOCKED']);

/** The camera was there, and then no more came of it. */
const FRUITLESS: ReadonlySet<TalkErrorCode> = new Set(['TALK_ERR_STALLED', 'TALK_ERR_CLOSED']);

export class Reconnect {
  /** Pauses after failures that pass, and after failures that hardly do: a wrong path, a stream without sound, answers without sense. */
  readonly #quick: Backoff;
  readonly #slow: Backoff;
  readonly #told = new Set<TalkErrorCode>();
  #fruitless = 0;
  /** Since when the current session gives sound, and when the latest came, ms. */
  #heardSince: number | undefined;
  #heardAt = -Infinity;

  /** @param random gives 0 to 1 */
  constructor(random?: () => number) {
    this.#quick = new Backoff(MAX_RECONNECT_MS, random);
    this.#slow = new Backoff(MAX_SLOW_RECONNECT_MS, random);
  }

  /** Sound came. */
  heard(now: number): void {
    this.#heardSince ??= now;
    this.#heardAt = now;
    this.#told.clear();
  }

  /** A user asked for another try: problems are told again. */
  asked(): void {
    this.#told.clear();
  }

  /** The session failed, or could not be opened. */
  failed({ code, retryable, retryAfterMs }: TalkError, now: number): Reaction {
    const steady = this.#heardSince !== undefined && now - this.#heardSince >= STEADY_LISTEN_MS;
    this.#fruitless = this.#heardSince === undefined && FRUITLESS.has(code) ? this.#fruitless + 1 : 0;
    this.#heardSince = undefined;
    if (steady) for (const backoff of [this.#quick, this.#slow]) backoff.reset();
    if (HOPELESS.has(code) || (PASSWORD.has(code) && retryAfterMs === undefined)) return { kind: 'give up' };
    if (retryable && this.#fruitless < FRUITLESS_SESSIONS)
      return { kind: 'try again', inMs: this.#quick.next(), tell: false };
    const inMs = Math.max(this.#slow.next(), Math.ceil(retryAfterMs ?? 0));
    // A camera that was heard a moment ago is restarting.
    const restarts = retryAfterMs === undefined && now - this.#heardAt < REBOOT_MS;
    const tell = !restarts && !this.#told.has(code);
    if (tell) this.#told.add(code);
    return { kind: 'try again', inMs, tell };
  }
}

/** How long to wait before the next try: doubled by each failure, spread at random so that many clients do not come back at once. */
class Backoff {
  readonly #mostMs: number;
  readonly #random: () => number;
  #failures = 0;

  /**
   * @param mostMs the longest pause
   * @param random gives 0 to 1
   */
  constructor(mostMs: number, random: () => number = Math.random) {
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** The pause after one more failure, ms. */
  next(): number {
    const longest = Math.min(FIRST_RECONNECT_MS * 2 ** this.#failures, this.#mostMs);
    this.#failures += 1;
    return Math.round(longest * (1 - this.#random() / 2));
  }

  /** All is well again. */
  reset(): void {
    this.#failures = 0;
  }
}
