// When nodes start the thread of their cameras, and that none of them stays.
import assert from 'node:assert/strict';
import { eventually } from '../helpers/collect.js';
import { nodeRuntime, type Flow, type FlowConfig } from '../helpers/node-runtime.js';
import { watchThreads } from '../helpers/threads.js';
import { marked } from '../helpers/marked-clips.js';

describe('the thread of the nodes', () => {
  const threads = watchThreads();
  const runtime = nodeRuntime();
  const load = (config: FlowConfig): Promise<Flow> => runtime.load({ ...config, settings: { tplinkTalkThread: true } });
  const clip = (): Record<string, unknown> => ({ payload: marked(0xa1, 60), format: 'alaw' });

  it('starts with the first message', async () => {
    const at = await runtime.simulate();
    const flow = await load({ cameras: [{ at }] });
    assert.equal(threads.started, 0);
    await flow.say(clip());
    await flow.say(clip());
    assert.equal(threads.started, 1);
  });

  it('starts at deploy when a camera is to be warm', async () => {
    const at = await runtime.simulate();
    await load({
      cameras: [
        { at, warmUp: true },
        { id: 'unfinished', host: '', warmUp: true },
      ],
    });
    assert.equal(threads.started, 1);
    assert.equal(at.accepted, 0);
  });

  it('is not left behind by redeploys, nor by the end', async () => {
    const at = await runtime.simulate();
    const config = {
      cameras: [
        { at, warmUp: true },
        { id: 'other', host: '127.0.0.1', port: 1 },
      ],
    };
    const flow = await load(config);
    for (let redeploys = 0; redeploys < 5; redeploys++) {
      await flow.say(clip());
      await flow.deploy(config);
      await eventually(() => threads.alive.length <= 1, 'the end of the thread before');
    }
    await flow.say(clip());
    await runtime.unload();
    // A warm-up under way is let end.
    await eventually(() => threads.alive.length === 0, 'the end of the last thread');
  });
});
