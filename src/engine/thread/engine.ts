// An engine whose cameras live in a thread of their own: audio keeps its beat whatever the caller's event loop is busy with.
import type { Allowed } from '../../audio/allowed.js';
import { discardSources } from '../../audio/source.js';
import { cameraKey, type CameraOptions } from '../../camera-options.js';
import { monotonicClock, withDeadline } from '../../clock.js';
import { TalkError } from '../../errors.js';
import { THREAD_END_MS, THREAD_RESTART_MS } from '../../limits.js';
import { swallowing } from '../../logger.js';
import type { GuardMemory } from '../../password/guard.js';
import { speakOptions } from '../../talk/options.js';
import type { SessionState } from '../../talk/states.js';
import { differentLogin, sameLogin } from '../shared-camera.js';
import type { Engine, Listener, ListeningOptions } from '../engine.js';
import type { Id } from './messages.js';
import type { DirectMethod } from './methods.js';
import { Thread, ThreadLost } from './thread.js';
import { ThreadListener } from './listener.js';

export interface ThreadEngineOptions {
  readonly ffmpegPath?: string | undefined;
  /** Which files and addresses may be read; any by default. */
  readonly allowed?: Allowed | undefined;
  /** Whether the thread ends when nobody is registered and it has nothing to do; the next call starts another. Otherwise `close` and `destroy` end it. */
  readonly endsUnused?: boolean | undefined;
}

/** A registered user of a camera. */
interface Registration {
  readonly id: Id;
  readonly camera: CameraOptions;
  readonly user: string;
  readonly onSession: (state: SessionState) => void;
  /** Whether the thread knows of it. */
  entered: boolean;
}

export class ThreadEngine implements Engine {
  readonly stop = this.#passOn('stop');
  readonly skip = this.#passOn('skip');
  readonly connect = this.#passOn('connect');
  readonly disconnect = this.#passOn('disconnect');
  readonly control = this.#passOn('control');
  readonly probe = this.#passOn('probe');
  readonly chime = this.#passOn('chime');
  readonly soundReport = this.#passOn('soundReport');
  readonly checkSound = this.#passOn('checkSound');
  readonly tune = this.#passOn('tune');
  readonly tuneReport = this.#passOn('tuneReport');

  readonly #options: ThreadEngineOptions;
  readonly #registrations = new Map<Id, Registration>();
  /** The state of each camera whose session is open. */
  readonly #sessions = new Map<string, SessionState>();
  readonly #closing = new AbortController();
  #thread: Thread | undefined;
  /** Settles when every thread that was told to end has ended. */
  #ended: Promise<void> = Promise.resolve();
  /** Passwords that were refused, or are on their way, are remembered from one thread to the next. */
  #memory: GuardMemory | undefined;
  #warm = false;
  #lastId = 0;

  constructor(options: ThreadEngineOptions = {}) {
    this.#options = options;
  }

  async speak(...[cameras, sources, options = {}]: Parameters<Engine['speak']>): ReturnType<Engine['speak']> {
    try {
      const filled = speakOptions(options);
      return await new Promise((resolve, reject) => {
        this.#ask('speak', [cameras, sources, filled, resolve]).catch(reject);
      });
    } catch (error) {
      if (!(error instanceof ThreadLost)) throw error;
      return cameras.map((camera) => ({
        status: 'rejected',
        reason: new ThreadLost(error.cause, cameraKey(camera)),
      }));
    } finally {
      discardSources(sources);
    }
  }

  register(
    camera: CameraOptions,
    user: string,
    onSession: (state: SessionState) => void = () => undefined,
  ): () => Promise<void> {
    this.#throwIfClosed();
    const key = cameraKey(camera);
    for (const other of this.#registrations.values()) {
      if (cameraKey(other.camera) === key && !sameLogin(other.camera, camera)) throw differentLogin(key);
    }
    const id = ++this.#lastId;
    const registration = { id, camera, user, onSession: swallowing(onSession), entered: false };
    this.#registrations.set(id, registration);
    if (this.#thread !== undefined) this.#enter(this.#thread, registration);
    return async () => {
      if (!this.#registrations.delete(id)) return;
      if (this.#thread !== undefined) await this.#leave(this.#thread, id);
      await this.#endUnused();
      await this.#ended;
    };
  }

  sessionState(camera: CameraOptions): SessionState {
    return this.#sessions.get(cameraKey(camera)) ?? 'closed';
  }

  microphone(camera: CameraOptions, options: ListeningOptions): Listener {
    return new ThreadListener((method, ...args) => this.#ask(method, args), camera, options);
  }

  /** A thread that is lost afterwards is replaced and warmed up again. */
  async warmUp(): Promise<void> {
    this.#warm = true;
    await this.#ask('warmUp', []).catch(() => undefined);
  }

  async close(): Promise<void> {
    // No other thread may start now; what was accepted ends in this one.
    this.#closing.abort();
    await this.#thread?.call('close', []).catch(() => undefined);
    await this.#end();
  }

  async destroy(): Promise<void> {
    this.#closing.abort();
    await this.#end();
  }

  #passOn<M extends DirectMethod>(method: M): (...args: Parameters<Engine[M]>) => ReturnType<Engine[M]> {
    return (...args) => this.#ask(method, args) as ReturnType<Engine[M]>;
  }

  async #ask(method: string, args: readonly unknown[]): Promise<unknown> {
    this.#throwIfClosed();
    const thread = (this.#thread ??= this.#startThread());
    for (const registration of this.#registrations.values()) {
      if (!registration.entered) this.#enter(thread, registration);
    }
    try {
      return await thread.call(method, args);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'DataCloneError')) throw error;
      // The message would show the value that could not be cloned, such as a function's source.
      throw new TalkError('TALK_ERR_ARGUMENT', 'Only plain data can be handed over: no functions and the like');
    } finally {
      void this.#endUnused();
    }
  }

  #startThread(): Thread {
    const thread: Thread = new Thread(
      { ffmpegPath: this.#options.ffmpegPath, allowed: this.#options.allowed, memory: this.#memory },
      {
        // A thread that was told to end is ignored; another may have taken its place.
        onSession: ({ camera, state }) => {
          if (thread === this.#thread) this.#tell(camera, state);
        },
        onGuard: ({ memory }) => (this.#memory = memory),
        onLost: () => {
          if (thread === this.#thread) this.#lose();
        },
      },
    );
    return thread;
  }

  /** Fails while an unregistered user has the camera with another password; the next call tries again. */
  #enter(thread: Thread, registration: Registration): void {
    registration.entered = true;
    const { id, camera, user } = registration;
    thread.call('register', [id, camera, user]).catch(() => (registration.entered = false));
  }

  /** Ends a thread that does not answer. */
  async #leave(thread: Thread, id: Id): Promise<void> {
    const late = new Error('It does not listen');
    await withDeadline(monotonicClock, thread.call('leave', [id]), THREAD_END_MS, () => late).catch((error: unknown) =>
      error === late ? thread.destroy() : undefined,
    );
  }

  #tell(camera: string, state: SessionState): void {
    if (state === 'closed') this.#sessions.delete(camera);
    else this.#sessions.set(camera, state);
    if (this.#thread !== undefined) this.#thread.inUse = this.#sessions.size > 0;
    for (const registration of this.#registrations.values()) {
      if (cameraKey(registration.camera) === camera) registration.onSession(state);
    }
  }

  #lose(): void {
    this.#forget();
    if (!this.#warm) return;
    monotonicClock.wait(THREAD_RESTART_MS, this.#closing.signal).then(
      () => this.warmUp(),
      () => undefined,
    );
  }

  /** Forgets the thread and all that goes on in it. */
  #forget(): void {
    this.#thread = undefined;
    for (const registration of this.#registrations.values()) registration.entered = false;
    for (const camera of [...this.#sessions.keys()]) this.#tell(camera, 'closed');
  }

  async #endUnused(): Promise<void> {
    const unused = this.#registrations.size === 0 && this.#thread?.idle === true;
    if (this.#options.endsUnused === true && unused) await this.#end();
  }

  /** Resolves when no thread is left. */
  #end(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return this.#ended;
    this.#forget();
    this.#warm = false;
    this.#ended = Promise.all([this.#ended, thread.end()]).then(() => undefined);
    return this.#ended;
  }

  #throwIfClosed(): void {
    if (this.#closing.signal.aborted) throw new TalkError('TALK_ERR_ABORTED', 'The engine is closed');
  }
}
