// The simulated camera: an RTSP server on loopback that behaves like a TP-Link camera, but more strictly, and records what it hears.
import { EventEmitter } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { urlHost } from '../camera-options.js';
import { TalkError } from '../errors.js';
import { CRASH_MS, MAX_RECORDINGS, MAX_SIMULATOR_RECORDS, MAX_STREAM_RECORDS } from './limits.js';
import { logger } from '../logger.js';
import type { Behavior, SimulatorDialect } from './behaviors/behavior.js';
import { CameraConnection } from './connection.js';
import type { ConnectionCamera, RequestRecord } from './connection-camera.js';
import type { SimulatedCameraEvents, SimulatedCameraOptions } from './options.js';
import { Recording } from './talk/recording.js';
import { talkEnd } from './talk/talk-end.js';
import { Remembered } from './remembered.js';
import { Replay } from './replay/replay.js';
import { close, listen } from './server.js';
import { cameraSettings } from './settings.js';
import type { CameraSettings } from './settings.js';
import { Sides } from './sides.js';
import { Phone } from './stream/phone.js';
import type { PhoneOptions } from './stream/phone.js';
import { StreamRecord } from './stream/record.js';
import type { Room } from './stream/room.js';

const log = logger('simulator');

/**
 * A camera made of sockets. `start()` it, let a client talk to its `port`, look at `sessions` and `violations`, `stop()` it.
 *
 *     const camera = new SimulatedCamera({ password: 'secret', behaviors: ['busy-2'] });
 *     const { port } = await camera.start();
 *     // … a client speaks …
 *     const heard = await camera.waitForTalkEnd();
 *     console.log(heard.seconds, camera.violations);
 *     await camera.stop();
 */
export class SimulatedCamera extends EventEmitter<SimulatedCameraEvents> {
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  readonly dialect: SimulatorDialect;
  readonly behaviors: readonly Behavior[];
  readonly #options: SimulatedCameraOptions;
  readonly #settings: CameraSettings;
  readonly #host: string;
  readonly #sessions = new Remembered<Recording>(MAX_RECORDINGS);
  readonly #streams = new Remembered<StreamRecord>(MAX_STREAM_RECORDS);
  readonly #requests = new Remembered<RequestRecord>(MAX_SIMULATOR_RECORDS);
  readonly #violations = new Remembered<string>(MAX_SIMULATOR_RECORDS);
  readonly #warnings = new Remembered<string>(MAX_SIMULATOR_RECORDS);
  readonly #connections = new Map<number, Pick<CameraConnection, 'closed' | 'destroy'>>();
  #replay: Replay | undefined;
  #server: Server | undefined;
  #sides: Sides | undefined;
  #port = 0;
  #accepted = 0;
  #loginFailures = 0;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #aliveAt = Number.NEGATIVE_INFINITY;
  readonly #shown: ConnectionCamera;

  /** Throws TALK_ERR_ARGUMENT for a behavior nobody knows. */
  constructor(options: SimulatedCameraOptions = {}) {
    super();
    // Fifty calls of waitForTalkEnd at a time add fifty listeners; that is no leak.
    this.setMaxListeners(0);
    this.#options = options;
    this.#host = options.host ?? '127.0.0.1';
    this.#settings = cameraSettings(options);
    const { username, password, realm, dialect, behaviors } = this.#settings;
    this.username = username;
    this.password = password;
    this.realm = realm;
    this.dialect = dialect;
    this.behaviors = behaviors;
    this.#shown = this.#connectionCamera();
  }

  /** Listens. Throws TALK_ERR_ARGUMENT when it already does, TALK_ERR_CONNECT when the address cannot be had. */
  async start(): Promise<{ readonly port: number; readonly httpPort?: number }> {
    if (this.#server !== undefined) throw new TalkError('TALK_ERR_ARGUMENT', 'The simulated camera is already running');
    this.#server = createServer((socket) => this.accept(socket));
    this.#starting = this.#listen(this.#server);
    try {
      await this.#starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
    log('%s listens on %s', this.dialect, this.url);
    const { port, httpPort } = this;
    return httpPort === undefined ? { port } : { port, httpPort };
  }

  /** Closes every socket and timer, after a start that is under way. Safe to repeat; the records stay, and it may be started again. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  async #listen(server: Server): Promise<void> {
    const { port = 0, replay } = this.#options;
    const strange = (key: string): void => this.#violate(`${key} was not recorded`);
    this.#replay = replay === undefined ? undefined : await Replay.of(replay, this.#settings.clock, strange);
    this.#port = await listen(server, port, this.#host);
    this.#sides = await Sides.start(this, this.#options, this.#host, this.#replay);
  }

  async #stop(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    const connections = [...this.#connections.values()];
    for (const connection of connections) connection.destroy();
    const server = this.#server?.listening === true ? close(this.#server) : undefined;
    await Promise.all([this.#sides?.stop(), server, ...connections.map(({ closed }) => closed)]);
    this.#sides = undefined;
    this.#server = undefined;
  }

  /** RTSP port; 0 before the first start. */
  get port(): number {
    return this.#port;
  }

  get httpPort(): number | undefined {
    return this.#sides?.httpPort;
  }

  get url(): string {
    return `rtsp://${urlHost(this.#host)}:${this.#port}`;
  }

  /** Talk sessions, the oldest first, at most the last 100. */
  get sessions(): readonly Recording[] {
    return this.#sessions.entries;
  }

  /** Stream sessions, the oldest first, at most the last 100. */
  get streams(): readonly StreamRecord[] {
    return this.#streams.entries;
  }

  /** RTSP requests, at most the last 1000. */
  get requests(): readonly RequestRecord[] {
    return this.#requests.entries;
  }

  /**
   * What a real camera refuses or cannot play as it is meant, and what no camera has been seen to accept:
   * `connection 1, packet 3: SSRC changed`. At most the last 1000.
   */
  get violations(): readonly string[] {
    return this.#violations.entries;
  }

  /** What some cameras have been seen to accept, perhaps not all of them. At most the last 1000. */
  get warnings(): readonly string[] {
    return this.#warnings.entries;
  }

  /** What stands around the camera; `earshotOf` of another one puts that beside it. */
  get room(): Room {
    return this.#settings.microphone.room;
  }

  /** A phone in the room begins to record what the loudspeakers there play; `stop()` gives the WAV file. */
  recordRoom(options: Partial<PhoneOptions> = {}): Phone {
    return new Phone(this.room, () => this.#settings.clock.now(), options);
  }

  /** Refused credentials. */
  get loginFailures(): number {
    return this.#loginFailures;
  }

  /** Open TCP connections on the RTSP port. */
  get connections(): number {
    return this.#connections.size;
  }

  /** TCP connections ever accepted. */
  get accepted(): number {
    return this.#accepted;
  }

  /**
   * The talk session with this number (1, the default, is the first), once it is over; at once if it already is.
   * Rejects with TALK_ERR_TIMEOUT after `timeoutMs` (30 s).
   */
  waitForTalkEnd(number = 1, timeoutMs = 30_000): Promise<Recording> {
    return talkEnd(this, this.#settings.clock, number, timeoutMs);
  }

  /** Takes over a connection that was accepted elsewhere, on another network for instance; needs no `start`. */
  accept(socket: Socket): void {
    this.#accepted += 1;
    if (this.#settings.clock.now() < this.#aliveAt) {
      socket.on('error', () => undefined);
      socket.resetAndDestroy();
      return;
    }
    const number = this.#accepted;
    const connection = this.#replay?.accept(socket) ?? new CameraConnection(socket, number, this.#shown);
    this.#connections.set(number, connection);
    if (this.#replay !== undefined) void connection.closed.then(() => this.#connections.delete(number));
    log('connection %d accepted', number);
  }

  #connectionCamera(): ConnectionCamera {
    const { clock, microphone } = this.#settings;
    const loginFailures = (): number => this.#loginFailures;
    return {
      ...this.#settings,
      get loginFailures() {
        return loginFailures();
      },
      requested: (record) => {
        this.#requests.add(record);
        log('connection %d: %s %s', record.connection, record.method, record.uri);
      },
      complained: (connection, { violations, warnings }) => {
        for (const text of warnings) this.#warnings.add(`connection ${connection}, ${text}`);
        for (const text of violations) this.#violate(`connection ${connection}, ${text}`);
      },
      loginFailed: () => {
        this.#loginFailures += 1;
      },
      talkOpened: (connection, mode, acceptedAt) => this.#openTalk(connection, mode, acceptedAt),
      heard: (recording, packet) => {
        microphone.heard(recording, packet);
        this.emit('packet', recording);
      },
      talkEnded: (recording) => {
        microphone.talkEnded(recording, clock.now());
        log('connection %d: talk ended, %s', recording.start.connection, recording.end);
        this.emit('end', recording);
      },
      streamOpened: (connection, path) => this.#openStream(connection, path),
      streamEnded: (record) => {
        log('connection %d: stream %s', record.start.connection, record.end);
        this.emit('streamEnd', record);
      },
      crash: () => {
        this.#aliveAt = clock.now() + (this.#options.crashMs ?? CRASH_MS);
        for (const connection of this.#connections.values()) connection.destroy();
      },
      closed: (connection) => {
        this.#connections.delete(connection);
        log('connection %d closed', connection);
      },
    };
  }

  #openTalk(connection: number, mode: string, acceptedAt: number): Recording {
    const openedAt = this.#settings.clock.now();
    const start = { number: this.#sessions.total + 1, connection, mode, acceptedAt, openedAt };
    const recording = this.#sessions.add(new Recording(start));
    this.#settings.microphone.talkOpened(recording);
    log('connection %d: talk opened, %s', connection, mode);
    this.emit('talk', recording);
    return recording;
  }

  #openStream(connection: number, path: string): StreamRecord {
    const openedAt = this.#settings.clock.now();
    const start = { number: this.#streams.total + 1, connection, path, openedAt };
    const record = this.#streams.add(new StreamRecord(start));
    log('connection %d: stream %s set up', connection, path);
    this.emit('stream', record);
    return record;
  }

  #violate(text: string): void {
    this.#violations.add(text);
    log('%s', text);
    this.emit('violation', text);
  }
}
