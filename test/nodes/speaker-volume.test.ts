// The loudspeaker's volume for an announcement, in a real runtime: set before the first sound, restored after it, however it ends; never in its way.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../../scripts/node-red-process.js';
import { eventually } from '../helpers/collect.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import {
  bothWays,
  itInThisThread,
  nodeRuntime,
  type CameraConfig,
  type Flow,
  type FlowConfig,
  type Message,
} from '../helpers/node-runtime.js';
import { controlNode, inHaste, simulateWeb, withControlNodes, type WebCamera } from '../helpers/web-side.js';
import type { WebApiOptions } from '../../src/simulator/web/api.js';
import type { SimulatedCameraOptions } from '../../src/simulator/index.js';

const CODE = 0xa3;
/** What the simulated loudspeaker starts with. */
const ORIGINAL = 80;
const clip = (ms: number, code = CODE): Message => ({ payload: marked(code, ms), format: 'alaw' });

bothWays('speakerVolume', () => {
  const runtime = nodeRuntime();
  withControlNodes();

  interface Deployed extends WebCamera {
    readonly flow: Flow;
    readonly flowConfig: FlowConfig;
  }

  async function deploy(
    talk: Readonly<Record<string, unknown>> = {},
    api: Partial<WebApiOptions> = {},
    properties: CameraConfig = {},
    options: SimulatedCameraOptions & { readonly tolerant?: boolean } = {},
  ): Promise<Deployed> {
    const web = await simulateWeb(runtime, api, options);
    const flowConfig = {
      cameras: [{ name: 'front', ...web.config, ...properties }],
      talks: [{ retries: 0, ...talk }, controlNode()],
    };
    return { ...web, flowConfig, flow: await runtime.load(flowConfig) };
  }

  const volumes = ({ api }: WebCamera): number[] => api.volumeLog.map(({ volume }) => volume);
  const restored = (web: WebCamera): Promise<void> =>
    eventually(() => volumes(web).length > 1 && volumes(web).at(-1) === ORIGINAL, 'the original volume');

  /** When the camera got its first and its last sound, on the clock of the volume log. */
  function soundOf({ camera }: WebCamera): { first: number; last: number } {
    const times = camera.sessions
      .flatMap(({ packets }) => packets)
      .filter(({ payload }) => payload.some((byte) => byte !== 0xd5 && byte !== 0x55))
      .map(({ at }) => at);
    return { first: times[0] ?? NaN, last: times.at(-1) ?? NaN };
  }

  /** The warnings that a node gave. */
  const warned = (flow: Flow): string[] =>
    flow
      .logged()
      .map((entry) => Object(entry))
      .filter(({ level, type }) => level === 30 && type === 'tplink-talk')
      .map(({ msg }) => String(msg));

  const talking = ({ camera }: WebCamera, code = CODE): Promise<void> =>
    eventually(() => camera.sessions.flatMap(marksIn).some(([heard]) => heard === code), 'the clip');

  describe('of the message or of the node', () => {
    it('is set before the first sound and restored after the last', async () => {
      // The clip waits for the volume 2 s longer than the lead-in lasts; a busy machine needs more.
      const web = await deploy({}, {}, { leadInMs: 3_000 });
      const out = await web.flow.say({ ...clip(200), speakerVolume: 30 });
      assert.equal(out['speakerVolume'], 30);
      await restored(web);
      assert.deepEqual(volumes(web), [30, ORIGINAL]);
      const [set, back] = web.api.volumeLog;
      const sound = soundOf(web);
      assert.ok(Number(set?.at) < sound.first, 'set before the first sound');
      assert.ok(Number(back?.at) > sound.last, 'restored after the last');
      assert.deepEqual(marksIn(await web.camera.waitForTalkEnd()), [[CODE, 200]]);
      assert.deepEqual(warned(web.flow), []);
    });

    it('of the node holds unless the message says otherwise', async () => {
      const web = await deploy({ speakerVolume: '40' });
      await web.flow.say(clip(40));
      await restored(web);
      await web.flow.say({ ...clip(40), speakerVolume: '55' });
      await eventually(() => volumes(web).length === 4, 'the second restore');
      assert.deepEqual(volumes(web), [40, ORIGINAL, 55, ORIGINAL]);
    });

    it('0 is a volume', async () => {
      const web = await deploy({ speakerVolume: 0 });
      await web.flow.say(clip(40));
      await restored(web);
      assert.deepEqual(volumes(web), [0, ORIGINAL]);
    });

    it('empty leaves the web side alone', async () => {
      const { flow, api } = await deploy({ speakerVolume: '' });
      for (const speakerVolume of [undefined, null, '']) await flow.say({ ...clip(40), speakerVolume });
      assert.equal(api.counts.requests, 0);
    });

    for (const bad of [-1, 101, 12.5, NaN, '101', 'loud', ' ', '40%', true, [40], {}, Buffer.from('40')]) {
      it(`${JSON.stringify(bad)} is TALK_ERR_ARGUMENT before anything is said`, async () => {
        const { flow, api, camera } = await deploy();
        const error = await flow.fail({ ...clip(40), speakerVolume: bad });
        assert.equal(error.code, 'TALK_ERR_ARGUMENT');
        assert.match(error.message, /speakerVolume: expected a (whole )?number from 0 to 100/);
        assert.deepEqual([api.counts.requests, camera.sessions.length], [0, 0]);
      });
    }
  });

  describe('is restored', () => {
    for (const action of ['stop', 'skip']) {
      it(`when the clip is cut by ${action}`, async () => {
        const web = await deploy();
        const cut = web.flow.send({ ...clip(5_000), speakerVolume: 30 });
        await talking(web);
        await web.flow.say({ action });
        assert.equal((await cut).out, undefined);
        await restored(web);
        assert.deepEqual(volumes(web), [30, ORIGINAL]);
        assert.ok(Number(web.api.volumeLog[1]?.at) >= soundOf(web).last);
      });
    }

    it('when the camera hangs up in the middle', async () => {
      const web = await deploy({}, {}, {}, { behaviors: ['hang-up:10'] });
      const error = await web.flow.fail({ ...clip(2_000), speakerVolume: 30 });
      assert.equal(error.code, 'TALK_ERR_CLOSED');
      await restored(web);
      assert.deepEqual(volumes(web), [30, ORIGINAL]);
    });

    it('after the last retry, set once', async () => {
      // Long enough to be still on its way when the camera is seen to have hung up.
      const web = await deploy({ retries: 1 }, {}, {}, { behaviors: ['hang-up:10@1'] });
      await web.flow.say({ ...clip(3_000), speakerVolume: 30 });
      await restored(web);
      assert.deepEqual(volumes(web), [30, ORIGINAL]);
      assert.equal(web.camera.sessions.length, 2);
    });

    it('when the camera does not let anybody talk', async () => {
      const web = await deploy({}, {}, {}, { behaviors: ['busy'] });
      assert.equal((await web.flow.fail({ ...clip(100), speakerVolume: 30 })).code, 'TALK_ERR_BUSY');
      await eventually(() => web.api.state.speaker.volume === ORIGINAL && volumes(web).length !== 1, 'the restore');
    });

    it('when the clip cannot be decoded', async () => {
      const web = await deploy();
      const msg = { payload: Buffer.alloc(4_000, 'not a sound '), speakerVolume: 30 };
      assert.match((await web.flow.fail(msg)).code, /TALK_ERR_(AUDIO|FFMPEG)/);
      await eventually(() => web.api.state.speaker.volume === ORIGINAL && volumes(web).length !== 1, 'the restore');
    });

    it('when the flows stop while it talks', async () => {
      const web = await deploy();
      const cut = web.flow.send({ ...clip(5_000), speakerVolume: 30 });
      await talking(web);
      await runtime.unload();
      assert.equal(web.api.state.speaker.volume, ORIGINAL, 'restored before the flows are gone');
      assert.deepEqual(volumes(web), [30, ORIGINAL]);
      await cut;
    });

    it('when everything is deployed anew while it talks, and the next clip works', async () => {
      const web = await deploy();
      const cut = web.flow.send({ ...clip(5_000), speakerVolume: 30 });
      await talking(web);
      await web.flow.deploy(web.flowConfig);
      await cut;
      assert.deepEqual(volumes(web), [30, ORIGINAL]);
      await web.flow.say({ ...clip(40, 0xa5), speakerVolume: 20 });
      await eventually(() => volumes(web).length === 4, 'the second restore');
      assert.deepEqual(volumes(web), [30, ORIGINAL, 20, ORIGINAL]);
    });

    it('when the talk node alone is deployed anew while it talks', async () => {
      const web = await deploy();
      const cut = web.flow.send({ ...clip(5_000), speakerVolume: 30 });
      await talking(web);
      await web.flow.deploy({ ...web.flowConfig, talks: [{ retries: 1 }, controlNode()] }, 'nodes');
      await cut;
      await restored(web);
      assert.deepEqual(volumes(web), [30, ORIGINAL]);
    });

    it('to what the user set meanwhile', async () => {
      const web = await deploy();
      const said = web.flow.send({ ...clip(600), speakerVolume: 30 });
      await talking(web);
      const { payload } = await web.flow.say({ action: 'speaker' }, 'control');
      assert.deepEqual(payload, { volume: ORIGINAL, mute: false }, 'the lent volume does not show');
      await web.flow.say({ action: 'speaker', payload: 65 }, 'control');
      await said;
      await eventually(() => web.api.state.speaker.volume === 65, 'the volume of the user');
      assert.equal(volumes(web)[0], 30);
      assert.equal(volumes(web).at(-1), 65);
    });
  });

  describe('of clips that overlap', () => {
    it('the same volume is set and restored once', async () => {
      const web = await deploy({ speakerVolume: 30 });
      await Promise.all([web.flow.say(clip(200, 0xa1)), web.flow.say(clip(200, 0xa2)), web.flow.say(clip(40, 0xa4))]);
      await restored(web);
      assert.deepEqual(volumes(web), [30, ORIGINAL]);
    });

    it('each has its own, the original is restored once', async () => {
      const web = await deploy();
      await Promise.all([
        web.flow.say({ ...clip(200, 0xa1), speakerVolume: 30 }),
        web.flow.say({ ...clip(200, 0xa2), speakerVolume: 50 }),
      ]);
      await restored(web);
      assert.deepEqual(volumes(web), [30, 50, ORIGINAL]);
      const second = web.camera.sessions
        .flatMap(({ packets }) => packets)
        .find(({ payload }) => payload.includes(0xa2));
      assert.ok(Number(web.api.volumeLog[1]?.at) < Number(second?.at), 'set before the second clip');
    });

    it('one without a volume of its own gets the original back', async () => {
      const web = await deploy();
      await Promise.all([web.flow.say({ ...clip(200, 0xa1), speakerVolume: 30 }), web.flow.say(clip(200, 0xa2))]);
      assert.deepEqual(volumes(web), [30, ORIGINAL]);
    });

    it('an alarm that interrupts sets its own, the original is restored once', async () => {
      const web = await deploy();
      const cut = web.flow.send({ ...clip(5_000, 0xa1), speakerVolume: 30 });
      await talking(web, 0xa1);
      await web.flow.say({ ...clip(100, 0xa2), speakerVolume: 100, whenBusy: 'interrupt', priority: 10 });
      await cut;
      await restored(web);
      assert.deepEqual(volumes(web), [30, 100, ORIGINAL]);
    });
  });

  describe('when the web side fails', () => {
    async function assertHeardWithWarning({ flow, camera }: Deployed, warning: RegExp): Promise<void> {
      const out = await flow.say({ ...clip(200), speakerVolume: 30 });
      assert.ok(out['talk'] !== undefined);
      assert.deepEqual(marksIn(await camera.waitForTalkEnd()), [[CODE, 200]]);
      assert.equal(warned(flow).length, 1, warned(flow).join('\n'));
      assert.match(warned(flow)[0] ?? '', /^The announcement plays, but the loudspeaker’s volume was left alone: /);
      assert.match(warned(flow)[0] ?? '', warning);
      assert.deepEqual(flow.caught, []);
      assert.equal(flow.completed.length, 1);
    }

    it('nobody there: the clip is heard, one warning', async () => {
      await assertHeardWithWarning(await deploy({}, {}, { httpPort: await freePort() }), /ECONNREFUSED/);
    });

    it('web login none: the same', async () => {
      const web = await deploy({}, {}, { login: 'none' });
      await assertHeardWithWarning(web, /login is none/);
      assert.equal(web.api.counts.requests, 0);
    });

    for (const [what, api, warning] of [
      ['a web page', { fault: { kind: 'html' } }, /a web page/],
      ['a redirect', { fault: { kind: 'redirect' } }, /redirect/],
      ['hang-ups', { fault: { kind: 'close' } }, /without answering/],
      ['a locked account', { locked: true }, /locked/],
      ['an error number', { requestRefusals: { code: -10000, times: 9 } }, /-10000 \(general failure\)/],
    ] as [string, Partial<WebApiOptions>, RegExp][]) {
      it(`${what}: the same`, async () => assertHeardWithWarning(await deploy({}, api), warning));
    }

    itInThisThread('silence: the clip does not wait for the end of it', async () => {
      const web = await deploy({}, { fault: { kind: 'silent' } });
      await inHaste(400, () => assertHeardWithWarning(web, /no whole answer/));
    });

    it('another password there: the same', async () => {
      const web = await deploy({}, { password: 'another one' });
      await assertHeardWithWarning(web, /refused the user name or password/);
    });

    it('another password there: it is spent once, and the next announcement is heard too', async () => {
      const web = await deploy({}, { password: 'another one' });
      for (const code of [0xa1, 0xa2]) {
        await web.flow.say({ ...clip(100, code), speakerVolume: 30 });
        await eventually(() => web.camera.connections === 0, 'the end of the session');
      }
      assert.equal(web.api.counts.logins, 1);
      assert.equal(warned(web.flow).length, 2);
      assert.match(warned(web.flow)[1] ?? '', /held back/);
    });

    it('a login that expired while it talked is renewed for the restore', async () => {
      const web = await deploy({}, { stokLifetimeRequests: 2 });
      await web.flow.say({ ...clip(300), speakerVolume: 30 });
      await restored(web);
      assert.equal(web.api.counts.logins, 2);
      assert.deepEqual(warned(web.flow), []);
    });

    it('after the volume was set: one warning says that it could not be set back', async () => {
      const web = await simulateWeb(runtime);
      const relay = await relayTo(Number(web.camera.httpPort));
      const flow = await runtime.load({ cameras: [{ ...web.config, httpPort: relay.port }] });
      const said = flow.say({ ...clip(300), speakerVolume: 30 });
      await talking(web);
      await relay.stop();
      await said;
      await eventually(() => warned(flow).length > 0, 'the warning');
      assert.equal(warned(flow).length, 1);
      assert.match(warned(flow)[0] ?? '', /^The loudspeaker’s volume could not be set back: .*ECONNREFUSED/);
      assert.deepEqual(volumes(web), [30]);
    });

    it('on one of several cameras: one warning names it', async () => {
      const front = await simulateWeb(runtime);
      const back = await simulateWeb(runtime, { fault: { kind: 'html' } });
      const cameras = [
        { id: 'camera', name: 'front', ...front.config },
        { id: 'other', name: 'back', ...back.config },
      ];
      const flow = await runtime.load({ cameras });
      await flow.say({ ...clip(200), speakerVolume: 30, camera: ['front', 'back'] });
      await restored(front);
      assert.deepEqual(volumes(front), [30, ORIGINAL]);
      assert.deepEqual(volumes(back), []);
      assert.equal(warned(flow).length, 1);
      assert.match(warned(flow)[0] ?? '', /^back: The announcement plays, but /);
      for (const { camera } of [front, back]) assert.deepEqual(marksIn(await camera.waitForTalkEnd()), [[CODE, 200]]);
    });

    it('on all of several cameras: one warning for the message', async () => {
      const front = await simulateWeb(runtime, { fault: { kind: 'html' } });
      const back = await simulateWeb(runtime, { fault: { kind: 'html' } });
      const cameras = [
        { id: 'camera', name: 'front', ...front.config },
        { id: 'other', name: 'back', ...back.config },
      ];
      const flow = await runtime.load({ cameras });
      await flow.say({ ...clip(200), speakerVolume: 30, camera: ['front', 'back'] });
      assert.equal(warned(flow).length, 1);
      // In the order in which the cameras were found out.
      assert.match(warned(flow)[0] ?? '', /(front|back): The announcement .*; (?!\1)(front|back): The announcement/s);
    });
  });
});

/** Stands between a client and a port of this machine until it is stopped. */
async function relayTo(port: number): Promise<{ port: number; stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(port, '127.0.0.1');
    for (const one of [socket, onward]) sockets.add(one.on('error', () => undefined));
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening');
  return {
    port: address.port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
