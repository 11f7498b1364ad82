// One message to several cameras: all at once, decoded once, each heard whole whatever happens to the others.
import assert from 'node:assert/strict';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { marked, marksIn, wav } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, settle, type CameraConfig, type Flow, type Message } from '../helpers/node-runtime.js';

const CODE = 0xa4;
const clip = (ms = 60): { payload: Buffer; format: string } => ({ payload: marked(CODE, ms), format: 'alaw' });
const reportsOf = (msg: Message | undefined): Record<string, unknown>[] => {
  const talk = msg?.['talk'];
  assert.ok(Array.isArray(talk), 'msg.talk is no array');
  return talk.map((report) => ({ ...Object(report) }));
};

bothWays('several cameras', () => {
  const runtime = nodeRuntime();
  let cameras: SimulatedCamera[] = [];
  let flow: Flow;

  /** Cameras named `front`, `back`, `gate`; ids differ from the names. */
  async function deploy(
    behaviors: readonly (readonly string[])[],
    options: { talk?: Message; camera?: CameraConfig } = {},
  ): Promise<void> {
    cameras = await Promise.all(behaviors.map((list) => runtime.simulate({ behaviors: list })));
    flow = await runtime.load({
      cameras: cameras.map((at, index) => ({
        id: `c${index}`,
        name: ['front', 'back', 'gate'][index],
        at,
        ...options.camera,
      })),
      talks: [{ retries: 0, ...options.talk }],
    });
  }

  it('speaks on all at once and sends one message with an array of reports in their order', async () => {
    await deploy([[], [], []]);
    const msg = { ...clip(200), camera: ['gate', 'c0', 'back'] };
    assert.equal(await flow.say(msg), msg);
    assert.deepEqual(
      reportsOf(msg).map(({ camera }) => camera),
      ['gate', 'front', 'back'],
    );
    assert.deepEqual(msg.camera, ['gate', 'c0', 'back']);
    assert.equal(flow.out.length, 1);
    assert.equal(flow.completed.length, 1);
    const recordings = await Promise.all(cameras.map((camera) => camera.waitForTalkEnd()));
    for (const recording of recordings) assert.deepEqual(marksIn(recording), [[CODE, 200]]);
    const starts = recordings.map(({ packets }) => packets[0]?.at ?? 0);
    const ends = recordings.map(({ packets }) => packets.at(-1)?.at ?? 0);
    assert.ok(Math.max(...starts) < Math.min(...ends), 'one after the other instead of all at once');
  });

  it('an array of one gives an array of one', async () => {
    await deploy([[]]);
    assert.equal(reportsOf(await flow.say({ ...clip(), camera: ['front'] })).length, 1);
  });

  it('a camera named twice, by name, id or another node, is spoken to once', async () => {
    cameras = [await runtime.simulate()];
    flow = await runtime.load({
      cameras: [
        { id: 'c0', name: 'front', at: cameras[0] ?? assert.fail() },
        { id: 'c1', name: 'the same', at: cameras[0] ?? assert.fail() },
      ],
    });
    const out = await flow.say({ ...clip(), camera: ['front', 'c0', 'front', 'the same'] });
    assert.equal(reportsOf(out).length, 1);
    const ended = await (cameras[0] ?? assert.fail()).waitForTalkEnd();
    assert.deepEqual(marksIn(ended), [[CODE, 60]]);
  });

  it('one that is off: the error names it, msg.talk tells of each, the others are heard whole', async () => {
    await deploy([[], [], []]);
    const off = cameras[1] ?? assert.fail();
    await off.stop();
    const { done, out, caught, completed } = await flow.send({ ...clip(200), camera: ['front', 'back', 'gate'] });
    assert.ok(done.error instanceof Error);
    assert.equal(Reflect.get(done.error, 'code'), 'TALK_ERR_CONNECT');
    assert.equal(Reflect.get(done.error, 'camera'), `127.0.0.1:${off.port}`);
    assert.match(done.error.message, /^1 of 3 cameras did not speak: back: /);
    assert.deepEqual([out, completed], [undefined, false]);
    assert.equal(flow.caught.length, 1);
    const [front, back, gate] = reportsOf(caught);
    assert.deepEqual([front?.['camera'], front?.['seconds']], ['front', 0.2]);
    assert.deepEqual(back, { camera: 'back', host: '127.0.0.1', error: 'TALK_ERR_CONNECT', outcome: 'failed' });
    assert.deepEqual([gate?.['camera'], gate?.['seconds']], ['gate', 0.2]);
    for (const index of [0, 2]) {
      const recording = await (cameras[index] ?? assert.fail()).waitForTalkEnd();
      assert.deepEqual(marksIn(recording), [[CODE, 200]]);
    }
    assert.equal(flow.showing(), 'red ring TALK_ERR_CONNECT');
    await flow.say({ ...clip(), camera: ['front', 'gate'] });
  });

  it('several that fail: each is named with its reason', async () => {
    await deploy([['bad-request'], [], ['talk-error:-52410']]);
    const error = await flow.fail({ ...clip(), camera: ['front', 'back', 'gate'] });
    assert.match(error.message, /^2 of 3 cameras did not speak: front: .*400.*; gate: .*-52410/);
    assert.equal(error.code, 'TALK_ERR_UNSUPPORTED');
  });

  it('one that is busy at first is tried again without the others saying it twice', async () => {
    await deploy([['busy-1'], []], { talk: { retries: 1 } });
    const reports = reportsOf(await flow.say({ ...clip(), camera: ['front', 'back'] }));
    assert.deepEqual(
      reports.map(({ attempts }) => attempts),
      [2, 1],
    );
    for (const { sessions } of cameras) assert.deepEqual(sessions.flatMap(marksIn), [[CODE, 60]]);
  });

  it('one that drops the clip in the middle does not cut the others', async () => {
    await deploy([['hang-up:3'], []]);
    const error = await flow.fail({ ...clip(2_000), camera: ['front', 'back'] });
    assert.equal(error.code, 'TALK_ERR_CLOSED');
    assert.match(error.message, /front: .*after \d\.\d s of 2\.0 s/);
    assert.deepEqual(marksIn(cameras[1]?.sessions[0] ?? assert.fail()), [[CODE, 2_000]]);
  });

  it('an audio failure is told once, not once per camera', async () => {
    await deploy([[], []]);
    const { done, caught } = await flow.send({ payload: '/no/such/file.wav', camera: ['front', 'back'] });
    assert.equal(Reflect.get(Object(done.error), 'code'), 'TALK_ERR_SOURCE');
    assert.equal(flow.caught.length, 1);
    assert.equal(reportsOf(caught).length, 2);
  });

  it('one where the clip is skipped: no entry for it, the message comes out', async () => {
    await deploy([[], []]);
    const said = flow.send({ ...clip(400), camera: ['front', 'back'] });
    await eventually(() => cameras.every(({ sessions }) => sessions.flatMap(marksIn).length > 0), 'both');
    await flow.say({ action: 'skip', camera: 'back' });
    const { done, out } = await said;
    assert.equal(done.error, undefined);
    assert.deepEqual(
      reportsOf(out).map(({ camera }) => camera),
      ['front'],
    );
  });

  it('one that is misconfigured: TALK_ERR_ARGUMENT that names it', async () => {
    cameras = [await runtime.simulate()];
    flow = await runtime.load({
      cameras: [
        { id: 'c0', name: 'front', at: cameras[0] ?? assert.fail() },
        { id: 'c1', name: 'shed', host: '' },
      ],
    });
    const error = await flow.fail({ ...clip(), camera: ['front', 'shed'] });
    assert.equal(error.code, 'TALK_ERR_ARGUMENT');
    assert.match(error.message, /shed/);
  });

  it('cameras with different codecs hear the same clip', async () => {
    cameras = [await runtime.simulate(), await runtime.simulate()];
    flow = await runtime.load({
      cameras: [
        { id: 'c0', name: 'front', at: cameras[0] ?? assert.fail() },
        { id: 'c1', name: 'back', at: cameras[1] ?? assert.fail(), codec: 'pcmu16k', packetBytes: 320 },
      ],
    });
    const reports = reportsOf(await flow.say({ payload: wav(100), camera: ['front', 'back'] }));
    assert.deepEqual(
      reports.map(({ seconds }) => seconds),
      [0.1, 0.1],
    );
    assert.equal(cameras[1]?.sessions[0]?.packets[0]?.payloadType, 102);
  });

  it('waits for its turn on each camera by itself', async () => {
    await deploy([[], []]);
    const first = flow.send({ ...clip(150), camera: 'front' });
    await settle();
    const reports = reportsOf(await flow.say({ ...clip(40), camera: ['front', 'back'] }));
    await first;
    assert.ok(Number(reports[0]?.['queuedMs']) >= 100 && Number(reports[1]?.['queuedMs']) < 100);
  });
});
