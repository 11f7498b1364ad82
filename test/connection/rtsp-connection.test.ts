// One socket that speaks RTSP: what opening a talk session does not show. The rest is in session.test.ts.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { TalkError } from '../../src/errors.js';
import type { InterleavedFrame, RtspRequest, RtspResponse } from '../../src/rtsp/message.js';
import { connectTcp } from '../../src/connection/tcp.js';
import { RtspConnection } from '../../src/connection/rtsp-connection.js';
import { coded, eventually, noUnhandledRejections, rejection, watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import {
  NONCE,
  REFUSED_401,
  REPLY_401,
  reply,
  ScriptedCamera,
  type Peer,
  type Script,
} from '../helpers/scripted-camera.js';

const OPTIONS: RtspRequest = {
  kind: 'request',
  method: 'OPTIONS',
  uri: 'rtsp://cam/',
  headers: [['CSeq', '0']],
  body: Buffer.alloc(0),
};

describe('RTSP connection', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let camera: ScriptedCamera;
  let connection: RtspConnection;
  let frames: InterleavedFrame[];

  async function connected(script: Script): Promise<void> {
    clock = new FakeClock();
    frames = [];
    camera = await ScriptedCamera.listen(script);
    const socket = await connectTcp({ host: '127.0.0.1', port: camera.port }, clock);
    connection = new RtspConnection(socket, { camera: 'cam:554', clock, onFrame: (frame) => frames.push(frame) });
  }

  afterEach(async () => {
    connection.destroy();
    await settle();
    const { pending } = clock;
    await camera.close();
    assert.equal(pending, 0, 'something still waits on the clock');
  });

  it('pairs each request with the response that comes after it', async () => {
    await connected(async (peer) => {
      for (const status of ['200 OK', '404 Not Found']) {
        await peer.request();
        peer.write(reply(status, ['CSeq: 0']));
      }
    });
    const listeners = getEventListeners(connection.ended, 'abort').length;
    assert.equal((await connection.exchange(OPTIONS, 'the first')).status, 200);
    assert.equal((await connection.exchange(OPTIONS, 'the second')).status, 404);
    assert.equal(getEventListeners(connection.ended, 'abort').length, listeners);
  });

  it('hands out the camera’s frames and drops what nobody asked for', async () => {
    await connected((peer) => {
      peer.write(Buffer.concat([Buffer.from('24050003aabbcc', 'hex'), Buffer.from(reply('200 OK', ['CSeq: 7']))]));
      peer.write(Buffer.from('24060000', 'hex'));
    });
    await eventually(() => frames.length === 2, 'the frames');
    assert.deepEqual(
      frames.map(({ channel, payload }) => [channel, payload.toString('hex')]),
      [
        [5, 'aabbcc'],
        [6, ''],
      ],
    );
    assert.equal(connection.ended.aborted, false);
  });

  for (const [name, flood] of [
    ['empty frames', '$\0\0\0'],
    ['answers', 'RTSP/1.0 200\n\n'],
    ['text that looks like answers', `?${'RTSP/1.0 200 '.repeat(4_000)}\x01$\0\0\0`],
  ] as const) {
    it(`lets others have their turn in a flood of ${name}`, async () => {
      await connected((peer) => {
        peer.write(Buffer.from(`${flood.repeat(1_048_576 / flood.length)}$\x05\0\0`));
      });
      let turns = 0;
      const count = (): void => {
        turns += 1;
        if (frames.at(-1)?.channel !== 5 && !connection.ended.aborted) setImmediate(count);
      };
      count();
      await eventually(() => frames.at(-1)?.channel === 5 || connection.ended.aborted, 'the end of the flood');
      assert.equal(connection.ended.reason, undefined);
      assert.ok(turns > 100, `read in ${turns} turns`);
      assert.equal(connection.ended.aborted, false);
    });
  }

  it('tells noise instead of an answer from silence', async () => {
    await connected(async (peer) => {
      await peer.request();
      peer.write('\x00\xff what is this?\r\n');
      await peer.request();
      peer.write('\r\n\r\n');
    });
    for (const [code, text] of [
      ['TALK_ERR_PROTOCOL', /answers garbage: 16 bytes that are no RTSP instead of the answer to the log-in/],
      ['TALK_ERR_TIMEOUT', /did not answer the log-in within 8 s/],
    ] as const) {
      const answer = watch(connection.exchange(OPTIONS, 'the log-in'));
      for (let turn = 0; turn < 50; turn++) await settle();
      await clock.advance(8_000);
      coded(code, text)(answer.error);
    }
  });

  describe('asks for what comes without a length', () => {
    const HEAD = 'RTSP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\n';
    const asked = (): Watched<RtspResponse> => watch(connection.exchange(OPTIONS, 'anything'));
    const held = (): Promise<void> => eventually(() => clock.pending === 2, 'the wait for more');

    it('JSON is there with its last brace, and the frame behind it as well', async () => {
      await connected(async (peer) => {
        await peer.request();
        peer.write(`${HEAD}{"a":{}}$\x01\0\x01a`);
      });
      const answer = await connection.exchange(OPTIONS, 'anything');
      assert.equal(answer.body.toString(), '{"a":{}}');
      await eventually(() => frames.length === 1, 'the frame');
    });

    it('text is there when nothing more came for 250 ms', async () => {
      await connected(async (peer) => {
        await peer.request();
        peer.write(`${HEAD}v=0\r\n`);
        await peer.request();
        peer.write('a=b\r\n');
      });
      const answer = asked();
      await held();
      await clock.advance(200);
      // Anything makes the script go on.
      connection.write(Buffer.from('OPTIONS * RTSP/1.0\r\n\r\n'));
      await eventually(() => camera.peers[0]?.received.includes('OPTIONS *') === true, 'the script');
      for (let turn = 0; turn < 20; turn++) await settle();
      await clock.advance(249);
      assert.equal(answer.state, 'pending');
      await clock.advance(1);
      assert.equal(answer.value?.body.toString(), 'v=0\r\na=b\r\n');
    });

    it('and is there when the camera ends the connection', async () => {
      await connected(async (peer) => {
        await peer.request();
        peer.write(`${HEAD}v=0\r\n`);
        peer.end();
      });
      assert.equal((await connection.exchange(OPTIONS, 'anything')).body.toString(), 'v=0\r\n');
      coded('TALK_ERR_CLOSED')(connection.ended.reason);
    });

    for (const end of ['destroy', 'close'] as const) {
      it(`and waits for nothing after ${end}`, async () => {
        await connected(async (peer) => {
          await peer.request();
          peer.write(`${HEAD}v=0\r\n`);
        });
        const answer = asked();
        await held();
        void connection[end]();
        connection.destroy();
        await settle();
        coded('TALK_ERR_ABORTED')(answer.error);
        assert.equal(clock.pending, 0);
      });
    }
  });

  it('does not take an answer that came too late for the next one', async () => {
    let answerNow: () => void = () => undefined;
    await connected(async (peer) => {
      await peer.request();
      answerNow = () => peer.write(reply('503 Service Unavailable', ['CSeq: 0']));
      await peer.request();
      peer.write(reply('200 OK', ['CSeq: 1']));
    });
    const first = watch(connection.exchange(OPTIONS, 'the first'));
    await eventually(() => camera.peers[0]?.received.includes('\r\n\r\n') === true, 'the request');
    await clock.advance(8_000);
    coded('TALK_ERR_TIMEOUT', /the first/)(first.error);
    answerNow();
    await eventually(() => camera.peers[0]?.socket.writableLength === 0, 'the late answer');
    for (let turn = 0; turn < 20; turn++) await settle();
    assert.equal((await connection.exchange(OPTIONS, 'the second')).status, 200);
  });

  describe('a copy of an old 401', () => {
    const LOGIN: typeof OPTIONS = { ...OPTIONS, headers: [['CSeq', '1']] };

    /** Asks twice; the second time the camera repeats its first answer and then does what it is told. */
    async function asking(then: (peer: Peer) => void): Promise<Watched<RtspResponse>> {
      await connected(async (peer) => {
        await peer.request();
        peer.write(REPLY_401);
        await peer.request();
        peer.write(REPLY_401);
        then(peer);
      });
      await connection.exchange(OPTIONS, 'the first');
      const second = watch(connection.exchange(LOGIN, 'the log-in'));
      const count = (bytes = Buffer.alloc(0)): number => bytes.toString().split('\r\n\r\n').length - 1;
      await eventually(() => count(camera.peers[0]?.received) === 2, 'the second request');
      for (let turn = 0; turn < 20; turn++) await settle();
      return second;
    }

    it('is not the answer to the log-in', async () => {
      const login = await asking((peer) => peer.write(reply('200 OK', ['CSeq: 1'])));
      await eventually(() => login.state === 'fulfilled', 'the answer');
      assert.equal(login.value?.status, 200);
    });

    it('is the answer when no other comes for a second, or the camera hangs up', async () => {
      const login = await asking(() => undefined);
      assert.equal(login.state, 'pending');
      await clock.advance(1_000);
      assert.equal(login.value?.status, 401);
      await camera.close();
      const cut = await asking((peer) => peer.socket.end());
      await eventually(() => cut.state !== 'pending', 'the end');
      assert.equal(cut.value?.status, 401);
    });

    it('is none under the number of the request, or with another nonce', async () => {
      for (const answer of [REFUSED_401, REPLY_401.replace(NONCE, '0'.repeat(32))]) {
        await connected(async (peer) => {
          for (const text of [REPLY_401, answer]) {
            await peer.request();
            peer.write(text);
          }
        });
        await connection.exchange(OPTIONS, 'the first');
        assert.equal((await connection.exchange(LOGIN, 'the log-in')).status, 401);
        await camera.close();
      }
    });
  });

  it('refuses to write and to ask when it is over, with the first reason', async () => {
    await connected(() => undefined);
    const reason = new TalkError('TALK_ERR_STALLED', 'took nothing');
    connection.fail(reason);
    connection.fail(new TalkError('TALK_ERR_CLOSED', 'later'));
    connection.destroy();
    assert.throws(() => connection.write(Buffer.of(1)), reason);
    assert.equal(await rejection(connection.exchange(OPTIONS, 'anything')), reason);
    await connection.close();
    assert.equal(connection.ended.reason, reason);
  });

  it('fails the question under way when it is closed or ended by its owner', async () => {
    for (const end of ['close', 'destroy'] as const) {
      await connected(() => undefined);
      const asking = watch(connection.exchange(OPTIONS, 'anything'));
      const ending = watch(Promise.resolve(connection[end]()));
      await settle();
      coded('TALK_ERR_ABORTED')(asking.error);
      await clock.advance(500);
      await eventually(() => ending.state === 'fulfilled', 'the end');
      if (end === 'close') await camera.close();
    }
  });
});
