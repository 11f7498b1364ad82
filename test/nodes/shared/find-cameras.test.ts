// How msg.camera finds a camera node: by id before name, in any tab, without those that are switched off.
import assert from 'node:assert/strict';
import { marked } from '../../helpers/marked-clips.js';
import { nodeRuntime } from '../../helpers/node-runtime.js';

const clip = { payload: marked(0xa9, 20), format: 'alaw' };

describe('msg.camera', () => {
  const runtime = nodeRuntime();

  it('an id goes before a name', async () => {
    const [one, two] = [await runtime.simulate(), await runtime.simulate()];
    const flow = await runtime.load({
      cameras: [
        { id: 'c1', name: 'garden', at: one },
        // Named like the id of the first.
        { id: 'c2', name: 'c1', at: two },
      ],
      talks: [{ camera: '' }],
    });
    await flow.say({ ...clip, camera: 'c1' });
    assert.deepEqual([one.sessions.length, two.sessions.length], [1, 0]);
  });

  it('a name counts without blanks around it, but no other case, no part of it', async () => {
    const camera = await runtime.simulate();
    const flow = await runtime.load({ cameras: [{ id: 'c1', name: '前门 Front', at: camera }] });
    for (const name of ['front', '前门', '前门 front', '前门Front']) {
      const error = await flow.fail({ ...clip, camera: name });
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.match(error.message, /known are 前门 Front/);
    }
    await flow.say({ ...clip, camera: '前门 Front' });
    await flow.say({ ...clip, camera: ' 前门 Front\n' });
  });

  it('a camera that is switched off, or another kind of node, is not found', async () => {
    const camera = await runtime.simulate();
    const flow = await runtime.load({
      cameras: [
        { id: 'c1', name: 'front', at: camera },
        { id: 'c2', name: 'off', at: camera, d: true },
      ],
    });
    for (const name of ['off', 'c2', 'talk', 'out']) {
      assert.match((await flow.fail({ ...clip, camera: name })).message, /no camera is called/);
    }
  });

  it('a camera that belongs to one tab is found from another', async () => {
    const camera = await runtime.simulate();
    const flow = await runtime.load({
      cameras: [{ id: 'c1', name: 'front', at: camera, z: 'second-tab' }],
      talks: [{ camera: '' }],
      nodes: [{ id: 'second-tab', type: 'tab', label: 'second' }],
    });
    await flow.say({ ...clip, camera: 'front' });
  });

  it('says so when no camera has a name', async () => {
    const camera = await runtime.simulate();
    const flow = await runtime.load({ cameras: [{ id: 'c1', at: camera }] });
    assert.match((await flow.fail({ ...clip, camera: 'front' })).message, /no camera has a name yet/);
  });

  it('blanks around a name in the settings do not count, a number there is a name', async () => {
    const [one, two] = [await runtime.simulate(), await runtime.simulate()];
    const flow = await runtime.load({
      cameras: [
        { id: 'c1', name: ' front ', at: one },
        { id: 'c2', name: 7, at: two },
      ],
      talks: [{ camera: '' }],
    });
    await flow.say({ ...clip, camera: 'front' });
    await flow.say({ ...clip, camera: '7' });
    await flow.say({ ...clip, camera: '7' });
    assert.deepEqual([one.sessions.length, two.sessions.length > 0], [1, true]);
    assert.match((await flow.fail({ ...clip, camera: 'x' })).message, /known are front, 7$/);
  });

  it('a camera inside a subflow instance is found', async () => {
    const camera = await runtime.simulate();
    const flow = await runtime.load({
      cameras: [{ id: 'c1', name: 'inside', at: camera, z: 'sub' }],
      talks: [{ camera: '' }],
      nodes: [
        { id: 'sub', type: 'subflow', name: 'sub', in: [], out: [] },
        { id: 'instance', type: 'subflow:sub', z: 'tab', x: 100, y: 100 },
      ],
    });
    await flow.say({ ...clip, camera: 'inside' });
  });

  it('a password that a variable made a number is its digits', async () => {
    const camera = await runtime.simulate({ password: '123456' });
    const flow = await runtime.load({ cameras: [{ id: 'c1', at: camera, password: 123456 as unknown as string }] });
    await flow.say(clip);
  });
});
