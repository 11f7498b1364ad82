// Cameras that are off, refuse, talk nonsense or fall silent: one done(error) with the contract's code, what waits is said, the node goes on working.
import assert from 'node:assert/strict';
import { isTalkError, type TalkErrorCode } from '../../src/errors.js';
import type { SimulatedCamera } from '../../src/simulator/index.js';
import { heardMs, marked, marksIn } from '../helpers/marked-clips.js';
import { nodeRuntime, type Flow, type Outcome } from '../helpers/node-runtime.js';

const BAD = 0xa1;
const GOOD = 0xa2;
const clip = (code: number, ms: number): { payload: Buffer; format: string } => ({
  payload: marked(code, ms),
  format: 'alaw',
});

/** One done(error) that names the camera; the Catch node sees it once, the Complete node not at all. */
function assertFailure(flow: Flow, failed: Outcome, code: TalkErrorCode, camera: SimulatedCamera, says: RegExp): void {
  const { error } = failed.done;
  assert.ok(isTalkError(error), `done(${String(error)})`);
  assert.equal(error.code, code, error.message);
  assert.equal(error.camera, `127.0.0.1:${camera.port}`);
  assert.match(error.message, says);
  assert.ok(error.message.includes(`127.0.0.1:${camera.port}`), error.message);
  assert.equal(failed.out, undefined);
  assert.equal(failed.completed, false);
  assert.equal(Reflect.get(Object(failed.caught?.['error']), 'code'), code);
  assert.equal(flow.caught.filter(({ _msgid: id }) => id === failed.done.msg['_msgid']).length, 1);
}

describe('bad cameras', () => {
  const runtime = nodeRuntime();

  // Each fault on the first connection only, so that the next clip shows whether the node recovered.
  const faults: [behavior: string, code: TalkErrorCode, says: RegExp][] = [
    ['garbage@1', 'TALK_ERR_PROTOCOL', /garbage/],
    ['endless-header@1', 'TALK_ERR_PROTOCOL', /answers/],
    ['endless-headers@1', 'TALK_ERR_PROTOCOL', /answers/],
    ['huge-body@1', 'TALK_ERR_PROTOCOL', /answers/],
    ['speaks-http@1', 'TALK_ERR_PROTOCOL', /answers/],
    ['close-after-accept@1', 'TALK_ERR_CLOSED', /dropped the connection.*before the first sound/],
    ['hang-up:3@1', 'TALK_ERR_CLOSED', /dropped the connection.*after \d\.\d s of 2\.0 s/],
    ['reset:3@1', 'TALK_ERR_CLOSED', /dropped the connection.*after \d\.\d s of 2\.0 s/],
    ['busy@1', 'TALK_ERR_BUSY', /in use.*-52411/],
    ['too-many@1', 'TALK_ERR_BUSY', /in use.*-52405/],
    ['too-many-clients@1', 'TALK_ERR_BUSY', /in use.*-52407/],
    ['unavailable@1', 'TALK_ERR_BUSY', /in use.*503/],
    ['bad-request@1', 'TALK_ERR_UNSUPPORTED', /does not know.*400.*speaker/],
    ['not-found@1', 'TALK_ERR_UNSUPPORTED', /does not know.*404/],
    ['no-multitrans:405@1', 'TALK_ERR_UNSUPPORTED', /does not know.*405/],
    ['challenge-basic-only@1', 'TALK_ERR_UNSUPPORTED', /Digest/],
    ['audio-invalid@1', 'TALK_ERR_REFUSED', /-52423/],
    ['talk-error:-52410@1', 'TALK_ERR_REFUSED', /-52410/],
    ['json-error@1', 'TALK_ERR_REFUSED', /-501/],
  ];
  for (const [behavior, code, says] of faults) {
    it(`${behavior.replace('@1', '')}: ${code}`, async () => {
      const camera = await runtime.simulate({ behaviors: [behavior] });
      const flow = await runtime.load({ cameras: [{ at: camera }], talks: [{ retries: 0 }] });
      const [failed, waited] = await Promise.all([flow.send(clip(BAD, 2_000)), flow.send(clip(GOOD, 20))]);
      assertFailure(flow, failed, code, camera, says);
      assert.ok(flow.shown().includes(code === 'TALK_ERR_BUSY' ? 'yellow dot busy' : `red ring ${code}`));
      assert.ok(waited.out !== undefined, 'what waited behind it was lost');

      await flow.say(clip(GOOD, 20));
      assert.equal(flow.out.length, 2);
      assert.equal(flow.completed.length, 2);
      assert.equal(heardMs(camera.sessions)[GOOD], 40);
    });
  }

  it('off: TALK_ERR_CONNECT, and the next clip is said once it is on', async () => {
    const camera = await runtime.simulate();
    const { port } = camera;
    const flow = await runtime.load({ cameras: [{ at: camera }], talks: [{ retries: 0 }] });
    await camera.stop();
    const failed = await flow.send(clip(BAD, 20));
    assertFailure(flow, failed, 'TALK_ERR_CONNECT', camera, /nothing listens/);
    assert.equal(Reflect.get(Object(Reflect.get(Object(failed.caught?.['error']), 'cause')), 'code'), 'ECONNREFUSED');
    assert.equal(flow.showing(), 'red ring TALK_ERR_CONNECT');

    const again = await runtime.simulate({ port });
    await flow.say(clip(GOOD, 20));
    assert.deepEqual(marksIn(await again.waitForTalkEnd()), [[GOOD, 20]]);
  });

  it('silent at any step: TALK_ERR_TIMEOUT; busy twice and then free: said at the third attempt', async () => {
    const silences: [behavior: string, says: RegExp][] = [
      ['silent@1', /did not answer the first request within 8 s/],
      ['silent-login@1', /did not answer the log-in within 8 s/],
      ['silent-after-auth@1', /did not answer the talk request within 8 s/],
    ];
    const busy = await runtime.simulate({ behaviors: ['busy-2'] });
    const silent = await Promise.all(silences.map(([behavior]) => runtime.simulate({ behaviors: [behavior] })));
    const [, silentLogin] = silent;
    const flow = await runtime.load({
      cameras: [busy, ...silent].map((at, index) => ({ id: `camera${index}`, at })),
      talks: [
        { id: 'talk0', camera: 'camera0' },
        ...silent.map((_, index) => ({ id: `talk${index + 1}`, camera: `camera${index + 1}`, retries: 0 })),
      ],
    });
    const timesOut = async (index: number, camera: SimulatedCamera, says: RegExp): Promise<void> => {
      const talk = `talk${index + 1}`;
      const [failed, waited] = await Promise.all([flow.send(clip(BAD, 20), talk), flow.send(clip(GOOD, 20), talk)]);
      assertFailure(flow, failed, 'TALK_ERR_TIMEOUT', camera, says);
      assert.ok(flow.shown(talk).includes('red ring TALK_ERR_TIMEOUT'));
      if (camera === silentLogin) {
        // Sent once more, a wrong password could lock the account.
        const { error } = waited.done;
        assert.deepEqual([Reflect.get(Object(error), 'code'), camera.accepted], ['TALK_ERR_LOCKED', 1]);
        return;
      }
      assert.ok(waited.out !== undefined, 'what waited behind it was lost');
      await flow.say(clip(GOOD, 20), talk);
    };
    const [out] = await Promise.all([
      flow.say(clip(GOOD, 20), 'talk0'),
      ...silences.map(([, says], index) => timesOut(index, silent[index] ?? assert.fail(), says)),
    ]);

    assert.equal(Reflect.get(Object(out['talk']), 'attempts'), 3);
    assert.equal(flow.shown('talk0').filter((text) => text === 'yellow dot busy').length, 2);
    const [first, second, third] = busy.requests.filter(({ headers }) =>
      headers.some(([name]) => name.toLowerCase() === 'authorization'),
    );
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    // Timers fire up to a millisecond early.
    assert.ok(second.at - first.at >= 999 && third.at - second.at >= 1_999);
    assert.equal(busy.sessions.length, 1);
    assert.equal(flow.caught.length, 4);
  });

  describe('nobody to talk to', () => {
    it('no camera chosen: a grey ring, TALK_ERR_ARGUMENT, and msg.camera helps', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera, name: 'front' }], talks: [{ camera: '' }] });
      const error = await flow.fail(clip(BAD, 20));
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.match(error.message, /No camera: choose one.*msg\.camera/);
      assert.equal(flow.showing(), 'grey ring noCamera');
      await flow.say({ ...clip(GOOD, 20), camera: 'front' });
      assert.equal(flow.showing(), 'green dot finished');
    });

    it('a camera that was deleted counts as none', async () => {
      const flow = await runtime.load({ cameras: [], talks: [{ camera: 'deleted' }] });
      assert.equal((await flow.fail(clip(BAD, 20))).code, 'TALK_ERR_ARGUMENT');
      assert.equal(flow.showing(), 'grey ring noCamera');
    });

    it('a camera without host: a grey ring, TALK_ERR_ARGUMENT, nothing in the log at deploy', async () => {
      const flow = await runtime.load({ cameras: [{ host: '' }] });
      assert.deepEqual(
        flow.logged().filter(({ level }) => level <= 20),
        [],
      );
      const error = await flow.fail(clip(BAD, 20));
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.match(error.message, /host.*address of the camera/);
      assert.equal(flow.showing(), 'grey ring noCamera');
    });

    it('a camera with a wrong option: told at deploy and with every message', async () => {
      const flow = await runtime.load({ cameras: [{ host: '127.0.0.1', port: 99_999 }] });
      const errors = flow.logged().filter(({ level }) => level === 20);
      assert.equal(errors.length, 1);
      const error = await flow.fail(clip(BAD, 20));
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.match(error.message, /port.*1 to 65535.*99999/);
      assert.equal(flow.showing(), 'red ring TALK_ERR_ARGUMENT');
    });
  });
});
