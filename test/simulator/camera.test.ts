// The camera over loopback with bytes typed by hand: whole conversations, one talker at a time, records, time-outs, start and stop.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { isTalkError } from '../../src/errors.js';
import { SimulatedCamera, type SimulatedCameraOptions, type SimulatorWeb } from '../../src/simulator/index.js';
import {
  CHALLENGE,
  FIRST,
  LOGGED_IN,
  openTalk,
  OPENED,
  packet1024,
  packet160,
  SECOND,
  THIRD,
  VECTOR_OPTIONS,
  VIGI_CHALLENGE,
  VIGI_FIRST,
  VIGI_OPENED,
  VIGI_SECOND,
} from './conversation.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { eventually, RawClient } from './raw-client.js';

describe('simulator/camera', () => {
  let camera: SimulatedCamera | undefined;
  const clients: RawClient[] = [];

  async function run(options: SimulatedCameraOptions = {}): Promise<SimulatedCamera> {
    camera = new SimulatedCamera({ ...VECTOR_OPTIONS, ...options });
    await camera.start();
    return camera;
  }
  async function dial(running: SimulatedCamera): Promise<RawClient> {
    const client = await RawClient.open(running.port);
    clients.push(client);
    return client;
  }
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await camera?.stop();
    camera = undefined;
  });

  describe('conversations', () => {
    it('V15: three messages, then packets', async () => {
      const running = await run();
      const client = await dial(running);
      assert.equal(await client.ask(FIRST), CHALLENGE);
      assert.equal(await client.ask(SECOND), LOGGED_IN);
      assert.equal(await client.ask(THIRD), OPENED);
      const hash = (frame: Buffer): string => createHash('sha256').update(frame).digest('hex');
      assert.equal(hash(packet1024(1)), '7f39909efa711aefbf0e628d0e42415dbb456e4ab3ddf2fc0f9b7b970716f1fa');
      assert.equal(hash(packet1024(2)), 'ba38fff96bf6b2a3ca56c74914cbf70c094362a5adeb3321fa9cb6acabc67257');
      client.send(packet1024(1));
      client.send(packet1024(2));
      client.end();

      const heard = await running.waitForTalkEnd();
      assert.equal(heard.end, 'client closed');
      assert.equal(heard.start.mode, 'half_duplex');
      assert.deepEqual(
        heard.packets.map(({ channel, payloadType, marker, sequenceNumber, timestamp, ssrc, payload }) => {
          return [channel, payloadType, marker, sequenceNumber, timestamp, ssrc, payload.length];
        }),
        [
          [1, 8, true, 1, 0, 0x12345678, 1024],
          [1, 8, false, 2, 1024, 0x12345678, 1024],
        ],
      );
      assert.deepEqual(running.violations, []);
      assert.deepEqual(running.warnings, []);
      assert.equal(running.loginFailures, 0);
      assert.equal(running.sessions.length, 1);
    });

    it('VIGI: two messages, SHA-256, channel 0', async () => {
      const running = await run({ dialect: 'vigi' });
      const client = await dial(running);
      assert.equal(await client.ask(VIGI_FIRST), VIGI_CHALLENGE);
      assert.equal(await client.ask(VIGI_SECOND), VIGI_OPENED);
      client.send(packet160(1, 0));
      client.end();
      const heard = await running.waitForTalkEnd();
      assert.equal(heard.packetCount, 1);
      assert.deepEqual(running.violations, []);
    });

    it('accepts the whole of it in one piece, and byte by byte', async () => {
      const running = await run();
      const glued = await dial(running);
      glued.send(Buffer.concat([Buffer.from(FIRST + SECOND + THIRD), packet1024(1)]));
      assert.equal(
        (await glued.take(CHALLENGE.length + LOGGED_IN.length + OPENED.length)).toString(),
        CHALLENGE + LOGGED_IN + OPENED,
      );
      glued.end();
      assert.equal((await running.waitForTalkEnd()).packetCount, 1);

      const slow = await dial(running);
      for (const byte of Buffer.concat([Buffer.from(FIRST + SECOND + THIRD), packet1024(1)])) {
        slow.send(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      slow.end();
      assert.equal((await running.waitForTalkEnd(2)).packetCount, 1);
      assert.deepEqual(running.violations, []);
    });

    it('has random nonces and Session ids of its own', async () => {
      camera = new SimulatedCamera();
      await camera.start();
      const [one, other] = [await dial(camera), await dial(camera)];
      const nonces = [await one.ask(FIRST), await other.ask(FIRST)].map(
        (text) => /nonce="([0-9a-f]{32})"/.exec(text)?.[1],
      );
      assert.ok(nonces[0] !== undefined && nonces[1] !== undefined);
      assert.notEqual(nonces[0], nonces[1]);
    });
  });

  describe('one talker at a time', () => {
    it('answers -52411 while another connection talks, and opens when it is closed', async () => {
      const running = await run();
      const [one, other] = [await dial(running), await dial(running)];
      assert.equal(await openTalk(one), OPENED);
      assert.match(await openTalk(other), /\{"error_code":-52411\}/);
      one.end();
      await running.waitForTalkEnd();
      assert.match(await other.ask(THIRD.replace('CSeq: 2', 'CSeq: 3')), /"error_code":0,/);
    });

    it('answers -52411 to a second talk request of the talker, who goes on talking', async () => {
      const running = await run();
      const client = await dial(running);
      await openTalk(client);
      assert.match(await client.ask(THIRD.replace('CSeq: 2', 'CSeq: 3')), /-52411/);
      client.send(packet160(1));
      client.end();
      assert.equal((await running.waitForTalkEnd()).packetCount, 1);
    });

    it('does not free the slot when somebody else leaves', async () => {
      const running = await run();
      const [talker, refused, third] = [await dial(running), await dial(running), await dial(running)];
      await openTalk(talker);
      await openTalk(refused);
      refused.end();
      await eventually(() => running.connections === 2, 'one connection less');
      assert.match(await openTalk(third), /-52411/);
    });

    it('keeps the slot taken for the time it was told', async () => {
      const clock = new FakeClock();
      const running = await run({ clock, slotReleaseMs: 1_500 });
      const [one, other] = [await dial(running), await dial(running)];
      await openTalk(one);
      one.end();
      await running.waitForTalkEnd();
      await clock.advance(1_499);
      assert.match(await openTalk(other), /-52411/);
      await clock.advance(1);
      assert.match(await other.ask(THIRD.replace('CSeq: 2', 'CSeq: 3')), /"error_code":0,/);
    });
  });

  describe('records', () => {
    it('keeps every request with its headers', async () => {
      const running = await run();
      const client = await dial(running);
      await openTalk(client);
      assert.deepEqual(
        running.requests.map(({ connection, method, uri }) => [connection, method, uri]),
        Array(3).fill([1, 'MULTITRANS', 'rtsp://192.168.1.60/multitrans']),
      );
      const [, second, third] = running.requests;
      assert.match(
        second?.headers.find(([name]) => name === 'Authorization')?.[1] ?? '',
        /a0c5ca9ee922a01298e79071a2204d18/,
      );
      assert.equal(third?.body, THIRD.slice(-82));
    });

    it('counts refused passwords', async () => {
      const running = await run({ password: 'another' });
      const client = await dial(running);
      await client.ask(FIRST);
      assert.match(await client.ask(SECOND), /^RTSP\/1\.0 401 Unauthorized\r\nCSeq: 1\r\n/);
      assert.equal(running.loginFailures, 1);
      assert.deepEqual(running.violations, []);
    });

    it('stamps packets by its own clock, from accept and from the open talk', async () => {
      const clock = new FakeClock();
      const running = await run({ clock });
      const client = await dial(running);
      await client.ask(FIRST);
      await clock.advance(100);
      await client.ask(SECOND);
      await client.ask(THIRD);
      await clock.advance(300);
      const loud = packet160(1).fill(0x80, 16);
      client.send(loud);
      await eventually(() => running.sessions[0]?.packetCount === 1, 'first packet');
      await clock.advance(25);
      client.send(packet160(2));
      await eventually(() => running.sessions[0]?.packetCount === 2, 'second packet');
      const heard = running.sessions[0];
      assert.equal(heard?.firstSoundMs, 400);
      assert.equal(heard.firstSoundAfterOpenMs, 300);
      assert.deepEqual(heard.lateness(), [0, 5]);
    });

    it('forgets the oldest of 1000 requests', async () => {
      const running = await run();
      const client = await dial(running);
      const options = Array.from({ length: 1_005 }, (_, n) => `OPTIONS * RTSP/1.0\r\nCSeq: ${n}\r\n\r\n`);
      client.send(options.join(''));
      await client.until(() => client.text.includes('CSeq: 1004\r\n'));
      assert.equal(running.requests.length, 1_000);
      assert.deepEqual(running.requests[0]?.headers, [['CSeq', '5']]);
    });

    it('tells of talks, packets, ends and violations as they happen', async () => {
      const running = await run();
      const told: string[] = [];
      running.on('talk', ({ start }) => told.push(`talk ${start.number}`));
      running.on('packet', ({ packetCount }) => told.push(`packet ${packetCount}`));
      running.on('violation', (text) => told.push(text));
      running.on('end', ({ end }) => told.push(end));
      const client = await dial(running);
      await openTalk(client);
      client.send(Buffer.concat([packet160(1), packet160(3)]));
      await eventually(() => running.sessions[0]?.packetCount === 2, 'packets');
      client.reset();
      await running.waitForTalkEnd();
      assert.deepEqual(told, [
        'talk 1',
        'packet 1',
        'connection 1, packet 2: sequence number 3 instead of 2',
        'connection 1, packet 2: timestamp 320 instead of 160',
        'packet 2',
        'client reset',
      ]);
      assert.deepEqual(running.sessions[0]?.violations, [
        'packet 2: sequence number 3 instead of 2',
        'packet 2: timestamp 320 instead of 160',
      ]);
    });

    it('waitForTalkEnd gives up after its time', async () => {
      const clock = new FakeClock();
      const running = await run({ clock });
      const outcome = assert.rejects(
        running.waitForTalkEnd(1, 5_000),
        (error: unknown) => isTalkError(error) && error.code === 'TALK_ERR_TIMEOUT',
      );
      await clock.advance(5_000);
      await outcome;
      assert.equal(running.listenerCount('end'), 0);
    });
  });

  describe('a request that crashes cameras', () => {
    it('takes it down for a while, with everybody on it', async () => {
      const clock = new FakeClock();
      const running = await run({ clock, crashMs: 4_000, behaviors: ['no-challenge'] });
      const [bystander, culprit] = [await dial(running), await dial(running)];
      await bystander.ask(FIRST);
      await culprit.ask(FIRST);
      const head = THIRD.slice(0, -82).replace('CSeq: 2', 'CSeq: 1').replace('Length: 82', 'Length: 42');
      culprit.send(`${head}{"type":"request","seq":0,"params":"talk"}`);
      await Promise.all([bystander.ended(), culprit.ended()]);
      assert.equal(running.violations.length, 1);
      assert.match(running.violations[0] ?? '', /params is not an object/);
      await clock.advance(3_999);
      await assert.rejects(async () => {
        const early = await dial(running);
        await early.ask(FIRST);
      });
      await clock.advance(1);
      assert.match(await (await dial(running)).ask(FIRST), /^RTSP\/1\.0 200 OK/);
    });
  });

  describe('start and stop', () => {
    it('listens on loopback and says where', async () => {
      camera = new SimulatedCamera();
      assert.deepEqual([camera.port, camera.username, camera.password], [0, 'admin', 'camera-talk']);
      const { port, httpPort } = await camera.start();
      assert.ok(port > 0);
      assert.equal(httpPort, undefined);
      assert.equal(camera.url, `rtsp://127.0.0.1:${port}`);
      await assert.rejects(
        camera.start(),
        (error: unknown) => isTalkError(error) && error.code === 'TALK_ERR_ARGUMENT',
      );
    });

    it('says when the port is taken, and can be told another', async () => {
      const running = await run();
      const second = new SimulatedCamera({ port: running.port });
      await assert.rejects(second.start(), (error: unknown) => isTalkError(error) && error.code === 'TALK_ERR_CONNECT');
      await second.stop();
    });

    it('stop leaves no connection, no port and no timer, and may be repeated', async () => {
      const clock = new FakeClock();
      const running = await run({ clock, behaviors: ['stop-reading:1'] });
      const [idle, half, talking] = [await dial(running), await dial(running), await dial(running)];
      await half.ask(FIRST);
      await openTalk(talking);
      talking.send(Buffer.concat([packet160(1), packet160(2)]));
      await eventually(() => running.sessions[0]?.packetCount === 1, 'first packet');
      assert.equal(running.connections, 3);
      assert.equal(clock.pending, 3);
      const { port } = running;
      await Promise.all([running.stop(), running.stop()]);
      await running.stop();
      assert.equal(running.connections, 0);
      assert.equal(clock.pending, 0);
      assert.equal(running.sessions[0]?.end, 'camera closed');
      await Promise.all([idle.ended(), half.ended(), talking.ended()]);
      const refused = new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve));
      assert.match(String(await refused), /ECONNREFUSED/);
    });

    it('starts again after a stop', async () => {
      const running = await run();
      await running.stop();
      await running.start();
      assert.equal(await (await dial(running)).ask(FIRST), CHALLENGE);
    });

    it('stops after a start that is still under way', async () => {
      camera = new SimulatedCamera();
      const starting = camera.start();
      await camera.stop();
      const { port } = await starting;
      const refused = new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve));
      assert.match(String(await refused), /ECONNREFUSED/);
    });

    it('starts its HTTP side after itself and stops it with itself', async () => {
      const told: string[] = [];
      const web = (of: SimulatedCamera, listen: { port: number; host: string }): Promise<SimulatorWeb> => {
        told.push(`start ${listen.host} ${listen.port} ${of.port > 0}`);
        return Promise.resolve({
          port: 8_080,
          stop: () => {
            told.push('stop');
            return Promise.resolve();
          },
        });
      };
      const running = await run({ httpPort: 0, web });
      assert.equal(running.httpPort, 8_080);
      await running.stop();
      assert.deepEqual(told, ['start 127.0.0.1 0 true', 'stop']);

      const without = await run({ web });
      assert.equal(without.httpPort, undefined);
    });

    it('closes its port when the HTTP side cannot start', async () => {
      camera = new SimulatedCamera({ httpPort: 0, web: () => Promise.reject(new Error('no')) });
      await assert.rejects(camera.start(), /no/);
      const refused = new Promise((resolve) => connect(camera?.port ?? 0, '127.0.0.1').once('error', resolve));
      assert.match(String(await refused), /ECONNREFUSED/);
    });
  });

  it('fifty cameras in one process hear fifty talks', async () => {
    const cameras = Array.from({ length: 50 }, () => new SimulatedCamera({ ...VECTOR_OPTIONS }));
    try {
      await Promise.all(cameras.map((one) => one.start()));
      const heard = await Promise.all(
        cameras.map(async (one) => {
          const client = await dial(one);
          await openTalk(client);
          for (let n = 1; n <= 10; n++) client.send(packet160(n));
          client.end();
          return one.waitForTalkEnd();
        }),
      );
      assert.deepEqual(
        heard.map(({ packetCount }) => packetCount),
        Array(50).fill(10),
      );
      assert.deepEqual(
        cameras.flatMap(({ violations }) => violations),
        [],
      );
    } finally {
      await Promise.all(cameras.map((one) => one.stop()));
    }
    assert.equal(
      cameras.reduce((open, one) => open + one.connections, 0),
      0,
    );
  });
});
