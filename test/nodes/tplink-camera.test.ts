// The camera node: credentials, validation at deploy, several nodes for one camera, and what a redeploy changes.
import assert from 'node:assert/strict';
import { eventually } from '../helpers/collect.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, type Message } from '../helpers/node-runtime.js';

const CODE = 0xa5;
const clip = (ms = 20): { payload: Buffer; format: string } => ({ payload: marked(CODE, ms), format: 'alaw' });
const sessionOf = (msg: Message): unknown => Reflect.get(Object(msg['talk']), 'session');

bothWays('tplink-camera', () => {
  const runtime = nodeRuntime();

  describe('credentials', () => {
    it('a user name and password of their own', async () => {
      const camera = await runtime.simulate({ username: 'operator', password: 'p"ä, ss\\word' });
      const flow = await runtime.load({ cameras: [{ at: camera }] });
      await flow.say(clip());
      assert.equal(camera.loginFailures, 0);
    });

    it('admin when the user name is empty', async () => {
      const camera = await runtime.simulate({ username: 'admin', password: 'secret-1' });
      const flow = await runtime.load({ cameras: [{ at: camera, username: '' }] });
      await flow.say(clip());
    });

    it('none at all, for a camera that wants none', async () => {
      const camera = await runtime.simulate({ behaviors: ['no-challenge'] });
      const flow = await runtime.load({ cameras: [{ host: '127.0.0.1', port: camera.port }] });
      await flow.say(clip());
    });

    it('taken from the environment: ${CAMERA_PASSWORD}', async () => {
      const camera = await runtime.simulate({ password: 'from-environment-7' });
      process.env['TEST_CAMERA_PASSWORD'] = 'from-environment-7';
      process.env['TEST_CAMERA_HOST'] = '127.0.0.1';
      try {
        const flow = await runtime.load({
          cameras: [
            // Coded like this in an exported flow too.
            { host: '${TEST_CAMERA_HOST}', port: camera.port, username: 'admin', password: '${TEST_CAMERA_PASSWORD}' },
          ],
        });
        await flow.say(clip());
        assert.equal(camera.loginFailures, 0);
      } finally {
        delete process.env['TEST_CAMERA_PASSWORD'];
        delete process.env['TEST_CAMERA_HOST'];
      }
    });

    it('a password of digits from the environment', async () => {
      const camera = await runtime.simulate({ password: '12345678' });
      process.env['TEST_CAMERA_PASSWORD'] = '12345678';
      try {
        const flow = await runtime.load({ cameras: [{ at: camera, password: '${TEST_CAMERA_PASSWORD}' }] });
        await flow.say(clip());
      } finally {
        delete process.env['TEST_CAMERA_PASSWORD'];
      }
    });

    it('a password with a line break is refused without showing it', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera, password: 'two\nlines' }] });
      const error = await flow.fail(clip());
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.match(error.message, /password.*line break/);
      assert.ok(!error.message.includes('two'));
      assert.equal(camera.accepted, 0);
    });
  });

  describe('two nodes for one camera', () => {
    it('with the same credentials share one session', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({
        cameras: [
          { id: 'c1', at: camera, idleMs: 5_000 },
          { id: 'c2', at: camera, idleMs: 5_000, host: '127.0.0.1' },
        ],
        talks: [{}, { id: 'other', camera: 'c2' }],
      });
      assert.equal(sessionOf(await flow.say(clip())), 'new');
      assert.equal(sessionOf(await flow.say(clip(), 'other')), 'reused');
      assert.equal(camera.accepted, 1);
    });

    it('with different passwords: the second is told at deploy and with every message, the first works', async () => {
      const camera = await runtime.simulate({ password: 'right-one' });
      const flow = await runtime.load({
        cameras: [
          { id: 'c1', at: camera },
          { id: 'c2', at: camera, password: 'wrong-one' },
        ],
        talks: [{}, { id: 'other', camera: 'c2', retries: 0 }],
      });
      const errors = flow.logged().filter(({ level }) => level === 20);
      assert.equal(errors.length, 1);
      assert.match(String(errors[0]?.msg), /different user names or passwords/);
      const error = await flow.fail(clip(), 'other');
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${camera.port}.*both the same or delete one`));
      await flow.say(clip());
      assert.equal(camera.loginFailures, 0);
      for (const text of [String(errors[0]?.msg), error.message]) assert.doesNotMatch(text, /right-one|wrong-one/);
    });

    it('a conflict ends when the other node goes', async () => {
      const camera = await runtime.simulate({ password: 'right-one' });
      const second = { id: 'c2', at: camera };
      const talks = [{ camera: 'c2' }];
      const flow = await runtime.load({ cameras: [{ id: 'c1', at: camera, password: 'wrong-one' }, second], talks });
      await flow.fail(clip());
      await flow.deploy({ cameras: [second], talks });
      await flow.say(clip());
    });

    it('one of them goes: the other keeps its line and its session', async () => {
      const camera = await runtime.simulate();
      const first = { id: 'c1', at: camera, idleMs: 60_000 };
      const talks = [{ camera: 'c1' }];
      const flow = await runtime.load({ cameras: [first, { ...first, id: 'c2' }], talks });
      await flow.say(clip());
      await flow.deploy({ cameras: [first], talks }, 'nodes');
      assert.equal(camera.connections, 1);
      assert.equal(sessionOf(await flow.say(clip())), 'reused');
    });
  });

  describe('a redeploy', () => {
    it('closes the kept session when the node goes', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera, idleMs: 60_000 }] });
      await flow.say(clip());
      assert.equal(camera.connections, 1);
      await flow.deploy({ cameras: [] });
      await eventually(() => camera.connections === 0, 'the end of the session');
    });

    it('takes new options', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera, idleMs: 60_000 }] });
      await flow.say(clip());
      await flow.deploy({ cameras: [{ at: camera, packetBytes: 320, mode: 'full_duplex' }] }, 'nodes');
      await flow.say(clip());
      const heard = await camera.waitForTalkEnd(2);
      assert.deepEqual([heard.start.mode, heard.packets[0]?.payload.length], ['full_duplex', 320]);
      assert.deepEqual(marksIn(heard), [[CODE, 20]]);
    });

    it('moves on to another address', async () => {
      const [old, renewed] = [await runtime.simulate(), await runtime.simulate()];
      const flow = await runtime.load({ cameras: [{ at: old, idleMs: 60_000 }] });
      await flow.say(clip());
      await flow.deploy({ cameras: [{ at: renewed }] }, 'nodes');
      await flow.say(clip());
      assert.equal(renewed.sessions.length, 1);
      await eventually(() => old.connections === 0, 'the end of the old session');
    });

    it('of the camera node alone, under a clip sent by msg.camera: told, and the next one is said', async () => {
      const camera = await runtime.simulate();
      const shared = { id: 'c1', name: 'front', at: camera };
      const talks = [{ camera: '' }];
      const flow = await runtime.load({ cameras: [shared], talks });
      const cut = flow.send({ ...clip(3_000), camera: 'front' });
      const waiting = flow.send({ ...clip(), camera: 'front' });
      await eventually(() => camera.sessions.flatMap(marksIn).length > 0, 'the clip');
      await flow.deploy({ cameras: [{ ...shared, drainMs: 10 }], talks }, 'nodes');
      for (const { done } of [await cut, await waiting]) {
        assert.ok(done.error instanceof Error, 'lost without a word');
        assert.notEqual(Reflect.get(done.error, 'code'), 'TALK_ERR_ABORTED');
      }
      await flow.say({ ...clip(), camera: 'front' });
    });
  });

  it('is told from the log of a broken deploy which option is wrong, and nothing else', async () => {
    const wrong: [property: string, value: unknown][] = [
      ['host', 'ftp://192.168.1.60/'],
      ['port', 0],
      ['httpPort', 'eighty'],
      ['login', 'magic'],
      ['dialect', 'klingon'],
      ['mode', 'triple'],
      ['codec', 'opus'],
      ['packetBytes', 500],
      ['leadInMs', -1],
      ['drainMs', 1e9],
      ['idleMs', 0.5],
    ];
    for (const [property, value] of wrong) {
      const flow = await runtime.load({
        cameras: [{ host: '127.0.0.1', port: 1, password: 'not-to-be-seen', [property]: value }],
      });
      const [error, ...more] = flow.logged().filter(({ level }) => level === 20);
      assert.deepEqual(more, []);
      assert.ok(String(error?.msg).includes(`${property}: expected`), `${property}: ${String(error?.msg)}`);
      assert.doesNotMatch(String(error?.msg), /not-to-be-seen/);
      assert.equal((await flow.fail(clip())).code, 'TALK_ERR_ARGUMENT');
      await runtime.unload();
    }
  });
});
