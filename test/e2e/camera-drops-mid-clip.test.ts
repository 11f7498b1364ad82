// A camera that goes away in the middle of a clip or between two clips: said again, or told how far it got.
import assert from 'node:assert/strict';
import { eventually } from '../helpers/collect.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, type Message } from '../helpers/node-runtime.js';

const [A, B, C] = [0xa1, 0xb1, 0xb2];
const clip = (code: number, ms: number): { payload: Buffer; format: string } => ({
  payload: marked(code, ms),
  format: 'alaw',
});
const talkOf = (msg: Message): Record<string, unknown> => ({ ...Object(msg['talk']) });

// Clips long enough to be still on their way when the camera is seen to have dropped them.
bothWays('a camera that drops', () => {
  const runtime = nodeRuntime();

  it('in the middle of a clip: said again from the beginning after a second, before what waits', async () => {
    const camera = await runtime.simulate({ behaviors: ['hang-up:4@1'] });
    const flow = await runtime.load({ cameras: [{ at: camera }] });
    const [out, behind] = await Promise.all([flow.say(clip(A, 2_000)), flow.say(clip(B, 20)), flow.say(clip(C, 20))]);
    assert.deepEqual([talkOf(out)['attempts'], talkOf(out)['seconds']], [2, 2]);
    assert.equal(talkOf(behind)['attempts'], 1);
    const [broken, whole] = camera.sessions;
    assert.equal(broken?.end, 'camera closed');
    assert.deepEqual(marksIn(whole ?? assert.fail()), [
      [A, 2_000],
      [B, 20],
      [C, 20],
    ]);
    assert.ok(flow.shown().includes('yellow ring retrying'));
    assert.deepEqual([flow.out.length, flow.caught.length], [3, 0]);
  });

  it('again and again: one done(error) after the retries, with how far it got', async () => {
    const camera = await runtime.simulate({ behaviors: ['hang-up:4'] });
    const flow = await runtime.load({ cameras: [{ at: camera }] });
    const error = await flow.fail({ ...clip(A, 2_000), retries: 1 });
    assert.equal(error.code, 'TALK_ERR_CLOSED');
    assert.equal(error.retryable, true);
    assert.match(error.message, /after \d\.\d s of 2\.0 s/);
    assert.equal(camera.sessions.length, 2);
    assert.equal(flow.caught.length, 1);
  });

  it('and is away for a while: all that waits is said when it is back, and one warning tells why it takes so long', async () => {
    const camera = await runtime.simulate();
    const { port } = camera;
    const flow = await runtime.load({ cameras: [{ at: camera }] });
    const said = Promise.all([A, B, C].map((code) => flow.say(clip(code, 2_000))));
    await flow.untilShowing('blue dot talking 2');
    await camera.stop();
    const warned = (): string[] =>
      flow.logged().flatMap(({ level, msg }) => (level === 30 && /tried again/.test(String(msg)) ? [String(msg)] : []));
    await eventually(() => warned().length > 0, 'the warning');
    const restarted = await runtime.simulate({ port });
    await said;
    assert.deepEqual(
      restarted.sessions.flatMap(marksIn),
      [A, B, C].map((code) => [code, 2_000]),
    );
    const why = `No connection to the camera at 127.0.0.1:${port}: nothing listens on that port`;
    assert.match(warned().join(), new RegExp(`^${why}. The clip is tried again until \\d\\d:\\d\\d:\\d\\d.$`));
    assert.ok(flow.shown().includes('yellow ring TALK_ERR_CONNECT'), flow.shown().join());
    assert.deepEqual([flow.out.length, flow.caught.length], [3, 0]);
  });

  it('a kept session that died unnoticed costs the next clip neither an error nor a retry', async () => {
    const camera = await runtime.simulate();
    const { port } = camera;
    const flow = await runtime.load({ cameras: [{ at: camera, idleMs: 60_000 }], talks: [{ retries: 0 }] });
    await flow.say(clip(A, 20));
    await camera.stop();
    const restarted = await runtime.simulate({ port });
    assert.equal(talkOf(await flow.say(clip(B, 20)))['session'], 'new');
    assert.deepEqual(restarted.sessions.flatMap(marksIn), [[B, 20]]);
  });

  it('a kept session that ends clears the green ring', async () => {
    const camera = await runtime.simulate();
    const flow = await runtime.load({ cameras: [{ at: camera, idleMs: 60_000 }], talks: [{}, { id: 'other' }] });
    await flow.say(clip(A, 20));
    await flow.untilShowing('green ring ready', 'other');
    await camera.stop();
    await flow.untilShowing('', 'other');
  });
});
