// Two nodes that talk to one camera: they take turns, and whenBusy, priority and the limit decide who waits, who is cut and who is refused.
import assert from 'node:assert/strict';
import type { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, type CameraConfig, type Flow, type Message } from '../helpers/node-runtime.js';

// One code per clip, so that the camera's recording tells who was heard.
const [A, B, C, D] = [0xa1, 0xa2, 0xa3, 0xa4];
const LONG_MS = 3_000;
const clip = (code: number, ms = 40): { payload: Buffer; format: string } => ({
  payload: marked(code, ms),
  format: 'alaw',
});

bothWays('two nodes, one camera', () => {
  const runtime = nodeRuntime();
  let camera: SimulatedCamera;
  let flow: Flow;

  async function deploy(talk: Readonly<Record<string, unknown>> = {}, config: CameraConfig = {}): Promise<void> {
    camera = await runtime.simulate();
    flow = await runtime.load({
      cameras: [{ at: camera, ...config }],
      talks: [talk, { id: 'other', ...talk }],
    });
  }

  /** Codes in the order in which they were heard. */
  const heard = (): number[] => camera.sessions.flatMap(marksIn).map(([code]) => code);
  const talking = (code: number): Promise<void> => eventually(() => heard().includes(code), 'the clip');
  const isCut = ({ done, out, completed }: Awaited<ReturnType<Flow['send']>>): boolean =>
    done.error === undefined && out === undefined && completed;

  it('queue: one after the other on one session, in the order of arrival', async () => {
    await deploy();
    const messages = await Promise.all([
      flow.say(clip(A, 100)),
      flow.say(clip(B), 'other'),
      flow.say(clip(C)),
      flow.say(clip(D), 'other'),
    ]);
    assert.deepEqual(heard(), [A, B, C, D]);
    assert.equal(camera.sessions.length, 1);
    assert.deepEqual(
      flow.out.map(({ msg }) => msg),
      messages,
    );
    const [first, second] = messages.map((msg): Message => Object(msg['talk']));
    assert.ok(Number(first?.['queuedMs']) < Number(second?.['queuedMs']) && Number(second?.['queuedMs']) >= 100);
    assert.deepEqual([first?.['session'], second?.['session']], ['new', 'reused']);
  });

  it('two camera nodes for one camera share its line', async () => {
    camera = await runtime.simulate();
    flow = await runtime.load({
      cameras: [
        { id: 'c1', name: 'one', at: camera },
        { id: 'c2', name: 'two', at: camera },
      ],
      talks: [{}, { id: 'other', camera: 'c2' }],
    });
    const [first, second] = await Promise.all([flow.say(clip(A, 100)), flow.say(clip(B), 'other')]);
    assert.equal(Reflect.get(Object(first['talk']), 'camera'), 'one');
    assert.equal(Reflect.get(Object(second['talk']), 'camera'), 'two');
    assert.equal(camera.accepted, 1);
    assert.deepEqual(heard(), [A, B]);
  });

  it('priority: higher first, the same in order of arrival, the current clip is left alone', async () => {
    await deploy();
    await Promise.all([
      flow.say(clip(A, 100)),
      flow.say(clip(B), 'other'),
      flow.say({ ...clip(C), priority: 5 }),
      flow.say({ ...clip(D), priority: '5' }, 'other'),
    ]);
    assert.deepEqual(heard(), [A, C, D, B]);
  });

  it('interrupt: cuts the current clip, keeps those waiting', async () => {
    await deploy();
    const cut = flow.send(clip(A, LONG_MS));
    await talking(A);
    const waiting = flow.send(clip(B));
    const urgent = flow.send({ ...clip(C), whenBusy: 'interrupt' }, 'other');
    assert.ok(isCut(await cut));
    assert.ok((await urgent).out !== undefined);
    assert.ok((await waiting).out !== undefined);
    assert.deepEqual(heard(), [A, C, B]);
    assert.equal(camera.sessions.length, 1);
    assert.ok((marksIn(camera.sessions[0] ?? assert.fail())[0]?.[1] ?? LONG_MS) < LONG_MS);
    assert.deepEqual(flow.caught, []);
    assert.equal(flow.completed.length, 3);
  });

  it('replace: cuts the current clip and clears those waiting, of every node', async () => {
    await deploy();
    const cut = flow.send(clip(A, LONG_MS));
    await talking(A);
    const cleared = [flow.send(clip(B)), flow.send(clip(D), 'other')];
    const urgent = flow.send({ ...clip(C), whenBusy: 'replace' }, 'other');
    for (const outcome of [await cut, ...(await Promise.all(cleared))]) assert.ok(isCut(outcome));
    assert.ok((await urgent).out !== undefined);
    assert.deepEqual(heard(), [A, C]);
    assert.ok(flow.shown().includes('grey dot stopped'));
  });

  it('drop: refused with TALK_ERR_BUSY, what is said goes on', async () => {
    await deploy();
    const first = flow.send(clip(A, 200));
    await talking(A);
    const error = await flow.fail({ ...clip(B), whenBusy: 'drop' }, 'other');
    assert.equal(error.code, 'TALK_ERR_BUSY');
    assert.equal(error.retryable, true);
    assert.match(error.message, /talking.*whenBusy/);
    assert.equal(flow.showing('other'), 'yellow dot busy');
    assert.ok((await first).out !== undefined);
    assert.deepEqual(marksIn(camera.sessions[0] ?? assert.fail()), [[A, 200]]);
    await flow.say({ ...clip(B), whenBusy: 'drop' }, 'other');
  });

  it('an alarm is not cut by something less urgent', async () => {
    for (const whenBusy of ['interrupt', 'replace']) {
      await deploy();
      const alarm = flow.send({ ...clip(A, 150), priority: 10 });
      await talking(A);
      const [first, second] = [await flow.send({ ...clip(B), whenBusy }, 'other'), await alarm];
      assert.ok(first.out !== undefined && second.out !== undefined);
      assert.deepEqual(camera.sessions.flatMap(marksIn), [
        [A, 150],
        [B, 40],
      ]);
      await runtime.unload();
    }
  });

  it('whenBusy and maxQueue of the node: one clip more than may wait is TALK_ERR_QUEUE_FULL', async () => {
    await deploy({ maxQueue: 2, retries: 0 });
    const accepted = [flow.send(clip(A, 100)), flow.send(clip(B), 'other'), flow.send(clip(C))];
    const error = await flow.fail(clip(D), 'other');
    assert.equal(error.code, 'TALK_ERR_QUEUE_FULL');
    assert.match(error.message, /2 clips already wait/);
    assert.ok(flow.shown('other').includes('red ring TALK_ERR_QUEUE_FULL'));
    for (const { out } of await Promise.all(accepted)) assert.ok(out !== undefined);
    assert.deepEqual(heard(), [A, B, C]);
  });

  it('twenty clips may wait without a warning of Node.js about its listeners', async () => {
    const warnings: string[] = [];
    const take = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', take);
    try {
      await deploy();
      const outcomes = Array.from({ length: 21 }, () => flow.send(clip(A, 3_000)));
      await talking(A);
      await flow.say({ action: 'stop' });
      for (const outcome of await Promise.all(outcomes)) assert.ok(isCut(outcome));
    } finally {
      process.off('warning', take);
    }
    assert.deepEqual(warnings, []);
  });

  it('maxQueue 0: interrupt and replace still get through', async () => {
    for (const whenBusy of ['interrupt', 'replace']) {
      await deploy({ maxQueue: 0 });
      const cut = flow.send(clip(A, LONG_MS));
      await talking(A);
      assert.equal((await flow.fail(clip(B), 'other')).code, 'TALK_ERR_QUEUE_FULL');
      await flow.say({ ...clip(C), whenBusy }, 'other');
      assert.ok(isCut(await cut));
      await runtime.unload();
    }
  });

  it('the default of the node is overridden by the message', async () => {
    await deploy({ whenBusy: 'drop' });
    const first = flow.send(clip(A, 100));
    await talking(A);
    assert.equal((await flow.fail(clip(B), 'other')).code, 'TALK_ERR_BUSY');
    await flow.say({ ...clip(C), whenBusy: 'queue' }, 'other');
    assert.ok((await first).out !== undefined);
    assert.deepEqual(heard(), [A, C]);
  });

  it('a bad clip in the middle of the queue hurts nobody', async () => {
    await deploy();
    const [one, bad, two] = await Promise.all([
      flow.send(clip(A, 60)),
      flow.send({ payload: '/no/such/file.wav' }, 'other'),
      flow.send(clip(B)),
    ]);
    assert.ok(one.out !== undefined && two.out !== undefined);
    assert.equal(Reflect.get(Object(bad.done.error), 'code'), 'TALK_ERR_SOURCE');
    assert.equal(camera.sessions.length, 1);
    assert.deepEqual(heard(), [A, B]);
  });
});
