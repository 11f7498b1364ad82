// The simulated camera: on loopback, behaves like a TP-Link camera, but more strictly, and records what it hears. Its other ports are sides.ts's.
import { EventEmitter } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { urlHost } from '../camera-options.js';
import { TalkError } from '../errors.js';
import { CRASH_MS } from './limits.js';
import { logger } from '../logger.js';
import type { Behavior, SimulatorDialect } from './behaviors/behavior.js';
import { CameraConnection } from './connection.js';
import type { ConnectionCamera, RequestRecord } from './connection-camera.js';
import { HttpTalkConnection } from './httptalk/connection.js';
import type { SimulatorFamily } from './httptalk/family.js';
import type { SimulatedCameraEvents, SimulatedCameraOptions } from './options.js';
import type { Recording } from './talk/recording.js';
import { talkEnd } from './talk/talk-end.js';
import { Records } from './records.js';
import { Replay } from './replay/replay.js';
import { close, listen } from './server.js';
import { cameraSettings } from './settings.js';
import type { CameraSettings } from './settings.js';
import { Sides } from './sides.js';
import { Phone } from './stream/phone.js';
import type { PhoneOptions } from './stream/phone.js';
import type { StreamRecord } from './stream/record.js';
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
  readonly family: SimulatorFamily;
  readonly dialect: SimulatorDialect;
  readonly behaviors: readonly Behavior[];
  readonly #options: SimulatedCameraOptions;
  readonly #settings: CameraSettings;
  readonly #host: string;
  readonly #records: Records;
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

  /** Throws TALK_ERR_ARGUMENT for a behavior nobody knows, or one of another family. */
  constructor(options: SimulatedCameraOptions = {}) {
    super();
    // Fifty calls of waitForTalkEnd at a time add fifty listeners; that is no leak.
    this.setMaxListeners(0);
    this.#options = options;
    this.#host = options.host ?? '127.0.0.1';
    this.#settings = cameraSettings(options);
    this.#records = new Records(this.#settings.clock);
    const { username, password, realm, family, dialect, behaviors, httpTalk } = this.#settings;
    this.username = username;
    this.password = password;
    this.realm = realm;
    this.family = family;
    this.dialect = dialect;
    this.behaviors = [...new Set([...behaviors, ...httpTalk.behaviors])];
    this.#shown = this.#connectionCamera();
  }

  /** Listens. Throws TALK_ERR_ARGUMENT when it already does, TALK_ERR_CONNECT when the address cannot be had. */
  async start(): Promise<{ readonly port: number; readonly httpPort?: number; readonly streamPort?: number }> {
    if (this.#server !== undefined) throw new TalkError('TALK_ERR_ARGUMENT', 'The simulated camera is already running');
    this.#server = createServer((socket) => this.accept(socket));
    this.#starting = this.#listen(this.#server);
    try {
      await this.#starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
    log('%s listens on %s', this.dialect, this.talkUrl);
    return { port: this.#port, ...this.#sides?.ports };
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

  /** Port of the HTTP talk, for the families that have it. */
  get streamPort(): number | undefined {
    return this.#sides?.streamPort;
  }

  get url(): string {
    return `rtsp://${urlHost(this.#host)}:${this.#port}`;
  }

  /** Where it is talked to. */
  get talkUrl(): string {
    return this.streamPort === undefined ? this.url : `http://${urlHost(this.#host)}:${this.streamPort}/stream`;
  }

  /** Talk sessions, the oldest first, at most the last 100. */
  get sessions(): readonly Recording[] {
    return this.#records.sessions.entries;
  }

  /** Stream sessions, the oldest first, at most the last 100. */
  get streams(): readonly StreamRecord[] {
    return this.#records.streams.entries;
  }

  /** Requests of both ports, at most the last 1000. */
  get requests(): readonly RequestRecord[] {
    return this.#records.requests.entries;
  }

  /**
   * What a real camera refuses or cannot play as it is meant, and what no camera has been seen to accept:
   * `connection 1, packet 3: SSRC changed`. At most the last 1000.
   */
  get violations(): readonly string[] {
    return this.#records.violations.entries;
  }

  /** What some cameras have been seen to accept, perhaps not all of them. At most the last 1000. */
  get warnings(): readonly string[] {
    return this.#records.warnings.entries;
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

  /** Open TCP connections for talk and streams. */
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
    this.#take(socket, (number) => this.#replay?.accept(socket) ?? new CameraConnection(socket, number, this.#shown));
  }

  /** The same to the port of the HTTP talk. */
  acceptStream(socket: Socket): void {
    this.#take(
      socket,
      (number) => this.#replay?.acceptStream(socket) ?? new HttpTalkConnection(socket, number, this.#shown),
    );
  }

  #take(socket: Socket, connect: (number: number) => Pick<CameraConnection, 'closed' | 'destroy'>): void {
    this.#accepted += 1;
    if (this.#settings.clock.now() < this.#aliveAt) {
      socket.on('error', () => undefined);
      socket.resetAndDestroy();
      return;
    }
    const number = this.#accepted;
    const connection = connect(number);
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
        this.#records.requests.add(record);
        log('connection %d: %s %s', record.connection, record.method, record.uri);
      },
      complained: (connection, { violations, warnings }) => {
        for (const text of warnings) this.#records.warnings.add(`connection ${connection}, ${text}`);
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
    const recording = this.#records.openTalk(connection, mode, acceptedAt);
    this.#settings.microphone.talkOpened(recording);
    log('connection %d: talk opened, %s', connection, mode);
    this.emit('talk', recording);
    return recording;
  }

  #openStream(connection: number, path: string): StreamRecord {
    const record = this.#records.openStream(connection, path);
    log('connection %d: stream %s set up', connection, path);
    this.emit('stream', record);
    return record;
  }

  #violate(text: string): void {
    this.#records.violations.add(text);
    log('%s', text);
    this.emit('violation', text);
  }
}
