// The example that answers HTTP requests, in a real Node-RED: each request ends, whatever becomes of its clip. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { exampleFlow, withCameras, type FlowNode } from '../../scripts/demo-flows.js';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { markedWav, marksIn } from '../helpers/marked-clips.js';

const CODE = 0x93;
const [SHORT, LONG] = [markedWav(CODE, 200), markedWav(CODE, 60_000)];

interface Answer {
  readonly status: number;
  readonly outcome: string | undefined;
  readonly code: string | undefined;
}

describe('the HTTP requests of example 03', () => {
  let camera: SimulatedCamera;
  let nodeRed: RunningNodeRed;

  before(async () => {
    nodeRed = await startNodeRed();
  });

  after(async () => {
    // Undefined when the start failed.
    await (nodeRed as RunningNodeRed | undefined)?.stop();
  });

  afterEach(() => camera.stop());

  /** The example with a way to stop what is said; one clip may wait. */
  function flow(more: object = {}): FlowNode[] {
    const nodes = withCameras(exampleFlow('03 - Announce over HTTP'), () => camera).map((node) => {
      if (node.type === 'tplink-camera') return { ...node, idleMs: 0, ...more };
      return node.type === 'tplink-talk' ? { ...node, maxQueue: 1 } : node;
    });
    const [tab, talk] = ['tab', 'tplink-talk'].map((type) => nodes.find((node) => node.type === type)?.id);
    const place = { z: tab, x: 100, y: 300 };
    const rules = [{ t: 'set', p: 'action', pt: 'msg', to: 'stop', tot: 'str' }];
    return [
      ...nodes,
      { ...place, id: 'stopping', type: 'http in', url: '/stop', method: 'post', wires: [['stop']] },
      { ...place, id: 'stop', type: 'change', rules, wires: [[talk]] },
    ];
  }

  async function deploy(...behaviors: string[]): Promise<void> {
    camera = new SimulatedCamera({ behaviors });
    await camera.start();
    await nodeRed.deploy(flow());
    // A deploy is answered before the flows have started.
    for (let status = 404; status === 404;) status = (await fetch(`${nodeRed.url}/stop`, { method: 'POST' })).status;
  }

  async function announce(sound: Uint8Array): Promise<Answer> {
    const body = sound as BodyInit;
    const response = await fetch(`${nodeRed.url}/announce`, {
      ...{ method: 'POST', body, headers: { 'content-type': 'audio/wav' } },
      signal: AbortSignal.timeout(60_000),
    });
    const { outcome, code } = (await response.json()) as { outcome?: string; code?: string };
    return { status: response.status, outcome, code };
  }

  const stop = (): Promise<Response> => fetch(`${nodeRed.url}/stop`, { method: 'POST' });
  const talking = (): Promise<void> =>
    eventually(() => camera.sessions.flatMap(marksIn).length > 0, 'the clip is being said');
  const CUT = { status: 409, outcome: 'cut', code: undefined };

  it('said: 200', async () => {
    await deploy();
    assert.deepEqual(await announce(SHORT), { status: 200, outcome: 'spoken', code: undefined });
  });

  it('stopped while it is said, and while it waits: 409; one too many: 503', async () => {
    await deploy();
    const said = announce(LONG);
    await talking();
    const others = [announce(LONG), announce(LONG)];
    const full = { status: 503, outcome: 'failed', code: 'TALK_ERR_QUEUE_FULL' };
    assert.deepEqual(await Promise.race(others), full);
    await stop();
    assert.deepEqual(await said, CUT);
    const statuses = (await Promise.all(others)).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [409, 503]);
  });

  it('noise instead of a file: 422', async () => {
    await deploy();
    const answer = await announce(Buffer.from('RIFF????WAVEnothing'));
    assert.deepEqual(answer, { status: 422, outcome: 'failed', code: 'TALK_ERR_AUDIO' });
  });

  it('a camera that refuses: 502', async () => {
    await deploy('talk-error:-52410');
    assert.deepEqual(await announce(SHORT), { status: 502, outcome: 'failed', code: 'TALK_ERR_REFUSED' });
  });

  it('a camera that is away: 503 after the 10 s of the example', async () => {
    await deploy();
    await camera.stop();
    const asked = performance.now();
    const { status, outcome, code = '' } = await announce(SHORT);
    assert.deepEqual([status, outcome], [503, 'failed']);
    assert.match(code, /^TALK_ERR_(CONNECT|EXPIRED)$/);
    const seconds = (performance.now() - asked) / 1_000;
    assert.ok(seconds > 8 && seconds < 30, `${seconds} s`);
  });

  it('a deploy of the camera while one is said and another waits: 409', async () => {
    await deploy();
    const said = announce(LONG);
    await talking();
    const others = [announce(LONG), announce(LONG)];
    // One of them is refused, so the other waits.
    await Promise.race(others);
    await nodeRed.deploy(flow({ name: 'renamed' }), 'nodes');
    assert.deepEqual(await said, CUT);
    const statuses = (await Promise.all(others)).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [409, 503]);
  });

  it('a deploy of everything: 503', async () => {
    await deploy();
    const said = announce(LONG);
    await talking();
    await nodeRed.deploy(flow(), 'full');
    assert.deepEqual(await said, { status: 503, outcome: 'cut', code: undefined });
    // No second answer.
    assert.doesNotMatch(nodeRed.output(), /headers|ERR_HTTP/i);
  });
});
