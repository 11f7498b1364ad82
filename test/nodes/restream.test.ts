// A camera node that listens at a restream, in a real Node-RED: the listen node hears it, the talk node speaks on the camera.
import assert from 'node:assert/strict';
import { eventually } from '../helpers/collect.js';
import { bufferOf, listenNode, pitchHz, tone, TONE_HZ, untilHeard, withListenNodes } from '../helpers/listen-side.js';
import { marked } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime } from '../helpers/node-runtime.js';

const ACCOUNT = { listenUsername: 'viewer', listenPassword: 'Also4Tests!' };
const SECRET = 'Also4Tests';

bothWays('tplink-camera with a stream address', () => {
  const runtime = nodeRuntime();
  withListenNodes();

  const simulate = (login: string): ReturnType<typeof runtime.simulate> =>
    runtime.simulate({
      ...{ username: ACCOUNT.listenUsername, password: ACCOUNT.listenPassword },
      ...{ behaviors: [`restream:${login}`], microphone: { source: tone(1_000, TONE_HZ) } },
      // It warns of Basic.
      tolerant: login === 'basic',
    });

  it('is heard there and spoken on at the camera', async () => {
    const camera = await runtime.simulate({ password: 'Only4Tests!' });
    const restream = await simulate('digest');
    const streamUrl = `rtsp://127.0.0.1:${restream.port}/front?audio=pcma`;
    const flow = await runtime.load({
      cameras: [{ at: camera, streamUrl, ...ACCOUNT }],
      talks: [{}, listenNode({ chunkMs: 200 })],
    });
    await untilHeard(flow, 2);
    assert.ok(Math.abs(pitchHz(bufferOf(flow.out[1]?.msg)) - TONE_HZ) < 20);
    assert.equal(camera.accepted, 0);
    await flow.say({ payload: marked(0xa5, 20), format: 'alaw' });
    assert.deepEqual([camera.streams.length, camera.sessions.length, restream.sessions.length], [0, 1, 0]);
  });

  it('needs no password where the restream wants none', async () => {
    const camera = await runtime.simulate({ password: 'Only4Tests!' });
    const restream = await simulate('open');
    const streamUrl = `rtsp://127.0.0.1:${restream.port}`;
    const flow = await runtime.load({
      cameras: [{ at: camera, streamUrl }],
      talks: [listenNode({ stream: 'front_sub' })],
    });
    await untilHeard(flow, 1);
    assert.ok(restream.requests.every(({ uri }) => uri.includes('/front_sub')));
  });

  it('is heard by Basic where that is ticked, and not otherwise', async () => {
    const camera = await runtime.simulate({ password: 'Only4Tests!' });
    const restream = await simulate('basic');
    const streamUrl = `rtsp://127.0.0.1:${restream.port}/front`;
    const flow = await runtime.load({
      cameras: [
        { id: 'careful', at: camera, streamUrl, ...ACCOUNT },
        { id: 'ticked', at: camera, streamUrl, ...ACCOUNT, listenBasic: true },
      ],
      talks: [listenNode({ id: 'one', camera: 'careful' }), listenNode({ id: 'two', camera: 'ticked' })],
    });
    await untilHeard(flow, 1);
    await eventually(() => flow.caught.length > 0, 'a word on Basic');
    assert.equal(Reflect.get(Object(flow.caught[0]?.['error']), 'code'), 'TALK_ERR_UNSUPPORTED');
    assert.ok(!JSON.stringify([flow.caught, flow.statuses]).includes(SECRET));
    assert.equal(restream.loginFailures, 0);
  });

  for (const [port, name] of [
    [(real: number) => real, 'takes an address from the environment, and shows nothing of what stands in it'],
    [() => 0, 'refuses one that cannot be, and shows nothing of it'],
  ] as const) {
    it(name, async () => {
      const camera = await runtime.simulate({ password: 'Only4Tests!' });
      const restream = await simulate('digest');
      const url = `rtsp://viewer:${ACCOUNT.listenPassword}@127.0.0.1:${port(restream.port)}/front`;
      process.env['TEST_STREAM_URL'] = url;
      try {
        const flow = await runtime.load({
          cameras: [{ at: camera, streamUrl: '${TEST_STREAM_URL}' }],
          talks: [listenNode()],
        });
        await eventually(() => flow.out.length + flow.caught.length > 0, 'sound or a word on the address');
        assert.equal(flow.caught.length, port(1) === 0 ? 1 : 0);
        assert.ok(!JSON.stringify([flow.caught, flow.statuses]).includes(SECRET));
        assert.ok(restream.requests.every(({ uri }) => !uri.includes('@')));
        assert.equal(camera.accepted, 0);
      } finally {
        delete process.env['TEST_STREAM_URL'];
      }
    });
  }
});
