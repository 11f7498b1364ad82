// One camera as all its users share it: its line, its streams, its web interface, who uses it and what its session does.
import { cameraKey, type CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { abortedError, TalkError } from '../errors.js';
import type { OpenListenSession } from '../listen/microphone.js';
import { SharedSessions } from '../listen/shared-sessions.js';
import type { PasswordGuard } from '../password/guard.js';
import { WebApi } from '../webapi/client.js';
import type { OpenSession } from '../talk/kept-session.js';
import { Line } from '../talk/line.js';
import type { Answers } from '../talk/outage.js';
import type { SessionState } from '../talk/states.js';
import type { WatchedWire } from './watched-wire.js';

export interface SharedCameraDeps {
  readonly clock: Clock;
  readonly guard: PasswordGuard;
  readonly wire: WatchedWire;
  readonly openSession: OpenSession;
  readonly answers: Answers;
  readonly openListenSession: OpenListenSession;
  readonly onSession: (state: SessionState) => void;
}

export class SharedCamera {
  readonly key: string;
  readonly line: Line;
  /** The camera's streams, for those who listen. */
  readonly streams: SharedSessions;
  /** What goes over its connections. */
  readonly wire: WatchedWire;
  readonly #deps: SharedCameraDeps;
  readonly #users = new Set<string>();
  readonly #listeners = new Set<(state: SessionState) => void>();
  #camera: CameraOptions;
  /** By port and log-in: nodes for one camera may differ in them. */
  readonly #webApis = new Map<string, WebApi>();
  #session: SessionState = 'closed';

  constructor(camera: CameraOptions, deps: SharedCameraDeps) {
    this.key = cameraKey(camera);
    this.#camera = camera;
    this.#deps = deps;
    this.wire = deps.wire;
    this.streams = new SharedSessions(deps.openListenSession);
    this.line = new Line(this.key, {
      clock: deps.clock,
      webApi: (options) => this.webApi(options),
      openSession: deps.openSession,
      answers: deps.answers,
      onSession: (state) => {
        this.#session = state;
        deps.onSession(state);
        for (const listener of this.#listeners) listener(state);
      },
    });
  }

  /** What the camera's session is doing. */
  get session(): SessionState {
    return this.#session;
  }

  /** Made with the first use: talking alone needs no web interface. */
  webApi(camera: CameraOptions): WebApi {
    const key = `${camera.httpPort} ${camera.login} ${camera.password === ''}`;
    const known = this.#webApis.get(key);
    if (known !== undefined) return known;
    const made = new WebApi(camera, { ...this.#deps, onWire: this.wire.onWire });
    this.#webApis.set(key, made);
    return made;
  }

  /** Whether these options have the user name and password that are in use here. */
  fits({ username, password }: CameraOptions): boolean {
    return username === this.#camera.username && password === this.#camera.password;
  }

  /** Takes over another user name and password. Throws TALK_ERR_ARGUMENT while somebody uses the present ones. */
  adopt(camera: CameraOptions): void {
    if (sameLogin(camera, this.#camera)) {
      if (camera.password !== '') this.#camera = camera;
      return;
    }
    if (this.#users.size > 0 || this.line.busy || this.streams.busy) {
      throw differentLogin(this.key);
    }
    this.#camera = camera;
    void this.#closeWeb();
  }

  /** Adds a user. The result removes him and says whether nobody is left. */
  enter(user: string, onSession: (state: SessionState) => void): () => boolean {
    this.#users.add(user);
    this.#listeners.add(onSession);
    return () => {
      this.#users.delete(user);
      this.#listeners.delete(onSession);
      return this.#users.size === 0;
    };
  }

  /** Lets what was accepted end; listening, which has no end, stops. */
  async close(): Promise<void> {
    await Promise.all([this.line.close(), this.streams.close(abortedError(this.key))]);
    await this.#closeWeb();
  }

  /** Ends now. The loudspeaker gets its volume back before the web interface closes. */
  async destroy(reason?: TalkError): Promise<void> {
    await Promise.all([this.line.destroy(reason), this.streams.close(reason ?? abortedError(this.key))]);
    await this.#closeWeb();
  }

  async #closeWeb(): Promise<void> {
    const closed = [...this.#webApis.values()].map((webApi) => webApi.close());
    this.#webApis.clear();
    await Promise.all(closed);
  }
}

/** Whether nodes with these options may have the camera together. One without a password is in nobody's way: it sends none. */
export function sameLogin(one: CameraOptions, other: CameraOptions): boolean {
  if (one.password === '' || other.password === '') return true;
  return one.username === other.username && one.password === other.password;
}

/** @param key `host:port` of the camera */
export function differentLogin(key: string): TalkError {
  const why = `Two camera nodes name the camera at ${key} with different user names or passwords`;
  return new TalkError('TALK_ERR_ARGUMENT', `${why}; give both the same or delete one`, { camera: key });
}
