// What continuous listening makes of a failure: gives up, or tries again after which pause, and whether somebody should be told. Pure; it is told the time.
import type { TalkError, TalkErrorCode } from '../errors.js';
import { MAX_RECONNECT_MS, MAX_SLOW_RECONNECT_MS, REBOOT_MS, STEADY_LISTEN_MS } from '../limits.js';
import { Backoff } from './backoff.js';

/** `tell`: it will hardly pass by itself, and nobody has been told yet. */
export type Reaction =
  { readonly kind: 'give up' } | { readonly kind: 'try again'; readonly inMs: number; readonly tell: boolean };

/** A refused password is not sent again by itself, a mistake of ours stays one. */
const HOPELESS: ReadonlySet<TalkErrorCode> = new Set(['TALK_ERR_AUTH', 'TALK_ERR_ARGUMENT', 'TALK_ERR_ABORTED']);

export class Patience {
  /** After failures that pass, and after those that hardly do: a wrong path, a stream without sound, answers that make no sense. */
  readonly #quick: Backoff;
  readonly #slow: Backoff;
  readonly #told = new Set<TalkErrorCode>();
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

  /** Somebody asked for another try: what is wrong is told again. */
  asked(): void {
    this.#told.clear();
  }

  /** The session failed, or could not be opened. */
  failed({ code, retryable, retryAfterMs }: TalkError, now: number): Reaction {
    const steady = this.#heardSince !== undefined && now - this.#heardSince >= STEADY_LISTEN_MS;
    this.#heardSince = undefined;
    if (steady) for (const backoff of [this.#quick, this.#slow]) backoff.reset();
    if (HOPELESS.has(code) || (code === 'TALK_ERR_LOCKED' && retryAfterMs === undefined)) return { kind: 'give up' };
    if (retryable) return { kind: 'try again', inMs: this.#quick.next(), tell: false };
    const inMs = Math.max(this.#slow.next(), Math.ceil(retryAfterMs ?? 0));
    // A camera that was heard a moment ago is restarting.
    const restarts = retryAfterMs === undefined && now - this.#heardAt < REBOOT_MS;
    const tell = !restarts && !this.#told.has(code);
    if (tell) this.#told.add(code);
    return { kind: 'try again', inMs, tell };
  }
}
