// The visible effect of each behavior of the streams, the microphone and the loudspeaker, seen by a viewer that sends bytes typed by hand.
import assert from 'node:assert/strict';
import {
  BEHAVIORS,
  parseBehavior,
  SimulatedCamera,
  type SimulatedCameraOptions,
} from '../../../src/simulator/index.js';
import type { BehaviorConnection } from '../../../src/simulator/behaviors/behavior.js';
import { decodeAlaw } from '../../../src/sound/g711.js';
import { FakeClock } from '../../helpers/fake-clock.js';
import { FIRST, LOGGED_IN, openTalk, packet160, SECOND } from '../conversation.js';
import { eventually, RawClient } from '../raw-client.js';
import {
  CHALLENGE_2,
  DESCRIBE,
  DESCRIBE_FIRST,
  PlainViewer,
  readFrame,
  readFrames,
  STREAM_OPTIONS,
  type ReadFrame,
} from '../stream/conversation.js';

/** Behaviors that the talk never notices; tested here and not beside those of the talk. */
const OF_STREAMS = /^(stream|speaker|microphone|room)-/;
const SESSION = 'Session: 5579378E';
const TRANSPORT = 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1';
/** Nothing but the loudspeaker, at once and as loud as it is. */
const EAR: SimulatedCameraOptions = {
  microphone: { delayMs: 0, gainDb: 0, noiseDb: Number.NEGATIVE_INFINITY },
  loudspeaker: { bufferMs: 0 },
};

describe('simulator/stream behaviors', () => {
  let camera: SimulatedCamera | undefined;
  let clock: FakeClock;
  const clients: RawClient[] = [];
  const seen = new Set<string>();

  /** A camera that wants no password for its streams, unless the behavior is about that. */
  async function run(behaviors: string | string[], options: SimulatedCameraOptions = {}): Promise<RawClient> {
    const names = [behaviors].flat();
    for (const name of names) seen.add(parseBehavior(name).name.replace(/@.*/, ''));
    clock = new FakeClock();
    camera = new SimulatedCamera({
      ...STREAM_OPTIONS,
      clock,
      behaviors: ['stream-no-challenge', ...names],
      ...options,
    });
    await camera.start();
    return dial();
  }
  async function dial(): Promise<RawClient> {
    const client = await RawClient.open(camera?.port ?? 0);
    clients.push(client);
    return client;
  }
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await camera?.stop();
  });
  after(() => {
    const missing = Object.keys(BEHAVIORS).filter((name) => OF_STREAMS.test(name) && !seen.has(name));
    assert.deepEqual(missing, [], 'behaviors without a test');
  });

  /** PLAY, and the first `count` microphone packets of `ms` each. */
  async function listen(client: RawClient, count: number, ms = 20): Promise<ReadFrame[]> {
    assert.match(await new PlainViewer(client).play(), /^RTSP\/1\.0 200 /);
    return readFrames(client, clock, count * ms, count);
  }
  const numbers = (frames: readonly ReadFrame[]): number[] =>
    frames.map(({ sequenceNumber }) => (sequenceNumber - (frames[0]?.sequenceNumber ?? 0) + 2 ** 16) % 2 ** 16);
  const sdpOf = async (client: RawClient): Promise<string> => new PlainViewer(client).ask('DESCRIBE', '/stream1');

  describe('descriptions', () => {
    it('stream-no-audio', async () => {
      const client = await run('stream-no-audio');
      const viewer = new PlainViewer(client);
      const sdp = await viewer.ask('DESCRIBE', '/stream1');
      assert.ok(sdp.includes('m=video') && !sdp.includes('m=audio'));
      assert.match(await viewer.ask('SETUP', '/stream1/track2', TRANSPORT), /^RTSP\/1\.0 404 /);
    });
    it('stream-h265', async () =>
      assert.match(await sdpOf(await run('stream-h265')), /\r\na=rtpmap:96 H265\/90000\r\n/));
    it('stream-old-sdp', async () => {
      const sdp = await sdpOf(await run('stream-old-sdp'));
      assert.match(sdp, /\r\nm=application\/tp-link 0 RTP\/AVP smart\/0\/25000\r\na=rtpmap:95 tp-link\/25000\r\n/);
    });
    it('stream-relative-control', async () => {
      const answer = await sdpOf(await run('stream-relative-control'));
      assert.ok(!answer.includes('Content-Base') && answer.includes('\r\na=control:track2\r\n'));
    });
    it('stream-absolute-control', async () => {
      const answer = await sdpOf(await run('stream-absolute-control'));
      assert.ok(!answer.includes('Content-Base'));
      assert.ok(answer.includes(`\r\na=control:rtsp://127.0.0.1:${camera?.port ?? 0}/stream1/track2\r\n`));
    });
    it('stream-dual-lens', async () => {
      const client = await run('stream-dual-lens');
      assert.match(await new PlainViewer(client).play('/stream1&channel=2'), /\/stream1&channel=2\/track2;seq=/);
      assert.equal(camera?.streams[0]?.start.path, '/stream1&channel=2');
      assert.match(await new PlainViewer(await dial()).ask('DESCRIBE', '/stream1&channel=3'), /^RTSP\/1\.0 404 /);
    });
    it('stream-404', async () => {
      assert.match(await sdpOf(await run('stream-404')), /^RTSP\/1\.0 404 Not Found\r\nCSeq: 1\r\n\r\n$/);
    });
    it('stream-pcmu', async () => {
      const client = await run('stream-pcmu', { microphone: { source: Int16Array.of(132), noiseDb: -Infinity } });
      assert.match(await sdpOf(await dial()), /\r\nm=audio 0 RTP\/AVP 0\r\na=rtpmap:0 PCMU\/8000\r\n/);
      const [frame] = await listen(client, 1);
      assert.deepEqual([frame?.second, frame?.payload], [0x80, Buffer.alloc(160, 0xef)]);
    });
    it('stream-aac', async () => {
      const client = await run('stream-aac');
      assert.match(await sdpOf(await dial()), /\r\na=rtpmap:97 mpeg4-generic\/16000\/1\r\n/);
      const frames = await listen(client, 16, 64);
      assert.deepEqual(
        frames.map(({ second, timestamp }) => [second, (timestamp - (frames[0]?.timestamp ?? 0) + 2 ** 32) % 2 ** 32]),
        Array.from({ length: 16 }, (_, n) => [0xe1, n * 1_024]),
      );
      assert.equal(frames[15]?.payload.toString('hex'), '0010002001182007');
    });
    it('the microphone’s codec is that of the stream without any behavior', async () => {
      camera = new SimulatedCamera({ behaviors: ['stream-no-challenge'], microphone: { codec: 'pcmu' } });
      await camera.start();
      assert.match(await sdpOf(await dial()), /\r\na=rtpmap:0 PCMU\/8000\r\n/);
    });
  });

  it('stream-stray-bytes', async () => {
    const client = await run('stream-stray-bytes');
    await new PlainViewer(client).play();
    await clock.advance(200);
    const stray = Buffer.concat([Buffer.from('2405ffff00ff1337', 'hex'), Buffer.from(' neither a message')]);
    const bytes = await client.take(9 * (4 + 12 + 160) + stray.length);
    assert.deepEqual(bytes.subarray(-stray.length), stray);
  });

  describe('login and session', () => {
    it('stream-no-challenge wants a password for the talk alone', async () => {
      const client = await run([]);
      seen.add('stream-no-challenge');
      assert.match(await sdpOf(client), /^RTSP\/1\.0 200 /);
      assert.match(await (await dial()).ask(FIRST), /^RTSP\/1\.0 401 /);
    });
    it('stream-short-timeout', async () => {
      const client = await run('stream-short-timeout:3');
      assert.match(await new PlainViewer(client).ask('SETUP', '/stream1/track2', TRANSPORT), /;timeout=3\r\n/);
      await clock.advance(2_999);
      const record = camera?.streams[0];
      assert.equal(record?.end, 'open');
      await clock.advance(1);
      assert.notEqual(record.end, 'open');
    });
    it('stream-session-at-play', async () => {
      const viewer = new PlainViewer(await run('stream-session-at-play'));
      assert.doesNotMatch(await viewer.ask('SETUP', '/stream1/track2', TRANSPORT), /Session/);
      assert.match(await viewer.ask('PLAY', '/stream1'), /^RTSP\/1\.0 200 [^]*\r\nSession: 5579378E;timeout=/);
      assert.match(await viewer.ask('GET_PARAMETER', '/stream1'), /^RTSP\/1\.0 454 /);
      assert.match(await viewer.ask('GET_PARAMETER', '/stream1', SESSION), /^RTSP\/1\.0 200 /);
    });
    it('stream-keep-alive', async () => {
      for (const form of ['454', 'silence', 'hang-up']) {
        const client = await run(`stream-keep-alive:${form}`);
        const viewer = new PlainViewer(client);
        await viewer.play();
        if (form === '454') assert.match(await viewer.ask('GET_PARAMETER', '/stream1', SESSION), /^RTSP\/1\.0 454 /);
        if (form === 'silence') {
          client.send(`GET_PARAMETER rtsp://127.0.0.1/stream1 RTSP/1.0\r\nCSeq: 4\r\n${SESSION}\r\n\r\n`);
          await eventually(() => camera?.requests.at(-1)?.method === 'GET_PARAMETER', 'request');
        }
        if (form === 'hang-up') {
          client.send(`GET_PARAMETER rtsp://127.0.0.1/stream1 RTSP/1.0\r\nCSeq: 4\r\n${SESSION}\r\n\r\n`);
          assert.equal(await client.ended(), 'end');
        } else assert.equal(camera?.streams[0]?.end, 'open');
        await camera?.stop();
      }
    });
    it('those of the talk’s login hold for streams: wrong-password-always, locked, stale-nonce-once', async () => {
      for (const [behavior, statuses] of [
        ['wrong-password-always', [401, 401]],
        ['locked', [401, 401]],
        ['stale-nonce-once', [401, 200]],
      ] as const) {
        camera = new SimulatedCamera({ ...STREAM_OPTIONS, behaviors: [behavior] });
        await camera.start();
        const client = await dial();
        assert.equal(await client.ask(DESCRIBE_FIRST), CHALLENGE_2);
        const second = await client.ask(DESCRIBE);
        const third = await client.ask(DESCRIBE.replace('CSeq: 3', 'CSeq: 4'));
        assert.deepEqual(
          [second, third].map((text) => Number(/^RTSP\/1\.0 (\d+)/.exec(text)?.[1])),
          statuses,
          behavior,
        );
        assert.equal(second.includes('stale=true'), behavior === 'stale-nonce-once');
        await camera.stop();
      }
    });
    it('those of the talk’s session leave streams alone', async () => {
      for (const behavior of ['missing-session', 'session-timeout:9']) {
        const client = await run(behavior);
        const answer = await new PlainViewer(client).ask('SETUP', '/stream1/track2', TRANSPORT);
        assert.match(answer, /\r\nSession: 5579378E;timeout=60\r\n/);
        await camera?.stop();
      }
    });
    it('those of the answers’ looks hold for streams', async () => {
      const client = await run(['lower-case-headers', 'split-bytes', 'stream-closes:1']);
      assert.match(await new PlainViewer(client).play(), /^RTSP\/1\.0 200 OK\r\ncseq: 2\r\ndate: /);
      assert.ok(client.pieces.length > 50);
    });
    it('stream-odd-channels', async () => {
      const client = await run(['stream-odd-channels', 'stream-rtcp']);
      const viewer = new PlainViewer(client);
      assert.match(await viewer.ask('SETUP', '/stream1/track2', TRANSPORT), /;interleaved=4-5\r\n/);
      await viewer.ask('PLAY', '/stream1/', SESSION);
      const frames = await readFrames(client, clock, 20, 2);
      assert.deepEqual(
        frames.map(({ channel }) => channel),
        [5, 4],
      );
    });
  });

  describe('packets', () => {
    it('stream-stops', async () => {
      const client = await run('stream-stops:3');
      const viewer = new PlainViewer(client);
      await viewer.play();
      await readFrames(client, clock, 2_000, 3);
      assert.match(await viewer.ask('GET_PARAMETER', '/stream1/', SESSION), /^RTSP\/1\.0 200 /);
      assert.equal(client.text, '');
      assert.deepEqual([camera?.streams[0]?.packetCount, camera?.streams[0]?.end], [100, 'open']);
    });
    it('stream-closes', async () => {
      const client = await run('stream-closes:3');
      await listen(client, 3);
      assert.equal(await client.ended(), 'end');
      assert.equal(camera?.streams[0]?.end, 'connection closed');
      await clock.advance(100);
      assert.equal(camera.streams[0].packetCount, 3);
    });
    it('stream-resets', async () => {
      const client = await run('stream-resets:3');
      await listen(client, 3);
      assert.equal(client.over, 'no');
      await clock.advance(20);
      assert.equal(await client.ended(), 'reset');
      await eventually(() => camera?.connections === 0, 'closed connection');
    });
    it('stream-loss', async () => {
      const client = await run('stream-loss:20');
      await new PlainViewer(client).play();
      await clock.advance(4_000);
      assert.equal(camera?.streams[0]?.packetCount, 200);
      const frames: ReadFrame[] = [];
      while (frames.length < 160) frames.push(await readFrame(client));
      assert.equal(client.text, '');
      const gaps = frames.map(
        ({ sequenceNumber }, n) => sequenceNumber - (frames[n - 1]?.sequenceNumber ?? sequenceNumber),
      );
      assert.ok(gaps.includes(2));
      const elapsed = frames.map(({ timestamp }) => (timestamp - (frames[0]?.timestamp ?? 0) + 2 ** 32) % 2 ** 32);
      assert.deepEqual(
        elapsed,
        numbers(frames).map((number) => number * 160),
      );
    });
    it('stream-loss of everything and of nothing', async () => {
      const none = await run('stream-loss:100');
      await new PlainViewer(none).play();
      await clock.advance(2_000);
      assert.equal(none.text, '');
      await camera?.stop();
      assert.deepEqual(numbers(await listen(await run('stream-loss:0'), 100)), [...Array(100).keys()]);
    });
    it('stream-reorder', async () => {
      const client = await run('stream-reorder');
      assert.deepEqual(numbers(await listen(client, 21)), [
        ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 9, 11, 12, 13, 14, 15, 16, 17, 18, 20, 19],
      ]);
    });
    it('stream-reorder forgets what it held with the connection', () => {
      const behavior = parseBehavior('stream-reorder');
      const connection = { number: 1 } as BehaviorConnection;
      const frame = Buffer.from('x');
      const written = [10, 11].map((count) => {
        const frames = behavior.transformStreamPacket?.(frame, count, connection);
        behavior.onClose?.(connection);
        return frames;
      });
      assert.deepEqual(written, [[], [frame]]);
    });
    it('stream-rtcp', async () => {
      const client = await run('stream-rtcp');
      assert.match(await new PlainViewer(client).play(), /^RTSP\/1\.0 200 /);
      await clock.advance(20);
      const report = await client.take(52);
      assert.equal(report.toString('hex', 0, 8), '2401003080c80006');
      assert.equal((await readFrame(client)).ssrc, report.readUInt32BE(8));
      const seconds = report.readUInt32BE(12) - 2_208_988_800;
      assert.ok(Math.abs(seconds - Date.now() / 1_000) < 60);
    });
    it('stream-wraps', async () => {
      const frames = await listen(await run('stream-wraps'), 4);
      assert.deepEqual(
        frames.map(({ sequenceNumber, timestamp }) => [sequenceNumber, timestamp]),
        [
          [65_533, 0xffffff00],
          [65_534, 0xffffffa0],
          [65_535, 64],
          [0, 224],
        ],
      );
    });
    it('hold for the first connections only when so told', async () => {
      const first = await run(['stream-stops:1@1', 'stream-odd-channels@1', 'stream-closes:2@1']);
      const viewer = new PlainViewer(first);
      assert.match(await viewer.ask('SETUP', '/stream1/track2', TRANSPORT), /;interleaved=4-5\r\n/);
      await viewer.ask('PLAY', '/stream1/', SESSION);
      await readFrames(first, clock, 40, 1);
      assert.equal(await first.ended(), 'end');
      const second = await listen(await dial(), 3);
      assert.deepEqual(
        second.map(({ channel }) => channel),
        [0, 0, 0],
      );
    });
  });

  describe('loudspeaker and microphone', () => {
    /** What the microphone hears of two packets, in 16 bits: 320 samples of the code 0x95, which is 2112. */
    async function hear(behavior: string | string[], mode?: string): Promise<number[]> {
      const viewer = await run(behavior, EAR);
      const [before] = await listen(viewer, 1);
      assert.deepEqual(before?.payload, Buffer.alloc(160, 0xd5));
      const talker = await dial();
      if (mode === undefined) await openTalk(talker);
      else {
        assert.equal((await talker.ask(FIRST)).length > 0, true);
        assert.equal(await talker.ask(SECOND), LOGGED_IN);
        const body = `{"type":"request","seq":0,"params":{"method":"get","talk":{"mode":"${mode}"}}}`;
        const head =
          'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0\r\nCSeq: 2\r\nSession: 7116520596809429228\r\n' +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
        assert.match(await talker.ask(head + body), /"error_code":0,/);
      }
      talker.send(Buffer.concat([packet160(1).fill(0x95, 16), packet160(2).fill(0x95, 16)]));
      await eventually(() => camera?.sessions[0]?.packetCount === 2, 'packets');
      const frames = await readFrames(viewer, clock, 100, 5);
      const names: Record<number, number> = { 0x95: 2_112, 0xd5: 0, 0xaa: 32_256 };
      return frames.flatMap(({ payload }) => [...payload].map((code) => names[code] ?? code));
    }
    /** `count` times `value`, then silence. */
    const then = (value: number, count: number): number[] => [
      ...Array<number>(count).fill(value),
      ...Array<number>(800 - count).fill(0),
    ];

    const silence = (count: number): number[] => Array<number>(count).fill(0);

    it('none', async () => assert.deepEqual(await hear([]), then(2_112, 320)));
    it('speaker-double-speed', async () => assert.deepEqual(await hear('speaker-double-speed'), then(2_112, 160)));
    it('speaker-half-speed', async () => assert.deepEqual(await hear('speaker-half-speed'), then(2_112, 640)));
    it('speaker-clips', async () => assert.deepEqual(await hear('speaker-clips:30'), then(32_256, 320)));
    it('microphone-mutes in half_duplex', async () => {
      assert.deepEqual(await hear('microphone-mutes'), then(0, 0));
      await camera?.stop();
      assert.deepEqual(await hear('microphone-mutes', 'full_duplex'), then(2_112, 320));
    });
    it('microphone-cancels in aec', async () => {
      // 21 of 32768 is the second step of A-law: 0xd4.
      assert.deepEqual(await hear('microphone-cancels', 'aec'), then(0xd4, 320));
      await camera?.stop();
      assert.deepEqual(await hear('microphone-cancels'), then(2_112, 320));
    });
    it('speaker-swallows', async () =>
      assert.deepEqual(await hear('speaker-swallows-15'), [...silence(120), ...then(2_112, 200).slice(0, 680)]));
    it('speaker-delays', async () =>
      assert.deepEqual(await hear('speaker-delays-30'), [...silence(240), ...then(2_112, 320).slice(0, 560)]));
    it('speaker-gaps-below', async () => {
      const half = [...Array<number>(80).fill(2_112), ...silence(80)];
      assert.deepEqual(await hear('speaker-gaps-below-161'), [...half, ...half, ...silence(480)]);
      await camera?.stop();
      assert.deepEqual(await hear('speaker-gaps-below-160'), then(2_112, 320));
    });
    it('speaker-gaps-above', async () => {
      const half = [...Array<number>(80).fill(2_112), ...silence(80)];
      assert.deepEqual(await hear('speaker-gaps-above-159'), [...half, ...half, ...silence(480)]);
      await camera?.stop();
      assert.deepEqual(await hear('speaker-gaps-above-160'), then(2_112, 320));
    });
    it('speaker-cuts-tail', async () => {
      // 40 ms of sound and 40 ms of wait. Closed 20 ms after the sound, half of it is lost; 40 ms after it, none.
      for (const [afterMs, samples] of [
        [60, 160],
        [80, 320],
      ] as const) {
        const viewer = await run('speaker-cuts-tail-40', EAR);
        await listen(viewer, 1);
        const talker = await dial();
        await openTalk(talker);
        talker.send(Buffer.concat([packet160(1).fill(0x95, 16), packet160(2).fill(0x95, 16)]));
        await eventually(() => camera?.sessions[0]?.packetCount === 2, 'packets');
        const frames = await readFrames(viewer, clock, afterMs, afterMs / 20);
        talker.end();
        await eventually(() => camera?.sessions[0]?.end === 'client closed', 'the end of the talk');
        frames.push(...(await readFrames(viewer, clock, 100, 5)));
        const heard = frames.flatMap(({ payload }) => [...payload]);
        assert.deepEqual([heard.indexOf(0x95), heard.lastIndexOf(0x95)], [320, 319 + samples], String(afterMs));
        await camera?.stop();
      }
    });
    it('room-noise', async () => {
      const viewer = await run('room-noise-20', EAR);
      const frames = await listen(viewer, 100);
      const heard = frames.flatMap(({ payload }) => [...decodeAlaw(payload)]);
      const rms = Math.sqrt(heard.reduce((sum, sample) => sum + sample ** 2, 0) / heard.length);
      assert.ok(Math.abs(20 * Math.log10(rms / 32_768) + 20) < 0.2);
    });
    it('room-echo', async () => {
      const heard = await hear('room-echo');
      assert.deepEqual(heard.slice(0, 88), Array<number>(88).fill(2_112));
      const codes = heard.slice(320).map((value) => (value === 0 ? 0xd5 : value === 2_112 ? 0x95 : value));
      const after = [...decodeAlaw(Buffer.from(codes))].map(Math.abs);
      assert.ok(Math.max(...after) > 100 && Math.max(...after) < 600, String(Math.max(...after)));
    });
    it('several at once', async () => {
      const names = ['speaker-gaps-below-161', 'speaker-swallows-10', 'speaker-delays-20', 'speaker-gaps-above-320'];
      const half = [...Array<number>(80).fill(2_112), ...silence(80)];
      assert.deepEqual(await hear([...names, 'microphone-cancels']), [
        ...silence(160),
        ...silence(160),
        ...half,
        ...silence(320),
      ]);
    });
    it('speaker-sleeps', async () => {
      const viewer = await run('speaker-sleeps-15', EAR);
      await listen(viewer, 1);
      const heardOf = async (talk: number, restMs: number): Promise<number[]> => {
        await readFrames(viewer, clock, restMs, restMs / 20);
        const talker = await dial();
        await openTalk(talker);
        talker.send(packet160(1).fill(0x95, 16));
        await eventually(() => camera?.sessions[talk]?.packetCount === 1, 'a packet');
        const frames = await readFrames(viewer, clock, 40, 2);
        talker.end();
        await eventually(() => camera?.sessions[talk]?.end === 'client closed', 'the end of the talk');
        const heard = frames.flatMap(({ payload }) => [...payload]);
        return [heard.indexOf(0x95), heard.lastIndexOf(0x95)];
      };
      assert.deepEqual(await heardOf(0, 20), [120, 159]);
      assert.deepEqual(await heardOf(1, 7_960), [0, 159]);
      assert.deepEqual(await heardOf(2, 8_000), [120, 159]);
    });
    it('microphone-goes-deaf', async () => {
      assert.deepEqual(await hear('microphone-goes-deaf-25'), then(2_112, 200));
    });
    it('microphone-deaf', async () => assert.deepEqual(await hear('microphone-deaf'), then(0, 0)));
  });

  for (const text of [
    'stream-stops:x',
    'stream-loss:101',
    'stream-loss:-1',
    'stream-short-timeout:0',
    'stream-aac:1',
    'speaker-clips@1',
    'microphone-mutes@1',
    'speaker-swallows@1',
    'speaker-swallows-x',
    'microphone-deaf-3',
    'microphone-goes-deaf@1',
    'speaker-swallows-450-3',
    'room-noise@1',
    'room-echo-3',
    'stream-',
  ]) {
    it(`refuse ${JSON.stringify(text)}`, () => assert.throws(() => parseBehavior(text), { code: 'TALK_ERR_ARGUMENT' }));
  }
});
