// The examples on a fresh machine: each button whose sound needs no broker and no microphone is pressed in a real Node-RED, and the cameras hear it. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cameraHosts, exampleFlow, exampleNames, withCameras, type FlowNode } from '../../scripts/demo-flows.js';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera, type Recording } from '../../src/simulator/index.js';

describe('examples on a fresh machine', () => {
  let nodeRed: RunningNodeRed | undefined;
  const cameras = new Map<string, SimulatedCamera>();

  before(async () => {
    const flows = exampleNames().map(exampleFlow);
    for (const host of cameraHosts(flows.flat())) {
      const camera = new SimulatedCamera({ password: 'Only4Tests!' });
      await camera.start();
      cameras.set(host, camera);
    }
    nodeRed = await startNodeRed();
    const nodes = flows.flatMap((flow) => withCameras(flow, (host) => cameras.get(host)));
    // A session for each clip, so that its end is seen.
    await nodeRed.deploy(nodes.map((node) => (node.type === 'tplink-camera' ? { ...node, idleMs: 0 } : node)));
  });
  after(async () => {
    await nodeRed?.stop();
    for (const camera of cameras.values()) await camera.stop();
  });

  for (const name of exampleNames()) {
    const flow = exampleFlow(name);
    for (const button of soundButtons(flow)) {
      it(`${name}: ${String(button['name'])}`, async () => {
        const heard = hostsOf(flow, button).map(async (host) => {
          const [recording] = (await once(cameras.get(host) ?? assert.fail(host), 'end')) as [Recording];
          return recording.toJSON().soundSeconds;
        });
        await nodeRed?.inject(button.id);
        for (const seconds of await Promise.all(heard)) assert.ok(seconds > 0.5, `${seconds} s of sound`);
      });
    }
  }

  it('have buttons that were pressed', () => {
    assert.ok(exampleNames().flatMap((name) => soundButtons(exampleFlow(name))).length >= 8);
  });
});

interface Prop {
  readonly p: string;
  readonly v: string;
  readonly vt: string;
}

/** The buttons that are heard; words need a voice, which a fresh machine need not have. */
function soundButtons(flow: readonly FlowNode[]): FlowNode[] {
  const speaks = flow.some(({ type }) => type === 'tplink-talk') && flow.every(({ type }) => type !== 'mqtt-broker');
  const silent = ({ p, v, vt }: Prop): boolean =>
    p === 'action' || p === 'say' || (p === 'payload' && vt === 'str' && !v.startsWith('sound:'));
  return flow.filter((node) => speaks && node.type === 'inject' && !(node['props'] as Prop[]).some(silent));
}

/** The cameras that the button names, or the one of the talk node. */
function hostsOf(flow: readonly FlowNode[], button: FlowNode): string[] {
  const named = (button['props'] as Prop[]).find(({ p }) => p === 'camera')?.v;
  const used = flow.find(({ type }) => type === 'tplink-talk')?.['camera'];
  const wanted =
    named === undefined ? [String(used)] : named.startsWith('[') ? (JSON.parse(named) as string[]) : [named];
  return cameraHosts(
    flow.filter(({ type, id, name }) => type === 'tplink-camera' && wanted.some((one) => one === id || one === name)),
  );
}
