// Sessions of the HTTP talk with a scripted camera: what a healthy one says, typed by hand (PROTOCOL.md H2, H7, H9), and a bench on which time is fake and sockets are not.
import assert from 'node:assert/strict';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { CLOSE_GRACE_MS } from '../../src/limits.js';
import { PasswordGuard, type GuardMemory } from '../../src/password/guard.js';
import type { OpenOptions } from '../../src/talk/open-talk.js';
import { Session } from '../../src/talk/session.js';
import { StallWatch } from '../../src/talk/stall-watch.js';
import { rejection } from './collect.js';
import { FakeClock } from './fake-clock.js';
import { atRest, openSockets, passingAtRest } from './loopback.js';
import { ScriptedCamera, type Peer, type Script } from './scripted-camera.js';

export const PASSWORD = 'Abc12345';
export const NONCE = '96fa3da3bceda6441e098764e178ed07';
const LONGEST_MS = 600_000;

export const QOP = 'qop="auth",';
export const challenge = (more: string, nonce = NONCE): string =>
  'HTTP/1.0 401 Unauthorized\r\nServer: Streamd\r\nContent-Length: 0\r\n' +
  `WWW-Authenticate: Digest realm="TP-Link IP-Camera",algorithm="MD5",encrypt_type="3",${more}nonce="${nonce}"\r\n\r\n`;
export const REPLY_401 = challenge(QOP);
export const REPLY_200 =
  'HTTP/1.0 200 OK\r\nServer: Streamd\r\nContent-Type: multipart/mixed;boundary=--device-stream-boundary--\r\n\r\n';
export const DELIMITER = '----device-stream-boundary--\r\n';
export const part = (body: string, length: number | string = body.length, type = 'application/json'): string =>
  `${DELIMITER}Content-Type: ${type}\r\nX-If-Encrypt: 0\r\nContent-Length: ${length}\r\n\r\n${body}\r\n`;
export const GRANT = part('{"type":"response", "seq":3, "params":{"error_code":0, "session_id":"71"}}');
export const STOPPED = part('{"type":"response", "seq":4, "params":{"error_code":0}}');
export const STOP = '{"type":"request","seq":4,"params":{"stop":"null","method":"do"}}';

/** What a healthy camera says, in order. */
export const ANSWERS = [REPLY_401, REPLY_200, GRANT] as const;
/** Gives the first good answers, then this one. */
export const after =
  (count: number, then: Script): Script =>
  async (peer) => {
    for (const answer of ANSWERS.slice(0, count)) {
      if ((await peer.request()) === undefined) return;
      peer.write(answer);
    }
    if ((await peer.request()) !== undefined) await then(peer);
  };

export const says =
  (text: string): Script =>
  (peer) =>
    peer.write(text);

export const text = (peer: Peer | undefined): string => peer?.received.toString('latin1') ?? '';
export const passwords = (peers: readonly Peer[]): string[] =>
  peers.flatMap((peer) =>
    [...text(peer).matchAll(/^Authorization: .*\bresponse="([^"]+)"/gm)].map(([, at = '']) => at),
  );

export class HttpTalkBench {
  clock = new FakeClock();
  #memory: GuardMemory | undefined;
  #camera: ScriptedCamera | undefined;
  guard = this.newGuard();
  readonly #sessions: Session[] = [];

  /** Its connections, the oldest first. */
  get peers(): readonly Peer[] {
    return this.#camera?.peers ?? [];
  }

  /** With what the last one knew: that of a thread that takes the place of another. */
  newGuard(): PasswordGuard {
    return new PasswordGuard(this.clock, {
      memory: this.#memory,
      onChange: (now) => (this.#memory = structuredClone(now)),
    });
  }

  /** A script for each connection; the last one also for all that follow. */
  async listen(...scripts: readonly Script[]): Promise<void> {
    let connections = 0;
    this.#camera = await ScriptedCamera.listen((peer) => scripts[Math.min(connections++, scripts.length - 1)]?.(peer));
  }

  target(more: Readonly<Record<string, unknown>> = {}): CameraOptions {
    const streamPort = this.#camera?.port;
    return cameraOptions({ host: '127.0.0.1', port: 1, streamPort, dialect: 'tapo', password: PASSWORD, ...more });
  }

  open(options: OpenOptions = {}, more: Readonly<Record<string, unknown>> = {}): Promise<Session> {
    const { clock, guard } = this;
    const stallWatch = new StallWatch(clock, () => Promise.resolve(new Map()));
    const opening = Session.open(this.target(more), { clock, guard, stallWatch, clientId: 'nobody' }, options);
    opening.then(
      (session) => this.#sessions.push(session),
      () => undefined,
    );
    return opening;
  }

  passing<T>(promise: Promise<T>): Promise<T> {
    return passingAtRest(this.clock, promise, LONGEST_MS);
  }

  /** Until the client has sent all it has to say on its first connection. */
  async finished(): Promise<void> {
    await this.passing(this.peers[0]?.finished() ?? Promise.resolve());
  }

  /** How opening ends: `open`, or the code without its prefix. Nothing is left waiting then. */
  async outcome(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const opening = this.open({}, more);
    const ended = opening.then(
      () => 'open',
      async () => (await rejection(opening)).code.replace('TALK_ERR_', ''),
    );
    const how = await this.passing(ended);
    if (how === 'open') return how;
    // The last words of a talk that may have been granted.
    await this.passing(this.clock.wait(CLOSE_GRACE_MS));
    await atRest();
    assert.equal(this.clock.pending, 0, 'something still waits on the clock');
    assert.ok(
      this.peers.every((peer) => peer.ended || peer.closed),
      'a connection is left',
    );
    return how;
  }

  async end(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await this.#camera?.close();
    await atRest();
    assert.equal(openSockets(), 0, 'a socket is left');
  }
}
