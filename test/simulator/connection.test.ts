// One connection with bytes that are right but for one thing: what the camera writes down, and when it closes.
import assert from 'node:assert/strict';
import { SimulatedCamera, type SimulatedCameraOptions } from '../../src/simulator/index.js';
import { CHALLENGE, FIRST, openTalk, OPENED, packet160, SECOND, THIRD, VECTOR_OPTIONS } from './conversation.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { eventually, RawClient } from './raw-client.js';

describe('simulator/connection', () => {
  let camera: SimulatedCamera;
  let client: RawClient;

  async function run(options: SimulatedCameraOptions = {}): Promise<void> {
    camera = new SimulatedCamera({ ...VECTOR_OPTIONS, ...options });
    await camera.start();
    client = await RawClient.open(camera.port);
  }
  afterEach(async () => {
    client.destroy();
    await camera.stop();
  });

  /** Opens a talk, sends the bytes, closes, returns what the camera complained about. */
  async function talk(...bytes: Buffer[]): Promise<readonly string[]> {
    assert.equal(await openTalk(client), OPENED);
    client.send(Buffer.concat(bytes));
    client.end();
    await camera.waitForTalkEnd();
    return camera.violations;
  }

  const changed = (frame: Buffer, at: number, byte: number): Buffer => {
    const copy = Buffer.from(frame);
    copy[at] = byte;
    return copy;
  };

  describe('packets with one wrong byte', () => {
    const right = [packet160(1), packet160(2), packet160(3)] as const;
    const cases: [what: string, packets: Buffer[], violations: string[], warnings?: string[]][] = [
      ['none', [...right], []],
      ['channel', [changed(right[0], 1, 0)], ['packet 1: channel 0 instead of 1']],
      ['version', [right[0], changed(right[1], 4, 0x40)], ['frame is not an RTP packet with a plain header']],
      ['padding bit', [changed(right[0], 4, 0xa0)], ['frame is not an RTP packet with a plain header']],
      ['extension bit', [changed(right[0], 4, 0x90)], ['frame is not an RTP packet with a plain header']],
      ['CSRC count', [changed(right[0], 4, 0x81)], ['frame is not an RTP packet with a plain header']],
      ['payload type', [changed(right[0], 5, 0x80)], ['packet 1: payload type 0 instead of 8 or 102']],
      ['marker', [changed(right[0], 5, 0x08)], [], ['packet 1: marker not set on the first packet']],
      ['later marker', [right[0], changed(right[1], 5, 0x88)], [], ['packet 2: marker set']],
      ['sequence number', [right[0], changed(right[1], 7, 3)], ['packet 2: sequence number 3 instead of 2']],
      ['timestamp', [right[0], changed(right[1], 11, 161)], ['packet 2: timestamp 161 instead of 160']],
      ['SSRC', [right[0], changed(right[1], 15, 0x79)], ['packet 2: SSRC changed']],
    ];
    for (const [what, packets, violations, warnings = []] of cases) {
      it(what, async () => {
        await run();
        const said = await talk(...packets);
        assert.deepEqual(
          said,
          violations.map((text) => `connection 1, ${text}`),
        );
        assert.deepEqual(
          camera.warnings,
          warnings.map((text) => `connection 1, ${text}`),
        );
      });
    }

    it('names fifteen packets at once a flood', async () => {
      await run();
      const said = await talk(...Array.from({ length: 15 }, (_, n) => packet160(n + 1)));
      assert.equal(said.length, 1);
      assert.match(said[0] ?? '', /^connection 1, packet 1[45]: \d+ ms ahead of real time$/);
    });

    it('may be told to allow it', async () => {
      await run({ maxAheadMs: 1_000 });
      assert.deepEqual(await talk(...Array.from({ length: 15 }, (_, n) => packet160(n + 1))), []);
    });
  });

  it('names frames before the talk is open, once, and hears none of them', async () => {
    await run();
    client.send(Buffer.concat([packet160(1), packet160(2)]));
    assert.equal(await client.ask(FIRST), CHALLENGE);
    assert.deepEqual(camera.violations, ['connection 1, frame before the talk was opened']);
    assert.equal(camera.sessions.length, 0);
  });

  describe('requests with one wrong thing', () => {
    it('a line end without CR', async () => {
      await run();
      assert.equal(await client.ask(FIRST.replace('0\r\n', '0\n')), CHALLENGE);
      assert.deepEqual(camera.violations, ['connection 1, line end without CR']);
    });

    it('a Content-Length that is too short: the rest is garbage', async () => {
      await run();
      await client.ask(FIRST);
      await client.ask(SECOND);
      client.send(THIRD.replace('Length: 82', 'Length: 81'));
      await client.ended();
      assert.equal(camera.sessions.length, 0);
      assert.ok(camera.violations.some((text) => text.startsWith('connection 1, unreadable bytes: ')));
    });

    it('a Content-Length that is too long: no answer', async () => {
      const clock = new FakeClock();
      await run({ clock });
      await client.ask(FIRST);
      await client.ask(SECOND);
      client.send(THIRD.replace('Length: 82', 'Length: 83'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(client.text, '');
      await clock.advance(20_000);
      await client.ended();
      assert.equal(camera.sessions.length, 0);
    });

    it('a request line that is none', async () => {
      await run();
      client.send('GET / HTTP/1.1\r\n\r\n');
      await client.ended();
      assert.equal(camera.violations.length, 1);
    });

    it('a head without end', async () => {
      await run();
      client.send(`OPTIONS * RTSP/1.0\r\nX: ${'a'.repeat(100_000)}`);
      await client.ended();
      assert.equal(camera.violations.length, 1);
    });

    it('a response nobody waits for is only a warning', async () => {
      await run();
      client.send('RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n');
      assert.equal(await client.ask(FIRST), CHALLENGE);
      assert.deepEqual(camera.warnings, ['connection 1, response that nobody waits for']);
    });
  });

  describe('strict: refuse', () => {
    it('drops the connection at the first violation', async () => {
      await run({ strict: 'refuse' });
      await openTalk(client);
      client.send(Buffer.concat([packet160(1), packet160(3), packet160(4)]));
      await client.ended();
      const heard = await camera.waitForTalkEnd();
      assert.equal(heard.end, 'camera closed');
      assert.equal(heard.packetCount, 2);
    });
    it('does not drop it for a warning', async () => {
      await run({ strict: 'refuse' });
      await openTalk(client);
      client.send(Buffer.concat([changed(packet160(1), 5, 0x08), packet160(2)]));
      client.end();
      assert.equal((await camera.waitForTalkEnd()).end, 'client closed');
    });
    it('does not drop it for payloads that cameras have been seen to play', async () => {
      await run({ strict: 'refuse' });
      await openTalk(client);
      const sized = (frame: Buffer, bytes: number, timestamp: number): Buffer => {
        const copy = Buffer.concat([frame.subarray(0, 16), Buffer.alloc(bytes, 0xd5)]);
        copy.writeUInt16BE(12 + bytes, 2);
        copy.writeUInt32BE(timestamp, 8);
        return copy;
      };
      client.send(Buffer.concat([packet160(1), sized(packet160(2), 192, 160), sized(packet160(3), 588, 352)]));
      client.end();
      const heard = await camera.waitForTalkEnd();
      assert.deepEqual([heard.end, heard.packetCount], ['client closed', 3]);
      assert.deepEqual([heard.violations, heard.warnings], [[], ['packet 2: payload of 192 bytes after 160']]);
    });
  });

  describe('the 20 s of patience', () => {
    it('end a connection that asks nothing, counted from its last request', async () => {
      const clock = new FakeClock();
      await run({ clock });
      await client.ask('OPTIONS * RTSP/1.0\r\nCSeq: 0\r\n\r\n');
      await clock.advance(19_000);
      await client.ask('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n');
      await clock.advance(19_999);
      await client.ask('OPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\n');
      await clock.advance(20_000);
      await client.ended();
      await eventually(() => camera.connections === 0, 'closed connection');
      assert.equal(clock.pending, 0);
    });

    it('end an unanswered talk request: a module that the camera does not know', async () => {
      const clock = new FakeClock();
      await run({ clock });
      await client.ask(FIRST);
      await client.ask(SECOND);
      client.send(THIRD.replace('"talk"', '"sing"'));
      await eventually(() => camera.requests.length === 3, 'third request');
      assert.equal(client.text, '');
      await clock.advance(20_000);
      await client.ended();
    });

    it('do not run during a talk', async () => {
      const clock = new FakeClock();
      await run({ clock });
      await openTalk(client);
      assert.equal(clock.pending, 0);
      await client.ask(THIRD.replace('CSeq: 2', 'CSeq: 3'));
      assert.equal(clock.pending, 0);
    });
  });

  it('tells a reset from an orderly end', async () => {
    await run();
    await openTalk(client);
    client.reset();
    assert.equal((await camera.waitForTalkEnd()).end, 'client reset');
  });
});
