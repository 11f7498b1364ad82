// The listen node in a real runtime against a camera's stream: continuous sound, sharing, interruptions, refusals, status, close.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { freePort } from '../../scripts/node-red-process.js';
import { monotonicClock } from '../../src/clock.js';
import type { Behavior, SimulatedCamera } from '../../src/simulator/index.js';
import { decodeAlaw } from '../../src/sound/g711.js';
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
import { bothWays, itInThisThread, nodeRuntime, settle } from '../helpers/node-runtime.js';
import { inHaste } from '../helpers/web-side.js';

/** Two readings of two clocks may be apart by this. */
const CLOCKS_MS = 5;

bothWays('tplink-listen, continuous', () => {
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

  /** Its streams are described with this in the place of that. */
  const described = (that: string, withThis: string): Behavior => ({
    name: 'described',
    transformResponse: (response) => ({
      ...response,
      body: Buffer.from(response.body.toString('latin1').replace(that, withThis), 'latin1'),
    }),
  });
  const methods = (camera: SimulatedCamera): string[] => camera.requests.map(({ method }) => method);

  it('starts with the flow and sends chunks of equal length that say what they are', async () => {
    const deployedAt = Date.now();
    const { flow } = await deploy();
    await untilHeard(flow, 4);
    const [first] = flow.out.map(({ msg }) => msg);
    const { parts, startedAt, _msgid, payload, ...rest } = first ?? {};
    assert.deepEqual(rest, { format: { encoding: 's16le', sampleRate: 8_000, channels: 1 }, topic: 'front' });
    assert.equal(typeof _msgid, 'string');
    assert.ok(Buffer.isBuffer(payload));
    assert.equal(typeof startedAt, 'number');
    const { id } = Object(parts);
    assert.match(id, /^\w{8,}$/);
    const startOfClock = Date.now() - monotonicClock.now();
    flow.out.forEach(({ msg, at }, index) => {
      assert.deepEqual(msg['parts'], { id, index });
      assert.equal(bufferOf(msg).length, 1_600);
      // Nothing is heard before the deployment or after it came. To the sample it is shown on a fake clock, in test/listen/microphone.test.ts.
      const heardAt = Number(msg['startedAt']);
      assert.ok(heardAt >= deployedAt - CLOCKS_MS, `chunk ${index} began ${deployedAt - heardAt} ms before the flow`);
      const early = heardAt + 100 - (startOfClock + at);
      assert.ok(early <= CLOCKS_MS, `chunk ${index} came ${early} ms before its end`);
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
    assert.ok((await flow.send({ action: 'start' }, 'listen')).completed);
    assert.ok((await flow.send({ payload: 'without an action' }, 'listen')).completed, 'once more does no harm');
    // Node-RED may still be handing on the last chunks from before the break.
    const parts = (): { id: string; index: number }[] => flow.out.map(({ msg }) => Object(msg['parts']));
    const after = (): { id: string; index: number }[] => parts().filter(({ id }) => id !== parts()[0]?.id);
    await eventually(() => after().length > 1, 'sound after the break');
    assert.equal(camera.streams.length, 2);
    assert.deepEqual(
      after().map(({ id, index }) => [id, index]),
      after().map((_, index) => [after()[0]?.id, index]),
    );
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

  itInThisThread('waits for a camera that is off, and listens again by itself whenever it comes back', async () => {
    const { camera, flow } = await deploy({ chunkMs: 20 }, { port: await freePort() });
    await untilHeard(flow, 2);
    // Enough for a log-in on a busy machine: its deadlines are hastened too.
    await inHaste(1_000, async () => {
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

  it('hears a camera again that restarts and has no streams at first', async () => {
    let up = true;
    const restarts: Behavior = { name: 'restarts', transformStream: (usual) => ({ ...usual, exists: up }) };
    const { camera, flow } = await deploy({ chunkMs: 20 }, { port: await freePort(), behaviors: [restarts] });
    await untilHeard(flow, 2);
    up = false;
    await camera.stop();
    await camera.start();
    await untilShown(flow, 'yellow ring TALK_ERR_UNSUPPORTED');
    up = true;
    const heard = flow.out.length;
    await untilHeard(flow, heard + 2);
    assert.deepEqual(flow.caught, [], 'a restart is no error');
  });

  for (const behavior of ['stream-closes:5@1', 'stream-resets:5@1']) {
    it(`listens again after ${behavior}; what follows has a new id`, async () => {
      const { camera, flow } = await deploy({ chunkMs: 20 }, { behaviors: [behavior] });
      await eventually(() => new Set(flow.out.map(({ msg }) => Object(msg['parts']).id)).size === 2, 'sound again');
      assert.ok(shown(flow).includes('yellow ring TALK_ERR_CLOSED'), shown(flow).join());
      assert.equal(camera.accepted, 2);
      assert.deepEqual(flow.caught, []);
    });
  }

  it('listens again when a stream falls silent, after 5 s', async () => {
    const { camera, flow } = await deploy({ chunkMs: 20 }, { behaviors: ['stream-stops:10@1'] });
    await untilHeard(flow, 5);
    const { code, message } = await flow.fail({ action: 'record', seconds: 600 }, 'listen');
    assert.deepEqual([code, /stopped sending sound: none for 5 s/.test(message)], ['TALK_ERR_STALLED', true]);
    await untilHeard(flow, 15);
    await untilShown(flow, 'blue dot listening');
    assert.equal(camera.accepted, 2);
  });

  it('puts packets that come in the wrong order right, and silence in the place of those that are lost', async () => {
    const { flow } = await deploy(
      { chunkMs: 20 },
      { behaviors: ['stream-reorder'], microphone: { noiseDb: -Infinity } },
    );
    const whole = await flow.say({ action: 'record', seconds: 0.8 }, 'listen');
    assert.equal(Object(whole['recording']).filledMs, 0);
    // At 500 Hz and 8 kHz each 20 ms are like those before.
    const pieces = Array.from({ length: 40 }, (_, n) => bufferOf(whole).toString('hex', 320 * n, 320 * (n + 1)));
    assert.equal(new Set(pieces).size, 1);
    await runtime.unload();
    const lossy = await deploy({ chunkMs: 20 }, { behaviors: ['stream-loss:20'] });
    const holed = await lossy.flow.say({ action: 'record', seconds: 2 }, 'listen');
    assert.equal(bufferOf(holed).length, 32_000);
    const filledMs = Number(Object(holed['recording']).filledMs);
    assert.ok(filledMs >= 200 && filledMs <= 600 && filledMs % 20 === 0, `${filledMs} ms of silence`);
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
    assert.ok(recording.toJSON().soundSeconds > 0.2, `${recording.toJSON().soundSeconds} s of sound`);
    // A busy machine fills up with silence what comes late, and loses nothing of the tone.
    const tone = decodeAlaw(
      Buffer.from(
        recording
          .audio()
          .toString('latin1')
          .replace(/\xd5{4,}/g, ''),
        'latin1',
      ),
    );
    const hz = pitchHz(Buffer.from(tone.buffer, tone.byteOffset, tone.byteLength));
    assert.ok(Math.abs(hz - TONE_HZ) < 25, `${hz} Hz`);
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
      assert.equal(shown(flow, 'third').at(-1), 'yellow ring TALK_ERR_LOCKED');
      await flow.send({ action: 'start' }, 'listen');
      await eventually(() => flow.caught.length === 4, 'another error');
      assert.equal(camera.loginFailures, 1, 'the password is held back');
      const told = JSON.stringify([flow.caught, flow.statuses, flow.logged()]);
      for (const secret of ['wrong-Secret1', camera.password]) assert.ok(!told.includes(secret));
    });

    for (const [name, behavior, told] of [
      ['that is not there', 'stream-404', /check the stream path/],
      ['without sound', 'stream-no-audio', /microphone/],
      ['in a codec we do not have', described('PCMA/8000', 'OPUS/8000'), /OPUS\/8000.*choose G\.711 or AAC/],
    ] as const) {
      it(`a stream ${name} is told once, shown, and tried again; start tells again`, async () => {
        const { camera, flow } = await deploy({}, { behaviors: [behavior] });
        await eventually(() => camera.accepted === 2, 'another try');
        await untilShown(flow, 'yellow ring TALK_ERR_UNSUPPORTED');
        const [{ code, message, source }, ...more] = flow.caught.map((msg) => Object(msg['error']));
        assert.deepEqual([code, source.id, more], ['TALK_ERR_UNSUPPORTED', 'listen', []]);
        assert.match(message, told);
        const { accepted } = camera;
        await flow.send({ action: 'start', topic: 'mine' }, 'listen');
        await eventually(() => flow.caught.length === 2, 'another error');
        assert.equal(flow.caught[1]?.['topic'], 'mine', 'the message that asked for it is told');
        assert.equal(camera.accepted, accepted + 1);
      });
    }

    it('a stream that comes up later is heard without another deploy', async () => {
      const { camera, flow } = await deploy({ chunkMs: 20 }, { behaviors: ['stream-404@1'] });
      await untilHeard(flow, 2);
      assert.equal(camera.accepted, 2);
      assert.equal(flow.caught.length, 1);
      assert.equal(shown(flow).at(-1), 'blue dot listening');
      assert.ok(shown(flow).includes('yellow ring TALK_ERR_UNSUPPORTED'));
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
        await untilShown(flow, 'blue dot listening');
        assert.deepEqual(shown(flow).slice(-2), ['red ring TALK_ERR_ARGUMENT', 'blue dot listening']);
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
