// Who may try a password that the camera has not accepted yet: one log-in at a time, since two would spend two attempts on a wrong one. No I/O.
import { onAbort, throwIfAborted } from '../abort.js';
import { withDeadline, type Clock } from '../clock.js';
import { deferred } from '../deferred.js';
import { TalkError } from '../errors.js';
import { LOGIN_TURN_MS } from '../limits.js';

interface Turn {
  readonly over: AbortSignal;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/** Keys stand for camera, user name and password; those of different keys never wait for each other. */
export class LoginTurns {
  readonly #clock: Clock;
  readonly #accepted = new Set<string>();
  readonly #turns = new Map<string, Turn>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when the password may be sent: at once when it has been accepted before or nobody is trying it. The caller has the turn then, until `accepted` or
   * `refused` is called or its `over` aborts. Rejects with TALK_ERR_TIMEOUT after LOGIN_TURN_MS, or with the reason of `over` or `signal`.
   */
  async take(key: string, camera: string, over: AbortSignal, signal?: AbortSignal): Promise<void> {
    const latest = this.#clock.now() + LOGIN_TURN_MS;
    for (let turn = this.#othersTurn(key, over); turn !== undefined; turn = this.#othersTurn(key, over)) {
      const cut = signal === undefined ? over : AbortSignal.any([over, signal]);
      await withDeadline(this.#clock, turn.ended, latest - this.#clock.now(), () => unanswered(camera), cut);
    }
    // Nothing is awaited between looking and taking.
    throwIfAborted(over);
    if (!this.#accepted.has(key) && !this.#turns.has(key)) this.#begin(key, over);
  }

  /** The camera took the password: nobody waits any more. */
  accepted(key: string): void {
    this.#accepted.add(key);
    this.#turns.get(key)?.end();
  }

  /** The camera refused the password, whatever it said before. Those who wait get their turn and must check whether they may still use it. */
  refused(key: string): void {
    this.#accepted.delete(key);
    this.#turns.get(key)?.end();
  }

  #othersTurn(key: string, over: AbortSignal): Turn | undefined {
    const turn = this.#accepted.has(key) ? undefined : this.#turns.get(key);
    // A second nonce in one log-in is no second turn.
    return turn?.over === over ? undefined : turn;
  }

  #begin(key: string, over: AbortSignal): void {
    const { promise: ended, resolve } = deferred();
    const end = (): void => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
      ignore();
      resolve();
    };
    // A turn of the event loop later: whoever had it says first what became of the password, and those who wait look then.
    const ignore = onAbort(over, () => void this.#clock.wait(0).then(end));
    const turn = { over, ended, end };
    this.#turns.set(key, turn);
  }
}

function unanswered(camera: string): TalkError {
  const why = `The camera at ${camera} has not answered another log-in for ${LOGIN_TURN_MS / 1_000} s`;
  return new TalkError('TALK_ERR_TIMEOUT', why, { camera });
}
