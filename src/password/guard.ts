// Holds back a password that a camera refused and an account that a camera locked. Keeps salted hashes in memory; no I/O.
import { createHmac, randomBytes } from 'node:crypto';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { MAX_CAMERA_LOCK_MS, PASSWORD_GUARD_MS, PASSWORD_UNANSWERED_MS } from '../limits.js';
import { LoginTurns } from './turns.js';

export type Credentials = Pick<CameraOptions, 'host' | 'port' | 'username' | 'password'>;

/** What a guard knows, as plain data, for a later guard on the same clock. */
export interface GuardMemory {
  readonly salt: Uint8Array;
  readonly holds: ReadonlyArray<readonly [key: string, hold: Hold]>;
  readonly talked: readonly string[];
}

export interface GuardOptions {
  readonly memory?: GuardMemory | undefined;
  readonly onChange?: ((memory: GuardMemory) => void) | undefined;
}

interface Hold {
  readonly camera: string;
  /** On the guard's clock. */
  readonly until: number;
  readonly why: string;
  /** Whether another attempt makes sense afterwards although nobody changed anything. */
  readonly passes: boolean;
  /** The camera has said neither yes nor no. */
  readonly unanswered?: boolean;
}

interface Known {
  readonly salt: Uint8Array;
  readonly holds: Map<string, Hold>;
  readonly talked: Set<string>;
  readonly turns: LoginTurns;
  readonly onChange: GuardOptions['onChange'];
}

/**
 * One per process, shared by everything that sends a password, so that neither RTSP nor the web API spends a second attempt
 * on a password the other has seen refused.
 */
export class PasswordGuard {
  readonly #clock: Clock;
  readonly #known: Known;
  /** Part of every hash; guards that are apart share everything else. */
  readonly #scope: string;

  constructor(clock: Clock, { memory, onChange }: GuardOptions = {}, shared?: Known, scope = '') {
    this.#clock = clock;
    this.#scope = scope;
    this.#known = shared ?? {
      salt: memory?.salt ?? randomBytes(16),
      holds: new Map(memory?.holds),
      talked: new Set(memory?.talked),
      turns: new LoginTurns(clock),
      onChange,
    };
  }

  /** A guard with holds of its own in the same memory, for a way of sending passwords whose refusals say nothing about the other ways. */
  apart(scope: string): PasswordGuard {
    return new PasswordGuard(this.#clock, {}, this.#known, scope);
  }

  /** Call before a password goes on the wire. Throws TALK_ERR_LOCKED, with the seconds to wait, while it is held back. */
  check(credentials: Credentials): void {
    this.#prune();
    const account = this.#known.holds.get(this.#account(credentials));
    const password = this.#known.holds.get(this.#password(credentials));
    const hold = account ?? password;
    if (hold === undefined) return;
    const ms = hold.until - this.#clock.now();
    const passes = hold.passes && password?.passes !== false;
    const seconds = Math.ceil(ms / 1_000);
    const until = `or until the settings change${hold.unanswered === true ? ' or the connection is tested' : ''}`;
    throw new TalkError('TALK_ERR_LOCKED', `${hold.why}: held back for ${seconds} s, ${until}`, {
      camera: cameraKey(credentials),
      retryAfterMs: passes ? ms : undefined,
    });
  }

  /**
   * Call before `check`, directly before the password is sent. Until the password has been accepted once, only one log-in at a time may send it: the caller
   * has the turn until the guard is told the outcome, or `over` aborts. Rejects as `LoginTurns.take`.
   */
  async turn(credentials: Credentials, over: AbortSignal, signal?: AbortSignal): Promise<void> {
    const password = this.#password(credentials);
    if (!this.#known.talked.has(password)) await this.#known.turns.take(password, cameraKey(credentials), over, signal);
  }

  /** The web interface accepted this user name and password. */
  accepted(credentials: Credentials): void {
    this.#known.turns.accepted(this.#password(credentials));
  }

  /** As `check`, for RTSP. A password that RTSP has accepted is not held back, whatever the web interface says. */
  checkTalk(credentials: Credentials): void {
    if (!this.#known.talked.has(this.#password(credentials))) this.check(credentials);
  }

  /** RTSP, talking or listening, accepted this user name and password. */
  talked(credentials: Credentials): void {
    const password = this.#password(credentials);
    this.#known.turns.accepted(password);
    if (this.#known.talked.has(password)) return;
    this.#known.talked.add(password);
    this.#tell();
  }

  /** As `refused`, by RTSP: nobody tries this password again by himself when the hold is over. */
  talkRefused(credentials: Credentials): void {
    this.#known.talked.delete(this.#password(credentials));
    this.refused(credentials, false);
  }

  /** The camera refused this user name and password. By default this was the web interface, whose log-in may fail for other reasons too. */
  refused(credentials: Credentials, passes = true): void {
    const why = 'The camera refused this user name or password, and another attempt could lock the account';
    const password = this.#password(credentials);
    this.#hold(password, { camera: cameraKey(credentials), why, passes }, PASSWORD_GUARD_MS);
    // Only now that it is held back: those who waited check again.
    this.#known.turns.refused(password);
  }

  /** The password went out by RTSP and no answer came. One that was never accepted is not sent again by itself. */
  unanswered(credentials: Credentials): void {
    const password = this.#password(credentials);
    if (this.#known.talked.has(password)) return;
    const why =
      'The camera has not said whether it takes this user name and password, and another attempt could lock the account';
    const hold = { camera: cameraKey(credentials), why, passes: true, unanswered: true };
    this.#hold(password, hold, PASSWORD_UNANSWERED_MS);
    this.#known.turns.refused(password);
  }

  /** Somebody asks for a test: a password that was not answered may be sent once more. */
  testing(credentials: Credentials): void {
    const password = this.#password(credentials);
    if (this.#known.holds.get(password)?.unanswered !== true) return;
    this.#known.holds.delete(password);
    this.#tell();
  }

  /** The camera says the account is locked, whatever the password; for `seconds` if it told. */
  locked(credentials: Omit<Credentials, 'password'>, seconds?: number): void {
    const ms = seconds === undefined ? PASSWORD_GUARD_MS : Math.min(seconds * 1_000, MAX_CAMERA_LOCK_MS);
    const hold = { camera: cameraKey(credentials), why: 'The camera has locked this account', passes: true };
    this.#hold(this.#account(credentials), hold, ms);
  }

  #hold(key: string, hold: Omit<Hold, 'until'>, ms: number): void {
    this.#prune();
    this.#known.holds.set(key, { ...hold, until: this.#clock.now() + ms });
    this.#tell();
  }

  #tell(): void {
    const { salt, holds, talked, onChange } = this.#known;
    onChange?.({ salt, holds: [...holds], talked: [...talked] });
  }

  #prune(): void {
    const now = this.#clock.now();
    for (const [key, hold] of this.#known.holds) if (hold.until <= now) this.#known.holds.delete(key);
  }

  #account(camera: Omit<Credentials, 'password'>): string {
    return this.#hash([cameraKey(camera), camera.username]);
  }

  #password(camera: Credentials): string {
    return this.#hash([cameraKey(camera), camera.username, camera.password]);
  }

  #hash(parts: readonly string[]): string {
    return createHmac('sha256', this.#known.salt)
      .update(JSON.stringify([this.#scope, ...parts]))
      .digest('base64');
  }
}
