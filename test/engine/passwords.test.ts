// Passwords whose log-in is cut by ourselves, and cameras that two nodes name, one of them without a password. Real sockets, with a thread and without.
import assert from 'node:assert/strict';
import { audioSources, cameraOptions, createEngine, type CameraOptions, type Engine } from '../../src/index.js';
import { SimulatedCamera, simulatorWeb } from '../../src/simulator/index.js';
import { coded, eventually, rejection, watch } from '../helpers/collect.js';

const RIGHT = 'right-Secret1';
const WRONG = 'wrong-Secret1';
const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
/** All answers come so late that a log-in can be cut. */
const LATE = 'slow:250';

for (const thread of [true, false]) {
  describe(`passwords of an engine ${thread ? 'in a thread' : 'in this thread'}`, () => {
    let engine: Engine;
    let simulator: SimulatedCamera;
    let camera: CameraOptions;

    async function simulate(behaviors: string[] = []): Promise<void> {
      simulator = new SimulatedCamera({ password: RIGHT, behaviors, httpPort: 0, web: simulatorWeb() });
      const { port, httpPort = 0 } = await simulator.start();
      const quick = { leadInMs: 20, drainMs: 0, idleMs: 0, packetBytes: 160 };
      camera = cameraOptions({ host: '127.0.0.1', port, httpPort, password: RIGHT, ...quick });
    }

    beforeEach(() => {
      engine = createEngine({ thread, endsUnused: true });
    });

    afterEach(async () => {
      await engine.destroy();
      await eventually(() => simulator.connections === 0, 'the last connection');
      await simulator.stop();
    });

    async function said(options: Partial<CameraOptions> = {}, owner = 'node'): Promise<void> {
      const sources = audioSources(Buffer.alloc(800, 0xa1), ALAW);
      const [result] = await engine.speak([{ ...camera, ...options }], sources, { owner });
      if (result?.status !== 'fulfilled') throw result?.reason;
    }
    const recorded = (options: Partial<CameraOptions> = {}): Promise<unknown> =>
      engine
        .microphone({ ...camera, ...options }, { stream: 'stream1', chunkMs: 20 })
        .record({ until: 'full', seconds: 0.05 });
    const logins = (): number =>
      simulator.requests.filter(({ headers }) => headers.some(([name]) => name === 'Authorization')).length;

    for (const [way, cut, password] of [
      ['talk', 'stop', WRONG],
      ['talk', 'redeploy', WRONG],
      ['talk', 'redeploy', RIGHT],
      ['listen', 'redeploy', WRONG],
      ['listen', 'redeploy', RIGHT],
    ] as const) {
      const outcome = password === RIGHT ? 'a right one is not held back' : 'a wrong one does not go out again';
      it(`of a ${way} log-in that is cut by a ${cut}: ${outcome}`, async () => {
        await simulate([LATE]);
        const options = { password };
        const use = (): Promise<unknown> => (way === 'talk' ? said(options) : recorded(options));
        const leave = engine.register({ ...camera, ...options }, 'node');
        const using = watch(use());
        await eventually(() => logins() === 1, 'the log-in');
        if (cut === 'stop') await engine.stop({ ...camera, ...options }, 'node');
        else await leave();
        await eventually(() => using.state !== 'pending', 'the end of what was cut');
        if (password === RIGHT) await use();
        else coded('TALK_ERR_LOCKED')(await rejection(use()));
        assert.equal(simulator.loginFailures, password === RIGHT ? 0 : 1);
        await leave();
      });
    }

    it('a node without one is not in the way of the node that has it, whichever comes first', async () => {
      await simulate();
      const twin = { password: '', username: 'somebody' };
      for (const order of [
        [twin, {}],
        [{}, twin],
      ]) {
        const leaves = order.map((one, index) => engine.register({ ...camera, ...one }, String(index)));
        const [bare, good] = await Promise.allSettled([said(twin), said()]);
        coded('TALK_ERR_ARGUMENT', /no password is stored/)(bare.status === 'rejected' ? bare.reason : undefined);
        assert.equal(good.status, 'fulfilled');
        const heard = await Promise.allSettled([recorded(twin), recorded()]);
        assert.deepEqual(
          heard.map(({ status }) => status),
          ['rejected', 'fulfilled'],
        );
        const asked = (one: Partial<CameraOptions>): Promise<unknown> => engine.control({ ...camera, ...one }, 'info');
        coded('TALK_ERR_ARGUMENT', /no password is stored/)(await rejection(asked(twin)));
        await asked({});
        assert.throws(
          () => engine.register({ ...camera, password: 'third' }, 'third'),
          coded('TALK_ERR_ARGUMENT', /different/),
        );
        await Promise.all(leaves.map((leave) => leave()));
      }
      assert.equal(simulator.loginFailures, 0);
    });
  });
}
