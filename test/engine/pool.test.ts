// All cameras of a process: who shares a line, who is refused one, when it ends; and one announcement on several cameras. Sessions are fake.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { parseFormat } from '../../src/sound/format.js';
import type { AudioSource } from '../../src/audio/source.js';
import type { CameraOptions } from '../../src/camera-options.js';
import { Pool } from '../../src/engine/pool.js';
import type { SpeakOptions } from '../../src/talk/options.js';
import type { SessionState, TalkOutcome } from '../../src/talk/states.js';
import {
  coded,
  eventually,
  noUnhandledRejections,
  rejection,
  thrown,
  watch,
  type Watched,
} from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { FakeSessions, SILENCE, soundOf, testCamera } from '../helpers/fake-session.js';

const ALAW = parseFormat('alaw');

/** So many milliseconds of A-law. */
const bytes = (ms: number): AudioSource => ({ kind: 'bytes', bytes: soundOf(ms * 8), format: ALAW });

describe('pool', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let sessions: FakeSessions;
  let pool: Pool;

  beforeEach(() => {
    clock = new FakeClock();
    sessions = new FakeSessions(clock);
    pool = new Pool({ clock, openSession: (camera, _deps, options) => sessions.open(camera, options ?? {}) });
  });

  afterEach(async () => {
    await pool.destroy();
    await settle();
    assert.equal(clock.pending, 0, 'something still waits on the clock');
    assert.equal(sessions.alive.length, 0, 'a session was left open');
  });

  const camera = testCamera({ idleMs: 1_000 });
  const other = testCamera({ host: 'other', idleMs: 1_000 });

  const speak = (
    cameras: readonly CameraOptions[],
    sources: readonly AudioSource[] = [bytes(100)],
    options: SpeakOptions = {},
  ): Watched<PromiseSettledResult<TalkOutcome>[]> => watch(pool.speak(cameras, sources, options));

  const outcomes = (spoken: Watched<PromiseSettledResult<TalkOutcome>[]>): string[] =>
    (spoken.value ?? []).map((result) => (result.status === 'fulfilled' ? result.value.outcome : 'failed'));

  describe('lines', () => {
    it('are one per host and port, however often and however spelled the camera is named', () => {
      const line = pool.line(camera);
      assert.equal(pool.line({ ...camera }), line);
      assert.equal(pool.line({ ...camera, name: 'x', mode: 'aec', httpPort: 81 }), line);
      assert.equal(pool.line({ ...camera, host: 'CAM' }), line);
      assert.notEqual(pool.line({ ...camera, port: 8554 }), line);
      assert.notEqual(pool.line(other), line);
    });

    it('let several users of one camera take turns', async () => {
      pool.register(camera, 'a');
      pool.register({ ...camera }, 'b');
      const first = speak([camera]);
      const second = speak([{ ...camera }]);
      await clock.advance(500);
      assert.deepEqual([...outcomes(first), ...outcomes(second)], ['spoken', 'spoken']);
      assert.equal(sessions.opened.length, 1);
    });

    it('are refused to another user name or password, without telling either', () => {
      pool.register(camera, 'a');
      for (const change of [{ password: 'Other123' }, { username: 'root' }]) {
        for (const call of [
          () => pool.register({ ...camera, ...change }, 'b'),
          () => pool.line({ ...camera, ...change }),
        ]) {
          const error = thrown(call);
          assert.equal(error.code, 'TALK_ERR_ARGUMENT');
          assert.equal(error.camera, 'cam:554');
          assert.ok(!/Abc12345|Other123|root/.test(inspect(error, { showHidden: true, depth: 9 })), error.message);
        }
      }
    });

    it('refuse the other password in speak too, before anything is said', async () => {
      pool.register(camera, 'a');
      const error = await rejection(pool.speak([other, { ...camera, password: 'Other123' }], [bytes(100)]));
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      await clock.advance(1_000);
      assert.equal(sessions.asked.length, 0);
    });

    it('take another password when nobody uses them and nothing is open', async () => {
      const leave = pool.register(camera, 'a');
      await leave();
      pool.register({ ...camera, password: 'Other123' }, 'a');

      speak([other]);
      await clock.advance(200);
      assert.throws(() => pool.line({ ...other, password: 'Other123' }), coded('TALK_ERR_ARGUMENT'));
      await clock.advance(5_000);
      pool.line({ ...other, password: 'Other123' });
    });

    it('end with their last user, not before', async () => {
      const leaveA = pool.register(camera, 'a');
      const leaveB = pool.register(camera, 'b');
      const line = pool.line(camera);
      const spoken = speak([camera], [bytes(5_000)]);
      await clock.advance(500);
      await leaveA();
      await leaveA();
      await clock.advance(500);
      assert.equal(spoken.state, 'pending');
      assert.equal(sessions.last.alive, true);
      await leaveB();
      await settle();
      assert.equal(sessions.last.alive, false);
      const [result] = spoken.value ?? [];
      coded('TALK_ERR_CLOSED', /taken out of use/)(result?.status === 'rejected' ? result.reason : undefined);
      assert.equal(clock.pending, 0);
      assert.notEqual(pool.line(camera), line, 'a line that has ended is not handed out again');
    });

    it('survive a user who leaves twice while another one has come', async () => {
      const leave = pool.register(camera, 'a');
      await leave();
      pool.register(camera, 'a');
      const line = pool.line(camera);
      await leave();
      assert.equal(pool.line(camera), line);
      const spoken = speak([camera]);
      await clock.advance(500);
      assert.deepEqual(outcomes(spoken), ['spoken']);
    });

    it('tell every user how the session is, and nobody who has left', async () => {
      const heard: Record<string, SessionState[]> = { a: [], b: [] };
      const leaveA = pool.register(camera, 'a', (state) => heard['a']?.push(state));
      pool.register(camera, 'b', (state) => heard['b']?.push(state));
      assert.equal(pool.sessionState(camera), 'closed');
      speak([camera]);
      await clock.advance(60);
      assert.equal(pool.sessionState({ ...camera }), 'talking');
      await clock.advance(500);
      assert.equal(pool.sessionState(camera), 'kept');
      await leaveA();
      await clock.advance(5_000);
      assert.equal(pool.sessionState(camera), 'closed');
      assert.deepEqual(heard, { a: ['talking', 'kept'], b: ['talking', 'kept', 'closed'] });
    });
  });

  describe('an announcement', () => {
    it('is spoken on several cameras at once, with one result each in their order', async () => {
      const states: [string, number][] = [];
      const spoken = speak([camera, other], [bytes(100)], {
        onState: ({ name }, index) => states.push([name, index]),
      });
      await clock.advance(500);
      assert.deepEqual(outcomes(spoken), ['spoken', 'spoken']);
      const hosts = spoken.value?.map((result) =>
        result.status === 'fulfilled' && result.value.outcome === 'spoken' ? result.value.report.host : undefined,
      );
      assert.deepEqual(hosts, ['cam', 'other']);
      for (const index of [0, 1]) assert.ok(states.some(([name, camera]) => name === 'finished' && camera === index));
    });

    it('that fails on one camera is still spoken on the other', async () => {
      sessions.openings.push({ error: 'TALK_ERR_AUTH' });
      const spoken = speak([camera, other]);
      await clock.advance(500);
      assert.deepEqual(outcomes(spoken), ['failed', 'spoken']);
      const [result] = spoken.value ?? [];
      coded('TALK_ERR_AUTH')(result?.status === 'rejected' ? result.reason : undefined);
    });

    it('is decoded once for all cameras with the same codec', async () => {
      let pulls = 0;
      async function* chunks(): AsyncGenerator<Buffer> {
        pulls += 1;
        await Promise.resolve();
        yield soundOf(800);
      }
      const spoken = speak([camera, other], [{ kind: 'live', chunks: chunks(), format: ALAW }]);
      await clock.advance(2_000);
      assert.deepEqual(outcomes(spoken), ['spoken', 'spoken']);
      assert.equal(pulls, 1);
      for (const { bytes: wire } of sessions.opened)
        assert.equal(wire.filter((byte) => byte !== SILENCE).length >= 790, true);
    });

    it('is coded as each camera wants it', async () => {
      const wide = testCamera({ host: 'other', codec: 'pcmu16k', packetBytes: 320 });
      const spoken = speak([camera, wide]);
      await clock.advance(1_000);
      assert.deepEqual(outcomes(spoken), ['spoken', 'spoken']);
      const seconds = spoken.value?.map((result) =>
        result.status === 'fulfilled' && result.value.outcome === 'spoken' ? result.value.report.seconds : undefined,
      );
      assert.deepEqual(seconds, [0.1, 0.1]);
    });

    it('that is live is refused for cameras with different codecs', async () => {
      let ended = false;
      const chunks: AsyncIterable<Buffer> = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => undefined),
          return: () => {
            ended = true;
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      };
      const wide = testCamera({ host: 'other', codec: 'pcmu16k' });
      const error = await rejection(pool.speak([camera, wide], [{ kind: 'live', chunks, format: ALAW }]));
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      await settle();
      assert.equal(ended, true, 'nobody ends the stream');
    });

    it('comes from the cache the second time', async () => {
      const reports = [];
      for (let n = 0; n < 2; n++) {
        const spoken = speak([camera], [bytes(100)]);
        await clock.advance(500);
        const [result] = spoken.value ?? [];
        reports.push(result?.status === 'fulfilled' && result.value.outcome === 'spoken' && result.value.report.cached);
      }
      assert.deepEqual(reports, [false, true]);
    });

    it('that cannot be decoded fails on every camera', async () => {
      const spoken = speak([camera, other], [{ kind: 'file', path: '/nowhere/at/all.wav' }]);
      await eventually(() => spoken.state !== 'pending', 'the file to be found missing');
      assert.deepEqual(outcomes(spoken), ['failed', 'failed']);
      for (const result of spoken.value ?? [])
        coded('TALK_ERR_SOURCE')(result.status === 'rejected' ? result.reason : undefined);
    });

    it('is stopped by its signal on every camera, and its stream is ended', async () => {
      let ended = false;
      async function* chunks(): AsyncGenerator<Buffer> {
        try {
          for (;;) {
            yield soundOf(800);
            await clock.wait(100);
          }
        } finally {
          ended = true;
        }
      }
      const controller = new AbortController();
      const spoken = speak([camera, other], [{ kind: 'live', chunks: chunks(), format: ALAW }], {
        signal: controller.signal,
      });
      await clock.advance(1_000);
      assert.equal(spoken.state, 'pending');
      controller.abort();
      await clock.advance(200);
      assert.deepEqual(outcomes(spoken), ['failed', 'failed']);
      assert.equal(ended, true);
    });

    it('on no camera is over at once', async () => {
      const spoken = speak([]);
      await settle();
      assert.deepEqual(spoken.value, []);
    });

    it('is not begun with an aborted signal', async () => {
      coded('TALK_ERR_ABORTED')(await rejection(pool.speak([camera], [bytes(100)], { signal: AbortSignal.abort() })));
    });
  });

  describe('the end', () => {
    it('close lets everything accepted end and refuses the rest', async () => {
      pool.register(camera, 'a');
      const spoken = speak([camera, other], [bytes(1_000)]);
      await clock.advance(100);
      const closing = watch(pool.close());
      coded('TALK_ERR_ABORTED')(await rejection(pool.speak([camera], [bytes(100)])));
      await clock.advance(5_000);
      assert.deepEqual(outcomes(spoken), ['spoken', 'spoken']);
      assert.equal(closing.state, 'fulfilled');
      assert.ok(sessions.opened.every(({ endedBy }) => endedBy === 'close'));
      assert.equal(clock.pending, 0);
    });

    it('destroy ends everything now, also a close under way', async () => {
      const spoken = speak([camera, other], [bytes(10_000)]);
      await clock.advance(100);
      const closing = watch(pool.close());
      const ending = watch(pool.destroy());
      await settle(20);
      assert.deepEqual(outcomes(spoken), ['failed', 'failed']);
      assert.equal(ending.state, 'fulfilled');
      assert.equal(closing.state, 'fulfilled');
      assert.equal(clock.pending, 0);
      await pool.destroy();
      await pool.close();
    });

    it('is for good: no line of a pool that has ended opens anything', async () => {
      await pool.destroy();
      coded('TALK_ERR_ABORTED')(
        await rejection(
          // Wherever it is refused, it is refused.
          Promise.resolve().then(() => pool.line(camera).connect(camera)),
        ),
      );
      assert.equal(sessions.asked.length, 0);
    });
  });
});
