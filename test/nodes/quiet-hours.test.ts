// Quiet hours in a real Node-RED: what leaves by which output, what the node shows, what the cameras hear.
import assert from 'node:assert/strict';
import type { SimulatedCamera } from '../../src/simulator/index.js';
import { wallTime } from '../../src/index.js';
import { decodeAlaw } from '../../src/sound/g711.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, type Flow, type FlowConfig, type Message } from '../helpers/node-runtime.js';

const CODE = 0xa6;
const FRONT = { camera: 'front', host: '127.0.0.1' };
const clip = (): Message => ({ payload: marked(CODE, 60), format: 'alaw' });

/** `HH:MM` so many hours from now. */
function inHours(hours: number): string {
  const now = wallTime();
  return `${(now.getHours() + hours + 24) % 24}:${String(now.getMinutes()).padStart(2, '0')}`;
}

const NOW = { quietFrom: inHours(-2), quietTo: inHours(2) };
const LATER = { quietFrom: inHours(2), quietTo: inHours(4) };

bothWays('quiet hours', () => {
  const runtime = nodeRuntime();
  let cameras: { front: SimulatedCamera; back: SimulatedCamera };
  let flow: Flow;

  function config(front: Message, talk: Message): FlowConfig {
    return {
      cameras: [
        { id: 'c0', name: 'front', at: cameras.front, ...front },
        { id: 'c1', name: 'back', at: cameras.back },
        { id: 'c2', name: 'front by day', at: cameras.front },
      ],
      talks: [{ retries: 0, ...talk }],
    };
  }

  async function deploy(front: Message, talk: Message = {}): Promise<void> {
    cameras = { front: await runtime.simulate(), back: await runtime.simulate() };
    flow = await runtime.load(config(front, talk));
  }

  /** What the first sound of a talk session was, dB against the clip. */
  async function level(camera: SimulatedCamera, session: number): Promise<number> {
    const code = marksIn(await camera.waitForTalkEnd(session))[0]?.[0] ?? 0;
    const [heard = 0, full = 0] = decodeAlaw(Uint8Array.of(code, CODE));
    return Math.round(20 * Math.log10(heard / full));
  }

  it('silent, one output: completes without a message, and the status says so', async () => {
    await deploy({ ...NOW, quietMode: 'silent' });
    const { done, completed } = await flow.send(clip());
    assert.deepEqual([done.error, completed, flow.out, flow.caught, flow.unheard], [undefined, true, [], [], []]);
    assert.equal(flow.showing(), 'grey dot quiet');
    assert.equal(cameras.front.connections, 0);
    // What is urgent, and what another node of the same camera says, is heard.
    for (const more of [{ priority: 10 }, { camera: 'front by day' }]) await flow.say({ ...clip(), ...more });
    assert.deepEqual([flow.out.length, flow.showing()], [2, 'green dot finished']);
  });

  it('silent, two outputs: leaves by the second with its outcome and no error', async () => {
    await deploy({ ...NOW, quietMode: 'silent' }, { outputs: 2 });
    const msg = clip();
    const { done, completed } = await flow.send(msg);
    assert.deepEqual([done.error, completed, flow.out, flow.caught], [undefined, true, [], []]);
    assert.deepEqual([flow.unheard, msg['talk'], 'error' in msg], [[msg], { ...FRONT, outcome: 'quiet' }, false]);
    assert.equal(flow.showing(), 'grey dot quiet');
  });

  for (const outputs of [1, 2]) {
    it(`several cameras, one of them silent: leaves by the first of ${outputs}, each with its outcome`, async () => {
      await deploy({ ...NOW, quietMode: 'silent' }, { outputs });
      const { talk } = await flow.say({ ...clip(), camera: ['front', 'back'] });
      const [front, back] = talk as Message[];
      assert.deepEqual([front, back?.['outcome']], [{ ...FRONT, outcome: 'quiet' }, 'spoken']);
      assert.deepEqual([flow.unheard, flow.caught, flow.showing()], [[], [], 'green dot finished']);
      assert.equal(cameras.front.connections, 0);
    });
  }

  it('softer on one of two cameras, until the settings change', async () => {
    await deploy({ ...NOW, quietMode: 'softer', quietGain: '-6' });
    const both = { camera: ['front', 'back'] };
    const gains = async (): Promise<unknown[]> =>
      ((await flow.say({ ...clip(), ...both }))['talk'] as Message[]).map(({ quietGain }) => quietGain);
    assert.deepEqual(await gains(), [-6, undefined]);
    assert.deepEqual([await level(cameras.front, 1), await level(cameras.back, 1)], [-6, 0]);
    await flow.deploy(config({ ...LATER, quietMode: 'softer' }, {}), 'nodes');
    assert.deepEqual(await gains(), [undefined, undefined]);
    assert.equal(await level(cameras.front, 2), 0);
  });

  it('hours that cannot be are told once for each message', async () => {
    await deploy({ quietFrom: '25:00', quietTo: '07:00', quietMode: 'silent' });
    const { done } = await flow.send(clip());
    assert.match(String(done.error), /quietFrom.*22:30.*25:00/);
    assert.equal(flow.caught.length, 1);
  });
});
