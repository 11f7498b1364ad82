// A talk session without a socket, for tests of what stands above it: keeps the packets with their times, ends when told to.
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { abortReason } from '../../src/abort.js';
import type { Clock } from '../../src/clock.js';
import { TalkError, type TalkErrorCode } from '../../src/errors.js';
import { Clip } from '../../src/sound/clip.js';
import type { Granted } from '../../src/granted.js';
import { talkProfile, type TalkProfile } from '../../src/multitrans/profile.js';
import type { OpenSession } from '../../src/talk/kept-session.js';
import type { Answers } from '../../src/talk/outage.js';
import type { OpenOptions } from '../../src/talk/open-talk.js';
import type { Session } from '../../src/talk/session.js';

export const SILENCE = 0xd5;

export interface SentPacket {
  readonly at: number;
  readonly bytes: Buffer;
}

export class FakeSession {
  readonly profile: TalkProfile;
  readonly granted: Granted;
  readonly dialect = 'ipc';
  readonly camera: CameraOptions;
  readonly sent: SentPacket[] = [];
  readonly openedAt: number;
  /** Whether the last bytes of a clip arrive; the error of one that takes nothing more. */
  takes: true | TalkError = true;
  /** How it was ended by its owner. */
  endedBy: 'close' | 'destroy' | undefined;
  readonly #clock: Clock;
  readonly #ended = new AbortController();

  constructor(clock: Clock, camera: CameraOptions) {
    this.#clock = clock;
    this.camera = camera;
    this.profile = talkProfile(camera, 'ipc');
    this.granted = { dialect: 'ipc', profile: this.profile, login: 'md5' };
    this.openedAt = clock.now();
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  get alive(): boolean {
    return !this.#ended.signal.aborted;
  }

  /** All payload bytes in their order. */
  get bytes(): Buffer {
    return Buffer.concat(this.sent.map((packet) => packet.bytes));
  }

  get bytesSent(): number {
    return this.sent.length;
  }

  /** What became of the last bytes of a clip. */
  taken(): Promise<boolean> {
    const { takes } = this;
    return takes === true ? Promise.resolve(true) : Promise.reject(takes);
  }

  send(payload: Uint8Array): void {
    this.#ended.signal.throwIfAborted();
    this.sent.push({ at: this.#clock.now(), bytes: Buffer.from(payload) });
  }

  /** The camera's doing. */
  die(code: TalkErrorCode = 'TALK_ERR_CLOSED'): void {
    this.#ended.abort(new TalkError(code, 'The camera at cam:554 dropped the connection', { camera: 'cam:554' }));
  }

  close(): Promise<void> {
    this.#end('close');
    return Promise.resolve();
  }

  destroy(): void {
    this.#end('destroy');
  }

  #end(how: 'close' | 'destroy'): void {
    if (this.#ended.signal.aborted) return;
    this.endedBy = how;
    this.#ended.abort(new TalkError('TALK_ERR_ABORTED', 'The talk session was ended'));
  }
}

/** What opening does: a session after so many ms, or an error after so many ms. */
export interface Opening {
  readonly afterMs?: number;
  readonly error?: TalkErrorCode;
}

/** A factory of fake sessions; plays the openings given, then opens at once for ever. */
export class FakeSessions {
  readonly opened: FakeSession[] = [];
  /** How often a session was asked for, and when. */
  readonly asked: number[] = [];
  readonly clock: Clock;
  readonly openings: Opening[] = [];
  /** With what every opening fails until further notice. */
  refusing: TalkErrorCode | undefined;
  /** Whether the camera takes connections when it is looked at. */
  answering = false;
  /** How often it was looked at, and when. */
  readonly looks: number[] = [];
  /** Sessions alive at the same time, at most, so far. */
  mostAlive = 0;

  constructor(clock: Clock, openings: readonly Opening[] = []) {
    this.clock = clock;
    this.openings.push(...openings);
  }

  get last(): FakeSession {
    const last = this.opened.at(-1);
    if (last === undefined) throw new Error('No session was opened');
    return last;
  }

  get alive(): FakeSession[] {
    return this.opened.filter((session) => session.alive);
  }

  readonly answers: Answers = () => {
    this.looks.push(this.clock.now());
    return Promise.resolve(this.answering);
  };

  readonly open: OpenSession = async (camera: CameraOptions, options: OpenOptions) => {
    this.asked.push(this.clock.now());
    if (options.signal?.aborted === true) throw abortReason(options.signal);
    options.onStage?.('connecting');
    const { afterMs = 0, error = this.refusing } = this.openings.shift() ?? {};
    await this.clock.wait(afterMs, options.signal);
    if (error !== undefined) throw new TalkError(error, `Opening failed with ${error}`, { camera: 'cam:554' });
    const session = new FakeSession(this.clock, camera);
    this.opened.push(session);
    this.mostAlive = Math.max(this.mostAlive, this.alive.length);
    return session as unknown as Session;
  };
}

/** A camera with 20 ms packets, no lead-in, and nothing kept, unless told otherwise. */
export function testCamera(options: Readonly<Record<string, unknown>> = {}): CameraOptions {
  return cameraOptions({
    host: 'cam',
    password: 'Abc12345',
    packetBytes: 160,
    leadInMs: 0,
    drainMs: 0,
    idleMs: 0,
    ...options,
  });
}

/** A finished clip of so many milliseconds of A-law; the bytes count up from 1 and are never silence. */
export function clipOf(ms: number, { live = false } = {}): Clip {
  const clip = new Clip({ live });
  clip.append(soundOf(ms * 8));
  clip.end();
  return clip;
}

/** So many bytes counting 1, 2, … 199, 1, … without the A-law silence. */
export function soundOf(bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, index) => 1 + (index % 199)));
}
