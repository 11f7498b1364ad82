// A talk node with two outputs: every message leaves exactly once, by the first when it was heard, by the second when it was cut, kept back or failed.
import assert from 'node:assert/strict';
import type { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, settle, type Flow, type FlowConfig, type Message } from '../helpers/node-runtime.js';

const CODE = 0xa6;
const LONG_MS = 5_000;
const clip = (ms = 60): { payload: Buffer; format: string } => ({ payload: marked(CODE, ms), format: 'alaw' });
const FRONT = { camera: 'front', host: '127.0.0.1' };
const BACK = { ...FRONT, camera: 'back' };
const outcomes = (msg: Message | undefined): unknown[] => [msg?.['talk']].flat().map((one) => Object(one)['outcome']);

bothWays('two outputs', () => {
  const runtime = nodeRuntime();
  let camera: SimulatedCamera;
  let back: SimulatedCamera;
  let flow: Flow;

  async function deploy(talk: Message = {}, behaviors: readonly string[] = []): Promise<void> {
    camera = await runtime.simulate({ behaviors });
    back = await runtime.simulate();
    flow = await runtime.load(config(talk));
  }

  function config(talk: Message): FlowConfig {
    const cameras = [
      { id: 'c0', name: 'front', at: camera },
      { id: 'c1', name: 'back', at: back },
    ];
    return { cameras, talks: [{ outputs: 2, retries: 0, ...talk }] };
  }

  const talking = (at = camera): Promise<void> =>
    eventually(() => at.sessions.flatMap(marksIn).length > 0, 'the clip is being said');

  /** What came out by the second output, after everything that was sent is done; nothing by the first, nothing caught. */
  function unheard(count: number): Message[] {
    assert.deepEqual([flow.out, flow.caught], [[], []]);
    assert.equal(flow.unheard.length, count);
    return flow.unheard;
  }

  /** The message left by the second output as it came, once, with this error, and completed. */
  async function refused(msg: Message, code: string, text: RegExp): Promise<Message> {
    const { done, completed } = await flow.send(msg);
    assert.deepEqual([done.error, completed], [undefined, true]);
    const [out = assert.fail()] = unheard(1);
    assert.equal(out, msg);
    const error = out['error'] as { code: string; message: string };
    assert.deepEqual([Object.keys(error), error.code], [['code', 'message'], code]);
    assert.match(error.message, text);
    return out;
  }

  it('spoken: the first, with its outcome and no error', async () => {
    await deploy();
    const msg = { ...clip(), error: 'of somebody else' };
    const out = await flow.say(msg);
    assert.equal(out, msg);
    assert.deepEqual([outcomes(out), out['error']], [['spoken'], 'of somebody else']);
    assert.deepEqual([flow.out.length, flow.unheard, flow.showing()], [1, [], 'green dot finished']);
  });

  for (const action of ['stop', 'skip'] as const) {
    it(`cut by ${action}: the second, without an error of anybody`, async () => {
      await deploy();
      const msg: Message = { ...clip(LONG_MS), error: { code: 'OLD' } };
      const said = flow.send(msg);
      await talking();
      await flow.say({ action });
      const { done, completed } = await said;
      assert.deepEqual([done.error, completed, flow.caught], [undefined, true, []]);
      assert.deepEqual(flow.unheard, [msg]);
      assert.deepEqual([msg['talk'], 'error' in msg], [{ ...FRONT, outcome: 'cut', by: action }, false]);
      assert.equal(flow.out.length, 1);
      assert.equal(flow.showing(), 'grey dot stopped');
    });
  }

  it('replaced: those that were cut and cleared say so, the one that was heard comes out of the first', async () => {
    await deploy();
    const cut = [flow.send(clip(LONG_MS)), flow.send(clip())];
    await talking();
    await flow.say({ ...clip(), whenBusy: 'replace' });
    await Promise.all(cut);
    assert.deepEqual(
      flow.unheard.map(({ talk }) => talk),
      [1, 2].map(() => ({ ...FRONT, outcome: 'cut', by: 'replace' })),
    );
    assert.deepEqual([flow.out.length, flow.caught], [1, []]);
  });

  it('kept back: dropped while another is said, or one more than may wait', async () => {
    await deploy({ maxQueue: 0 });
    const said = flow.send(clip(LONG_MS));
    await talking();
    const keptBack: [Message, string][] = [
      [{ ...clip(), whenBusy: 'drop' }, 'TALK_ERR_BUSY'],
      [clip(), 'TALK_ERR_QUEUE_FULL'],
    ];
    for (const [msg, code] of keptBack) {
      const { done } = await flow.send(msg);
      assert.equal(done.error, undefined);
      assert.deepEqual(msg['talk'], { ...FRONT, error: code, outcome: 'failed' });
      assert.equal(Object(msg['error']).code, code);
    }
    await flow.say({ action: 'stop' });
    await said;
    assert.deepEqual([flow.unheard.length, flow.out.length, flow.caught], [3, 1, []]);
  });

  it('waited too long for a camera that is away', async () => {
    await deploy({ retries: '', maxWaitSeconds: 0.3 });
    await camera.stop();
    const out = await refused(clip(), 'TALK_ERR_EXPIRED', /waited/);
    assert.deepEqual(outcomes(out), ['failed']);
    assert.equal(flow.showing(), 'red ring TALK_ERR_EXPIRED');
  });

  it('failed: the camera refuses', async () => {
    await deploy({}, ['talk-error:-52410']);
    const out = await refused(clip(), 'TALK_ERR_REFUSED', /-52410/);
    assert.deepEqual(out['talk'], { ...FRONT, error: 'TALK_ERR_REFUSED', outcome: 'failed' });
    assert.equal(flow.showing(), 'red ring TALK_ERR_REFUSED');
  });

  const failed = { error: 'TALK_ERR_ARGUMENT', outcome: 'failed' };
  const [front, both] = [{ ...FRONT, ...failed }, [FRONT, BACK].map((at) => ({ ...at, ...failed }))];
  const cases: [what: string, msg: Message, text: RegExp, talk: object][] = [
    ['nothing to say', {}, /Nothing to say/, front],
    ['nothing to say on several', { camera: ['front', 'back'] }, /Nothing to say/, both],
    ['a wrong option', { ...clip(), gain: 'loud' }, /gain/, front],
    ['a wrong action', { action: 'shout' }, /action/, front],
    ['an unknown camera', { ...clip(), camera: 'shed' }, /shed/, { outcome: 'failed', error: failed.error }],
    ['one of several is unknown', { ...clip(), camera: ['front', 'shed'] }, /shed/, [failed]],
  ];
  for (const [what, msg, text, talk] of cases) {
    it(`failed before a camera was asked: ${what}`, async () => {
      await deploy();
      // A fresh one each time: the message itself is changed.
      const out = await refused({ ...msg }, 'TALK_ERR_ARGUMENT', text);
      assert.deepEqual(out['talk'], talk);
      assert.equal(camera.connections, 0);
    });
  }

  it('several: heard on one leaves by the first, each with its outcome, and a warning names the failure', async () => {
    await deploy({}, ['talk-error:-52410']);
    const out = await flow.say({ ...clip(), camera: ['front', 'back'] });
    assert.deepEqual(outcomes(out), ['failed', 'spoken']);
    assert.deepEqual([flow.unheard, flow.caught, 'error' in out], [[], [], false]);
    assert.equal(flow.showing(), 'red ring TALK_ERR_REFUSED');
    const warnings = flow.logged().filter(({ level }) => level === 30);
    assert.ok(warnings.some(({ msg }) => /^1 of 2 cameras did not speak: front: /.test(String(msg))));
  });

  it('several: skipped on one of them', async () => {
    await deploy();
    const said = flow.send({ ...clip(400), camera: ['front', 'back'] });
    await Promise.all([talking(camera), talking(back)]);
    await flow.say({ action: 'skip', camera: 'back' });
    assert.deepEqual(outcomes((await said).out), ['spoken', 'cut']);
    assert.deepEqual(flow.unheard, []);
  });

  it('several: one cut, one failed, none heard', async () => {
    await deploy({ whenBusy: 'queue' }, ['talk-error:-52410']);
    const said = flow.send({ ...clip(LONG_MS), camera: ['front', 'back'] });
    await talking(back);
    await flow.say({ action: 'stop' });
    await said;
    const [out = assert.fail()] = flow.unheard;
    assert.deepEqual([outcomes(out), Object(out['error']).code], [['failed', 'cut'], 'TALK_ERR_REFUSED']);
    assert.deepEqual([flow.unheard.length, flow.caught], [1, []]);
  });

  it('live sound: the latest piece leaves for all of them', async () => {
    await deploy();
    const piece = (index: number): Message => ({ ...clip(LONG_MS), parts: { id: 'stream', index }, index });
    const said = flow.send(piece(0));
    // At once: on a starved machine the gap that ends a stream is over before the first sound.
    await flow.send(piece(1));
    await talking();
    await flow.say({ action: 'stop' });
    await said;
    assert.deepEqual(
      flow.unheard.map((msg) => [msg['index'], ...outcomes(msg)]),
      [[1, 'cut']],
    );
    assert.deepEqual([flow.out.length, flow.caught], [1, []]);
  });

  it('a redeploy of the node: what is said, what waits and what comes later each leave once', async () => {
    await deploy();
    const messages: Message[] = [clip(LONG_MS), clip(), { ...clip(), camera: ['front', 'back'] }];
    const sent = messages.map((msg) => flow.send(msg));
    await talking();
    await eventually(() => back.sessions.some(({ end }) => end !== 'open'), 'the one of the second camera');
    await flow.deploy(config({ name: 'another' }), 'nodes');
    await Promise.all(sent);
    await settle();
    const cut = { ...FRONT, outcome: 'cut', by: 'close' };
    assert.deepEqual(
      flow.unheard.map(({ talk }) => talk),
      [cut, cut],
    );
    assert.deepEqual(
      flow.out.map(({ msg }) => msg['talk']),
      [[cut, { ...BACK, outcome: 'spoken' }]],
    );
    assert.deepEqual(flow.caught, []);
    assert.ok(messages.every((msg) => !('error' in msg)));
  });

  it('one output: a clip that was cut leaves by none', async () => {
    await deploy({ outputs: 1 });
    const said = flow.send(clip(LONG_MS));
    await talking();
    await flow.say({ action: 'stop' });
    await said;
    assert.deepEqual([flow.out.length, flow.unheard, flow.caught], [1, [], []]);
  });
});
