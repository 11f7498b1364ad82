// The engine's thread: when it starts and ends, what survives it, and that nothing the caller does is heard.
import assert from 'node:assert/strict';
import type { Worker } from 'node:worker_threads';
import {
  audioSources,
  cameraOptions,
  createEngine,
  isTalkError,
  type AudioSource,
  type CameraOptions,
  type Engine,
  type ListenState,
  type SessionState,
} from '../../../src/index.js';
import { SimulatedCamera } from '../../../src/simulator/index.js';
import { eventually } from '../../helpers/collect.js';
import { settle } from '../../helpers/fake-clock.js';
import { spin, watchThreads } from '../../helpers/threads.js';

const PASSWORD = 'thread-Secret1';
const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
const marked = (ms: number): AudioSource[] => audioSources(Buffer.alloc(ms * 8, 0xa1), ALAW);

describe('the thread of an engine', () => {
  const threads = watchThreads();
  const { alive } = threads;
  let engine: Engine;
  let simulator: SimulatedCamera;
  let camera: CameraOptions;

  beforeEach(async () => {
    engine = createEngine();
    simulator = new SimulatedCamera({ password: PASSWORD });
    const { port } = await simulator.start();
    const quick = { leadInMs: 20, drainMs: 0, idleMs: 0, packetBytes: 160 };
    camera = cameraOptions({ host: '127.0.0.1', port, password: PASSWORD, ...quick });
  });

  afterEach(async () => {
    await engine.destroy();
    assert.equal(alive.length, 0, 'a thread was left behind');
    await simulator.stop();
  });

  async function said(options: CameraOptions = camera): Promise<string> {
    const [result] = await engine.speak([options], marked(60), { retries: 0 });
    return result?.status === 'fulfilled' ? result.value.outcome : String(Reflect.get(Object(result?.reason), 'code'));
  }

  /** As an error does that nobody catches. */
  async function crash(): Promise<void> {
    const [thread] = alive;
    thread?.postMessage(null);
    await eventually(() => !alive.includes(thread as Worker), 'the end of the thread');
  }

  it('starts with the first use, not before, and once for all', async () => {
    const leave = engine.register(camera, 'me');
    assert.equal(engine.sessionState(camera), 'closed');
    await leave();
    assert.equal(threads.started, 0);
    assert.deepEqual(await Promise.all([said(), said()]), ['spoken', 'spoken']);
    assert.equal(threads.started, 1);
  });

  it('keeps the process from ending while a session is open, and not longer', async () => {
    const kept = { ...camera, idleMs: 60_000 };
    assert.equal(await said(kept), 'spoken');
    await eventually(() => engine.sessionState(kept) === 'kept', 'the session that is kept');
    assert.equal(threads.holding.size, 1);
    await engine.disconnect(kept);
    await eventually(() => threads.holding.size === 0, 'a process that may end');
    assert.equal(alive.length, 1);
  });

  it('starts at once when it is to be warm', async () => {
    const warm = createEngine({ warmUp: true });
    assert.equal(threads.started, 1);
    await warm.close();
    assert.equal(alive.length, 0);
  });

  it('ends by itself when told to, not by force', async () => {
    assert.equal(await said(), 'spoken');
    await engine.destroy();
    assert.equal(alive.length, 0);
    assert.equal(threads.terminated, 0);
  });

  it('ends when the last user has left, if told so, and comes back with the next', async () => {
    await engine.destroy();
    engine = createEngine({ endsUnused: true });
    for (let redeploys = 1; redeploys <= 3; redeploys++) {
      const leaves = [engine.register(camera, 'one'), engine.register(camera, 'other')];
      assert.equal(await said(), 'spoken');
      await leaves[0]?.();
      assert.equal(alive.length, 1);
      await leaves[1]?.();
      assert.equal(alive.length, 0);
      assert.equal(threads.started, redeploys);
    }
    assert.equal(await said(), 'spoken');
    await eventually(() => alive.length === 0, 'the end of a thread that nobody registered for');
  });

  it('remembers from one to the next what a camera refused', async () => {
    await engine.destroy();
    engine = createEngine({ endsUnused: true });
    const wrong = { ...camera, password: 'wrong-Secret1' };
    for (const code of ['TALK_ERR_AUTH', 'TALK_ERR_LOCKED', 'TALK_ERR_LOCKED']) {
      const leave = engine.register(wrong, 'me');
      assert.equal(await said(wrong), code);
      await leave();
    }
    assert.equal(threads.started, 3);
    assert.equal(simulator.loginFailures, 1);
  });

  it('dies: every clip that waits gets one coded error, the next message works', async () => {
    const sessions: SessionState[] = [];
    engine.register(camera, 'me', (state) => sessions.push(state));
    const clips = [engine.speak([camera], marked(5_000)), engine.speak([camera, { ...camera, port: 9 }], marked(60))];
    await eventually(() => sessions.at(-1) === 'talking', 'the clip');
    await crash();
    const results = (await Promise.all(clips)).flat();
    assert.equal(results.length, 3);
    for (const result of results) {
      const reason: unknown = result.status === 'rejected' ? result.reason : undefined;
      assert.ok(isTalkError(reason));
      assert.deepEqual([reason.code, reason.retryable], ['TALK_ERR_CLOSED', true]);
      assert.match(reason.message, /audio thread ended unexpectedly/);
      assert.ok([`127.0.0.1:${camera.port}`, '127.0.0.1:9'].includes(reason.camera ?? ''));
    }
    assert.equal(sessions.at(-1), 'closed');
    assert.equal(engine.sessionState(camera), 'closed');
    assert.equal(await said(), 'spoken');
    assert.equal(threads.started, 2);
    // The new thread knows who is registered.
    assert.deepEqual(sessions.filter((state) => state === 'talking').length, 2);
    await eventually(() => sessions.at(-1) === 'closed', 'the end of the session');
  });

  it('dies: who listens hears again, who records is told', async () => {
    const states: ListenState[] = [];
    let chunks = 0;
    const microphone = engine.microphone(camera, {
      stream: 'stream1',
      chunkMs: 20,
      onState: (state) => states.push(state),
      onChunk: () => (chunks += 1),
    });
    const listening = microphone.start();
    await eventually(() => chunks > 1, 'sound');
    const recording = microphone.record({ until: 'full', seconds: 60 });
    const told = assert.rejects(recording, { code: 'TALK_ERR_CLOSED' });
    await crash();
    await told;
    const before = chunks;
    await eventually(() => chunks > before + 2, 'sound again');
    assert.ok(states.some((state) => state.name === 'retrying' && state.code === 'TALK_ERR_CLOSED'));
    await microphone.stop();
    await listening;
  });

  it('dies while it is kept warm: another is started without being asked', async () => {
    await engine.warmUp();
    await crash();
    await eventually(() => alive.length === 1, 'another thread');
    assert.equal(threads.started, 2);
  });

  it('hangs: it is ended after 5 s, every clip that waits gets one coded error, who listens hears again, the next message works', async () => {
    const sessions: SessionState[] = [];
    engine.register(camera, 'me', (state) => sessions.push(state));
    let chunks = 0;
    const microphone = engine.microphone(camera, { stream: 'stream1', chunkMs: 20, onChunk: () => (chunks += 1) });
    const listening = microphone.start();
    const clips = [engine.speak([camera], marked(9_000)), engine.speak([camera, { ...camera, port: 9 }], marked(60))];
    await eventually(() => sessions.at(-1) === 'talking' && chunks > 0, 'clip and sound');
    const [hung] = alive;
    assert.ok(hung);
    spin(hung);
    const results = (await Promise.all(clips)).flat();
    assert.equal(results.length, 3);
    for (const result of results) {
      const reason: unknown = result.status === 'rejected' ? result.reason : undefined;
      assert.ok(isTalkError(reason));
      assert.deepEqual([reason.code, reason.retryable], ['TALK_ERR_CLOSED', true]);
      assert.match(reason.message, /audio thread ended unexpectedly \(no answer for 5 s\)/);
    }
    assert.equal(alive.includes(hung), false);
    assert.equal(await said(), 'spoken');
    const before = chunks;
    await eventually(() => chunks > before + 2, 'sound again');
    await microphone.stop();
    await listening;
    assert.equal(threads.started, 2);
  });

  it('does not hang when the caller was busy for longer than that, nor when it has nothing to do', async () => {
    engine.register(camera, 'me');
    assert.equal(await said(), 'spoken');
    const [, [result]] = await Promise.all([
      // All in one turn: the clip has gone to the thread when this one falls asleep.
      Promise.resolve().then(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 7_000)),
      engine.speak([camera], marked(60), { retrySeconds: 30 }),
    ]);
    assert.equal(result?.status === 'fulfilled' && result.value.outcome, 'spoken');
    assert.deepEqual([threads.started, threads.terminated], [1, 0]);
    await eventually(() => threads.holding.size === 0, 'a process that may end');
  });

  it('says what is no plain data', async () => {
    const odd = { method: 'get', a: { b: { c: { d: () => undefined } } } };
    await assert.rejects(engine.control(camera, 'request', odd), { code: 'TALK_ERR_ARGUMENT' });
  });

  it('keeps the beat while the caller is busy, which this thread cannot', async () => {
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    for (const thread of [true, false]) {
      const busy = createEngine({ thread });
      try {
        let talking = false;
        const onState = ({ name }: { name: string }): void => void (talking ||= name === 'talking');
        const speaking = busy.speak([camera], marked(1_600), { onState });
        await eventually(() => talking, 'the clip');
        const recording = simulator.sessions.at(-1);
        const before = recording?.packetCount ?? 0;
        // Busy for its events, but not for the machine. The camera lives here too: what was sent meanwhile waits in its socket.
        Atomics.wait(sleeper, 0, 0, 1_000);
        await settle();
        const meanwhile = (recording?.packetCount ?? 0) - before;
        assert.equal(meanwhile > 10, thread, `${meanwhile} packets meanwhile`);
        const [result] = await speaking;
        assert.ok(result?.status === 'fulfilled' && result.value.outcome === 'spoken');
        if (!thread) assert.ok(result.value.report.slips > 0, JSON.stringify(result.value.report));
      } finally {
        await busy.close();
      }
    }
  });
});
