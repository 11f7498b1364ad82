// A wrong password is tried once, whatever the flow does, and no secret shows up anywhere.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import debug from 'debug';
import { audioSources, cameraOptions, createEngine, parseFormat } from '../../src/index.js';
import type { Behavior, SimulatedCamera } from '../../src/simulator/index.js';
import { marked } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, type Flow } from '../helpers/node-runtime.js';

const WRONG = 'wrong+Passw0rd!';
const RIGHT = 'right+Passw0rd!';
const clip = (): { payload: Buffer; format: string } => ({ payload: marked(0xa6, 20), format: 'alaw' });

function header(camera: SimulatedCamera, name: string): string[] {
  return camera.requests.flatMap(({ headers }) =>
    headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value),
  );
}

bothWays('a wrong password', () => {
  const runtime = nodeRuntime();
  let printed: string[] = [];
  const write = debug.log;

  beforeEach(() => {
    printed = [];
    debug.log = (...values: unknown[]) => void printed.push(values.map((value) => inspect(value)).join(' '));
    debug.enable('tplink-talk:*');
  });

  afterEach(() => {
    debug.disable();
    debug.log = write;
  });

  /** Everything a user, an editor or a log file may get to see. */
  function seen(flow: Flow): string {
    const errors = flow.dones.map(({ error }) => (error instanceof Error ? [error.stack, error.cause, error] : error));
    const everything = [flow.statuses, flow.noticed, flow.logged(), flow.out, flow.caught, flow.completed, errors];
    return inspect(everything, { depth: Infinity, maxArrayLength: 50, maxStringLength: null }) + printed.join('\n');
  }

  function assertNoSecrets(flow: Flow, camera: SimulatedCamera): void {
    const text = seen(flow);
    const digests = header(camera, 'authorization').flatMap((value) =>
      [...value.matchAll(/(?:nonce|response|cnonce)="([^"]*)"/g)].map(([, secret]) => secret ?? ''),
    );
    assert.ok(digests.length >= 2);
    for (const secret of [WRONG, RIGHT, ...digests, ...header(camera, 'session')]) {
      assert.ok(!text.includes(secret), `a secret is shown: ${text.slice(text.indexOf(secret) - 100).slice(0, 200)}`);
    }
  }

  it('goes over the wire exactly once; then TALK_ERR_LOCKED; fixed by a redeploy', async () => {
    const camera = await runtime.simulate({ password: RIGHT });
    const cameras = [{ name: 'front', at: camera, password: WRONG }];
    const talks = [{}, { id: 'other' }];
    const flow = await runtime.load({ cameras, talks });
    const first = await flow.fail(clip());
    assert.equal(first.code, 'TALK_ERR_AUTH');
    assert.match(first.message, /user name or password.*set on the camera itself/);
    assert.equal(flow.showing(), 'red ring TALK_ERR_AUTH');

    const later = await Promise.all([
      flow.fail(clip()),
      flow.fail(clip(), 'other'),
      flow.fail({ ...clip(), camera: 'front', retries: 5 }),
      flow.fail({ action: 'connect' }),
    ]);
    for (const error of later) {
      assert.equal(error.code, 'TALK_ERR_LOCKED');
      assert.match(error.message, /held back for 3[56]\d\d s/);
    }
    assert.equal(flow.showing('other'), 'red ring TALK_ERR_LOCKED');
    assert.equal(header(camera, 'authorization').length, 1);
    assert.equal(camera.loginFailures, 1);
    assert.equal(camera.accepted, 1);

    // The same settings again are no reason for another try.
    await flow.deploy({ cameras, talks });
    assert.equal((await flow.fail(clip())).code, 'TALK_ERR_LOCKED');
    assert.equal(header(camera, 'authorization').length, 1);
    assertNoSecrets(flow, camera);

    await flow.deploy({ cameras: [{ name: 'front', at: camera, password: RIGHT }], talks });
    await flow.say(clip());
    assert.equal(flow.showing(), 'green dot finished');
    assert.equal(camera.loginFailures, 1);
    assertNoSecrets(flow, camera);
  });

  it('many messages at once are one attempt too', async () => {
    const camera = await runtime.simulate({ password: RIGHT });
    const flow = await runtime.load({ cameras: [{ at: camera, password: WRONG }], talks: [{}, { id: 'other' }] });
    const errors = await Promise.all(Array.from({ length: 10 }, (_, n) => flow.fail(clip(), n % 2 ? 'talk' : 'other')));
    assert.deepEqual(errors.map(({ code }) => code).sort(), [
      'TALK_ERR_AUTH',
      ...Array.from({ length: 9 }, () => 'TALK_ERR_LOCKED'),
    ]);
    assert.equal(header(camera, 'authorization').length, 1);
  });

  for (const verdict of ['close', 'silent'] as const) {
    it(`goes out once as well when the camera answers it with ${verdict === 'close' ? 'a hang-up' : 'silence'}`, async () => {
      const onRequest: Behavior['onRequest'] = ({ headers }) =>
        headers.some(([name]) => name.toLowerCase() === 'authorization') ? verdict : undefined;
      const camera = await runtime.simulate({ behaviors: [{ name: 'hangs up on credentials', onRequest }] });
      const flow = await runtime.load({ cameras: [{ at: camera, password: WRONG }] });
      const errors = await Promise.all(Array.from({ length: 5 }, () => flow.fail(clip())));
      for (const { code, message } of errors) {
        assert.deepEqual([code, /has not said whether it takes/.test(message)], ['TALK_ERR_LOCKED', true], message);
      }
      assert.equal(header(camera, 'authorization').length, 1);
    });
  }

  it('that was not answered is sent once more by each test of the camera, and by nothing else', async () => {
    const onRequest: Behavior['onRequest'] = ({ headers }) =>
      headers.some(([name]) => name.toLowerCase() === 'authorization') ? 'close' : undefined;
    const camera = await runtime.simulate({ behaviors: [{ name: 'hangs up on credentials', onRequest }] });
    const options = cameraOptions({ host: '127.0.0.1', port: camera.port, password: WRONG, login: 'none' });
    const engine = createEngine({ thread: false });
    try {
      for (let tests = 0; tests < 3; tests++) {
        for (let clips = 0; clips < 2; clips++) {
          const [result] = await engine.speak([options], audioSources(marked(0xa6, 80), parseFormat('alaw')));
          assert.equal(result?.status === 'rejected' && Reflect.get(Object(result.reason), 'code'), 'TALK_ERR_LOCKED');
        }
        assert.equal(header(camera, 'authorization').length, 1 + tests);
        await engine.probe(options);
      }
      assert.equal(header(camera, 'authorization').length, 4);
    } finally {
      await engine.destroy();
    }
  });

  it('that is missing, or a variable that is not set, is said as that and not sent; a good node for the same camera works', async () => {
    for (const [bare, told] of [
      ['', /no password is stored/],
      ['${NOT_SET_ANYWHERE}', /environment variable NOT_SET_ANYWHERE is not set/],
    ] as const) {
      const camera = await runtime.simulate({ password: RIGHT });
      const cameras = [
        { name: 'bare', id: 'twin', at: camera, password: bare, username: bare },
        { name: 'good', id: 'camera', at: camera },
      ];
      const flow = await runtime.load({ cameras });
      const error = await flow.fail({ ...clip(), camera: 'bare' });
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.match(error.message, told);
      assert.deepEqual(header(camera, 'authorization'), []);
      await flow.say({ ...clip(), camera: 'good' });
      assert.equal(camera.loginFailures, 0);
      await runtime.unload();
    }
  });

  it('a locked camera: TALK_ERR_AUTH once, then nothing goes out', async () => {
    const camera = await runtime.simulate({ password: RIGHT, behaviors: ['locked'] });
    const flow = await runtime.load({ cameras: [{ at: camera }] });
    assert.equal((await flow.fail(clip())).code, 'TALK_ERR_AUTH');
    assert.equal((await flow.fail(clip())).code, 'TALK_ERR_LOCKED');
    assert.equal(header(camera, 'authorization').length, 1);
  });

  it('a nonce that became stale is no wrong password', async () => {
    const camera = await runtime.simulate({ password: RIGHT, behaviors: ['stale-nonce-once'] });
    const flow = await runtime.load({ cameras: [{ at: camera }] });
    await flow.say(clip());
    assert.equal(camera.loginFailures, 0);
  });

  it('no secret is shown on any way, VIGI and failures included', async () => {
    for (const behaviors of [
      [],
      ['vigi'],
      ['talk-error:-52410'],
      ['hang-up:2'],
      ['garbage'],
      ['challenge-basic-only'],
    ]) {
      const camera = await runtime.simulate({ password: RIGHT, behaviors });
      const flow = await runtime.load({ cameras: [{ at: camera }], talks: [{ retries: 0 }] });
      await flow.send({ ...clip(), payload: marked(0xa6, 80) });
      if (behaviors[0] === 'garbage' || behaviors[0] === 'challenge-basic-only') {
        assert.deepEqual(header(camera, 'authorization'), []);
        assert.ok(!seen(flow).includes(RIGHT));
      } else assertNoSecrets(flow, camera);
      assert.ok(printed.length > 0, 'nothing was printed, so nothing was tested');
      await runtime.unload();
    }
  });

  it('the user part and the query of an address are not shown', async () => {
    const camera = await runtime.simulate();
    const flow = await runtime.load({ cameras: [{ at: camera }] });
    const error = await flow.fail({ filename: 'http://someone:s3cret@127.0.0.1:1/clip.wav?token=s3cret' });
    assert.equal(error.code, 'TALK_ERR_SOURCE');
    const { caught, statuses } = flow;
    const [message] = caught;
    assert.ok(!inspect([statuses, message?.['error'], error], { depth: Infinity }).includes('s3cret'));
  });
});
