// Holds back a password that a camera refused and an account that a camera locked. Keeps salted hashes in memory; no I/O.
import { createHmac, randomBytes } from 'node:crypto';
import { cameraKey, type CameraOptions } from './camera.js';
import type { Clock } from './clock.js';
import { TalkError } from './errors.js';
import { MAX_CAMERA_LOCK_MS, PASSWORD_GUARD_MS } from './limits.js';

export type Credentials = Pick<CameraOptions, 'host' | 'port' | 'username' | 'password'>;

interface Hold {
  readonly camera: string;
  /** On the guard's clock. */
  readonly until: number;
  readonly why: string;
}

/**
 * One per process, shared by everything that sends a password, so that neither RTSP nor the web API spends a second attempt
 * on a password the other has seen refused.
 */
export class PasswordGuard {
  readonly #clock: Clock;
  readonly #salt = randomBytes(16);
  readonly #holds = new Map<string, Hold>();
  readonly #talked = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call before a password goes on the wire. Throws TALK_ERR_LOCKED, with the seconds to wait, while it is held back. */
  check(credentials: Credentials): void {
    this.#prune();
    const hold = this.#holds.get(this.#account(credentials)) ?? this.#holds.get(this.#password(credentials));
    if (hold === undefined) return;
    const seconds = Math.ceil((hold.until - this.#clock.now()) / 1_000);
    throw new TalkError('TALK_ERR_LOCKED', `${hold.why}: held back for ${seconds} s, or until the settings change`, {
      camera: cameraKey(credentials),
    });
  }

  /** As `check`, for talking: what the web interface thinks of a password with which talk was granted does not count. */
  checkTalk(credentials: Credentials): void {
    if (!this.#talked.has(this.#password(credentials))) this.check(credentials);
  }

  /** Talk was granted with this user name and password. */
  talked(credentials: Credentials): void {
    this.#talked.add(this.#password(credentials));
  }

  /** As `refused`, by the talk channel. */
  talkRefused(credentials: Credentials): void {
    this.#talked.delete(this.#password(credentials));
    this.refused(credentials);
  }

  /** The camera refused this user name and password. */
  refused(credentials: Credentials): void {
    const why = 'The camera refused this user name or password, and another attempt could lock the account';
    this.#hold(this.#password(credentials), credentials, PASSWORD_GUARD_MS, why);
  }

  /** The camera says the account is locked, whatever the password; for `seconds` if it told. */
  locked(credentials: Omit<Credentials, 'password'>, seconds?: number): void {
    const ms = seconds === undefined ? PASSWORD_GUARD_MS : Math.min(seconds * 1_000, MAX_CAMERA_LOCK_MS);
    this.#hold(this.#account(credentials), credentials, ms, 'The camera has locked this account');
  }

  /** The configuration of this camera changed, or somebody asked for another try: everything held back for it is free again. */
  forget(camera: Pick<CameraOptions, 'host' | 'port'>): void {
    for (const [key, hold] of this.#holds) if (hold.camera === cameraKey(camera)) this.#holds.delete(key);
  }

  #hold(key: string, camera: Pick<CameraOptions, 'host' | 'port'>, ms: number, why: string): void {
    this.#prune();
    this.#holds.set(key, { camera: cameraKey(camera), until: this.#clock.now() + ms, why });
  }

  #prune(): void {
    const now = this.#clock.now();
    for (const [key, hold] of this.#holds) if (hold.until <= now) this.#holds.delete(key);
  }

  #account(camera: Omit<Credentials, 'password'>): string {
    return this.#hash([cameraKey(camera), camera.username]);
  }

  #password(camera: Credentials): string {
    return this.#hash([cameraKey(camera), camera.username, camera.password]);
  }

  #hash(parts: readonly string[]): string {
    return createHmac('sha256', this.#salt).update(JSON.stringify(parts)).digest('base64');
  }
}
