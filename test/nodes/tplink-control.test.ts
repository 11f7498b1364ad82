// The control node in a real runtime against a camera's web side: every action and shape, cameras by message, errors, status, close.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { freePort } from '../../scripts/node-red-process.js';
import { eventually } from '../helpers/collect.js';
import {
  bothWays,
  itInThisThread,
  nodeRuntime,
  type Flow,
  type FlowConfig,
  type Message,
} from '../helpers/node-runtime.js';
import { controlNode, inHaste, simulateWeb, withControlNodes, type WebCamera } from '../helpers/web-side.js';
import type { WebApiOptions } from '../../src/simulator/web/api.js';

const PASSWORD = 'Only4Tests!';
/** Every token of a camera with this alphabet is made of it. */
const STOK_ALPHABET = 'Q';
const INFO = {
  model: 'TL-IPC44AW-COLOR',
  name: 'SimulatedCamera',
  firmware: '1.0.3 Build 230601 Rel.50000n',
  hardware: '6.0',
  mac: '00-00-5E-00-53-01',
};
/** What an inject node sends unless told otherwise. */
const TIMESTAMP = 1_700_000_000_000;

bothWays('tplink-control', () => {
  const runtime = nodeRuntime();
  withControlNodes();

  /** One camera, one control node. */
  async function deploy(
    properties: Readonly<Record<string, unknown>> = {},
    api: Partial<WebApiOptions> = {},
    config: FlowConfig = {},
  ): Promise<WebCamera & { flow: Flow; ask: (msg: Message) => Promise<unknown> }> {
    const web = await simulateWeb(runtime, { stokAlphabet: STOK_ALPHABET, ...api }, { password: PASSWORD });
    const camera = { name: 'front', ...web.config, ...config.cameras?.[0] };
    const flow = await runtime.load({ ...config, cameras: [camera], talks: [controlNode(properties)] });
    return { ...web, flow, ask: async (msg) => (await flow.say(msg, 'control'))['payload'] };
  }

  describe('actions', () => {
    it('info is the default, does not look at the payload and leaves the rest of the message alone', async () => {
      const { flow } = await deploy();
      const msg: Message = { payload: TIMESTAMP, topic: 'kept', nested: { deep: 1 } };
      const out = await flow.say(msg, 'control');
      assert.equal(out, msg);
      assert.deepEqual(out, { payload: INFO, topic: 'kept', nested: { deep: 1 }, _msgid: msg['_msgid'] });
      assert.equal(flow.completed.length, 1);
      assert.deepEqual(flow.caught, []);
    });

    it('speaker reads, sets the volume, mutes, and does both', async () => {
      const { ask, api } = await deploy({ action: 'speaker' });
      for (const nothing of [undefined, null, '', {}]) {
        assert.deepEqual(await ask({ payload: nothing }), { volume: 80, mute: false });
      }
      assert.deepEqual(await ask({ payload: 35 }), { volume: 35, mute: false });
      assert.deepEqual(await ask({ payload: '40' }), { volume: 40, mute: false });
      assert.deepEqual(await ask({ payload: { mute: true } }), { volume: 40, mute: true });
      assert.deepEqual(api.state.speaker, { volume: 40, muted: true });
      assert.deepEqual(await ask({ payload: { volume: 0, mute: false } }), { volume: 0, mute: false });
      assert.deepEqual(api.state.speaker, { volume: 0, muted: false });
    });

    it('speaker mutes through volume 0 where the camera has no mute, and restores', async () => {
      const { ask, api } = await deploy({ action: 'speaker' }, { speakerMute: 'absent' });
      assert.deepEqual(await ask({ payload: { mute: true } }), { volume: 80, mute: true });
      assert.equal(api.state.speaker.volume, 0);
      assert.deepEqual(await ask({}), { volume: 80, mute: true });
      assert.deepEqual(await ask({ payload: { mute: false } }), { volume: 80, mute: false });
      assert.equal(api.state.speaker.volume, 80);
    });

    it('microphone reads and sets', async () => {
      const { ask, api } = await deploy({ action: 'microphone' });
      assert.deepEqual(await ask({}), { volume: 70, mute: false });
      assert.deepEqual(await ask({ payload: { volume: 10, mute: true } }), { volume: 10, mute: true });
      assert.deepEqual(api.state.microphone, { volume: 10, muted: true });
      assert.equal(api.state.speaker.volume, 80);
    });

    it('privacy reads, covers and uncovers the lens', async () => {
      const { ask, api } = await deploy({ action: 'privacy' });
      assert.deepEqual(await ask({ payload: '' }), { enabled: false });
      for (const [payload, enabled] of [
        ['on', true],
        ['off', false],
        [true, true],
        [false, false],
      ]) {
        assert.deepEqual(await ask({ payload }), { enabled });
        assert.equal(api.state.lensMask, enabled);
      }
    });

    it('clock reads, also for a timestamp, and is set to now', async () => {
      const { ask, api } = await deploy({ action: 'clock' }, { startSeconds: 1_577_836_800 });
      for (const payload of [undefined, TIMESTAMP, new Date(TIMESTAMP)]) {
        const { time, offsetMs } = Object(await ask({ payload }));
        assert.match(time, /^2020-01-01T00:00:\d\d\.000Z$/);
        assert.ok(offsetMs < -150_000_000_000, String(offsetMs));
      }
      const askedAt = Date.now();
      const { time, offsetMs } = Object(await ask({ payload: 'now' }));
      // The camera counts whole seconds.
      const tookMs = Date.now() - askedAt + 1_000;
      assert.ok(Math.abs(Date.now() - Date.parse(time)) <= tookMs, time);
      assert.ok(Math.abs(offsetMs) <= tookMs, String(offsetMs));
      assert.ok(Math.abs(Date.now() / 1_000 - api.state.clockSeconds) <= tookMs / 1_000 + 1);
    });

    it('siren starts and stops', async () => {
      const { ask, api } = await deploy({ action: 'siren' });
      assert.deepEqual(await ask({ payload: 'start' }), { active: true });
      assert.equal(api.state.siren, true);
      assert.deepEqual(await ask({ payload: 'stop' }), { active: false });
      assert.equal(api.state.siren, false);
    });

    it('reboot reboots once, whatever the payload', async () => {
      const { ask, api } = await deploy({ action: 'reboot' });
      assert.deepEqual(await ask({ payload: TIMESTAMP }), {});
      assert.equal(api.state.reboots, 1);
      assert.deepEqual(await ask({ action: 'info' }), INFO, 'the login that the reboot ended is renewed');
    });

    it('request sends the object as it is and gives the reply', async () => {
      const { ask, api } = await deploy({ action: 'request' });
      const payload = { method: 'get', lens_mask: { name: ['lens_mask_info'] } };
      assert.deepEqual(await ask({ payload }), { lens_mask: { lens_mask_info: { enabled: 'off' } }, error_code: 0 });
      assert.deepEqual(api.log.at(-1)?.body, payload);
      assert.deepEqual(payload, { method: 'get', lens_mask: { name: ['lens_mask_info'] } });
    });

    it('msg.action goes before the action of the node, and an empty one counts as none', async () => {
      const { ask } = await deploy({ action: 'speaker' });
      assert.deepEqual(await ask({ action: 'privacy' }), { enabled: false });
      for (const action of ['', null]) assert.deepEqual(await ask({ action }), { volume: 80, mute: false });
    });
  });

  describe('what cannot be', () => {
    const CASES: [what: string, Message, RegExp][] = [
      ['an unknown action', { action: 'stop' }, /msg\.action: expected info, speaker, .*request, not "stop"/],
      ['an action that is no text', { action: 7 }, /msg\.action: expected info/],
      ['a timestamp as volume', { action: 'speaker', payload: TIMESTAMP }, /speaker: .* from 0 to 100/],
      ['a volume of 101', { action: 'speaker', payload: 101 }, /from 0 to 100/],
      ['a volume in words', { action: 'microphone', payload: 'loud' }, /microphone: .* from 0 to 100/],
      ['a misspelt key', { action: 'speaker', payload: { vol: 30 } }, /\{ volume, mute \}/],
      ['a timestamp for the lens', { action: 'privacy', payload: TIMESTAMP }, /privacy: .*"on", "off"/],
      ['a date as text for the clock', { action: 'clock', payload: '2026-01-01' }, /clock: .*"now"/],
      ['a siren without a word', { action: 'siren' }, /siren: expected "start" or "stop"/],
      ['a text as request', { action: 'request', payload: '{"method":"get"}' }, /request: expected an object/],
      ['a list as request', { action: 'request', payload: [] }, /request: expected an object/],
      ['a Buffer as request', { action: 'request', payload: Buffer.from('{}') }, /request: expected an object/],
      ['a camera nobody knows', { camera: 'garden' }, /no camera is called "garden"; known are front/],
      ['an empty list of cameras', { camera: [] }, /msg\.camera: expected the name of a camera/],
    ];
    for (const [what, msg, text] of CASES) {
      it(`${what} is TALK_ERR_ARGUMENT and asks nothing of the camera`, async () => {
        const { flow, api } = await deploy();
        const error = await flow.fail(msg, 'control');
        assert.equal(error.code, 'TALK_ERR_ARGUMENT');
        assert.match(error.message, text);
        assert.equal(api.counts.requests, 0);
        assert.equal(Object(flow.caught[0]?.['error'])['code'], 'TALK_ERR_ARGUMENT');
        assert.equal(flow.caught.length, 1);
        assert.equal(flow.completed.length, 0);
        assert.equal(flow.showing('control'), 'red ring tplink-control.errorStatus.TALK_ERR_ARGUMENT');
      });
    }

    it('no camera at all is a grey ring from the start', async () => {
      const flow = await runtime.load({ talks: [controlNode({ camera: '' })] });
      assert.equal(flow.showing('control'), 'grey ring tplink-control.status.noCamera');
      const error = await flow.fail({}, 'control');
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.match(error.message, /choose one in the node, or name one in msg\.camera/);
      assert.equal(flow.showing('control'), 'grey ring tplink-control.status.noCamera');
    });

    it('a camera node without an address is a grey ring', async () => {
      const flow = await runtime.load({ cameras: [{ host: '' }], talks: [controlNode()] });
      assert.equal((await flow.fail({}, 'control')).code, 'TALK_ERR_ARGUMENT');
      assert.deepEqual(flow.shown('control'), ['grey ring tplink-control.status.noCamera']);
    });

    it('a camera whose web login is none says so', async () => {
      const { flow, api } = await deploy({}, {}, { cameras: [{ login: 'none' }] });
      const error = await flow.fail({}, 'control');
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.match(error.message, /login is none/);
      assert.equal(api.counts.requests, 0);
    });
  });

  describe('status', () => {
    it('asks, is done, and goes back to nothing', async () => {
      const { flow, ask } = await deploy();
      await inHaste(300, async () => {
        await ask({});
        await flow.untilShowing('', 'control');
      });
      assert.deepEqual(flow.shown('control'), [
        '',
        'yellow ring tplink-control.status.working',
        'green dot tplink-control.status.done',
        '',
      ]);
    });

    it('stays at work while another message is under way', async () => {
      const { flow } = await deploy();
      await Promise.all([flow.say({}, 'control'), flow.say({ action: 'speaker' }, 'control')]);
      assert.deepEqual(flow.shown('control'), [
        '',
        'yellow ring tplink-control.status.working',
        'green dot tplink-control.status.done',
      ]);
    });

    it('recovers from a failure with the next message', async () => {
      const { flow, ask } = await deploy();
      await flow.fail({ action: 'siren' }, 'control');
      await ask({});
      assert.equal(flow.showing('control'), 'green dot tplink-control.status.done');
    });
  });

  describe('cameras by message', () => {
    async function deployTwo(second: Partial<WebApiOptions> = {}): Promise<{
      front: WebCamera;
      back: WebCamera;
      flow: Flow;
    }> {
      const front = await simulateWeb(runtime, { name: 'Front' });
      const back = await simulateWeb(runtime, { name: 'Back', ...second });
      const flow = await runtime.load({
        cameras: [
          { id: 'camera', name: 'front', ...front.config },
          { id: 'other', name: 'back', ...back.config },
        ],
        talks: [controlNode()],
      });
      return { front, back, flow };
    }

    it('one by name or id answers alone', async () => {
      const { front, flow } = await deployTwo();
      for (const camera of ['back', 'other']) {
        const { payload } = await flow.say({ camera }, 'control');
        assert.equal(Object(payload)['name'], 'Back');
      }
      assert.equal(front.api.counts.requests, 0);
    });

    it('an array gives an array of results in its order', async () => {
      const { front, back, flow } = await deployTwo();
      const { payload } = await flow.say({ camera: ['back', 'front', 'other'] }, 'control');
      assert.deepEqual(payload, [
        { ...INFO, name: 'Back' },
        { ...INFO, name: 'Front' },
      ]);
      const set = await flow.say({ camera: ['front', 'back'], action: 'speaker', payload: 12 }, 'control');
      assert.deepEqual(set['payload'], [
        { volume: 12, mute: false },
        { volume: 12, mute: false },
      ]);
      assert.deepEqual([front.api.state.speaker.volume, back.api.state.speaker.volume], [12, 12]);
      const one = await flow.say({ camera: ['front'], action: 'privacy' }, 'control');
      assert.deepEqual(one['payload'], [{ enabled: false }]);
    });

    it('when one of several fails the error names it, and the caught message holds every entry', async () => {
      const { flow } = await deployTwo({ password: 'another one' });
      const error = await flow.fail({ camera: ['front', 'back'] }, 'control');
      assert.equal(error.code, 'TALK_ERR_LOGIN');
      assert.match(error.message, /^1 of 2 cameras failed: back: The camera refused the user name or password/);
      assert.deepEqual(flow.caught[0]?.['payload'], [
        { ...INFO, name: 'Front' },
        { camera: 'back', host: '127.0.0.1', error: 'TALK_ERR_LOGIN' },
      ]);
    });

    it('works without a camera of its own', async () => {
      const { config } = await simulateWeb(runtime);
      const flow = await runtime.load({
        cameras: [{ ...config, name: 'front' }],
        talks: [controlNode({ camera: '' })],
      });
      assert.deepEqual((await flow.say({ camera: 'front' }, 'control'))['payload'], INFO);
    });
  });

  describe('failures', () => {
    it('a wrong password is sent once, then held back', async () => {
      const { flow, api } = await deploy({}, { password: 'another one' });
      const refused = await flow.fail({}, 'control');
      assert.equal(refused.code, 'TALK_ERR_LOGIN');
      assert.match(refused.message, /attempts left/);
      assert.equal(flow.showing('control'), 'red ring tplink-control.errorStatus.TALK_ERR_LOGIN');
      const held = await flow.fail({ action: 'speaker', payload: 10 }, 'control');
      assert.equal(held.code, 'TALK_ERR_LOCKED');
      assert.match(held.message, /held back for \d+ s/);
      assert.equal(flow.showing('control'), 'red ring tplink-control.errorStatus.TALK_ERR_LOCKED');
      assert.equal(api.counts.logins, 1);
      assert.deepEqual(
        flow.caught.map((msg) => Object(msg['error'])['code']),
        ['TALK_ERR_LOGIN', 'TALK_ERR_LOCKED'],
      );
      assert.equal(flow.completed.length, 0);
    });

    const FAULTS: [what: string, code: string, Partial<WebApiOptions>, Message?][] = [
      ['a locked account', 'TALK_ERR_LOCKED', { locked: true }],
      ['a web page', 'TALK_ERR_PROTOCOL', { fault: { kind: 'html' } }],
      ['a redirect', 'TALK_ERR_PROTOCOL', { fault: { kind: 'redirect' } }],
      ['half an answer', 'TALK_ERR_CLOSED', { fault: { kind: 'cut', at: 'request' } }],
      ['no answer but a hang-up', 'TALK_ERR_CONNECT', { fault: { kind: 'close' } }],
      ['an unknown login', 'TALK_ERR_UNSUPPORTED', { encryptTypes: ['9'] }],
      ['an error number', 'TALK_ERR_API', { requestRefusals: { code: -10000, times: 9 } }],
      [
        'what the camera does not know',
        'TALK_ERR_API',
        {},
        { action: 'request', payload: { method: 'get', zoom: {} } },
      ],
    ];
    for (const [what, code, api, msg = {}] of FAULTS) {
      it(`${what} is ${code}, for Catch and status too`, async () => {
        const { flow, camera } = await deploy({}, api);
        const error = await flow.fail({ ...msg }, 'control');
        assert.equal(error.code, code, error.message);
        assert.equal(error.camera, `127.0.0.1:${camera.port}`);
        assert.deepEqual(
          flow.caught.map((caught) => Object(caught['error'])['code']),
          [code],
        );
        assert.equal(flow.showing('control'), `red ring tplink-control.errorStatus.${code}`);
      });
    }

    it('nobody at the web port is TALK_ERR_CONNECT', async () => {
      const { flow } = await deploy({}, {}, { cameras: [{ httpPort: await freePort() }] });
      assert.equal((await flow.fail({}, 'control')).code, 'TALK_ERR_CONNECT');
    });

    itInThisThread('silence is TALK_ERR_TIMEOUT and names the request', async () => {
      const { flow } = await deploy({}, { fault: { kind: 'silent', at: 'request' } });
      const error = await inHaste(200, () => flow.fail({}, 'control'));
      assert.equal(error.code, 'TALK_ERR_TIMEOUT');
      assert.match(error.message, /get device_info/);
    });

    it('more messages than may wait are TALK_ERR_QUEUE_FULL, the others are answered', async () => {
      const { flow } = await deploy();
      const warnings: Error[] = [];
      const onWarning = (warning: Error): void => void warnings.push(warning);
      process.on('warning', onWarning);
      const outcomes = await Promise.all(Array.from({ length: 40 }, () => flow.send({}, 'control')));
      const codes = outcomes.map(({ done }) => String(Object(done.error ?? {})['code'] ?? 'ok'));
      const answered = codes.filter((code) => code === 'ok').length;
      // The first answer may come before the last message.
      assert.ok(answered >= 32 && answered < 40, String(answered));
      assert.equal(codes.filter((code) => code === 'TALK_ERR_QUEUE_FULL').length, 40 - answered);
      process.off('warning', onWarning);
      assert.deepEqual(warnings, []);
    });

    it('shows no password and no token anywhere', async () => {
      const { flow, ask } = await deploy({}, { requestRefusals: { code: -12345, times: 1 } });
      await flow.fail({ action: 'request', payload: { method: 'get', secret: { name: ['x'] } } }, 'control');
      await ask({});
      const { stack, ...error } = Object(flow.dones[0]?.error);
      const everything = JSON.stringify([
        flow.logged(),
        flow.statuses,
        flow.caught,
        flow.out,
        flow.dones,
        error,
        stack,
      ]);
      assert.ok(everything.includes('TL-IPC44AW-COLOR'));
      assert.ok(!everything.includes(PASSWORD));
      assert.ok(!everything.includes('QQQQ'));
    });
  });

  describe('close', () => {
    /** A web side that takes connections and says nothing. */
    async function silence(): Promise<{ port: number; sockets: Set<Socket>; stop: () => Promise<void> }> {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
        socket.resume();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (typeof address !== 'object' || address === null) throw new Error('not listening');
      return {
        port: address.port,
        sockets,
        stop: async () => {
          for (const socket of sockets) socket.destroy();
          server.close();
          await once(server, 'close');
        },
      };
    }

    it('of the flows while the camera is silent ends the message without error and leaves no socket', async () => {
      const silent = await silence();
      const { flow } = await deploy({}, {}, { cameras: [{ httpPort: silent.port }] });
      const ending = flow.send({}, 'control');
      await eventually(() => silent.sockets.size === 1, 'the request');
      const startedAt = performance.now();
      await runtime.unload();
      assert.ok(performance.now() - startedAt < 5_000, 'far below the 15 s that Node-RED gives');
      const { done, out } = await ending;
      assert.deepEqual([done.error, out], [undefined, undefined]);
      await eventually(() => silent.sockets.size === 0, 'the end of the socket');
      await silent.stop();
    });

    it('of the control node alone does the same', async () => {
      const silent = await silence();
      const { flow, config } = await deploy({}, {}, { cameras: [{ httpPort: silent.port }] });
      const ending = flow.send({}, 'control');
      await eventually(() => silent.sockets.size === 1, 'the request');
      const cameras = [{ name: 'front', ...config, httpPort: silent.port }];
      await flow.deploy({ cameras, talks: [controlNode({ action: 'speaker' })] }, 'nodes');
      assert.equal((await ending).done.error, undefined);
      await eventually(() => silent.sockets.size === 0, 'the end of the socket');
      await silent.stop();
    });

    it('of a camera node that a message named is TALK_ERR_CLOSED, and the next message works', async () => {
      const silent = await silence();
      const { flow, config } = await deploy({ camera: '' }, {}, { cameras: [{ httpPort: silent.port }] });
      const ending = flow.send({ camera: 'front' }, 'control');
      await eventually(() => silent.sockets.size === 1, 'the request');
      await flow.deploy({ cameras: [{ name: 'front', ...config }], talks: [controlNode({ camera: '' })] }, 'nodes');
      const { done } = await ending;
      assert.equal(Object(done.error)['code'], 'TALK_ERR_CLOSED');
      assert.match(String(done.error), /send the message again/);
      assert.deepEqual((await flow.say({ camera: 'front' }, 'control'))['payload'], INFO);
      await silent.stop();
    });

    it('frees the camera for settings that were corrected', async () => {
      const { flow, config, api } = await deploy({}, {}, { cameras: [{ password: 'wrong' }] });
      assert.equal((await flow.fail({}, 'control')).code, 'TALK_ERR_LOGIN');
      await flow.deploy({ cameras: [{ name: 'front', ...config }], talks: [controlNode()] });
      assert.deepEqual((await flow.say({}, 'control'))['payload'], INFO);
      assert.equal(api.counts.logins, 2);
    });
  });
});
