// Several cameras in the talk node itself: all are spoken to, in subflows each instance's own; `*` means every camera of the flows.
import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import type { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { nodeRuntime, settle, type CameraConfig, type Flow, type Message } from '../helpers/node-runtime.js';

const CODE = 0xa7;
const clip = (ms = 60): { payload: Buffer; format: string } => ({ payload: marked(CODE, ms), format: 'alaw' });
const namesIn = (msg: Message | undefined): unknown => {
  const talk = msg?.['talk'];
  return Array.isArray(talk) ? talk.map((report) => Reflect.get(Object(report), 'camera')) : talk;
};

describe('cameras of the node itself', () => {
  const runtime = nodeRuntime();
  let cameras: SimulatedCamera[] = [];
  let flow: Flow;

  const NAMES = ['front', 'back', 'gate'];
  const heard = (): number[] => cameras.map(({ sessions }) => sessions.flatMap(marksIn).length);
  const simulate = async (count: number): Promise<CameraConfig[]> => {
    cameras = await Promise.all(Array.from({ length: count }, () => runtime.simulate()));
    return cameras.map((at, index) => ({ id: `c${index}`, name: NAMES[index], at }));
  };
  const deploy = async (talk: Message, camera: CameraConfig = {}): Promise<void> => {
    const configs = (await simulate(3)).map((config) => ({ ...config, ...camera }));
    flow = await runtime.load({ cameras: configs, talks: [{ retries: 0, ...talk }] });
  };

  it('speaks on its camera and those of its list, and reports of each in that order', async () => {
    await deploy({ camera: 'c2', cameras: ['c0', 'c1'] });
    const out = await flow.say(clip());
    assert.deepEqual(namesIn(out), ['gate', 'front', 'back']);
    assert.deepEqual(heard(), [1, 1, 1]);
  });

  it('needs no single camera; one named twice is spoken to once; one that is gone is left out', async () => {
    await deploy({ camera: '', cameras: ['c0', 'gone', 'c1', 'c0'] });
    assert.equal(flow.showing(), '');
    assert.deepEqual(namesIn(await flow.say(clip())), ['front', 'back']);
    assert.deepEqual(heard(), [1, 1, 0]);
  });

  it('a list of one, also as a string, gives an array of one; an empty list an object', async () => {
    for (const [list, expected] of [
      [['c1'], ['back']],
      ['c1', ['back']],
      [[], undefined],
      ['', undefined],
    ] as const) {
      await deploy({ camera: expected === undefined ? 'c1' : '', cameras: list });
      const out = await flow.say(clip());
      if (expected !== undefined) assert.deepEqual(namesIn(out), expected);
      else assert.equal(Reflect.get(Object(out['talk']), 'camera'), 'back');
      await runtime.unload();
    }
  });

  it('msg.camera takes the place of all', async () => {
    await deploy({ camera: 'c0', cameras: ['c1'] });
    const out = await flow.say({ ...clip(), camera: 'gate' });
    assert.equal(Reflect.get(Object(out['talk']), 'camera'), 'gate');
    assert.deepEqual(heard(), [0, 0, 1]);
  });

  it('without any camera the node says so', async () => {
    await deploy({ camera: '', cameras: [] });
    assert.equal(flow.showing(), 'grey ring noCamera');
    assert.equal((await flow.fail(clip())).code, 'TALK_ERR_ARGUMENT');
  });

  it('one that is off is named in the error, the others are heard', async () => {
    await deploy({ camera: 'c0', cameras: ['c1', 'c2'] });
    await (cameras[1] ?? assert.fail()).stop();
    const { done, caught } = await flow.send(clip());
    assert.match(String(done.error), /^TalkError: 1 of 3 cameras did not speak: back: /);
    assert.equal((caught?.['talk'] as unknown[]).length, 3);
    assert.deepEqual(heard(), [1, 0, 1]);
  });

  for (const action of ['stop', 'skip']) {
    it(`${action} reaches all`, async () => {
      await deploy({ camera: 'c0', cameras: ['c1', 'c2'] });
      const said = flow.send(clip(20_000));
      await eventually(() => heard().every((count) => count === 1), 'all to speak');
      await flow.say({ action });
      const { done, out } = await said;
      assert.deepEqual([done.error, out], [undefined, undefined]);
    });
  }

  it('is ready when the sessions of all are kept, and follows a camera that is deployed anew without it', async () => {
    await deploy({ camera: '', cameras: ['c0', 'c1'] }, { idleMs: 60_000 });
    await flow.say({ action: 'connect', camera: 'front' });
    await settle();
    assert.equal(flow.showing(), '');
    await flow.say({ action: 'connect' });
    await flow.untilShowing('green ring ready');
    const config = (id: number, more: object = {}): CameraConfig => ({
      ...{ id: `c${id}`, name: NAMES[id], at: cameras[id] ?? assert.fail(), idleMs: 60_000 },
      ...more,
    });
    await flow.deploy(
      {
        cameras: [config(0), config(1, { name: 'shed' }), config(2)],
        talks: [{ retries: 0, camera: '', cameras: ['c0', 'c1'] }],
      },
      'nodes',
    );
    assert.deepEqual(namesIn(await flow.say(clip())), ['front', 'shed']);
    await flow.untilShowing('green ring ready');
  });

  for (const list of [['c0'], ['c0', 'c1'], ['c0', 'outside']]) {
    it(`two instances of a subflow speak on their own cameras each: ${list.join(', ')}`, async () => {
      // Four cameras inside, two for each instance, told apart by the instance's variables.
      cameras = await Promise.all([0, 1, 2, 3, 4].map(() => runtime.simulate()));
      const ports = cameras.map(({ port }) => String(port));
      const { password, username } = cameras[0] ?? assert.fail();
      const env = (first: number): object[] =>
        ['A', 'B'].map((name, index) => ({ name, value: ports[first + index], type: 'str' }));
      const inside = (id: string, variable: string): CameraConfig => ({
        ...{ id, name: `inside ${id}`, z: 'sub', host: '127.0.0.1', port: `\${${variable}}`, username, password },
      });
      flow = await runtime.load({
        cameras: [inside('c0', 'A'), inside('c1', 'B'), { id: 'outside', at: cameras[4] ?? assert.fail() }],
        talks: [],
        nodes: [
          { id: 'sub', type: 'subflow', name: 'sub', in: [{ wires: [{ id: 'talk' }] }], out: [], env: env(0) },
          { id: 'talk', type: 'tplink-talk', z: 'sub', x: 1, y: 1, camera: '', cameras: list, wires: [[]] },
          { id: 'to-one', type: 'helper', z: 'tab', x: 1, y: 1, wires: [['one']] },
          { id: 'to-two', type: 'helper', z: 'tab', x: 1, y: 1, wires: [['two']] },
          { id: 'one', type: 'subflow:sub', z: 'tab', x: 1, y: 1, env: env(0), wires: [] },
          { id: 'two', type: 'subflow:sub', z: 'tab', x: 1, y: 1, env: env(2), wires: [] },
        ],
      });
      const outside = list.includes('outside');
      const second = list.includes('c1') ? 1 : 0;
      helper.getNode('to-one').send(clip());
      await eventually(() => heard()[0] === 1 && heard()[1] === second, 'the first instance');
      if (outside) await eventually(() => heard()[4] === 1, 'the camera outside');
      await settle();
      assert.deepEqual(heard().slice(2, 4), [0, 0]);
      helper.getNode('to-two').send(clip());
      await eventually(() => heard()[2] === 1 && heard()[3] === second, 'the second instance');
      if (outside) await eventually(() => heard()[4] === 2, 'the camera outside');
      assert.deepEqual(heard().slice(0, 2), [1, second]);
    });
  }
});

describe('msg.camera = "*"', () => {
  const runtime = nodeRuntime();

  it('is every camera of the flows once, without those that are switched off, unfinished or wrong', async () => {
    const [one, two, off] = [await runtime.simulate(), await runtime.simulate(), await runtime.simulate()];
    const flow = await runtime.load({
      cameras: [
        { id: 'c0', name: 'front', at: one },
        { id: 'c1', name: 'the same', at: one },
        { id: 'c2', name: 'the same, with another password', at: one, password: 'Other4Tests!' },
        { id: 'c3', name: 'back', at: two },
        { id: 'c4', name: 'off', at: off, d: true },
        { id: 'c5', name: 'unfinished', host: '' },
        { id: 'c6', name: 'wrong', at: off, leadInMs: -1 },
      ],
      talks: [{ camera: '' }],
    });
    for (const camera of ['*', ['*'], [' * ', 'front']]) {
      assert.deepEqual(namesIn(await flow.say({ ...clip(), camera })), ['front', 'back']);
    }
    assert.equal(off.sessions.length, 0);
    await flow.say({ action: 'stop', camera: '*' });
  });

  it('says so when there is none', async () => {
    const flow = await runtime.load({ cameras: [{ id: 'c0', name: 'unfinished', host: '' }], talks: [{ camera: '' }] });
    const error = await flow.fail({ ...clip(), camera: '*' });
    assert.equal(error.code, 'TALK_ERR_ARGUMENT');
    assert.match(error.message, /msg\.camera.*no camera/);
  });
});
