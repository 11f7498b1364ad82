// A thread that dies in the middle of a log-in: nobody hears the answer any more, and the password must not go out again all the same.
import assert from 'node:assert/strict';
import type { Worker } from 'node:worker_threads';
import {
  audioSources,
  cameraOptions,
  createEngine,
  type CameraOptions,
  type Engine,
  type ListenState,
} from '../../../src/index.js';
import { SimulatedCamera, simulatorWeb } from '../../../src/simulator/index.js';
import type { WebApi } from '../../../src/simulator/web/api.js';
import { coded, eventually, rejection, watch } from '../../helpers/collect.js';
import { spin, watchThreads } from '../../helpers/threads.js';

const PASSWORD = 'Log-in-Secret1';
const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;

describe('the thread of an engine dies in the middle of a log-in', () => {
  const threads = watchThreads();
  const { alive } = threads;
  let engine: Engine;
  let simulator: SimulatedCamera;
  let web: WebApi;
  let camera: CameraOptions;

  beforeEach(async () => {
    engine = createEngine();
    simulator = new SimulatedCamera({
      password: PASSWORD,
      behaviors: ['silent-login'],
      httpPort: 0,
      web: simulatorWeb({ api: { fault: { kind: 'silent', at: 'login' } }, onApi: (api) => (web = api) }),
    });
    const { port, httpPort = 0 } = await simulator.start();
    camera = cameraOptions({ host: '127.0.0.1', port, httpPort, password: PASSWORD, leadInMs: 20, idleMs: 0 });
  });

  afterEach(async () => {
    await engine.destroy();
    await simulator.stop();
  });

  const rtspLogins = (): number =>
    simulator.requests.filter(({ headers }) => headers.some(([name]) => name === 'Authorization')).length;
  const logins = (): number => rtspLogins() + web.counts.logins;

  async function talk(options = camera): Promise<void> {
    const [result] = await engine.speak([options], audioSources(Buffer.alloc(800, 0xa1), ALAW), { retrySeconds: 0 });
    if (result?.status !== 'fulfilled') throw result?.reason;
  }
  const listen = (options = camera): Promise<unknown> =>
    engine.microphone(options, { stream: 'stream1', chunkMs: 20 }).record({ until: 'full', seconds: 0.05 });
  const ask = (options = camera): Promise<unknown> => engine.control(options, 'info');

  /** As an error does that nobody catches. */
  async function crash(): Promise<void> {
    const [thread] = alive;
    thread?.postMessage(null);
    await eventually(() => !alive.includes(thread as Worker), 'the end of the thread');
  }

  for (const [name, use, others] of [
    ['talking', talk, [listen, ask]],
    ['listening', listen, [talk, ask]],
    ['the web interface', ask, []],
  ] as const) {
    it(`of ${name}: the next one does not send the password again`, async () => {
      const using = watch(use());
      await eventually(() => logins() === 1, 'the log-in');
      await crash();
      await eventually(() => using.state === 'rejected', 'the end of the call');
      coded('TALK_ERR_CLOSED', /audio thread ended/)(using.error);
      for (const again of [use, ...others])
        coded('TALK_ERR_LOCKED', /has not said whether .* held back for 3\d\d\d s/)(await rejection(again()));
      assert.deepEqual([logins(), threads.started], [1, 2]);
      // Another password is another matter.
      const corrected = watch(use({ ...camera, password: 'Another-Secret2' }));
      await eventually(() => logins() === 2, 'the log-in with another password');
      await engine.destroy();
      await eventually(() => corrected.state === 'rejected', 'the end of the call');
    });
  }

  it('because it hangs: who listens is told and does not send the password again', async () => {
    const states: ListenState[] = [];
    const microphone = engine.microphone(camera, {
      stream: 'stream1',
      chunkMs: 20,
      onState: (state) => states.push(state),
    });
    const listening = watch(microphone.start());
    await eventually(() => logins() === 1, 'the log-in');
    spin(alive[0] as Worker);
    await eventually(() => states.some((state) => 'code' in state && state.code === 'TALK_ERR_LOCKED'), 'being told');
    assert.deepEqual([logins(), threads.started], [1, 2]);
    await microphone.stop();
    await eventually(() => listening.state !== 'pending', 'the end of listening');
  });
});
