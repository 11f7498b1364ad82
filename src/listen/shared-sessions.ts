// One session per stream for all who listen to it: the first one opens it, the last one closes it. It does not open it again when it breaks.
import { cameraKey, type CameraOptions } from '../camera-options.js';
import { onAbort, throwIfAborted, unlessAborted } from '../abort.js';
import { abortedError, type TalkError } from '../errors.js';
import type { OpeningStage } from '../connection/handshake.js';
import { streamAccess } from '../stream-access.js';
import type { ListenOptions } from './session.js';
import { KeepAliveHabit } from './keep-alive.js';
import type { HeardSession, OpenListenSession } from './microphone.js';
import type { HeardSound } from './states.js';
import { streamUri } from './uri.js';

/** The sessions of one camera. */
export class SharedSessions {
  readonly #openSession: OpenListenSession;
  /** By address and account. */
  readonly #streams = new Map<string, SharedStream>();
  /** By `host:port`. */
  readonly #habits = new Map<string, KeepAliveHabit>();
  /** Every opening and closing so far. The camera gets one after the other, so that a wrong password is not tried twice at once. */
  #before: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(openSession: OpenListenSession) {
    this.#openSession = openSession;
  }

  /** Whether anybody listens. */
  get busy(): boolean {
    return this.#streams.size > 0;
  }

  /**
   * Joins the stream and opens it if nobody has. Rejects as opening does; all who wait for the opening get the same error.
   * The session that comes back is this listener's own: closing it leaves the others alone.
   */
  readonly open: OpenListenSession = async (camera, options) => {
    const access = streamAccess(camera);
    // Another account is another session: one without a password must not fail those who have one.
    const key = JSON.stringify([streamUri(access, options.stream), access.username, access.password]);
    throwIfAborted(options.signal);
    if (this.#ended) throw abortedError(cameraKey(camera));
    const stream = this.#streams.get(key) ?? this.#begin(key, camera, options.stream);
    return stream.join(options);
  };

  /** Ends all sessions for this reason, with TEARDOWN, and opens no more. */
  async close(reason: TalkError): Promise<void> {
    this.#ended = true;
    for (const stream of this.#streams.values()) stream.end(reason);
    await this.#before;
  }

  #begin(key: string, camera: CameraOptions, name: string): SharedStream {
    const at = cameraKey(streamAccess(camera));
    const habit = this.#habits.get(at) ?? new KeepAliveHabit();
    this.#habits.set(at, habit);
    const stream = new SharedStream(
      (hooks) => this.#inTurn(() => this.#openSession(camera, { stream: name, habit, ...hooks }), hooks.signal),
      (closed) => {
        if (this.#streams.get(key) === stream) this.#streams.delete(key);
        this.#before = Promise.allSettled([this.#before, closed]);
      },
      camera,
    );
    this.#streams.set(key, stream);
    return stream;
  }

  #inTurn(open: () => Promise<HeardSession>, signal: AbortSignal): Promise<HeardSession> {
    const opening = unlessAborted(this.#before, signal).then(open);
    this.#before = Promise.allSettled([this.#before, opening]);
    return opening;
  }
}

interface Hooks extends Pick<ListenOptions, 'onSound' | 'onStage'> {
  readonly signal: AbortSignal;
}

interface Listener {
  readonly options: ListenOptions;
  readonly ended: AbortController;
}

/** One stream from the first listener to the last. */
class SharedStream {
  readonly #listeners = new Set<Listener>();
  readonly #attempt = new AbortController();
  readonly #session: Promise<HeardSession>;
  /** Called once, when nobody can join any more; never rejects. */
  readonly #onOver: (closed: Promise<void>) => void;
  readonly #camera: CameraOptions;
  #stage: OpeningStage | undefined;
  #opened: HeardSession | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    open: (hooks: Hooks) => Promise<HeardSession>,
    onOver: (closed: Promise<void>) => void,
    camera: CameraOptions,
  ) {
    this.#onOver = onOver;
    this.#camera = camera;
    const hooks: Hooks = {
      signal: this.#attempt.signal,
      onStage: (stage) => {
        this.#stage = stage;
        for (const { options } of this.#listeners) options.onStage?.(stage);
      },
      onSound: (sound) => this.#spread(sound),
    };
    this.#session = open(hooks);
    this.#session.then(
      (session) => {
        this.#opened = session;
        const { ended } = session;
        onAbort(ended, () => this.end(ended.reason as TalkError));
      },
      () => void this.#over(),
    );
  }

  async join(options: ListenOptions): Promise<HeardSession> {
    const listener: Listener = { options, ended: new AbortController() };
    const filledBefore = this.#opened?.stats.filledMs ?? 0;
    this.#listeners.add(listener);
    if (this.#stage !== undefined) options.onStage?.(this.#stage);
    try {
      const session = await unlessAborted(this.#session, options.signal);
      const leave = (): Promise<void> => this.#leave(listener);
      return {
        track: session.track,
        get stats() {
          return { ...session.stats, filledMs: session.stats.filledMs - filledBefore };
        },
        ended: listener.ended.signal,
        close: leave,
        destroy: () => void leave(),
      };
    } catch (error) {
      void this.#leave(listener);
      throw error;
    }
  }

  /** Ends it for everybody. */
  end(reason: TalkError): void {
    for (const { ended } of this.#listeners) ended.abort(reason);
    this.#listeners.clear();
    void this.#over(reason);
  }

  /** Resolves when the session is closed if nobody else listens, at once otherwise. */
  async #leave(listener: Listener): Promise<void> {
    listener.ended.abort(abortedError(cameraKey(this.#camera)));
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) await this.#over();
  }

  #spread(sound: HeardSound): void {
    for (const { options, ended } of [...this.#listeners]) if (!ended.signal.aborted) options.onSound(sound);
  }

  #over(reason = abortedError(cameraKey(this.#camera))): Promise<void> {
    if (this.#closed !== undefined) return this.#closed;
    this.#attempt.abort(reason);
    const closed = this.#session.then(
      (session) => session.close(),
      () => undefined,
    );
    this.#closed = closed;
    this.#onOver(closed);
    return closed;
  }
}
