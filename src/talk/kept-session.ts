// One camera's session between clips: opened once for all who ask, kept with silence, drained, closed. Who speaks is the line's business.
import type { CameraOptions } from '../camera-options.js';
import { onAbort, unlessAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import { abortedError } from '../errors.js';
import { logger } from '../logger.js';
import { Pacer } from './pacer.js';
import type { OpenOptions } from './open-talk.js';
import type { Session } from './session.js';
import type { SessionState } from './states.js';

const log = logger('session');

export type OpenSession = (camera: CameraOptions, options: OpenOptions) => Promise<Session>;

/** An open session with its beat. */
export interface Live {
  readonly session: Session;
  readonly pacer: Pacer;
  readonly camera: CameraOptions;
}

/** What `open` found: a session that was there already, or a new one. */
export interface Opened {
  readonly live: Live;
  readonly reused: boolean;
}

export interface KeptSessionDeps {
  readonly clock: Clock;
  readonly openSession: OpenSession;
  readonly onSession: (state: SessionState) => void;
}

export interface KeptSessionOptions extends OpenOptions {
  /** Called when a new session is open. Resolves with its first deadline, ms on the clock; must not reject. Without it the session begins at once. */
  readonly startAt?: (() => Promise<number>) | undefined;
}

export class KeptSession {
  readonly #deps: KeptSessionDeps;
  #live: Live | undefined;
  /** Settles when the opening or closing under way is over; never rejects. */
  #changing: Promise<unknown> = Promise.resolve();
  #idle = new AbortController();
  readonly #dropped = new AbortController();

  constructor(deps: KeptSessionDeps) {
    this.#deps = deps;
  }

  get isOpen(): boolean {
    return this.#live !== undefined;
  }

  /** The open session, or a new one. Rejects with the session's error or the signal's reason. It stays open until `keepFor`, `hangUp` or `drop`. */
  async open(camera: CameraOptions, { startAt, ...options }: KeptSessionOptions): Promise<Opened> {
    this.#idle.abort();
    const dropped = this.#dropped.signal;
    const signal = options.signal === undefined ? dropped : AbortSignal.any([options.signal, dropped]);
    const opening = this.#exclusively(async () => {
      signal.throwIfAborted();
      if (this.#live !== undefined) {
        if (sameSession(this.#live.camera, camera)) return { live: this.#live, reused: true };
        await this.#closeLive(signal);
        signal.throwIfAborted();
      }
      const session = await this.#deps.openSession(camera, { ...options, signal });
      try {
        signal.throwIfAborted();
      } catch (error) {
        session.destroy();
        throw error;
      }
      session.ended.throwIfAborted();
      const live: Live = { session, pacer: new Pacer(session, this.#deps.clock, startAt?.()), camera };
      this.#live = live;
      onAbort(session.ended, () => this.#forget(live));
      return { live, reused: false };
    });
    return unlessAborted(opening, signal);
  }

  /** Keeps the session so long without anything to say and closes it then, unless somebody opens it again. */
  keepFor(ms: number): void {
    const live = this.#live;
    if (live === undefined) return;
    this.#idle.abort();
    this.#idle = new AbortController();
    const { signal } = this.#idle;
    this.#deps.onSession('kept');
    void this.#deps.clock
      .wait(ms, signal)
      .then(() => this.hangUp(signal))
      .catch(() => undefined);
  }

  /** Drains and closes; resolves when the socket is gone. A signal that aborts during the drain leaves the session open. */
  async hangUp(signal?: AbortSignal): Promise<void> {
    await this.#exclusively(() => this.#closeLive(signal));
  }

  /** Ends the session now; one that is being opened ends as soon as it is open. */
  drop(): void {
    this.#dropped.abort(abortedError());
    this.#idle.abort();
    this.#live?.session.destroy();
  }

  async #closeLive(signal?: AbortSignal): Promise<void> {
    const live = this.#live;
    if (live === undefined) return;
    const { clock } = this.#deps;
    const abort = signal === undefined ? live.session.ended : AbortSignal.any([signal, live.session.ended]);
    await clock.wait(live.pacer.soundEndsAt + live.camera.drainMs - clock.now(), abort).catch(() => undefined);
    if (signal?.aborted === true) return;
    live.pacer.stop();
    await live.session.close();
  }

  #forget(live: Live): void {
    if (this.#live !== live) return;
    log('session over');
    this.#live = undefined;
    this.#idle.abort();
    this.#deps.onSession('closed');
  }

  /** One opening or closing at a time. */
  #exclusively<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(step);
    this.#changing = done.catch(() => undefined);
    return done;
  }
}

/** Whether a session opened with one of these options serves the other: the camera must have been told the same. */
function sameSession(one: CameraOptions, other: CameraOptions): boolean {
  const told = (camera: CameraOptions): unknown[] => [
    camera.username,
    camera.password,
    camera.dialect,
    camera.mode,
    camera.codec,
    camera.packetBytes,
    camera.streamPort,
    camera.packetMs,
    camera.encrypt,
  ];
  return told(one).every((value, index) => value === told(other)[index]);
}
