// The account for listening among the credentials of a camera node, in a real Node-RED: the listen node uses it, the talk node does not.
import assert from 'node:assert/strict';
import { eventually } from '../helpers/collect.js';
import { listenNode, untilHeard, withListenNodes } from '../helpers/listen-side.js';
import { marked } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime } from '../helpers/node-runtime.js';

const ACCOUNT = { listenUsername: 'viewer', listenPassword: 'Also4Tests!' };

bothWays('tplink-camera with an account for listening', () => {
  const runtime = nodeRuntime();
  withListenNodes();

  it('is heard with it and spoken on with its own', async () => {
    const camera = await runtime.simulate({ password: 'Only4Tests!', ...ACCOUNT });
    const flow = await runtime.load({ cameras: [{ at: camera, ...ACCOUNT }], talks: [{}, listenNode()] });
    await untilHeard(flow, 1);
    await flow.say({ payload: marked(0xa5, 20), format: 'alaw' });
    assert.equal(camera.loginFailures, 0);
  });

  it('takes it from the environment, also when it is a number', async () => {
    const account = { listenUsername: '17', listenPassword: '12345678' };
    const camera = await runtime.simulate({ password: 'Only4Tests!', ...account });
    process.env['TEST_LISTEN_USER'] = account.listenUsername;
    process.env['TEST_LISTEN_PASSWORD'] = account.listenPassword;
    try {
      const fromEnvironment = { listenUsername: '${TEST_LISTEN_USER}', listenPassword: '${TEST_LISTEN_PASSWORD}' };
      const flow = await runtime.load({ cameras: [{ at: camera, ...fromEnvironment }], talks: [listenNode()] });
      await untilHeard(flow, 1);
      assert.equal(camera.loginFailures, 0);
    } finally {
      delete process.env['TEST_LISTEN_USER'];
      delete process.env['TEST_LISTEN_PASSWORD'];
    }
  });

  it('tells a Catch node that it was refused, without it, and talks on', async () => {
    const camera = await runtime.simulate({ password: 'Only4Tests!', ...ACCOUNT });
    const wrong = { listenUsername: 'viewer', listenPassword: 'Wrong4Tests!' };
    const flow = await runtime.load({ cameras: [{ at: camera, ...wrong }], talks: [{}, listenNode()] });
    await eventually(() => flow.caught.length > 0, 'a word on it');
    const [caught] = flow.caught;
    assert.equal(Reflect.get(Object(caught?.['error']), 'code'), 'TALK_ERR_AUTH');
    assert.ok(!JSON.stringify([flow.caught, flow.statuses]).includes('Wrong4Tests!'));
    await flow.say({ payload: marked(0xa5, 20), format: 'alaw' });
    assert.equal(camera.loginFailures, 1);
  });
});
