// A camera that refuses what it accepted before, and passwords that are none: how often one goes out, by which way, and what the user is told. Real loopback, hours leapt over.
import assert from 'node:assert/strict';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { monotonicClock, type Clock } from '../../src/clock.js';
import { TalkError } from '../../src/errors.js';
import type { Microphone } from '../../src/listen/microphone.js';
import type { ListenState } from '../../src/listen/states.js';
import { PasswordGuard } from '../../src/password/guard.js';
import { SimulatedCamera, type Behavior } from '../../src/simulator/index.js';
import { Pool } from '../../src/engine/pool.js';
import { coded, eventually, noUnhandledRejections, rejection, thrown, watch } from '../helpers/collect.js';
import { soundOf } from '../helpers/fake-session.js';

const PASSWORD = 'Only4Tests!';
const MINUTE_MS = 60_000;

/** Real time, but a wait of nearly a minute or more leaps. */
class LeapingClock implements Clock {
  ahead = 0;

  now(): number {
    return monotonicClock.now() + this.ahead;
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms < 0.9 * MINUTE_MS) return monotonicClock.wait(ms, signal);
    await monotonicClock.wait(20, signal);
    this.ahead += ms;
  }
}

describe('a password and its camera', () => {
  noUnhandledRejections();

  let clock: LeapingClock;
  let simulator: SimulatedCamera;
  let camera: CameraOptions;
  let pool: Pool;
  let states: ListenState[];
  let chunks: number;
  /** Which methods are refused although the password is right, and when each was, min on the clock. */
  let refused: readonly string[];
  let refusals: number[];
  let begun: number;

  beforeEach(async () => {
    clock = new LeapingClock();
    [states, chunks, refused, refusals] = [[], 0, [], []];
    const onRequest: Behavior['onRequest'] = ({ method, headers }) => {
      if (!refused.includes(method) || !headers.some(([name]) => name === 'Authorization')) return undefined;
      refusals.push(Math.round((clock.now() - begun) / MINUTE_MS));
      return 'refuse';
    };
    simulator = new SimulatedCamera({ password: PASSWORD, behaviors: [{ name: 'locks out', onRequest }] });
    await simulator.start();
    begun = clock.now();
    camera = cameraOptions({ host: '127.0.0.1', port: simulator.port, password: PASSWORD, idleMs: 0, drainMs: 0 });
    pool = new Pool({ clock, guard: new PasswordGuard(clock) });
  });

  afterEach(async () => {
    await pool.destroy();
    await eventually(() => simulator.connections === 0, 'the last connection');
    await simulator.stop();
  });

  function microphone(options: Partial<CameraOptions> = {}): Microphone {
    return pool.microphone(
      { ...camera, ...options },
      { stream: 'stream1', chunkMs: 20, onState: (state) => states.push(state), onChunk: () => (chunks += 1) },
    );
  }

  /** Says something on a new session; the error, if it could not. */
  async function said(options: Partial<CameraOptions> = {}): Promise<TalkError | undefined> {
    await eventually(() => simulator.connections === 0, 'the end of the session before');
    const format = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
    const [result] = await pool.speak([{ ...camera, ...options }], [{ kind: 'bytes', bytes: soundOf(800), format }]);
    return result?.status === 'rejected' ? (result.reason as TalkError) : undefined;
  }

  it('talking: one error at each refusal and for each clip that comes while it waits, at once; heard again when the camera lets us in', async () => {
    assert.equal(await said(), undefined);
    refused = ['MULTITRANS'];
    const lockedOut = coded('TALK_ERR_LOCKED', /accepted before: .*locked this computer out.*wait, or restart/);
    for (const minutes of [1, 5, 15, 30, 30]) {
      const accepted = simulator.accepted;
      for (let clips = 0; clips < 3; clips++) {
        const error = await said();
        lockedOut(error);
        assert.match(error?.message ?? '', new RegExp(`held back for ${minutes * 60} s`));
      }
      assert.equal(simulator.accepted, accepted + 1, 'one connection for three clips');
      clock.ahead += minutes * MINUTE_MS;
    }
    assert.deepEqual(refusals, [0, 1, 6, 21, 51]);
    refused = [];
    assert.equal(await said(), undefined);
    assert.equal(await said(), undefined);
  });

  it('listening: goes on trying by itself, more and more slowly, and tells it once; then there is sound again', async () => {
    const own = microphone();
    void own.start();
    await eventually(() => chunks > 0, 'sound');
    refused = ['DESCRIBE'];
    await own.stop();
    void own.start();
    await eventually(() => refusals.length === 5, 'the tries');
    assert.deepEqual(refusals, [0, 1, 6, 21, 51]);
    refused = [];
    const before = chunks;
    await eventually(() => chunks > before, 'sound again');
    const retries = states.flatMap((state) => (state.name === 'retrying' ? [state] : []));
    assert.deepEqual([...new Set(retries.map(({ code }) => code))], ['TALK_ERR_LOCKED']);
    const told = retries.flatMap(({ problem }) => problem ?? []);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /locked this computer out/);
    await own.stop();
  });

  it('listening with one that was never accepted: tries it again every hour, and tells it once', async () => {
    const own = microphone({ password: 'wrong-Secret1' });
    const listening = watch(own.start());
    const retried = (): ListenState[] => states.filter(({ name }) => name === 'retrying');
    await eventually(() => retried().length >= 3, 'the tries');
    assert.ok(simulator.loginFailures >= 3);
    const retries = states.flatMap((state) => (state.name === 'retrying' ? [state] : []));
    assert.deepEqual(
      retries.slice(0, 3).map(({ code, inMs, problem }) => [code, inMs / MINUTE_MS, problem !== undefined]),
      [true, false, false].map((told) => ['TALK_ERR_AUTH', 60, told]),
    );
    assert.equal(listening.state, 'pending');
    await own.stop();
  });

  it('a refusal of listening leaves talking alone, and the reverse', async () => {
    assert.equal(await said(), undefined);
    refused = ['DESCRIBE'];
    const record = (): Promise<unknown> => microphone().record({ until: 'full', seconds: 0.1 });
    coded('TALK_ERR_LOCKED')(await rejection(record()));
    coded('TALK_ERR_LOCKED')(await rejection(record()));
    assert.equal(refusals.length, 1);
    assert.equal(await said(), undefined);
    clock.ahead += MINUTE_MS;
    refused = ['MULTITRANS'];
    await record();
    coded('TALK_ERR_LOCKED')(await said());
    await record();
    coded('TALK_ERR_LOCKED')(await said());
    assert.equal(refusals.length, 2);
  });

  it('one that was never accepted is not sent for an hour, by nobody; another one at once', async () => {
    const wrong = { password: 'wrong-Secret1' };
    coded('TALK_ERR_AUTH', /locked this computer out .*wait, or restart the camera/)(await said(wrong));
    for (const minutes of [0, 30, 29.9]) {
      clock.ahead += minutes * MINUTE_MS;
      coded('TALK_ERR_LOCKED')(await said(wrong));
      coded('TALK_ERR_LOCKED')(await rejection(microphone(wrong).record({ until: 'full', seconds: 0.1 })));
      coded('TALK_ERR_LOCKED')(await rejection(pool.control({ ...camera, ...wrong }, 'info')));
    }
    assert.equal(simulator.loginFailures, 1);
    assert.equal(await said(), undefined);
    clock.ahead += 0.2 * MINUTE_MS;
    coded('TALK_ERR_AUTH')(await said(wrong));
    assert.equal(simulator.loginFailures, 2);
  });

  it('a test sends it once more, also in a lock-out', async () => {
    assert.equal(await said(), undefined);
    refused = ['MULTITRANS'];
    coded('TALK_ERR_LOCKED')(await said());
    const steps = await pool.probe({ ...camera, login: 'none' });
    assert.deepEqual(steps.find(({ name }) => name === 'login')?.key, 'failed.lockedOut');
    assert.equal(refusals.length, 2);
    coded('TALK_ERR_LOCKED', /held back for 300 s/)(await said());
    refused = [];
    await pool.probe({ ...camera, login: 'none' });
    assert.equal(await said(), undefined);
  });

  it('none is stored: said as that, and nothing sent; a camera that asks for none is spoken to', async () => {
    const none = { password: '' };
    const missing = coded('TALK_ERR_ARGUMENT', /asks for a password, and no password is stored/);
    missing(await said(none));
    missing(await rejection(microphone(none).start()));
    missing(await rejection(pool.control({ ...camera, ...none }, 'info')));
    const steps = await pool.probe({ ...camera, ...none });
    assert.match(steps.find(({ outcome }) => outcome === 'failed')?.detail ?? '', /no password is stored/);
    assert.ok(simulator.requests.every(({ headers }) => !headers.some(([name]) => name === 'Authorization')));
    assert.equal(await said(), undefined, 'nothing is held against it');

    const open = new SimulatedCamera({ behaviors: ['no-challenge'] });
    await open.start();
    try {
      assert.equal(await said({ ...none, port: open.port }), undefined);
    } finally {
      await pool.destroy();
      await open.stop();
    }
  });

  it('a node without one is not in the way of the node that has it, whichever comes first', async () => {
    const twin = { ...camera, password: '', username: 'somebody' };
    for (const order of [
      [twin, camera],
      [camera, twin],
    ]) {
      const leaves = order.map((one, index) => pool.register(one, String(index)));
      const both = await Promise.all([said(twin), said()]);
      coded('TALK_ERR_ARGUMENT', /no password is stored/)(both[0]);
      assert.equal(both[1], undefined);
      const recorded = (one: CameraOptions): Promise<unknown> =>
        microphone(one).record({ until: 'full', seconds: 0.1 });
      const [bare, whole] = await Promise.allSettled([recorded(twin), recorded(camera)]);
      assert.deepEqual([bare.status, whole.status], ['rejected', 'fulfilled']);
      coded('TALK_ERR_ARGUMENT', /different/)(thrown(() => pool.line({ ...camera, password: 'third' })));
      await Promise.all(leaves.map((leave) => leave()));
    }
    assert.equal(simulator.loginFailures, 0);
  });

  it('the answer may come late, or an old 401 twice: one log-in all the same', async () => {
    let late = (): void => undefined;
    const behaviors: Behavior[] = [
      {
        name: 'answers late',
        onRequest: ({ headers }) => (headers.some(([name]) => name === 'Authorization') ? 'silent' : undefined),
        onConnect: (connection) => (late = () => connection.write(Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n'))),
      },
    ];
    const slow = new SimulatedCamera({ password: PASSWORD, behaviors });
    await slow.start();
    try {
      const clip = watch(said({ port: slow.port }));
      await eventually(() => slow.requests.length === 2, 'the log-in');
      await eventually(() => clip.state !== 'pending', 'the end of waiting');
      late();
      coded('TALK_ERR_LOCKED', /has not said whether/)(clip.value);
      coded('TALK_ERR_LOCKED')(await said({ port: slow.port }));
      assert.equal(slow.requests.length, 2);
    } finally {
      await slow.stop();
    }
  }).timeout(20_000);
});
