// A camera of the house: the simulated one on the in-memory network, what is wrong with it just now, and what it saw and heard.
import { SimulatedCamera, type Behavior } from '../../src/simulator/index.js';
import { verifyCredentials, type DigestChallenge } from '../../src/simulator/digest.js';
import { headerValue } from '../../src/rtsp/headers.js';
import { TALK_ERROR } from '../../src/simulator/talk/replies.js';
import type { RtspRequest } from '../../src/rtsp/message.js';
import type { Clock } from '../../src/clock.js';
import type { Connection } from './connection.js';
import { Host } from './network.js';
import type { Random } from './random.js';
import { Ear, type Run } from './sound.js';
import type { Timers } from './timers.js';

/** How a camera takes a wrong password. */
export type Refusal = 'refuse' | 'close' | 'silent';

/** A password as it came over the wire. */
export interface Attempt {
  readonly method: string;
  readonly password: string;
  readonly at: number;
  readonly accepted: boolean;
  /** Whether it was refused with 401: a hang-up or silence may be anything. */
  readonly said: boolean;
}

export interface DeviceOptions {
  readonly name: string;
  readonly address: string;
  readonly dialect: 'ipc' | 'vigi';
  readonly password: string;
  readonly refusal: Refusal;
  readonly slotReleaseMs: number;
}

export class Device {
  readonly name: string;
  readonly host: Host;
  readonly dialect: 'ipc' | 'vigi';
  readonly attempts: Attempt[] = [];
  /** Passwords that anybody in the house ever thought of. */
  readonly known = new Set<string>();
  password: string;
  /** Somebody else talks until then; every password is refused until then; answers take so long. */
  busyUntil = 0;
  lockedUntil = 0;
  answerMs = 0;
  /** Whether this account may not look at its streams. */
  hidesStreams = false;
  /** What the program on the camera heard, and what only its system took before it was lost. */
  readonly #ears: Ear[] = [];
  readonly #lost: (() => Ear)[] = [];
  readonly complaints: string[] = [];
  readonly #options: DeviceOptions;
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #timers: Timers;
  #camera: SimulatedCamera;
  readonly slotReleaseMs: number;

  constructor(options: DeviceOptions, random: Random, clock: Clock, timers: Timers) {
    this.name = options.name;
    this.password = options.password;
    this.dialect = options.dialect;
    this.slotReleaseMs = options.slotReleaseMs;
    this.#options = options;
    this.#random = random;
    this.#clock = clock;
    this.#timers = timers;
    this.host = new Host(options.address, timers, (socket, connection) => {
      this.#hearLost(connection);
      this.#camera.accept(socket);
    });
    this.#camera = this.#boot();
  }

  /** Everything heard, in the order of connections. */
  get runs(): readonly Run[] {
    return this.#ears.flatMap(({ runs }) => runs);
  }

  /** The same for what was taken and never read, with what was heard before it on the same connection. */
  get takenRuns(): readonly Run[] {
    return this.#lost.flatMap((ear) => ear().runs);
  }

  get openConnections(): number {
    return this.#camera.connections;
  }

  /** The process ends and begins anew; its sockets are closed by the system. */
  async restart(): Promise<void> {
    const before = this.#camera;
    this.#camera = this.#boot();
    await before.stop();
  }

  /** Somebody changes the password in the vendor's app, which ends all sessions. */
  async setPassword(password: string): Promise<void> {
    this.password = password;
    this.known.add(password);
    await this.restart();
  }

  stop(): Promise<void> {
    return this.#camera.stop();
  }

  #boot(): SimulatedCamera {
    this.known.add(this.password);
    const camera = new SimulatedCamera({
      password: this.password,
      dialect: this.dialect,
      behaviors: [this.#behavior()],
      clock: this.#clock,
      slotReleaseMs: this.#options.slotReleaseMs,
      nonce: () => this.#random.hex(32),
      sessionId: () => String(this.#random.whole(1, 2 ** 31)),
      streamSessionId: () => this.#random.hex(8).toUpperCase(),
    });
    const ears = new Map<unknown, Ear>();
    camera.on('packet', (recording) => {
      let ear = ears.get(recording);
      if (ear === undefined) {
        ear = new Ear();
        ears.set(recording, ear);
        this.#ears.push(ear);
      }
      const packet = recording.packets.at(-1);
      if (packet !== undefined) ear.hear(packet.payload, packet.at);
      if (ear.nonsense > 0) this.complaints.push(`${this.name}: heard what nobody said`);
    });
    camera.on('violation', (text) => {
      // The network may hold packets back and give them all at once; the beat is looked at where it is made.
      if (!/ ahead of real time$| gap of \d+ ms$/.test(text)) this.complaints.push(`${this.name}: ${text}`);
    });
    return camera;
  }

  /** Bytes that the system took for a process that never read them may count as heard. */
  #hearLost(connection: Connection): void {
    connection.camera.once('close', () => {
      if (connection.lost.length === 0) return;
      const lost = Buffer.concat(connection.lost);
      const [before, at] = [this.#ears.at(-1)?.runs.at(-1), this.#clock.now()];
      this.#lost.push(() => {
        const ear = new Ear();
        for (let offset = 0; offset + 16 < lost.length; offset += 4 + lost.readUInt16BE(offset + 2)) {
          if (lost[offset] !== 0x24) break;
          ear.hear(lost.subarray(offset + 16, offset + 4 + lost.readUInt16BE(offset + 2)), at);
        }
        const first = ear.runs[0];
        // A block that was cut by the end of a packet is missing between the two.
        if (before !== undefined && first?.id === before.id && first.from - before.to <= 1 && first.from >= before.to) {
          ear.runs.splice(0, 1, { ...first, from: before.from, firstAt: before.firstAt });
        }
        return ear;
      });
    });
  }

  #behavior(): Behavior {
    const challenges = new Map<number, DigestChallenge>();
    return {
      name: 'house',
      transformChallenges: (usual, { number }) => {
        const digest = usual.find((challenge) => challenge.scheme === 'Digest');
        if (digest !== undefined) challenges.set(number, digest);
        return usual;
      },
      onRequest: (request, { number }) => this.#login(request, challenges.get(number)),
      onTalkRequest: () => (this.busyUntil > this.#clock.now() ? TALK_ERROR.talkIsUsed : undefined),
      transformReply: (bytes, _step, connection) => {
        if (this.answerMs === 0) return [bytes];
        this.#timers.after(this.answerMs, () => connection.write(bytes));
        return [];
      },
      onClose: ({ number }) => void challenges.delete(number),
    };
  }

  #login(request: RtspRequest, challenge: DigestChallenge | undefined): Refusal | undefined {
    const text = headerValue(request.headers, 'Authorization');
    if (text === undefined || challenge === undefined) return undefined;
    const lastNc = Number.parseInt(/nc="?([0-9a-f]{8})/.exec(text)?.[1] ?? '1', 16) - 1;
    const { method, uri } = request;
    const fits = (password: string): boolean =>
      'nc' in verifyCredentials(text, { challenge, username: 'admin', password, method, uri, lastNc });
    const password = [...this.known].find(fits) ?? '?';
    const locked = this.lockedUntil > this.#clock.now();
    const accepted = password === this.password && !locked && !(this.hidesStreams && method !== 'MULTITRANS');
    const refusal = password === this.password ? 'refuse' : this.#options.refusal;
    this.attempts.push({ method, password, at: this.#clock.now(), accepted, said: refusal === 'refuse' });
    return accepted ? undefined : refusal;
  }
}
