// Streams over loopback with bytes typed by hand: a whole conversation, the microphone that hears the loudspeaker, the session's time, the end.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { SimulatedCamera, type SimulatedCameraOptions } from '../../../src/simulator/index.js';
import { FakeClock } from '../../helpers/fake-clock.js';
import { openTalk, OPENED } from '../conversation.js';
import { eventually, RawClient } from '../raw-client.js';
import {
  CHALLENGE_2,
  DESCRIBE,
  DESCRIBE_FIRST,
  GET_PARAMETER,
  PLAY,
  PlainViewer,
  readFrame,
  readFrames,
  SETUP,
  STREAM_OPTIONS,
  TEARDOWN,
  undated,
} from './conversation.js';

/** Nothing but the loudspeaker, at once and as loud as it is. */
const EAR = { delayMs: 0, gainDb: 0, noiseDb: Number.NEGATIVE_INFINITY } as const;
const PLAIN = ['stream-no-challenge'];
const SESSION = 'Session: 5579378E';

describe('simulator/streams', () => {
  let camera: SimulatedCamera;
  let clock: FakeClock;
  const clients: RawClient[] = [];

  async function run(options: SimulatedCameraOptions = {}): Promise<void> {
    clock = new FakeClock();
    camera = new SimulatedCamera({ ...STREAM_OPTIONS, clock, ...options });
    await camera.start();
  }
  async function dial(): Promise<RawClient> {
    const client = await RawClient.open(camera.port);
    clients.push(client);
    return client;
  }
  /** A viewer that has said PLAY. */
  async function playing(): Promise<RawClient> {
    const client = await dial();
    assert.match(await new PlainViewer(client).play(), /^RTSP\/1\.0 200 OK/);
    return client;
  }
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await camera.stop();
  });

  it('goes through a whole conversation', async () => {
    await run();
    const client = await dial();
    assert.match(
      await client.ask('OPTIONS rtsp://192.168.1.60/stream1 RTSP/1.0\r\nCSeq: 1\r\n\r\n'),
      /^RTSP\/1\.0 200 OK/,
    );
    assert.equal(await client.ask(DESCRIBE_FIRST), CHALLENGE_2);
    const described = await client.ask(DESCRIBE);
    const base = `rtsp://127.0.0.1:${camera.port}/stream1`;
    const [head = '', sdp = ''] = undated(described).split('\r\n\r\n');
    assert.equal(
      head,
      'RTSP/1.0 200 OK\r\n' +
        'CSeq: 3\r\n' +
        `Content-Base: ${base}/\r\n` +
        'Content-Type: application/sdp\r\n' +
        `Content-Length: ${sdp.length}`,
    );
    assert.match(sdp, /^v=0\r\no=- 14665860 31787219 1 IN IP4 127\.0\.0\.1\r\n/);
    assert.equal(
      undated(await client.ask(SETUP)),
      'RTSP/1.0 200 OK\r\n' +
        'CSeq: 4\r\n' +
        'Transport: RTP/AVP/TCP;unicast;destination=127.0.0.1;source=127.0.0.1;interleaved=0-1\r\n' +
        'Session: 5579378E;timeout=60\r\n' +
        '\r\n',
    );
    const played = undated(await client.ask(PLAY));
    const [, sequence = '', time = ''] = /;seq=(\d+);rtptime=(\d+)\r\n/.exec(played) ?? [];
    assert.equal(
      played,
      'RTSP/1.0 200 OK\r\n' +
        'CSeq: 5\r\n' +
        'Session: 5579378E;timeout=60\r\n' +
        'Range: npt=0.000-\r\n' +
        `RTP-Info: url=${base}/track2;seq=${sequence};rtptime=${time}\r\n` +
        '\r\n',
    );
    const frames = await readFrames(client, clock, 40, 2);
    assert.deepEqual(
      frames.map((frame) => [
        frame.channel,
        frame.head,
        frame.second,
        frame.payload.length,
        frame.ssrc === frames[0]?.ssrc,
      ]),
      [
        [0, 0x80, 0x88, 160, true],
        [0, 0x80, 0x08, 160, true],
      ],
    );
    assert.deepEqual([frames[0]?.sequenceNumber, frames[0]?.timestamp], [Number(sequence), Number(time)]);
    assert.equal(frames[1]?.sequenceNumber, (Number(sequence) + 1) % 2 ** 16);
    assert.equal(frames[1].timestamp, (Number(time) + 160) % 2 ** 32);

    assert.equal(
      undated(await client.ask(GET_PARAMETER)),
      'RTSP/1.0 200 OK\r\nCSeq: 6\r\nSession: 5579378E;timeout=60\r\n\r\n',
    );
    assert.equal(undated(await client.ask(TEARDOWN)), 'RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n');
    await clock.advance(1_000);
    assert.equal(client.text, '');
    assert.match(
      await client.ask(GET_PARAMETER.replace('CSeq: 6', 'CSeq: 8')),
      /^RTSP\/1\.0 454 Session Not Found\r\n/,
    );

    assert.deepEqual([camera.violations, camera.warnings, camera.loginFailures], [[], [], 0]);
    assert.equal(camera.streams.length, 1);
    const [record] = camera.streams;
    assert.deepEqual(record?.start, { number: 1, connection: 1, path: '/stream1', openedAt: 70_000.25 });
    assert.deepEqual(
      [record.tracks, record.video, record.playedAt, record.packetCount, record.keepAlives, record.end],
      [['track2'], false, 70_000.25, 2, 1, 'teardown'],
    );
  });

  it('has random sessions, numbers and sources of its own', async () => {
    camera = new SimulatedCamera({ behaviors: PLAIN });
    await camera.start();
    const setUp = async (): Promise<string> => {
      const client = await dial();
      return new PlainViewer(client).ask('SETUP', '/stream1/track2', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
    };
    const ids = [await setUp(), await setUp()].map((text) => /^Session: ([0-9A-F]{8});timeout=60\r$/m.exec(text)?.[1]);
    assert.ok(ids[0] !== undefined && ids[1] !== undefined);
    assert.notEqual(ids[0], ids[1]);
  });

  it('takes byte by byte and all at once', async () => {
    await run();
    const options = 'OPTIONS rtsp://192.168.1.60/stream1 RTSP/1.0\r\nCSeq: 1\r\n\r\n';
    const all = options + DESCRIBE_FIRST + DESCRIBE + SETUP + PLAY;
    const glued = await dial();
    glued.send(all);
    const slow = await dial();
    for (const byte of Buffer.from(all)) {
      slow.send(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const client of [glued, slow]) {
      for (const status of [200, 401, 200, 200, 200])
        assert.match(await client.message(), new RegExp(`^RTSP/1.0 ${status} `));
    }
    assert.deepEqual(camera.violations, []);
  });

  describe('the microphone', () => {
    it('hears the loudspeaker, to the sample, while another connection talks', async () => {
      await run({
        behaviors: PLAIN,
        microphone: { ...EAR, delayMs: 37.5 },
        loudspeaker: { bufferMs: 50 },
      });
      const viewer = await playing();
      const talker = await dial();
      assert.equal(await openTalk(talker), OPENED);
      await clock.advance(5);
      // Two packets of 20 ms, the second one 3 ms late: the buffer hides it.
      const codes = createHash('sha512').update('any codes').digest();
      const sound = Buffer.from(Array.from({ length: 320 }, (_, i) => codes[i % 64] ?? 0));
      for (const [n, wait] of [
        [0, 23],
        [1, 0],
      ] as const) {
        const head = Buffer.from('240100ac' + (n === 0 ? '80880000' : '80080001') + '00000000' + '12345678', 'hex');
        head.writeUInt32BE(n * 160, 8);
        talker.send(Buffer.concat([head, sound.subarray(n * 160, n * 160 + 160)]));
        await eventually(() => camera.sessions[0]?.packetCount === n + 1, `packet ${n}`);
        await clock.advance(wait);
      }
      const frames = await readFrames(viewer, clock, 132, 8);
      const heard = Buffer.concat(frames.map(({ payload }) => payload));
      // Sent at 5 ms, played at 55 ms, heard at 92.5 ms: sample 740.
      assert.equal(heard.length, 1_280);
      assert.deepEqual(heard.subarray(0, 740), Buffer.alloc(740, 0xd5));
      assert.deepEqual(heard.subarray(740, 1_060), sound);
      assert.deepEqual(heard.subarray(1_060), Buffer.alloc(220, 0xd5));
      assert.deepEqual(camera.violations, []);
      assert.equal(camera.connections, 2);
    });

    it('falls silent with the end of the talk, and as long as a talk mutes it', async () => {
      await run({
        behaviors: PLAIN,
        microphone: { ...EAR, source: Int16Array.of(2_112), muteInHalfDuplex: true },
        loudspeaker: { bufferMs: 0 },
      });
      const viewer = await playing();
      await clock.advance(10);
      const talker = await dial();
      await openTalk(talker);
      await clock.advance(20);
      talker.end();
      await camera.waitForTalkEnd();
      const frames = await readFrames(viewer, clock, 10, 2);
      const heard = Buffer.concat(frames.map(({ payload }) => payload));
      const expected = Buffer.alloc(320, 0x95).fill(0xd5, 80, 240);
      assert.deepEqual(heard, expected);
    });

    it('gives every viewer the same', async () => {
      await run({ behaviors: PLAIN, microphone: { noiseDb: -30 } });
      const one = await playing();
      const other = await playing();
      await clock.advance(20);
      const [first, second] = [await readFrame(one), await readFrame(other)];
      assert.deepEqual(first.payload, second.payload);
      assert.notEqual(first.ssrc, second.ssrc);
    });

    it('pauses, and goes on with the next number', async () => {
      await run({ behaviors: PLAIN });
      const client = await dial();
      const viewer = new PlainViewer(client);
      await viewer.play();
      const [before] = await readFrames(client, clock, 20, 1);
      await viewer.ask('PAUSE', '/stream1/', SESSION);
      await clock.advance(200);
      assert.equal(client.text, '');
      const answer = await viewer.ask('PLAY', '/stream1/', SESSION);
      const [after] = await readFrames(client, clock, 20, 1);
      assert.equal(after?.sequenceNumber, ((before?.sequenceNumber ?? 0) + 1) % 2 ** 16);
      assert.ok(answer.includes(`seq=${after.sequenceNumber};rtptime=${after.timestamp}\r\n`));
    });

    it('sends no sound to a viewer that set up video alone, but a picture each second', async () => {
      await run({ behaviors: PLAIN });
      const client = await dial();
      const viewer = new PlainViewer(client);
      await viewer.ask('SETUP', '/stream2/track1', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
      assert.match(await viewer.ask('PLAY', '/stream2/', SESSION), /\/stream2\/track1;seq=\d+;rtptime=\d+\r\n/);
      await clock.advance(100);
      assert.equal(client.text, '');
      assert.deepEqual([camera.streams[0]?.video, camera.streams[0]?.tracks], [true, ['track1']]);
      assert.deepEqual(camera.warnings, ['connection 1, video was set up: it costs the camera its bandwidth']);
      const [first] = await readFrames(client, clock, 900, 1);
      assert.deepEqual([first?.channel, first?.head, first?.second], [0, 0x80, 0x80 + 96]);
      const [second] = await readFrames(client, clock, 1_000, 1);
      assert.equal(second?.timestamp, ((first?.timestamp ?? 0) + 90_000) % 2 ** 32);
      assert.equal(second.second, 0x80 + 96);
      await viewer.ask('PAUSE', '/stream2/', SESSION);
      await clock.advance(2_000);
      assert.equal(client.text, '');
      assert.equal(camera.streams[0]?.packetCount, 0);
    });

    it('sends no picture where it describes H265, and none to a viewer of sound alone', async () => {
      await run({ behaviors: [...PLAIN, 'stream-h265'] });
      const client = await dial();
      const viewer = new PlainViewer(client);
      await viewer.ask('SETUP', '/stream1/track1', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
      await viewer.ask('PLAY', '/stream1/', SESSION);
      await clock.advance(3_000);
      assert.equal(client.text, '');
      const listener = await dial();
      await new PlainViewer(listener).play();
      const frames = await readFrames(listener, clock, 3_000, 150);
      assert.ok(frames.every(({ channel, second }) => channel === 0 && (second & 0x7f) === 8));
      assert.equal(listener.text, '');
    });
  });

  describe('the session', () => {
    it('ends when nothing names it for its time; the connection 20 s later', async () => {
      await run({ behaviors: PLAIN });
      const told: string[] = [];
      camera.on('stream', ({ start }) => told.push(`stream ${start.number}`));
      camera.on('streamEnd', ({ end }) => told.push(end));
      const client = await playing();
      await clock.advance(59_990);
      assert.deepEqual([camera.streams[0]?.end, camera.streams[0]?.packetCount], ['open', 2_999]);
      await clock.advance(10);
      assert.deepEqual(told, ['stream 1', 'timed out']);
      const { packetCount } = camera.streams[0] ?? {};
      await clock.advance(10_000);
      assert.equal(camera.streams[0]?.packetCount, packetCount);
      assert.equal(client.over, 'no');
      await clock.advance(10_000);
      await client.ended();
      await eventually(() => camera.connections === 0, 'closed connection');
      assert.equal(clock.pending, 0);
    });

    it('is unknown after that, without blame for the client', async () => {
      await run({ behaviors: PLAIN });
      const client = await dial();
      const viewer = new PlainViewer(client);
      await viewer.ask('SETUP', '/stream1/track3', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
      await clock.advance(60_000);
      assert.match(await viewer.ask('GET_PARAMETER', '/stream1/', SESSION), /^RTSP\/1\.0 454 /);
      assert.deepEqual(camera.violations, []);
      assert.match(await viewer.play(), /^RTSP\/1\.0 200 /);
      assert.deepEqual(
        camera.streams.map(({ end }) => end),
        ['timed out', 'open'],
      );
    });

    for (const [what, keepAlive] of [
      ['GET_PARAMETER', (viewer: PlainViewer) => viewer.ask('GET_PARAMETER', '/stream1/', SESSION)],
      ['OPTIONS with its name', (viewer: PlainViewer) => viewer.ask('OPTIONS', '/stream1/', SESSION)],
    ] as const) {
      it(`is kept alive by ${what}`, async () => {
        await run({ behaviors: PLAIN });
        const client = await dial();
        const viewer = new PlainViewer(client);
        await viewer.ask('SETUP', '/stream1/track3', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
        await clock.advance(59_000);
        assert.match(await keepAlive(viewer), /^RTSP\/1\.0 200 /);
        await clock.advance(59_999);
        assert.deepEqual([camera.streams[0]?.end, camera.streams[0]?.keepAlives], ['open', 1]);
        await clock.advance(1);
        assert.equal(camera.streams[0]?.end, 'timed out');
      });
    }

    it('is kept alive by RTCP on its channel, and minds other frames', async () => {
      await run({ behaviors: PLAIN });
      const client = await dial();
      const viewer = new PlainViewer(client);
      await viewer.ask('SETUP', '/stream1/track3', 'Transport: RTP/AVP/TCP;unicast;interleaved=2-3');
      await clock.advance(59_000);
      // An empty receiver report.
      client.send(Buffer.from('2403000880c9000112345678', 'hex'));
      await viewer.ask('OPTIONS', '/stream1/');
      await clock.advance(59_000);
      assert.equal(camera.streams[0]?.end, 'open');
      assert.deepEqual(camera.violations, []);
      client.send(Buffer.from('2402000880c9000112345678', 'hex'));
      await eventually(() => camera.violations.length > 0, 'violation');
      assert.deepEqual(camera.violations, ['connection 1, frame on channel 2, which carries no RTCP']);
    });

    it('is not kept alive by OPTIONS that names none', async () => {
      await run({ behaviors: PLAIN });
      const client = await dial();
      const viewer = new PlainViewer(client);
      await viewer.ask('SETUP', '/stream1/track3', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
      await clock.advance(59_000);
      await viewer.ask('OPTIONS', '/stream1/');
      await clock.advance(1_000);
      assert.equal(camera.streams[0]?.end, 'timed out');
    });

    it('ends with its connection', async () => {
      await run({ behaviors: PLAIN });
      const client = await playing();
      client.reset();
      await eventually(() => camera.connections === 0, 'closed connection');
      assert.equal(camera.streams[0]?.end, 'connection closed');
      assert.equal(clock.pending, 0);
    });
  });

  describe('talks and streams', () => {
    it('do not share a connection: a talk has no place on that of a stream', async () => {
      await run({ behaviors: PLAIN });
      const client = await dial();
      const viewer = new PlainViewer(client);
      await viewer.ask('DESCRIBE', '/stream1');
      assert.match(await viewer.ask('MULTITRANS', '/multitrans'), /^RTSP\/1\.0 400 /);
      assert.deepEqual(camera.violations, ['connection 1, MULTITRANS on the connection of a stream']);
    });
    it('nor a stream on that of a talk', async () => {
      await run({ behaviors: PLAIN });
      const client = await dial();
      const viewer = new PlainViewer(client);
      await viewer.ask('MULTITRANS', '/multitrans');
      assert.match(await viewer.ask('DESCRIBE', '/stream1'), /^RTSP\/1\.0 404 /);
      assert.match(await viewer.ask('SETUP', '/stream1/track2'), /^RTSP\/1\.0 400 /);
    });
    it('multitrans is no stream', async () => {
      await run();
      const client = await dial();
      assert.match(await new PlainViewer(client).ask('DESCRIBE', '/multitrans'), /^RTSP\/1\.0 404 /);
    });
  });

  it('a request that crashes cameras takes this one down for a while', async () => {
    await run({ behaviors: PLAIN, crashMs: 4_000 });
    const bystander = await playing();
    const client = await dial();
    client.send('SETUP rtsp://192.168.1.60/stream1/track2 RTSP/1.0\r\nCSeq: 1\r\nTransport:\r\n\r\n');
    await Promise.all([bystander.ended(), client.ended()]);
    assert.deepEqual(camera.violations, ['connection 2, Transport is empty: this took a MERCURY MIPC252W down']);
    await clock.advance(4_000);
    await playing();
  });

  it('strict: refuse drops the connection at the first violation', async () => {
    await run({ behaviors: PLAIN, strict: 'refuse' });
    const client = await dial();
    client.send('SETUP rtsp://192.168.1.60/stream1 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP\r\n\r\n');
    await client.until(() => client.over !== 'no');
    assert.equal(camera.violations.length, 1);
  });

  it('calls itself after the vendor in its realm', async () => {
    await run({ behaviors: PLAIN, realm: 'MERCURY IP-Camera' });
    const client = await dial();
    assert.match(await new PlainViewer(client).ask('DESCRIBE', '/stream1'), /streamed by "MERCURY RTSP Server"\r\n/);
  });

  it('stop leaves no connection, no timer and no open stream', async () => {
    await run({ behaviors: [...PLAIN, 'stream-rtcp'] });
    const asking = await dial();
    await new PlainViewer(asking).ask('DESCRIBE', '/stream1');
    const waiting = await dial();
    await new PlainViewer(waiting).ask('SETUP', '/stream1/track2', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
    const listening = await playing();
    await clock.advance(100);
    // 20 s of patience, two sessions, one microphone.
    assert.equal(clock.pending, 4);
    await Promise.all([camera.stop(), camera.stop()]);
    assert.equal(clock.pending, 0);
    assert.equal(camera.connections, 0);
    assert.deepEqual(
      camera.streams.map(({ end }) => end),
      ['connection closed', 'connection closed'],
    );
    await Promise.all([asking.ended(), waiting.ended(), listening.ended()]);
  });

  it('remembers the last hundred streams', async () => {
    await run({ behaviors: PLAIN });
    const client = await dial();
    const viewer = new PlainViewer(client);
    for (let n = 0; n < 102; n++) {
      await viewer.ask('SETUP', '/stream1/track2', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
      await viewer.ask('TEARDOWN', '/stream1/', SESSION);
    }
    assert.deepEqual([camera.streams.length, camera.streams[0]?.start.number], [100, 3]);
  });
});
