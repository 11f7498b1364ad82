// Listening at a restream in place of the camera: where connections go, what is asked for there, as whom. Real loopback, cameras in a thread and without.
import assert from 'node:assert/strict';
import { headerValue } from '../../src/rtsp/headers.js';
import { cameraOptions, createEngine, type CameraOptions, type Engine } from '../../src/index.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { coded, eventually, noUnhandledRejections, rejection } from '../helpers/collect.js';
import { timeless } from '../helpers/violations.js';

const OWN = { username: 'admin', password: 'Only4Tests!' };
const VIEWER = { username: 'viewer', password: 'Also4Tests!' };

for (const thread of [true, false]) {
  describe(`a restream, ${thread ? 'in a thread' : 'without a thread'}`, () => {
    noUnhandledRejections();

    let simulator: SimulatedCamera;
    let restream: SimulatedCamera;
    let engine: Engine;

    beforeEach(async () => {
      simulator = new SimulatedCamera({ ...OWN });
      restream = new SimulatedCamera({ ...VIEWER, behaviors: ['restream:digest'] });
      await Promise.all([simulator.start(), restream.start()]);
      engine = createEngine({ thread });
    });

    afterEach(async () => {
      await engine.destroy();
      await eventually(() => simulator.connections + restream.connections === 0, 'the last connection');
      await Promise.all([simulator.stop(), restream.stop()]);
      assert.deepEqual([timeless(simulator.violations), simulator.warnings], [[], []]);
      assert.deepEqual([timeless(restream.violations), restream.warnings], [[], []]);
    });

    const camera = (path: string, more: object = {}): CameraOptions =>
      cameraOptions({
        ...{ ...OWN, host: '127.0.0.1', port: simulator.port, idleMs: 0, drainMs: 0 },
        ...{ listenUsername: VIEWER.username, listenPassword: VIEWER.password },
        streamUrl: `rtsp://127.0.0.1:${restream.port}${path}`,
        ...more,
      });
    const record = async (options: CameraOptions, stream = 'stream2'): Promise<void> => {
      const microphone = engine.microphone(options, { stream, chunkMs: 100 });
      try {
        const { seconds } = await microphone.record({ until: 'full', seconds: 0.1 });
        assert.equal(seconds, 0.1);
      } finally {
        await microphone.stop();
      }
    };
    const asked = (): string[] => restream.requests.map(({ method, uri }) => `${method} ${uri}`);

    it('is asked for its path and query, whatever the stream is called; the camera is left alone', async () => {
      await record(camera('/front/sub?audio=pcma&x=%41'));
      const base = `rtsp://127.0.0.1:${restream.port}/front/sub?audio=pcma&x=%41`;
      assert.deepEqual(
        // Its goodbye may come later.
        [...new Set(asked())].slice(0, 3),
        [`DESCRIBE ${base}`, `SETUP ${base}/track2`, `PLAY ${base}/`],
      );
      assert.equal(simulator.accepted, 0);
    });

    it('without a path is asked for the stream of whoever listens', async () => {
      for (const path of ['', '/']) {
        await record(camera(path), 'front_sub');
      }
      const described = asked().filter((request) => request.startsWith('DESCRIBE'));
      assert.deepEqual([...new Set(described)], [`DESCRIBE rtsp://127.0.0.1:${restream.port}/front_sub`]);
    });

    it('takes user name and password out of the address', async () => {
      const { username, password } = VIEWER;
      const streamUrl = `rtsp://${username}:${encodeURIComponent(password)}@127.0.0.1:${restream.port}/front`;
      const options = camera('', { streamUrl, listenUsername: '', listenPassword: '' });
      await record(options);
      assert.ok(!JSON.stringify([options.streamUrl, asked()]).includes('@'));
      const users = restream.requests.flatMap(({ headers }) => headerValue(headers, 'Authorization') ?? []);
      assert.ok(users.length > 0 && users.every((value) => value.includes('username="viewer"')));
    });

    it('is heard by those who share it on one connection, and apart from the camera’s own stream', async () => {
      const own = camera('', { streamUrl: '', listenUsername: '', listenPassword: '' });
      await Promise.all([record(camera('/front')), record(camera('/front'), 'stream1'), record(own)]);
      assert.deepEqual([restream.streams.length, simulator.streams.length], [1, 1]);
    });

    it('counts tries of its own: a refused password goes there once, and the camera is listened to as before', async () => {
      const wrong = camera('/front', { listenPassword: 'Wrong4Tests!' });
      const error = await rejection(record(wrong));
      coded('TALK_ERR_AUTH')(error);
      assert.match(error.message, new RegExp(`:${restream.port} `));
      coded('TALK_ERR_LOCKED')(await rejection(record(wrong)));
      assert.deepEqual([restream.loginFailures, simulator.accepted], [1, 0]);
      await record(camera('', { streamUrl: '', listenUsername: '', listenPassword: '' }));
    });

    it('fails as what it is: unknown, away, or no address', async () => {
      await restream.stop();
      coded('TALK_ERR_CONNECT')(await rejection(record(camera('/front'))));
      const broken = { ...camera('/front'), streamUrl: 'rtsp://a:secret@' };
      const error = await rejection(record(broken));
      coded('TALK_ERR_ARGUMENT', /^Camera option streamUrl: /)(error);
      assert.ok(!error.message.includes('secret'));
      await restream.start();
    });

    it('is what the sound check listens to, while the camera plays the chirp', async () => {
      const checked = engine.checkSound(camera('/front', { mode: 'full_duplex' }));
      const { verdict } = await checked;
      // What the restream hears is not this camera.
      assert.equal(verdict, 'not heard');
      assert.deepEqual([simulator.sessions.length, simulator.streams.length, restream.streams.length], [1, 0, 1]);
    });
  });
}
