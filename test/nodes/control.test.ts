// msg.action: stop, skip, connect and disconnect in a real runtime; a control message goes on when it has taken effect.
import assert from 'node:assert/strict';
import type { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, settle, type Flow, type Outcome } from '../helpers/node-runtime.js';

const [A, B, C] = [0xa1, 0xa2, 0xa3];
const LONG_MS = 3_000;
const clip = (code: number, ms = 40): { payload: Buffer; format: string } => ({
  payload: marked(code, ms),
  format: 'alaw',
});
const isCut = ({ done, out, completed }: Outcome): boolean =>
  done.error === undefined && out === undefined && completed;

bothWays('control by message', () => {
  const runtime = nodeRuntime();
  let camera: SimulatedCamera;
  let flow: Flow;
  const heard = (): number[] => camera.sessions.flatMap(marksIn).map(([code]) => code);
  const talking = (code: number): Promise<void> => eventually(() => heard().includes(code), 'the clip');

  async function deploy(config: Readonly<Record<string, unknown>> = {}): Promise<void> {
    camera = await runtime.simulate();
    flow = await runtime.load({ cameras: [{ at: camera, name: 'front', ...config }], talks: [{}, { id: 'other' }] });
  }

  it('stop cuts the current clip and clears what waits from this node', async () => {
    await deploy();
    const clips = [flow.send(clip(A, LONG_MS))];
    await talking(A);
    clips.push(flow.send(clip(B)), flow.send(clip(C)));
    await settle();
    const message = { action: 'stop', topic: 'quiet' };
    assert.equal(await flow.say(message), message);
    for (const outcome of await Promise.all(clips)) assert.ok(isCut(outcome));
    assert.equal(flow.showing(), 'grey dot stopped');
    assert.deepEqual(
      flow.out.map(({ msg }) => msg),
      [message],
    );
    assert.ok(!('talk' in message));
    await flow.say(clip(B));
    assert.deepEqual(heard(), [A, B]);
  });

  it('stop from another node cuts the current clip and leaves the waiting ones of others alone', async () => {
    await deploy();
    const cut = flow.send(clip(A, LONG_MS));
    await talking(A);
    const waiting = [flow.send(clip(B)), flow.send(clip(C), 'other')];
    await settle();
    await flow.say({ action: 'stop' }, 'other');
    assert.ok(isCut(await cut));
    const [mine, others] = await Promise.all(waiting);
    assert.ok(mine?.out !== undefined);
    assert.ok(others !== undefined && isCut(others));
    assert.deepEqual(heard(), [A, B]);
  });

  it('skip cuts the current clip only', async () => {
    await deploy();
    const cut = flow.send(clip(A, LONG_MS));
    await talking(A);
    const waiting = flow.send(clip(B));
    await flow.say({ action: 'skip' });
    assert.ok(isCut(await cut));
    assert.ok((await waiting).out !== undefined);
    assert.deepEqual(heard(), [A, B]);
  });

  it('after a cut the camera hears silence within two packets', async () => {
    await deploy({ drainMs: 10_000 });
    const cut = flow.send(clip(A, LONG_MS));
    await talking(A);
    await flow.say({ action: 'stop' });
    await cut;
    const recording = camera.sessions[0] ?? assert.fail();
    const packetsBefore = recording.packetCount;
    await eventually(() => recording.tailSilenceMs >= 80, 'silence');
    const after = recording.packets.slice(packetsBefore).filter(({ payload }) => payload.includes(A));
    assert.ok(after.length <= 2, String(after.length));
  });

  for (const action of ['stop', 'skip', 'disconnect']) {
    it(`${action} with nothing to do is passed on and opens no connection`, async () => {
      await deploy();
      await flow.say({ action });
      assert.equal(camera.accepted, 0);
      assert.equal(flow.showing(), '');
      assert.equal(flow.completed.length, 1);
    });
  }

  it('stop while the clip is tried again or still connects', async () => {
    camera = await runtime.simulate({ behaviors: ['silent'] });
    flow = await runtime.load({ cameras: [{ at: camera }] });
    const cut = flow.send(clip(A));
    await eventually(() => camera.connections === 1, 'the connection');
    await flow.say({ action: 'stop' });
    assert.ok(isCut(await cut));
    await eventually(() => camera.connections === 0, 'the end of the connection');
    await runtime.unload();

    camera = await runtime.simulate({ behaviors: ['busy'] });
    flow = await runtime.load({ cameras: [{ at: camera }] });
    const retried = flow.send(clip(A));
    await flow.untilShowing('yellow dot busy');
    await flow.say({ action: 'stop' });
    assert.ok(isCut(await retried));
    assert.equal(flow.showing(), 'grey dot stopped');
  });

  it('connect opens the session ahead of time, the next clip uses it without a new log-in', async () => {
    await deploy();
    const message = { action: 'connect' };
    assert.equal(await flow.say(message), message);
    assert.deepEqual([camera.sessions.length, camera.connections], [1, 1]);
    assert.deepEqual(flow.shown(), ['', 'yellow ring connecting', 'green ring ready']);
    assert.equal(flow.showing('other'), 'green ring ready');
    const requests = camera.requests.length;
    const out = await flow.say(clip(A));
    assert.equal(Reflect.get(Object(out['talk']), 'session'), 'reused');
    assert.equal(camera.requests.length, requests);
    assert.deepEqual(marksIn(await camera.waitForTalkEnd()), [[A, 40]]);
  });

  it('connect that fails: done(error), red ring, and the next one works', async () => {
    camera = await runtime.simulate({ behaviors: ['bad-request@1'] });
    flow = await runtime.load({ cameras: [{ at: camera, name: 'front' }] });
    assert.equal((await flow.fail({ action: 'connect' })).code, 'TALK_ERR_UNSUPPORTED');
    assert.equal(flow.showing(), 'red ring TALK_ERR_UNSUPPORTED');
    await flow.say({ action: 'connect' });
    assert.equal(flow.showing(), 'green ring ready');
  });

  it('connect while a clip is said waits for nothing and does not hide that', async () => {
    await deploy();
    const saying = flow.send(clip(A, 300));
    await talking(A);
    await flow.say({ action: 'connect' });
    assert.match(flow.showing(), /^blue dot talking/);
    assert.ok((await saying).out !== undefined);
    assert.equal(camera.accepted, 1);
  });

  it('disconnect closes a kept session, clears the green ring, and the next clip opens a new one', async () => {
    await deploy({ idleMs: 60_000 });
    await flow.say(clip(A));
    assert.equal(camera.connections, 1);
    await flow.say({ action: 'disconnect' });
    await eventually(() => camera.connections === 0, 'the end of the connection');
    assert.equal(flow.showing('other'), '');
    const out = await flow.say(clip(B));
    assert.equal(Reflect.get(Object(out['talk']), 'session'), 'new');
    assert.equal(camera.accepted, 2);
  });

  it('disconnect lets what is said and what waits end first', async () => {
    await deploy({ idleMs: 60_000 });
    const clips = [flow.send(clip(A, 60)), flow.send(clip(B, 60), 'other')];
    await talking(A);
    await flow.say({ action: 'disconnect' });
    for (const { out } of await Promise.all(clips)) assert.ok(out !== undefined);
    assert.deepEqual(heard(), [A, B]);
    await eventually(() => camera.connections === 0, 'the end of the connection');
  });

  it('msg.camera says which camera is meant; the node needs none of its own', async () => {
    const [front, back] = [await runtime.simulate(), await runtime.simulate()];
    flow = await runtime.load({
      cameras: [
        { id: 'c-front', name: 'front', at: front },
        { id: 'c-back', name: 'back', at: back },
      ],
      talks: [{ camera: '' }],
    });
    await flow.say({ action: 'connect', camera: ['front', 'back'] });
    assert.deepEqual([front.connections, back.connections], [1, 1]);
    await flow.say({ action: 'disconnect', camera: 'front' });
    await eventually(() => front.connections === 0, 'the end of the connection');
    assert.equal(back.connections, 1);
  });

  it('stop without msg.camera reaches every camera this node is speaking to', async () => {
    const [front, back] = [await runtime.simulate(), await runtime.simulate()];
    flow = await runtime.load({
      cameras: [
        { id: 'c-front', name: 'front', at: front },
        { id: 'c-back', name: 'back', at: back },
      ],
    });
    const cut = flow.send({ ...clip(A, LONG_MS), camera: ['front', 'back'] });
    await eventually(() => [front, back].every(({ sessions }) => sessions.flatMap(marksIn).length > 0), 'both');
    await flow.say({ action: 'stop' });
    assert.ok(isCut(await cut));
    assert.equal(flow.showing(), 'grey dot stopped');
  });

  it('stop without msg.camera reaches the node’s own camera too, whoever talks there', async () => {
    const [front, back] = [await runtime.simulate(), await runtime.simulate()];
    flow = await runtime.load({
      cameras: [
        { id: 'c-front', name: 'front', at: front },
        { id: 'c-back', name: 'back', at: back },
      ],
      talks: [{}, { id: 'other' }],
    });
    const cut = [flow.send(clip(A, LONG_MS), 'other'), flow.send({ ...clip(B, LONG_MS), camera: 'back' })];
    await eventually(() => [front, back].every(({ sessions }) => sessions.flatMap(marksIn).length > 0), 'both');
    await flow.say({ action: 'stop' });
    for (const outcome of await Promise.all(cut)) assert.ok(isCut(outcome));
  });
});
