// Clips that a talk node says again and again, in Node-RED, with the cameras in a thread and without: what is heard, shown and sent, and what ends them.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, type Flow, type Message } from '../helpers/node-runtime.js';

const CODE = 0xa6;
const clip = (): Message => ({ payload: marked(CODE, 60), format: 'alaw' });

bothWays('repeat', () => {
  const runtime = nodeRuntime();
  let camera: SimulatedCamera;
  let back: SimulatedCamera;
  let flow: Flow;

  async function deploy(...talks: Message[]): Promise<void> {
    camera = await runtime.simulate();
    back = await runtime.simulate();
    const cameras = [
      { id: 'c0', name: 'front', at: camera },
      { id: 'c1', name: 'back', at: back },
    ];
    flow = await runtime.load({ cameras, talks });
  }

  const rounds = (at = camera): number => at.sessions.flatMap(marksIn).length;
  const told = (msg: Message | undefined): unknown[] =>
    [msg?.['talk']].flat().map((one) => [Object(one)['outcome'], Object(one)['rounds'], Object(one)['by']]);

  it('of the node: so often, and one message', async () => {
    await deploy({ repeat: '3', repeatPause: '0.1' });
    const out = await flow.say(clip());
    assert.deepEqual(told(out), [['spoken', 3, undefined]]);
    assert.deepEqual([rounds(), flow.out.length], [3, 1]);
  });

  it('of the message, on two cameras', async () => {
    await deploy({});
    const out = await flow.say({ ...clip(), camera: ['front', 'back'], repeat: { times: 2, pauseSeconds: 0.2 } });
    assert.deepEqual(told(out), [
      ['spoken', 2, undefined],
      ['spoken', 2, undefined],
    ]);
    assert.deepEqual([rounds(), rounds(back)], [2, 2]);
  });

  it('until stopped, by another node, in a pause: it shows until when, leaves as spoken, and the next message is said', async () => {
    await deploy({}, { id: 'other' });
    const said = flow.say({ ...clip(), repeat: { until: 'stopped', pauseSeconds: 60 } });
    await eventually(() => /pausing/.test(flow.showing()), 'the pause');
    assert.match(flow.showing(), /^blue ring pausing \d\d:\d\d:\d\d$/);
    await flow.send({ action: 'stop', camera: 'front' }, 'other');
    assert.deepEqual(told(await said), [['spoken', 1, undefined]]);
    assert.equal(flow.showing(), 'green dot finished');
    assert.deepEqual(told(await flow.say(clip())), [['spoken', undefined, undefined]]);
  });

  it('refuses live sound and what it does not know', async () => {
    await deploy({ repeat: 2 });
    for (const [msg, text] of [
      [{ payload: Readable.from([Buffer.alloc(800)]), format: 'alaw' }, /Live audio cannot be repeated/],
      [{ ...clip(), repeat: { pause: 3 } }, /repeat: expected a number, .*; it knows no "pause"/],
      [{ ...clip(), repeat: 0 }, /repeat: expected a whole number from 1 to 1000, not 0/],
      [{ ...clip(), repeat: { until: 'noon' } }, /repeat.until: expected stopped, not "noon"/],
    ] as const) {
      const { done } = await flow.send(msg);
      assert.match(String(done.error), text);
    }
    assert.equal(rounds(), 0);
  });
});
