// Holds back a password that a camera refused or did not answer, and an account that it locked. Keeps salted hashes in memory; no I/O.
import { createHmac, randomBytes } from 'node:crypto';
import { onAbort, throwIfAborted } from '../abort.js';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { LOCK_OUT_PAUSES_MS, MAX_CAMERA_LOCK_MS, PASSWORD_GUARD_MS, UNTOLD_LOCK_MS } from '../limits.js';
import { Offers, weakerOffer, type Form } from './offers.js';
import { LoginTurns } from './turns.js';

export type Credentials = Pick<CameraOptions, 'host' | 'port' | 'username' | 'password'> &
  Partial<Pick<CameraOptions, 'login' | 'httpPort' | 'dialect'>>;

/** What sends passwords. What one of them has seen accepted is only its own to lose. */
export type Way = 'talk' | 'listen' | 'web';

/** What a guard knows, as plain data, for a later guard on the same clock. Passwords that are on their way are held back in it: that guard will not hear their answer. */
export interface GuardMemory {
  readonly salt: Uint8Array;
  readonly holds: ReadonlyArray<readonly [key: string, hold: Hold]>;
  readonly accepted: readonly string[];
  readonly lockOuts: ReadonlyArray<readonly [key: string, refusals: number]>;
  readonly offers: ReadonlyArray<readonly [key: string, best: Form]>;
  /** How each camera took its password hashed. */
  readonly forms: ReadonlyArray<readonly [key: string, form: string]>;
}

export interface GuardOptions {
  readonly memory?: GuardMemory | undefined;
  readonly onChange?: ((memory: GuardMemory) => void) | undefined;
}

interface Hold {
  /** On the guard's clock. */
  readonly until: number;
  readonly why: string;
}

interface Sent {
  readonly holds: GuardMemory['holds'];
  readonly forget: () => void;
}

const REFUSED =
  'The camera refused this user name or password, and another attempt could lock the account. ' +
  'If they are right, it may have locked this computer out after several wrong log-ins: wait, or restart the camera';
const UNANSWERED =
  'The camera has not said whether it takes this user name and password, and another attempt could lock the account';
const LOCKED_OUT =
  'The camera refuses the password that it accepted before: it was changed there, ' +
  'or the camera has locked this computer out after several wrong log-ins; wait, or restart the camera';

/**
 * One per process, shared by everything that sends a password. One that no way has seen accepted goes out once for all of them. One that was accepted before and is
 * refused now is a lock-out (PROTOCOL.md D10): only the way that was refused waits, and tries again ever more slowly.
 */
export class PasswordGuard {
  readonly #clock: Clock;
  readonly #salt: Uint8Array;
  readonly #holds: Map<string, Hold>;
  /** Ways, with their passwords. */
  readonly #accepted: Set<string>;
  /** How often each way was refused since its password was accepted. */
  readonly #lockOuts: Map<string, number>;
  /** Of passwords on their way, each by its own: what is to be held back if nobody hears the answer. */
  readonly #sent = new Map<string, Sent>();
  readonly #offers: Offers;
  readonly #forms: Map<string, string>;
  readonly #turns: LoginTurns;
  readonly #onChange: GuardOptions['onChange'];

  constructor(clock: Clock, { memory, onChange }: GuardOptions = {}) {
    this.#clock = clock;
    this.#salt = memory?.salt ?? randomBytes(16);
    this.#holds = new Map(memory?.holds);
    this.#accepted = new Set(memory?.accepted);
    this.#lockOuts = new Map(memory?.lockOuts);
    this.#offers = new Offers(memory?.offers);
    this.#forms = new Map(memory?.forms);
    this.#turns = new LoginTurns(clock);
    this.#onChange = onChange;
  }

  /** Call before a password goes on the wire. Throws TALK_ERR_LOCKED, with the seconds to wait, while it is held back. */
  check(way: Way, camera: Credentials): void {
    this.#prune();
    const keys = [this.#password(camera), this.#way(way, camera)];
    // Of locks the web interface tells, which knows nothing of what RTSP takes.
    if (way === 'web' || !this.#isAccepted(way, camera)) keys.push(this.#account(camera));
    const [longest] = keys.flatMap((key) => this.#holds.get(key) ?? []).sort((a, b) => b.until - a.until);
    if (longest !== undefined) throw this.#heldBack(camera, longest);
  }

  /**
   * Call before `check`, directly before the password is sent. Until it is known to be accepted, only one log-in at a time may send it: the caller
   * has the turn until the guard is told the outcome, or `over` aborts. Rejects as `LoginTurns.take`.
   */
  async turn(way: Way, camera: Credentials, over: AbortSignal, signal?: AbortSignal): Promise<void> {
    const key = this.#way(way, camera);
    if (this.#isAccepted(way, camera) && !this.#lockOuts.has(key)) return;
    await this.#turns.take(this.#password(camera), cameraKey(camera), over, signal);
    throwIfAborted(over);
    this.#prune();
    this.#sent.get(key)?.forget();
    const ignore = onAbort(over, () => {
      this.#sent.delete(key);
      this.#tell();
    });
    const forget = (): void => {
      this.#sent.delete(key);
      ignore();
    };
    this.#sent.set(key, { holds: this.#unheard(way, camera), forget });
    this.#tell();
  }

  /**
   * The camera offers this form at best. Call before its password is sent; throws TALK_ERR_LOGIN (web) or TALK_ERR_UNSUPPORTED (RTSP) when it has offered a better
   * form before, to the same settings. Talking and listening are apart: nobody has seen whether a camera that wants SHA-256 for talking wants it for its streams too.
   * Never throws where the password does not go out.
   */
  offered(way: Way, camera: Credentials, form: Form, isAnswered = true): void {
    const settings = way === 'web' ? camera.httpPort : camera.dialect;
    const own = this.#hash([cameraKey(camera), way, settings, 'offers']);
    // What Basic is held against: it goes out for listening alone, and not where talking or listening was offered better, whatever the dialect.
    const any = this.#hash([cameraKey(camera), 'any', 'offers']);
    const news = (way === 'web' ? [own] : [own, any]).filter((key) => this.#offers.note(key, form));
    if (news.length > 0) this.#tell();
    const best = this.#offers.best(form === 'basic' ? any : own);
    if (!isAnswered || best === undefined || best === form) return;
    throw weakerOffer(way === 'web', cameraKey(camera), form, best);
  }

  /** The form in which a password of this account was accepted last, where there is more than one. */
  formOf(camera: Credentials): string | undefined {
    return this.#forms.get(this.#account(camera));
  }

  /** The camera accepted this user name and password, in this form where there is more than one. */
  accepted(way: Way, camera: Credentials, form?: string): void {
    const isNewForm = form !== undefined && form !== this.formOf(camera);
    if (isNewForm) this.#forms.set(this.#account(camera), form);
    const key = this.#way(way, camera);
    this.#turns.accepted(this.#password(camera));
    if (this.#accepted.has(key) && !this.#lockOuts.has(key)) {
      if (isNewForm) this.#tell();
      return;
    }
    this.#sent.get(key)?.forget();
    this.#accepted.add(key);
    this.#accepted.add(this.#anyWay(camera));
    this.#lockOuts.delete(key);
    this.#holds.delete(key);
    this.#tell();
  }

  /** The camera refused this user name and password. Gives the error for the caller, which says when to try again: the refusal, or TALK_ERR_LOCKED caused by it where it is a lock-out. */
  refused(way: Way, camera: Credentials, refusal: TalkError): TalkError {
    if (this.#isAccepted(way, camera)) return this.#lockedOut(way, camera, refusal);
    // To the web interface it may have been sent in the wrong way, which can be changed.
    const shared = way === 'web' ? [...this.#rtsp(camera), this.#way(way, camera)] : [this.#password(camera)];
    const keys = this.#accepted.has(this.#anyWay(camera)) ? this.#own(way, camera) : shared;
    this.#holdBack(way, camera, keys, REFUSED);
    const { code, message, camera: of, cause } = refusal;
    return new TalkError(code, message, { camera: of, cause, retryAfterMs: PASSWORD_GUARD_MS });
  }

  /** The password went out and no answer came. One that was never accepted, or refused last, is not sent again by itself. */
  unanswered(way: Way, camera: Credentials): void {
    if (this.#isAccepted(way, camera)) {
      if (this.#lockOuts.has(this.#way(way, camera))) this.#lockedOut(way, camera);
      return;
    }
    this.#holdBack(way, camera, this.#doubted(way, camera), UNANSWERED);
  }

  /** Somebody asks for a test: the password may be sent once more. What a camera said of locks stays. */
  testing(camera: Credentials): void {
    for (const key of [this.#password(camera), ...this.#rtsp(camera), this.#way('web', camera)])
      this.#holds.delete(key);
    this.#tell();
  }

  /** The camera says the account is locked, whatever the password; for `seconds` if it told. */
  locked(camera: Omit<Credentials, 'password'>, seconds?: number): void {
    const ms = seconds === undefined ? UNTOLD_LOCK_MS : Math.min(seconds * 1_000, MAX_CAMERA_LOCK_MS);
    this.#hold(this.#account(camera), 'The camera has locked this account', ms);
  }

  #lockedOut(way: Way, camera: Credentials, cause?: TalkError): TalkError {
    const key = this.#way(way, camera);
    const refusals = this.#lockOuts.get(key) ?? 0;
    this.#lockOuts.set(key, refusals + 1);
    this.#sent.get(key)?.forget();
    const hold = this.#hold(key, LOCKED_OUT, lockOutMs(refusals));
    this.#turns.refused(this.#password(camera));
    return this.#heldBack(camera, hold, cause);
  }

  /** What is to be held back when nobody hears what becomes of a password that goes out now. */
  #unheard(way: Way, camera: Credentials): GuardMemory['holds'] {
    const isLockOut = this.#isAccepted(way, camera);
    const key = this.#way(way, camera);
    const ms = isLockOut ? lockOutMs(this.#lockOuts.get(key) ?? 0) : PASSWORD_GUARD_MS;
    const hold = { why: isLockOut ? LOCKED_OUT : UNANSWERED, until: this.#clock.now() + ms };
    return (isLockOut ? [key] : this.#doubted(way, camera)).map((held) => [held, hold]);
  }

  /** What silence leaves in doubt. */
  #doubted(way: Way, camera: Credentials): string[] {
    // A web interface that hangs says nothing about RTSP.
    const alone = way === 'web' || this.#accepted.has(this.#anyWay(camera));
    return alone ? this.#own(way, camera) : [this.#password(camera)];
  }

  #holdBack(way: Way, camera: Credentials, keys: readonly string[], why: string): void {
    this.#sent.get(this.#way(way, camera))?.forget();
    for (const key of keys) this.#hold(key, why, PASSWORD_GUARD_MS);
    // Only now that it is held back: those who waited check again.
    this.#turns.refused(this.#password(camera));
  }

  #heldBack(camera: Credentials, { why, until }: Hold, cause?: TalkError): TalkError {
    const ms = until - this.#clock.now();
    const held = `held back for ${Math.ceil(ms / 1_000)} s, or until the settings change or the connection is tested`;
    return new TalkError('TALK_ERR_LOCKED', `${why}: ${held}`, { camera: cameraKey(camera), retryAfterMs: ms, cause });
  }

  #hold(key: string, why: string, ms: number): Hold {
    this.#prune();
    const held = { why, until: this.#clock.now() + ms };
    this.#holds.set(key, held);
    this.#tell();
    return held;
  }

  #tell(): void {
    this.#onChange?.({
      salt: this.#salt,
      holds: [...[...this.#sent.values()].flatMap(({ holds }) => holds), ...this.#holds],
      accepted: [...this.#accepted],
      lockOuts: [...this.#lockOuts],
      offers: this.#offers.all,
      forms: [...this.#forms],
    });
  }

  #prune(): void {
    const now = this.#clock.now();
    for (const [key, hold] of this.#holds) if (hold.until <= now) this.#holds.delete(key);
  }

  /** Talking and listening are one log-in to the camera: what one has seen accepted, the other need not doubt. */
  #isAccepted(way: Way, camera: Credentials): boolean {
    return this.#own(way, camera).some((key) => this.#accepted.has(key));
  }

  #own(way: Way, camera: Credentials): string[] {
    return way === 'web' ? [this.#way(way, camera)] : this.#rtsp(camera);
  }

  #rtsp(camera: Credentials): string[] {
    return [this.#way('talk', camera), this.#way('listen', camera)];
  }

  #way(way: Way, camera: Credentials): string {
    return this.#hash([cameraKey(camera), camera.username, camera.password, way, way === 'web' ? camera.login : '']);
  }

  #anyWay(camera: Credentials): string {
    return this.#hash([cameraKey(camera), camera.username, camera.password, 'any']);
  }

  #password(camera: Credentials): string {
    return this.#hash([cameraKey(camera), camera.username, camera.password]);
  }

  #account(camera: Omit<Credentials, 'password'>): string {
    return this.#hash([cameraKey(camera), camera.username]);
  }

  #hash(parts: readonly unknown[]): string {
    return createHmac('sha256', this.#salt).update(JSON.stringify(parts)).digest('base64');
  }
}

/** How long it is before the next attempt, ms, after so many refusals before this one. */
function lockOutMs(refusals: number): number {
  return LOCK_OUT_PAUSES_MS[refusals] ?? Math.max(...LOCK_OUT_PAUSES_MS);
}
