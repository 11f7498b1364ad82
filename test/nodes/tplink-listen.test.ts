// The listen node in a real runtime against a camera's stream: continuous sound, sharing, interruptions, refusals, status, close.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { freePort } from '../../scripts/node-red-process.js';
import type { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import {
  bufferOf,
  deployListening,
  listenNode,
  pitchHz,
  shown,
  TONE_HZ,
  untilHeard,
  untilShown,
  withListenNodes,
} from '../helpers/listen-side.js';
import { nodeRuntime, settle } from '../helpers/node-runtime.js';
import { inHaste } from '../helpers/web-side.js';

describe('tplink-listen, continuous', () => {
  const runtime = nodeRuntime();
  withListenNodes();
  const deploy = deployListening(runtime);
  const environment = process.env['FFMPEG_PATH'];

  before(() => {
    process.env['FFMPEG_PATH'] = ffmpeg.path;
  });

  after(() => {
    if (environment === undefined) delete process.env['FFMPEG_PATH'];
    else process.env['FFMPEG_PATH'] = environment;
  });

  const methods = (camera: SimulatedCamera): string[] => camera.requests.map(({ method }) => method);

  it('starts with the flow and sends chunks of equal length that say what they are', async () => {
    const { flow } = await deploy();
    await untilHeard(flow, 4);
    const [first] = flow.out.map(({ msg }) => msg);
    const { parts, startedAt, _msgid, payload, ...rest } = first ?? {};
    assert.deepEqual(rest, { format: { encoding: 's16le', sampleRate: 8_000, channels: 1 }, topic: 'front' });
    assert.equal(typeof _msgid, 'string');
    assert.ok(Buffer.isBuffer(payload));
    assert.ok(Math.abs(Date.now() - Number(startedAt)) < 5_000, String(startedAt));
    const { id } = Object(parts);
    assert.match(id, /^\w{8,}$/);
    flow.out.forEach(({ msg }, index) => {
      assert.deepEqual(msg['parts'], { id, index });
      assert.equal(bufferOf(msg).length, 1_600);
      const shift = Number(msg['startedAt']) - Number(startedAt) - 100 * index;
      assert.ok(Math.abs(shift) < 50, `startedAt is off by ${shift} ms from the sound`);
    });
    const hz = pitchHz(Buffer.concat(flow.out.map(({ msg }) => bufferOf(msg))));
    assert.ok(Math.abs(hz - TONE_HZ) < 10, `${hz} Hz`);
    const ring = (text: string): string => `yellow ring ${text}`;
    const rings = ['connecting', 'authenticating', 'opening'].map(ring);
    assert.deepEqual(shown(flow), ['', ...rings, 'blue dot listening']);
  });

  it('fetches the sound alone, in order, and says TEARDOWN when the flow is stopped', async () => {
    const { camera, flow } = await deploy({ chunkMs: 20, stream: 'stream2' });
    await untilHeard(flow, 2);
    await runtime.unload();
    const heard = flow.out.length;
    const [stream] = camera.streams;
    assert.deepEqual([stream?.start.path, stream?.tracks, stream?.end], ['/stream2', ['track2'], 'teardown']);
    assert.deepEqual(methods(camera), ['DESCRIBE', 'DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN']);
    await settle();
    assert.equal(flow.out.length, heard);
  });

  it('stops and starts by message; sound after a break has a new id', async () => {
    const { camera, flow } = await deploy({ chunkMs: 20 });
    await untilHeard(flow, 2);
    const stop = await flow.send({ action: 'stop' }, 'listen');
    assert.ok(stop.completed);
    assert.equal(stop.out, undefined, 'only sound comes out');
    assert.equal(camera.streams[0]?.end, 'teardown');
    assert.equal(shown(flow).at(-1), 'grey dot stopped');
    const heard = flow.out.length;
    assert.ok((await flow.send({ action: 'start' }, 'listen')).completed);
    assert.ok((await flow.send({ payload: 'without an action' }, 'listen')).completed, 'once more does no harm');
    await untilHeard(flow, heard + 2);
    assert.equal(camera.streams.length, 2);
    const [before, after] = [flow.out[0], flow.out[heard]].map((sent) => Object(sent?.msg['parts']));
    assert.notEqual(after.id, before.id);
    assert.equal(after.index, 0);
    assert.equal(shown(flow).at(-1), 'blue dot listening');
  });

  it('sends WAV files on demand', async () => {
    const { flow } = await deploy({ output: 'wav', chunkMs: 50 });
    await untilHeard(flow, 2);
    for (const { msg } of flow.out) {
      assert.equal(bufferOf(msg).toString('latin1', 0, 4), 'RIFF');
      assert.equal(bufferOf(msg).length, 44 + 800);
    }
  });

  it('hears µ-law, and AAC by way of ffmpeg', async () => {
    for (const codec of ['pcmu', 'aac'] as const) {
      const { flow } = await deploy({}, { microphone: { codec } });
      await untilHeard(flow, 12);
      const sampleRate = codec === 'aac' ? 16_000 : 8_000;
      assert.deepEqual(flow.out[0]?.msg['format'], { encoding: 's16le', sampleRate, channels: 1 });
      assert.ok(flow.out.every(({ msg }) => bufferOf(msg).length === sampleRate / 5));
      await runtime.unload();
    }
  });

  it('shares one connection among all nodes on a stream; each has its own chunks and its own end', async () => {
    const talks = [listenNode({ chunkMs: 20 }), listenNode({ id: 'other', chunkMs: 60, stream: '/stream1' })];
    const { camera, flow } = await deploy({}, {}, { talks });
    const lengths = (from = 0): number[] => flow.out.slice(from).map(({ msg }) => bufferOf(msg).length);
    await eventually(() => [320, 960].every((length) => lengths().includes(length)), 'chunks of both');
    assert.equal(camera.accepted, 1);
    await flow.send({ action: 'stop' }, 'listen');
    const heard = flow.out.length;
    await untilHeard(flow, heard + 2);
    assert.ok(lengths(heard).every((length) => length === 960));
    assert.equal(camera.streams[0]?.end, 'open');
    await flow.send({ action: 'stop' }, 'other');
    assert.equal(camera.streams[0].end, 'teardown');
  });

  it('waits for a camera that is off, and listens again by itself whenever it comes back', async () => {
    const { camera, flow } = await deploy({ chunkMs: 20 }, { port: await freePort() });
    await untilHeard(flow, 2);
    await inHaste(20, async () => {
      await camera.stop();
      await untilShown(flow, 'yellow ring TALK_ERR_CONNECT');
      await flow.deploy({ cameras: [{ at: camera, port: camera.port }], talks: [listenNode({ chunkMs: 20 })] });
      await untilShown(flow, 'yellow ring TALK_ERR_CONNECT');
      const heard = flow.out.length;
      await camera.start();
      await untilHeard(flow, heard + 2);
      await untilShown(flow, 'blue dot listening');
    });
    assert.deepEqual(flow.caught, [], 'a passing failure is no error');
  });

  it('is spoken by a talk node as it comes', async () => {
    const speaker = await runtime.simulate();
    const { flow } = await deploy(
      {},
      {},
      {
        cameras: [{ id: 'speaker', at: speaker }],
        talks: [{ id: 'talk', camera: 'speaker', retries: 0 }],
        nodes: [listenNode({ camera: 'camera', z: 'tab', x: 1, y: 1, wires: [['talk']] })],
      },
    );
    await eventually(() => (speaker.sessions[0]?.packetCount ?? 0) >= 25, 'half a second of packets');
    await flow.send({ action: 'stop' }, 'listen');
    const recording = await speaker.waitForTalkEnd();
    const { soundSeconds, gaps } = recording.toJSON();
    assert.ok(soundSeconds > 0.2, `${soundSeconds} s of sound`);
    assert.deepEqual(gaps, []);
    await eventually(() => flow.out.length === 1, 'the end of the talkspurt');
  });

  describe('refusals', () => {
    it('a wrong password is tried once for all nodes and streams, told to Catch nodes, and shown', async () => {
      const talks = [listenNode(), listenNode({ id: 'other' }), listenNode({ id: 'third', stream: 'stream2' })];
      const { camera, flow } = await deploy({}, {}, { talks, camera: { password: 'wrong-Secret1' } });
      await eventually(() => flow.caught.length === 3, 'three errors');
      assert.equal(camera.loginFailures, 1);
      const codes = flow.caught.map((msg) => Object(msg['error']).code).sort();
      assert.deepEqual(codes, ['TALK_ERR_AUTH', 'TALK_ERR_AUTH', 'TALK_ERR_LOCKED']);
      assert.equal(shown(flow).at(-1), 'red ring TALK_ERR_AUTH');
      assert.equal(shown(flow, 'third').at(-1), 'red ring TALK_ERR_LOCKED');
      await flow.send({ action: 'start' }, 'listen');
      await eventually(() => flow.caught.length === 4, 'another error');
      assert.equal(camera.loginFailures, 1, 'the password is held back');
      const told = JSON.stringify([flow.caught, flow.statuses, flow.logged()]);
      for (const secret of ['wrong-Secret1', camera.password]) assert.ok(!told.includes(secret));
    });

    it('a stream that is not there, or has no sound, is given up at once; start tries again', async () => {
      for (const behavior of ['stream-404', 'stream-no-audio']) {
        const { camera, flow } = await deploy({}, { behaviors: [behavior] });
        await eventually(() => flow.caught.length === 1, 'the error');
        const { code, source } = Object(flow.caught[0]?.['error']);
        assert.deepEqual([code, source.id], ['TALK_ERR_UNSUPPORTED', 'listen']);
        assert.equal(shown(flow).at(-1), 'red ring TALK_ERR_UNSUPPORTED');
        const { accepted } = camera;
        const msg = { action: 'start', topic: 'mine' };
        await flow.send(msg, 'listen');
        await eventually(() => flow.caught.length === 2, 'another error');
        assert.equal(flow.caught[1]?.['topic'], 'mine', 'the message that asked for it is told');
        assert.equal(camera.accepted, accepted + 1);
        await runtime.unload();
      }
    });

    it('wrong settings are shown and told', async () => {
      for (const properties of [{ chunkMs: 5 }, { stream: 'rtsp://10.0.0.1/stream1' }, { mode: 'always' }]) {
        const { camera, flow } = await deploy(properties);
        await eventually(() => flow.caught.length === 1, 'the error');
        assert.equal(Object(flow.caught[0]?.['error']).code, 'TALK_ERR_ARGUMENT');
        assert.equal(shown(flow).at(-1), 'red ring TALK_ERR_ARGUMENT');
        assert.equal(camera.accepted, 0);
        await runtime.unload();
      }
    });

    it('a message that makes no sense fails alone; listening goes on and is shown again', async () => {
      const { flow } = await deploy({ chunkMs: 20 });
      await untilHeard(flow, 1);
      await inHaste(50, async () => {
        const { code, message } = await flow.fail({ action: 'recrod' }, 'listen');
        assert.deepEqual([code, /start, stop, record/.test(message)], ['TALK_ERR_ARGUMENT', true]);
        assert.equal(shown(flow).at(-1), 'red ring TALK_ERR_ARGUMENT');
        await untilShown(flow, 'blue dot listening');
      });
      const heard = flow.out.length;
      await untilHeard(flow, heard + 2);
    });

    it('without a camera it waits for one to be chosen', async () => {
      const flow = await runtime.load({ cameras: [{ host: '' }], talks: [listenNode()] });
      await settle();
      assert.deepEqual(shown(flow), ['grey ring noCamera']);
      assert.equal((await flow.fail({ action: 'start' }, 'listen')).code, 'TALK_ERR_ARGUMENT');
      assert.equal(shown(flow).at(-1), 'grey ring noCamera');
      assert.equal(flow.caught.length, 1);
      await runtime.unload();
      const none = await runtime.load({ cameras: [], talks: [listenNode()] });
      assert.match((await none.fail({ action: 'record' }, 'listen')).message, /No camera/);
    });
  });

  it('ends while it connects, and while it waits for the next try', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined).resume()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const config = { cameras: [{ host: '127.0.0.1', port: address.port }], talks: [listenNode()] };
    const flow = await runtime.load(config);
    await eventually(() => sockets.length === 1, 'a connection');
    await runtime.unload();
    await eventually(() => sockets.every(({ destroyed }) => destroyed), 'its end');
    server.close();
    await once(server, 'close');
    const again = await runtime.load(config);
    await untilShown(again, 'yellow ring TALK_ERR_CONNECT');
    await runtime.unload();
    assert.deepEqual([flow.caught, again.caught], [[], []]);
  });
});
