// Listening as part of a pool: what it shares with talking, who ends it, and with whom it cannot share. Real loopback.
import assert from 'node:assert/strict';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { monotonicClock } from '../../src/clock.js';
import type { Microphone } from '../../src/listen/microphone.js';
import type { ListenState } from '../../src/listen/states.js';
import { PasswordGuard } from '../../src/password/guard.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { Pool } from '../../src/engine/pool.js';
import { coded, eventually, noUnhandledRejections, rejection, thrown, watch } from '../helpers/collect.js';
import { soundOf } from '../helpers/fake-session.js';
import { timeless } from '../helpers/violations.js';

const PASSWORD = 'Only4Tests!';

describe('microphones of a pool', () => {
  noUnhandledRejections();

  let simulator: SimulatedCamera;
  let camera: CameraOptions;
  let guard: PasswordGuard;
  let pool: Pool;
  let states: ListenState[];
  let chunks: number;

  beforeEach(async () => {
    simulator = new SimulatedCamera({ password: PASSWORD });
    await simulator.start();
    camera = cameraOptions({ host: '127.0.0.1', port: simulator.port, password: PASSWORD, idleMs: 0, drainMs: 0 });
    guard = new PasswordGuard(monotonicClock);
    pool = new Pool({ guard });
    states = [];
    chunks = 0;
  });

  afterEach(async () => {
    await pool.destroy();
    await eventually(() => simulator.connections === 0, 'the last connection');
    await simulator.stop();
    assert.deepEqual([timeless(simulator.violations), simulator.warnings], [[], []]);
  });

  function microphone(options: Partial<CameraOptions> = {}, stream = 'stream1'): Microphone {
    return pool.microphone(
      { ...camera, ...options },
      { stream, chunkMs: 20, onState: (state) => states.push(state), onChunk: () => (chunks += 1) },
    );
  }

  const heard = (count = 1): Promise<void> => eventually(() => chunks >= count, 'sound');
  const speak = (options: Partial<CameraOptions> = {}): ReturnType<Pool['speak']> =>
    pool.speak([{ ...camera, ...options }], [{ kind: 'bytes', bytes: soundOf(800), format: { encoding: 'alaw', sampleRate: 8_000, channels: 1 } }], { retries: 0 }); // prettier-ignore

  it('are many on one stream, and talking goes on beside them', async () => {
    const first = microphone();
    const second = microphone({ name: 'another node', mode: 'aec' }, '/stream1');
    const listening = [watch(first.start()), watch(second.start())];
    await heard(2);
    const [spoken] = await speak();
    assert.equal(spoken?.status, 'fulfilled');
    assert.deepEqual([simulator.streams.length, simulator.sessions.length], [1, 1]);
    await first.stop();
    assert.equal(simulator.streams[0]?.end, 'open');
    await second.stop();
    assert.equal(simulator.streams[0].end, 'teardown');
    assert.deepEqual(
      listening.map(({ state }) => state),
      ['fulfilled', 'fulfilled'],
    );
  });

  it('spend no second attempt on a password that talking has seen refused, nor the other way round', async () => {
    const wrong = { password: 'wrong' };
    const [refused] = await speak(wrong);
    assert.ok(refused?.status === 'rejected');
    coded('TALK_ERR_AUTH')(refused.reason);
    coded('TALK_ERR_LOCKED')(await rejection(microphone(wrong).record({ until: 'full', seconds: 1 })));
    const alsoWrong = { password: 'also wrong' };
    coded('TALK_ERR_AUTH')(await rejection(microphone(alsoWrong).record({ until: 'full', seconds: 1 })));
    const [held] = await speak(alsoWrong);
    assert.ok(held?.status === 'rejected');
    coded('TALK_ERR_LOCKED')(held.reason);
    assert.equal(simulator.loginFailures, 2);
  });

  const recorded = (one: CameraOptions): Promise<unknown> => microphone(one).record({ until: 'full', seconds: 0.1 });

  for (const [name, wrongOf] of [
    ['listening first', (one: CameraOptions) => [recorded(one), speak(one)]],
    ['talking first', (one: CameraOptions) => [speak(one), recorded(one)]],
  ] as const) {
    it(`spend one attempt on a wrong password with a talk that begins at the same moment, ${name}`, async () => {
      await Promise.allSettled(wrongOf({ ...camera, password: 'wrong' }));
      assert.equal(simulator.loginFailures, 1);
      // What is right is not held up: one log-in waits for the other and both go on.
      await Promise.all([speak(), microphone().record({ until: 'full', seconds: 0.1 })]);
      assert.deepEqual([simulator.sessions.length, simulator.streams.length], [1, 1]);
    });
  }

  it('wait for an account that the camera has locked, and are heard then', async () => {
    guard.locked(camera, 0.2);
    const own = microphone();
    void own.start();
    await heard();
    await own.stop();
    const retries = states.flatMap((state) => (state.name === 'retrying' ? [state] : []));
    assert.deepEqual(
      retries.map(({ code }) => code),
      ['TALK_ERR_LOCKED'],
    );
    assert.match(retries[0]?.problem ?? '', /has locked this account/);
  });

  it('end with the last who registered the camera, recordings with a word on why', async () => {
    const leave = pool.register(camera, 'node');
    const recording = watch(microphone().record({ until: 'full', seconds: 60 }));
    await eventually(() => states.some(({ name }) => name === 'listening'), 'a session');
    await leave();
    await eventually(() => recording.state === 'rejected', 'the end of the recording');
    coded('TALK_ERR_CLOSED', /taken out of use or redeployed/)(recording.error);
    assert.equal(simulator.streams[0]?.end, 'teardown');
  });

  for (const end of ['close', 'destroy'] as const) {
    it(`end at ${end}() of the pool, with TEARDOWN, and do not come back`, async () => {
      const own = microphone();
      const listening = watch(own.start());
      await heard();
      await pool[end]();
      await eventually(() => listening.state !== 'pending', 'the end');
      coded('TALK_ERR_ABORTED')(listening.error);
      assert.equal(simulator.streams[0]?.end, 'teardown');
      coded('TALK_ERR_ABORTED')(await rejection(own.start()));
      coded('TALK_ERR_ABORTED')(thrown(() => microphone()));
    });
  }

  it('are refused with another user name or password while somebody listens, and not afterwards', async () => {
    const own = microphone();
    void own.start();
    await heard();
    coded('TALK_ERR_ARGUMENT', /different user names or passwords/)(thrown(() => microphone({ password: 'other' })));
    await own.stop();
    assert.doesNotThrow(() => microphone({ password: 'other' }));
  });

  it('are refused chunks that cannot be', () => {
    coded('TALK_ERR_ARGUMENT')(thrown(() => pool.microphone(camera, { stream: 'stream1', chunkMs: 1 })));
  });
});
