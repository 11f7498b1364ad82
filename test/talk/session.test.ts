// A session over real loopback against a scripted camera: how it opens, every way it does not, how it ends. Time is fake, the sockets are not.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { TalkError } from '../../src/errors.js';
import { PasswordGuard } from '../../src/password/guard.js';
import { connectTcp, type Connect } from '../../src/connection/tcp.js';
import type { OpenOptions, SessionDeps } from '../../src/talk/open-talk.js';
import { Session } from '../../src/talk/session.js';
import { StallWatch } from '../../src/talk/stall-watch.js';
import { coded, eventually, noUnhandledRejections, rejection, sameBytes, thrown, watch } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { soundOf } from '../helpers/fake-session.js';
import {
  grantTalk,
  NONCE,
  REFUSED_401,
  REPLY_401,
  REPLY_SESSION,
  REPLY_TALK,
  reply,
  ScriptedCamera,
  SESSION_ID,
  type Peer,
  type Script,
} from '../helpers/scripted-camera.js';

const CLIENT_ID = '6a0c3d1e-3a0f-4c0e-9a55-0d0f4b2f7c11';
const PASSWORD = 'Abc12345';
/** What the camera answers, in order. */
const ANSWERS = [REPLY_401, REPLY_SESSION, REPLY_TALK] as const;
const STEPS = ['the first request', 'the log-in', 'the talk request'] as const;

/** A camera that gives the first `count` good answers and then hands over. */
function after(count: number, then: Script): Script {
  return async (peer) => {
    for (let index = 0; index < count; index++) {
      if ((await peer.request()) === undefined) return;
      peer.write(ANSWERS[index] ?? '');
    }
    if ((await peer.request()) !== undefined) await then(peer);
  };
}

describe('session', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let guard: PasswordGuard;
  let deps: SessionDeps;
  const cameras: ScriptedCamera[] = [];
  const sessions: Session[] = [];

  beforeEach(() => {
    clock = new FakeClock();
    guard = new PasswordGuard(clock);
    deps = { clock, guard, stallWatch: new StallWatch(clock, () => Promise.resolve(new Map())), clientId: CLIENT_ID };
  });

  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy();
    await settle();
    const { pending } = clock;
    await Promise.all(cameras.splice(0).map((camera) => camera.close()));
    assert.equal(pending, 0, 'something still waits on the clock');
  });

  async function listen(script: Script): Promise<ScriptedCamera> {
    const camera = await ScriptedCamera.listen(script);
    cameras.push(camera);
    return camera;
  }

  function optionsFor(port: number, more: Readonly<Record<string, unknown>> = {}): CameraOptions {
    return cameraOptions({ host: '127.0.0.1', port, password: PASSWORD, ...more });
  }

  async function open(at: ScriptedCamera, options: OpenOptions = {}, more = {}): Promise<Session> {
    const session = await Session.open(optionsFor(at.port, more), deps, options);
    sessions.push(session);
    return session;
  }

  function only(peers: readonly Peer[]): Peer {
    assert.equal(peers.length, 1);
    return peers[0] as Peer;
  }

  /** Opening failed, and the camera saw the connection go. */
  async function refusal(at: ScriptedCamera, options: OpenOptions = {}): Promise<TalkError> {
    const error = await rejection(open(at, options));
    await eventually(() => at.peers.every((peer) => peer.ended || peer.closed), 'the connection to go');
    await settle();
    assert.equal(clock.pending, 0, 'something still waits on the clock');
    return error;
  }

  describe('opening', () => {
    it('says what PROTOCOL.md V15 says, and tells its stages', async () => {
      const requests: string[] = [];
      const at = await listen(async (peer) => {
        for (const answer of ANSWERS) {
          requests.push((await peer.request()) ?? '');
          peer.write(answer);
        }
      });
      const stages: string[] = [];
      const session = await open(at, { onStage: (stage) => stages.push(stage) });
      const uri = `rtsp://127.0.0.1:${at.port}/multitrans`;
      assert.equal(
        requests[0],
        `MULTITRANS ${uri} RTSP/1.0\r\nCSeq: 0\r\nX-Client-UUID: 6a0c3d1e-3a0f-4c0e-9a55-0d0f4b2f7c11\r\n\r\n`,
      );
      assert.match(
        requests[1] ?? '',
        new RegExp(
          `^MULTITRANS ${uri} RTSP/1\\.0\\r\\nCSeq: 1\\r\\nAuthorization: Digest username="admin", realm="TP-LINK IP-Camera", ` +
            `nonce="${NONCE}", uri="${uri}", response="[0-9a-f]{32}"\\r\\nX-Client-UUID: ${CLIENT_ID}\\r\\n\\r\\n$`,
        ),
      );
      assert.equal(
        requests[2],
        `MULTITRANS ${uri} RTSP/1.0\r\nCSeq: 2\r\nSession: ${SESSION_ID}\r\nContent-Type: application/json\r\n` +
          'Content-Length: 82\r\n\r\n{"type":"request","seq":0,"params":{"method":"get","talk":{"mode":"half_duplex"}}}',
      );
      assert.deepEqual(stages, ['connecting', 'authenticating', 'opening']);
      assert.equal(session.granted.dialect, 'ipc');
      assert.equal(session.profile.packetBytes, 1024);
      assert.equal(session.ended.aborted, false);
    });

    it('understands answers cut at every byte', async () => {
      const whole = ANSWERS.map((answer) => Buffer.from(answer, 'latin1'));
      for (const [index, answer] of whole.entries()) {
        for (let at = 1; at < answer.length; at++) {
          const from = await listen(async (peer) => {
            for (const [n, bytes] of whole.entries()) {
              if ((await peer.request()) === undefined) return;
              await peer.writePieces(n === index ? [bytes.subarray(0, at), bytes.subarray(at)] : [bytes]);
            }
          });
          const session = await open(from);
          session.destroy();
        }
      }
    });

    it('understands answers that come byte by byte', async () => {
      const at = await listen(async (peer) => {
        for (const answer of ANSWERS) {
          if ((await peer.request()) === undefined) return;
          await peer.writePieces([...Buffer.from(answer, 'latin1')].map((byte) => Buffer.of(byte)));
        }
      });
      assert.equal((await open(at)).granted.login, 'md5');
    });

    it('reads past the camera’s own frames and notifications, before, between and glued to the answers', async () => {
      const frame = Buffer.concat([Buffer.from('24010014', 'hex'), Buffer.alloc(20, 0x52)]);
      const notification = Buffer.from(
        'NOTIFY rtsp://x/ RTSP/1.0\r\nCSeq: 9\r\nContent-Length: 27\r\n\r\n{"type":"notification","a":1',
      );
      const at = await listen(async (peer) => {
        for (const answer of ANSWERS) {
          if ((await peer.request()) === undefined) return;
          peer.write(Buffer.concat([frame, notification, Buffer.from(answer, 'latin1'), frame, frame.subarray(0, 7)]));
          peer.write(frame.subarray(7));
        }
        for (let n = 0; n < 50; n++) peer.write(frame);
      });
      const session = await open(at);
      await settle();
      assert.equal(session.ended.aborted, false);
    });

    it('goes to the talk request at once when no password is wanted', async () => {
      const at = await listen(async (peer) => {
        for (const answer of [REPLY_SESSION, REPLY_TALK]) {
          if ((await peer.request()) === undefined) return;
          peer.write(answer);
        }
      });
      const stages: string[] = [];
      const session = await open(at, { onStage: (stage) => stages.push(stage) });
      assert.deepEqual(stages, ['connecting', 'opening']);
      assert.equal(session.granted.login, 'none');
      assert.ok(!only(at.peers).received.includes('Authorization'));
    });

    it('speaks the dialect of a camera that says SHA-256', async () => {
      const at = await listen(async (peer) => {
        await peer.request();
        peer.write(
          reply('401 Unauthorized', [
            'CSeq: 0',
            `WWW-Authenticate: Digest realm="TP-LINK IP-Camera", nonce="${NONCE}", algorithm="SHA-256", qop="auth"`,
          ]),
        );
        await peer.request();
        peer.write(REPLY_TALK);
      });
      const session = await open(at);
      assert.deepEqual(session.granted.dialect, 'vigi');
      const text = only(at.peers).received.toString('latin1');
      assert.match(text, /algorithm="SHA-256", qop="auth", cnonce="[0-9a-f]{16}", nc="00000001"/);
    });

    for (const [index, step] of STEPS.entries()) {
      it(`gives up 8 s after ${step} was not answered, and says so`, async () => {
        let asked = false;
        const at = await listen(after(index, () => void (asked = true)));
        const opening = watch(open(at));
        await eventually(() => asked, 'the camera to be asked');
        await settle();
        await clock.advance(7_999);
        assert.equal(opening.state, 'pending');
        await clock.advance(1);
        coded('TALK_ERR_TIMEOUT', new RegExp(`${step} within 8 s`))(opening.error);
        assert.equal(thrownCamera(opening.error), `127.0.0.1:${at.port}`);
        await eventually(() => only(at.peers).closed || only(at.peers).ended, 'the connection to go');
      });

      it(`is not kept waiting by a camera that drips bytes instead of answering ${step}`, async () => {
        let asked: Peer | undefined;
        const at = await listen(after(index, (peer) => void (asked = peer)));
        const opening = watch(open(at));
        await eventually(() => asked !== undefined, 'the camera to be asked');
        for (let second = 0; second < 7; second++) {
          asked?.write(second === 0 ? 'RTSP/1.0 200 OK\r\n' : 'X: y\r\n');
          await eventually(() => true);
          await clock.advance(1_000);
        }
        assert.equal(opening.state, 'pending');
        await clock.advance(1_000);
        coded('TALK_ERR_TIMEOUT')(opening.error);
      });

      it(`says CLOSED when the camera hangs up instead of answering ${step}`, async () => {
        const at = await listen(after(index, (peer) => peer.end()));
        const error = await refusal(at);
        assert.equal(error.code, 'TALK_ERR_CLOSED');
        assert.equal(error.retryable, true);
      });

      it(`says CLOSED with the errno when the camera resets instead of answering ${step}`, async () => {
        const at = await listen(after(index, (peer) => peer.reset()));
        const error = await refusal(at);
        assert.equal(error.code, 'TALK_ERR_CLOSED');
        assert.deepEqual(error.cause, { code: 'ECONNRESET' });
      });

      it(`stops at once when told to while waiting for the answer to ${step}`, async () => {
        const controller = new AbortController();
        const reason = new TalkError('TALK_ERR_BUSY', 'something better to do');
        const at = await listen(after(index, () => controller.abort(reason)));
        const stopped = refusal(at, { signal: controller.signal });
        if (step === 'the log-in') {
          // Whose answer is waited for a little.
          await eventually(() => controller.signal.aborted, 'the stop');
          await eventually(() => clock.pending > 0, 'the wait');
          await clock.advance(2_000);
        }
        assert.equal(await stopped, reason);
        assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
      });

      for (const [name, bytes] of [
        ['a header without end', `RTSP/1.0 200 OK\r\nX: ${'a'.repeat(100_000)}`],
        ['headers without end', `RTSP/1.0 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`],
        ['a body of a terabyte', 'RTSP/1.0 200 OK\r\nContent-Length: 1099511627776\r\n\r\n'],
        ['a negative body', 'RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n'],
        ['a web page', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
        ['noise without end', Buffer.alloc(200_000, 0xa5)],
      ] as const) {
        it(`does not read ${name} as the answer to ${step}`, async () => {
          const at = await listen(after(index, (peer) => peer.write(Buffer.from(bytes))));
          const error = await refusal(at);
          assert.equal(error.code, 'TALK_ERR_PROTOCOL', error.message);
          assert.equal(error.camera, `127.0.0.1:${at.port}`);
        });
      }
    }

    it('says CLOSED when the camera accepts and hangs up', async () => {
      coded('TALK_ERR_CLOSED')(await refusal(await listen((peer) => peer.end())));
    });

    it('says so, one way or the other, when the camera accepts and resets', async () => {
      const error = await refusal(await listen((peer) => peer.reset()));
      // Whether the reset overtakes the news of the connection is up to the kernel.
      assert.ok(['TALK_ERR_CLOSED', 'TALK_ERR_CONNECT'].includes(error.code), error.code);
      assert.deepEqual(error.cause, { code: 'ECONNRESET' });
    });

    it('takes the camera’s word before its goodbye', async () => {
      const at = await listen(
        after(2, (peer) => {
          peer.write(reply('200 OK', ['CSeq: 2'], '{"error_code":-52411}'));
          peer.end();
        }),
      );
      assert.equal((await refusal(at)).code, 'TALK_ERR_BUSY');
    });

    for (const [name, answer, code] of [
      ['error −52411', reply('200 OK', ['CSeq: 2'], '{"params":{"error_code":-52411}}'), 'TALK_ERR_BUSY'],
      ['error −52423', reply('200 OK', ['CSeq: 2'], '{"params":{"error_code":-52423}}'), 'TALK_ERR_REFUSED'],
      ['nonsense', reply('200 OK', ['CSeq: 2'], 'nonsense'), 'TALK_ERR_PROTOCOL'],
      ['503', reply('503 Service Unavailable', ['CSeq: 2']), 'TALK_ERR_BUSY'],
      ['404', reply('404 Not Found', ['CSeq: 2']), 'TALK_ERR_UNSUPPORTED'],
    ] as const) {
      it(`throws ${code} when the talk reply is ${name}`, async () => {
        const at = await listen(after(2, (peer) => peer.write(answer)));
        assert.equal((await refusal(at)).code, code);
      });
    }

    it('does not even connect when the signal is aborted already', async () => {
      const at = await listen(() => undefined);
      await assert.rejects(open(at, { signal: AbortSignal.abort() }), coded('TALK_ERR_ABORTED'));
      await settle(20);
      assert.equal(at.peers.length, 0);
    });
  });

  describe('a wrong password', () => {
    /** Authorization headers that any connection carried. */
    const shown = (at: ScriptedCamera): number =>
      at.peers.reduce(
        (sum, { received }) => sum + (received.toString('latin1').match(/Authorization/g)?.length ?? 0),
        0,
      );

    for (const [name, second] of [
      ['with the challenges once more', REFUSED_401],
      ['with nothing but the status', reply('401 Unauthorized', ['CSeq: 1'])],
      ['with Basic alone', reply('401 Unauthorized', ['CSeq: 1', 'WWW-Authenticate: Basic realm="TP-LINK IP-Camera"'])],
    ] as const) {
      it(`is shown exactly once, however often somebody speaks, when it is refused ${name}`, async () => {
        const at = await listen(async (peer) => {
          for (const answer of [REPLY_401, second]) {
            if ((await peer.request()) === undefined) return;
            peer.write(answer);
          }
        });
        const error = await refusal(at);
        assert.equal(shown(at), 1);
        assert.equal(error.code, 'TALK_ERR_AUTH');
        const locked = await rejection(open(at));
        assert.equal(locked.code, 'TALK_ERR_LOCKED');
        assert.match(locked.message, /3600 s/);
        await clock.advance(3_599_000);
        coded('TALK_ERR_LOCKED')(await rejection(open(at)));
        assert.equal(at.peers.length, 1, 'the camera was asked again');
        await clock.advance(1_000);
        coded('TALK_ERR_AUTH')(await rejection(open(at)));
        assert.equal(shown(at), 2);
      });
    }

    it('that was refused elsewhere in the meantime is not shown', async () => {
      const at = await listen(async (peer) => {
        await peer.request();
        // The web interface, which has the same guard, was faster.
        guard.refused('web', optionsFor(at.port), new TalkError('TALK_ERR_LOGIN', 'refused'));
        peer.write(REPLY_401);
        await peer.request();
        peer.write(REPLY_401);
      });
      coded('TALK_ERR_LOCKED')(await refusal(at));
      assert.equal(shown(at), 0);
    });

    it('does not hold back another one', async () => {
      let tries = 0;
      const at = await listen(async (peer) => {
        tries += 1;
        if (tries > 1) return grantTalk(peer);
        for (const answer of [REPLY_401, REFUSED_401]) {
          if ((await peer.request()) === undefined) return;
          peer.write(answer);
        }
      });
      coded('TALK_ERR_AUTH')(await refusal(at));
      const session = await open(at, {}, { password: 'Abc12346' });
      assert.equal(session.ended.aborted, false);
    });

    it('shows up in no error', async () => {
      const at = await listen(async (peer) => {
        for (const answer of [REPLY_401, REFUSED_401]) {
          if ((await peer.request()) === undefined) return;
          peer.write(answer);
        }
      });
      for (const error of [await refusal(at), await rejection(open(at))]) {
        const dump = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)} ${error.stack ?? ''}`;
        for (const secret of [PASSWORD, NONCE, 'response='])
          assert.ok(!dump.includes(secret), `${secret} is in ${dump}`);
      }
    });
  });

  describe('talking', () => {
    it('sends RTP packets of one stream on channel 1', async () => {
      const at = await listen(grantTalk);
      const session = await open(at);
      const peer = only(at.peers);
      await peerHasTalked(peer);
      for (let n = 0; n < 3; n++) session.send(soundOf(3072).subarray(n * 1024, (n + 1) * 1024));
      const frames = [];
      for (let n = 0; n < 3; n++) frames.push(await peer.frame());
      const packets = frames.map((frame) => frame?.packet ?? Buffer.alloc(0));
      assert.deepEqual(
        frames.map((frame) => frame?.channel),
        [1, 1, 1],
      );
      const first = packets[0] as Buffer;
      assert.deepEqual(
        packets.map((packet) => [packet.length, packet[0], packet[1]]),
        [
          [1036, 0x80, 0x88],
          [1036, 0x80, 0x08],
          [1036, 0x80, 0x08],
        ],
      );
      for (const [n, packet] of packets.entries()) {
        assert.equal(packet.readUInt16BE(2), (first.readUInt16BE(2) + n) % 65_536);
        assert.equal(packet.readUInt32BE(4), (first.readUInt32BE(4) + 1024 * n) % 4_294_967_296);
        assert.equal(packet.readUInt32BE(8), first.readUInt32BE(8));
      }
      sameBytes(Buffer.concat(packets.map((packet) => packet.subarray(12))), soundOf(3072));
    });

    it('begins each session with numbers of its own', async () => {
      const at = await listen(grantTalk);
      const starts = new Set<string>();
      for (let n = 0; n < 3; n++) {
        const session = await open(at);
        const peer = at.peers.at(-1) as Peer;
        await peerHasTalked(peer);
        session.send(Buffer.alloc(1024, 0xd5));
        starts.add((await peer.frame())?.packet.toString('hex', 2, 12) ?? '');
        session.destroy();
      }
      assert.equal(starts.size, 3);
    });

    for (const [name, leave, cause] of [
      ['hangs up', (peer: Peer) => peer.end(), undefined],
      ['resets', (peer: Peer) => peer.reset(), { code: 'ECONNRESET' }],
    ] as const) {
      it(`notices at once that the camera ${name}`, async () => {
        const at = await listen(grantTalk);
        const session = await open(at);
        await peerHasTalked(only(at.peers));
        leave(only(at.peers));
        await eventually(() => session.ended.aborted, 'the session to notice');
        const error = thrown(() => session.ended.throwIfAborted());
        assert.equal(error.code, 'TALK_ERR_CLOSED');
        assert.deepEqual(error.cause, cause);
        assert.equal(
          thrown(() => session.send(Buffer.alloc(1024))),
          error,
        );
        session.destroy();
        await session.close();
        assert.equal(
          thrown(() => session.ended.throwIfAborted()),
          error,
          'the first reason counts',
        );
      });
    }

    it('notices at once that the camera hangs up while it reads nothing either', async () => {
      const sockets: Socket[] = [];
      const connect: Connect = async (...to) => {
        const socket = await connectTcp(...to);
        sockets.push(socket);
        return socket;
      };
      deps = { ...deps, connect };
      const at = await listen(grantTalk);
      const session = await open(at);
      const peer = only(at.peers);
      await peerHasTalked(peer);
      peer.socket.pause();
      // Until something is left over that no kernel takes: then our side of the connection cannot end by itself.
      for (let n = 0; n < 30_000 && sockets[0]?.writableLength === 0; n++) session.send(Buffer.alloc(1024, 0xd5));
      assert.equal(session.ended.aborted, false);
      peer.end();
      await eventually(() => session.ended.aborted, 'the session to notice');
      coded('TALK_ERR_CLOSED')(session.ended.reason);
    });

    it('ends with PROTOCOL when the camera sends noise without end', async () => {
      const at = await listen(grantTalk);
      const session = await open(at);
      await peerHasTalked(only(at.peers));
      only(at.peers).write(Buffer.alloc(300_000, 0xa5));
      await eventually(() => session.ended.aborted, 'the session to notice');
      coded('TALK_ERR_PROTOCOL')(session.ended.reason);
    });

    it('ends with STALLED when more waits for the camera than it will ever want to hear', async () => {
      const at = await listen(grantTalk);
      const session = await open(at);
      await peerHasTalked(only(at.peers));
      only(at.peers).socket.pause();
      const error = thrown(() => {
        for (let n = 0; n < 30_000; n++) session.send(Buffer.alloc(1024, 0xd5));
      });
      assert.equal(error.code, 'TALK_ERR_STALLED');
      assert.equal(session.ended.reason, error);
    });

    it('ends with STALLED when the watch says so', async () => {
      const stuck = new Map<string, number>();
      deps = { ...deps, stallWatch: new StallWatch(clock, () => Promise.resolve(stuck)) };
      const at = await listen(grantTalk);
      const session = await open(at);
      // The key has the client's own port, which only the camera's side tells from outside.
      stuck.set(`${only(at.peers).socket.remotePort ?? 0} 0100007F:${at.port}`, 1);
      await clock.advance(10_000);
      coded('TALK_ERR_STALLED', /2 s/)(session.ended.reason);
    });

    it('tells what the camera has taken, and ends with STALLED when the last bytes do not arrive', async () => {
      const stuck = new Map<string, number>();
      deps = { ...deps, stallWatch: new StallWatch(clock, () => Promise.resolve(stuck)) };
      const at = await listen(grantTalk);
      const session = await open(at);
      session.send(Buffer.alloc(1024, 0xd5));
      const { signal } = new AbortController();
      await eventually(() => session.bytesSent > 1024);
      const row = `${only(at.peers).socket.remotePort ?? 0} 0100007F:${at.port}`;
      stuck.set(row, 0);
      assert.equal(await session.taken(session.bytesSent, signal), true);
      stuck.set(row, 1);
      const taken = watch(session.taken(session.bytesSent, signal));
      await clock.advance(2_000);
      coded('TALK_ERR_STALLED')(taken.error);
      coded('TALK_ERR_STALLED')(session.ended.reason);
    });

    it('does not call taken what was on its way to a camera that has just reset the connection', async () => {
      deps = { ...deps, stallWatch: new StallWatch(clock) };
      const at = await listen(grantTalk);
      const session = await open(at);
      await peerHasTalked(only(at.peers));
      session.send(Buffer.alloc(1024, 0xd5));
      only(at.peers).socket.resetAndDestroy();
      assert.equal(session.ended.aborted, false, 'it was told in the same turn');
      const outcome = watch(session.taken(session.bytesSent, new AbortController().signal));
      await eventually(() => session.ended.aborted && outcome.state !== 'pending');
      if (process.platform === 'linux') coded('TALK_ERR_CLOSED')(outcome.error);
      else assert.notEqual(outcome.value, true);
    });
  });

  describe('the end', () => {
    it('is a FIN, and what the camera still sends is read, so that it does not become a reset', async () => {
      const at = await listen(async (peer) => {
        await grantTalk(peer);
        // Much more than a receive window: it only fits when the other side reads.
        for (let n = 0; n < 500; n++) peer.write(Buffer.concat([Buffer.from('24010400', 'hex'), Buffer.alloc(1024)]));
        await peer.finished();
        for (let n = 0; n < 5_000; n++) peer.write(Buffer.concat([Buffer.from('24010400', 'hex'), Buffer.alloc(1024)]));
        peer.end();
      });
      const session = await open(at);
      const peer = only(at.peers);
      await session.close();
      await eventually(() => peer.closed, 'the camera to see the end');
      assert.equal(peer.ended, true);
      assert.equal(peer.errno, undefined, 'the camera saw a reset');
      assert.equal(peer.socket.writableLength, 0);
      coded('TALK_ERR_ABORTED')(session.ended.reason);
    });

    it('sends what was sent before it', async () => {
      const at = await listen(async (peer) => {
        await grantTalk(peer);
        await peer.finished();
        peer.end();
      });
      const session = await open(at);
      for (let n = 0; n < 20; n++) session.send(Buffer.alloc(1024, n));
      await session.close();
      const peer = only(at.peers);
      await eventually(() => peer.closed, 'the camera to see the end');
      const sound = peer.received.subarray(peer.received.indexOf('}}}') + 3);
      assert.equal(sound.length, 20 * 1040);
    });

    it('does not wait longer than half a second for the camera’s FIN', async () => {
      const at = await listen(grantTalk);
      const session = await open(at);
      const closing = watch(session.close());
      await eventually(() => only(at.peers).ended, 'the FIN');
      await clock.advance(499);
      assert.equal(closing.state, 'pending');
      await clock.advance(1);
      await eventually(() => closing.state === 'fulfilled', 'the end of close');
    });

    it('comes once, however often and in whatever order it is asked for', async () => {
      const at = await listen(async (peer) => {
        await grantTalk(peer);
        await peer.finished();
        peer.end();
      });
      const session = await open(at);
      let ends = 0;
      session.ended.addEventListener('abort', () => (ends += 1));
      const closings = [session.close(), session.close()];
      session.destroy();
      session.destroy();
      await Promise.all([...closings, session.close()]);
      assert.equal(ends, 1);
      assert.throws(() => session.send(Buffer.alloc(1024)), coded('TALK_ERR_ABORTED'));

      const other = await open(at);
      other.destroy();
      await other.close();
      coded('TALK_ERR_ABORTED')(other.ended.reason);
    });

    it('leaves no handle behind', async () => {
      const sockets = (): number => process.getActiveResourcesInfo().filter((type) => type.startsWith('TCP')).length;
      const at = await listen(async (peer) => {
        await grantTalk(peer);
        await peer.finished();
        peer.end();
      });
      const before = sockets();
      for (let n = 0; n < 5; n++) await (await open(at)).close();
      await eventually(() => at.peers.every(({ closed }) => closed), 'the camera to see the end');
      await eventually(() => sockets() === before, 'the sockets to go');
      assert.equal(clock.pending, 0);
    });
  });

  /** The camera has taken the talk request: what follows are frames. */
  async function peerHasTalked(peer: Peer): Promise<void> {
    await eventually(() => peer.received.includes('}}}'), 'the talk request');
    await settle();
  }

  function thrownCamera(error: unknown): unknown {
    return error instanceof TalkError ? error.camera : undefined;
  }
});
