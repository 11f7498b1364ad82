// Clips that are said again and again, on a fake clock with fake sessions: rounds and pauses, what ends them, who speaks between them, several cameras.
import assert from 'node:assert/strict';
import { PreparedCache } from '../../src/audio/cache.js';
import { Memory } from '../../src/audio/memory.js';
import type { AudioSource } from '../../src/audio/source.js';
import { cameraKey, type CameraOptions } from '../../src/camera-options.js';
import { TalkError } from '../../src/errors.js';
import { MAX_REPEAT_MS } from '../../src/limits.js';
import { parseFormat } from '../../src/sound/format.js';
import { announce } from '../../src/talk/announce.js';
import { Line } from '../../src/talk/line.js';
import { speakOptions, type SpeakOptions } from '../../src/talk/options.js';
import type { TalkOutcome, TalkState } from '../../src/talk/states.js';
import { coded, noUnhandledRejections, watch, type Watched } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { FakeSessions, SILENCE, testCamera, type Opening } from '../helpers/fake-session.js';

const NO_WEB_API = {
  request: () => Promise.reject(new TalkError('TALK_ERR_CONNECT', 'No web interface in this test')),
};

type Said = Watched<PromiseSettledResult<TalkOutcome>[]> & { readonly states: TalkState[] };

describe('a repeated clip', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let start: number;
  let lines: Map<string, Line>;
  let sessions: Map<string, FakeSessions>;

  beforeEach(() => {
    clock = new FakeClock();
    start = clock.now();
    lines = new Map();
    sessions = new Map();
  });

  afterEach(async () => {
    const ended = watch(Promise.all([...lines.values()].map((line) => line.destroy())));
    await clock.advance(60_000);
    assert.equal(ended.state, 'fulfilled', 'a line does not come to an end');
    assert.equal(clock.pending, 0, 'something still waits on the clock');
  });

  function sessionsOf(host: string): FakeSessions {
    const known = sessions.get(host) ?? new FakeSessions(clock);
    sessions.set(host, known);
    return known;
  }

  function lineOf(camera: CameraOptions): Line {
    const key = cameraKey(camera);
    const { open, answers } = sessionsOf(camera.host);
    const line = lines.get(key) ?? new Line(key, { clock, openSession: open, answers, webApi: () => NO_WEB_API });
    lines.set(key, line);
    return line;
  }

  /** Without lead-in, with packets of 20 ms. */
  function camera(host = 'a', ...openings: Opening[]): CameraOptions {
    sessionsOf(host).openings.push(...openings);
    return testCamera({ host, leadInMs: 0, packetBytes: 160, idleMs: 5_000 });
  }

  /** A second of the letter unless told otherwise. */
  function say(to: readonly CameraOptions[], options: SpeakOptions = {}, name = 'x', ms = 1_000): Said {
    const bytes = Buffer.alloc(ms * 8, name);
    const states: TalkState[] = [];
    const sources: AudioSource[] = [{ kind: 'bytes', bytes, format: parseFormat('alaw') }];
    const filled = speakOptions({ ...options, onState: (state) => states.push(state) });
    return Object.assign(
      watch(announce(to, sources, filled, { clock, cache: new PreparedCache(), memory: new Memory(), lineOf })),
      {
        states,
      },
    );
  }

  /** Who begins to be heard when, s since the test began: `x0 y2.5`. */
  function heard(host = 'a', stepMs = 100): string {
    const begun: string[] = [];
    for (const session of sessionsOf(host).opened) {
      let last = SILENCE;
      for (const { at, bytes } of session.sent) {
        const byte = bytes[0] ?? SILENCE;
        // In whole packets: the next clip begins with the next one.
        const since = (Math.floor((at - start) / stepMs) * stepMs) / 1_000;
        if (byte !== SILENCE && byte !== last) begun.push(`${String.fromCharCode(byte)}${since}`);
        last = byte;
      }
    }
    return begun.join(' ');
  }

  function result(said: Said, index = 0): string {
    const one = said.value?.[index];
    if (one === undefined) return said.state;
    if (one.status === 'rejected') return (one.reason as TalkError).code;
    const { value } = one;
    if (value.outcome === 'quiet') return 'quiet';
    return value.outcome === 'cut' ? `${value.by} ${value.rounds ?? 0}` : `spoken ${value.report.rounds ?? 0}`;
  }

  it('is said so often, with its pause from end to beginning, and leaves once', async () => {
    const said = say([camera()], { repeat: 3, repeatPause: 4 });
    await clock.advance(10_999);
    assert.equal(said.state, 'pending');
    await clock.advance(1);
    assert.equal(result(said), 'spoken 3');
    assert.equal(heard(), 'x0 x5 x10');
    assert.equal(sessionsOf('a').opened.length, 1);
    const told = said.states.flatMap((state) =>
      state.name === 'pausing'
        ? [`pausing ${state.secondsLeft}: ${state.round}/${state.rounds}`]
        : state.name === 'talking'
          ? [`talking: ${state.round}/${state.rounds}`]
          : [state.name],
    );
    assert.deepEqual(told, [
      ...['decoding', 'connecting', 'talking: 1/3', 'pausing 4: 2/3', 'talking: 2/3', 'pausing 4: 3/3'],
      ...['talking: 3/3', 'finished'],
    ]);
  });

  it('tells the figures of all rounds and those of its beginning', async () => {
    const said = say([camera('a', { afterMs: 40 })], { repeat: { times: 4 } });
    await clock.advance(10_000);
    const [one] = said.value ?? [];
    const report = one?.status === 'fulfilled' && one.value.outcome === 'spoken' ? one.value.report : assert.fail();
    const { rounds, seconds, firstSoundMs, packets, attempts, session } = report;
    assert.deepEqual(
      { rounds, seconds, firstSoundMs, packets, attempts, session },
      { rounds: 4, seconds: 1, firstSoundMs: 40, packets: 200, attempts: 4, session: 'new' },
    );
    assert.equal(heard(), 'x0 x1 x2 x3.1');
  });

  it('said once has no rounds', async () => {
    const said = say([camera()], { repeat: { times: 1, pauseSeconds: 9 } });
    await clock.advance(1_000);
    assert.equal(result(said), 'spoken 0');
    assert.ok(said.states.every((state) => !('round' in state)));
  });

  for (const end of ['stop', 'skip'] as const) {
    const cut = (): void => (end === 'stop' ? lineOf(camera()).stop('somebody else') : lineOf(camera()).skip());
    for (const [when, ms, expected] of [
      ['in its first round', 500, `${end} 0`],
      ['in its pause', 3_000, 'spoken 1'],
      ['in a later round', 11_500, 'spoken 2'],
    ] as const) {
      it(`until stopped: a ${end} ${when} ends it as ${expected}`, async () => {
        const said = say([camera()], { repeat: { until: 'stopped', pauseSeconds: 4.5 } });
        await clock.advance(ms);
        assert.equal(said.state, 'pending');
        cut();
        await clock.advance(200);
        assert.equal(result(said), expected);
        assert.equal(said.states.at(-1)?.name, expected.startsWith('spoken') ? 'finished' : 'stopped');
      });
    }
  }

  it('begins no round after an hour, and does not wait for one', async () => {
    const pauseSeconds = 600;
    const said = say([camera()], { repeat: { until: 'stopped', pauseSeconds } });
    await clock.advance(5 * 601_000 + 999);
    assert.equal(said.state, 'pending');
    await clock.advance(1);
    assert.equal(result(said), 'spoken 6');
    assert.ok(6 * 601_000 >= MAX_REPEAT_MS);
  });

  it('lets the session go in a long pause, and keeps it in a short one', async () => {
    const said = say([camera()], { repeat: { times: 2, pauseSeconds: 40 } });
    await clock.advance(20_000);
    assert.equal(sessionsOf('a').alive.length, 0);
    await clock.advance(30_000);
    assert.equal(result(said), 'spoken 2');
    assert.equal(heard(), 'x0 x41');
    say([camera()], { repeat: { times: 2, pauseSeconds: 29 } }, 'y');
    await clock.advance(20_000);
    assert.equal(sessionsOf('a').alive.length, 1);
  });

  describe('and others', () => {
    it('keeps its turn through the pauses', async () => {
      const said = say([camera()], { repeat: 2, repeatPause: 3 });
      await clock.advance(1_500);
      const other = say([camera()], { priority: 9 }, 'y');
      const drop = say([camera()], { whenBusy: 'drop' }, 'z');
      await clock.advance(10_000);
      assert.deepEqual(
        [said, other, drop].map((one) => result(one)),
        ['spoken 2', 'spoken 0', 'TALK_ERR_BUSY'],
      );
      assert.equal(heard(), 'x0 x4 y5');
    });

    for (const [whenBusy, priority, expected] of [
      ['interrupt', 0, 'interrupt 1'],
      ['interrupt', -1, 'spoken 2'],
      ['replace', 1, 'replace 1'],
    ] as const) {
      it(`${whenBusy} with priority ${priority} in its pause: ${expected}`, async () => {
        const said = say([camera()], { repeat: 2, repeatPause: 3 });
        await clock.advance(1_500);
        const other = say([camera()], { whenBusy, priority }, 'y');
        await clock.advance(10_000);
        assert.deepEqual([result(said), result(other)], [expected, 'spoken 0']);
        assert.equal(heard(), expected.startsWith('spoken') ? 'x0 x4 y5' : 'x0 y1.5');
      });
    }

    describe('that it yields to', () => {
      const yields = (times: number, pauseSeconds: number): SpeakOptions => ({
        repeat: { times, pauseSeconds, yield: true },
      });

      it('are said in its pauses, whatever their priority, and cost it no time', async () => {
        const said = say([camera()], { ...yields(3, 4), priority: 5 });
        await clock.advance(500);
        say([camera()], {}, 'y');
        say([camera()], {}, 'z');
        await clock.advance(20_000);
        assert.equal(result(said), 'spoken 3');
        assert.equal(heard(), 'x0 y1 z2 x5 x10');
      });

      it('do not interrupt it, and are not refused', async () => {
        const said = say([camera()], yields(2, 4));
        await clock.advance(1_500);
        const drop = say([camera()], { whenBusy: 'drop' }, 'y');
        await clock.advance(1_500);
        const interrupt = say([camera()], { whenBusy: 'interrupt' }, 'z', 3_000);
        await clock.advance(20_000);
        assert.deepEqual(
          [said, drop, interrupt].map((one) => result(one)),
          ['spoken 2', 'spoken 0', 'spoken 0'],
        );
        assert.equal(heard(), 'x0 y1.5 z3 x6');
      });

      it('take turns with it when there is no pause', async () => {
        say([camera()], yields(3, 0));
        say([camera()], {}, 'y');
        say([camera()], { priority: -1 }, 'z');
        await clock.advance(20_000);
        assert.equal(heard('a', 500), 'x0 y1 x2 x3 z4');
      });

      it('may be repeated and yield as well', async () => {
        const said = [say([camera()], yields(3, 4)), say([camera()], yields(3, 4), 'y')];
        await clock.advance(30_000);
        assert.deepEqual(
          said.map((one) => result(one)),
          ['spoken 3', 'spoken 3'],
        );
        assert.equal(heard(), 'x0 y1 x5 y6 x10 y11');
      });

      it('hear of its end by a stop from any node', async () => {
        for (const [ms, name] of [
          [1_500, 'pausing'],
          [2_500, 'while the other speaks'],
        ] as const) {
          const said = say([camera()], yields(5, 4));
          await clock.advance(2_000);
          const other = ms > 2_000 ? say([camera()], { owner: 'other' }, 'y') : undefined;
          await clock.advance(500);
          lineOf(camera()).stop('third');
          await clock.advance(100);
          assert.equal(result(said), 'spoken 1', name);
          if (other !== undefined) assert.equal(result(other), 'stop 0');
          await clock.advance(1_000);
        }
      });

      it('and an outage meanwhile: nothing turns in circles', async () => {
        const one = camera('a', {}, { error: 'TALK_ERR_CONNECT' }, { error: 'TALK_ERR_CONNECT' });
        const said = say([one], { ...yields(2, 40), priority: 5 });
        await clock.advance(20_000);
        const other = say([one], {}, 'y');
        await clock.advance(60_000);
        assert.deepEqual([result(said), result(other)], ['spoken 2', 'spoken 0']);
      });
    });
  });

  it('is tried again each round by itself', async () => {
    const one = camera('a', {}, { error: 'TALK_ERR_BUSY' }, { error: 'TALK_ERR_BUSY' }, {}, { error: 'TALK_ERR_BUSY' });
    const said = say([one], { repeat: { times: 3, pauseSeconds: 31 }, retries: 2, maxWaitSeconds: 4 });
    await clock.advance(200_000);
    assert.equal(result(said), 'spoken 3');
    assert.equal(heard(), 'x0 x35 x68');
  });

  it('fails in the round that cannot be said', async () => {
    const one = camera('a', {}, ...Array.from({ length: 9 }, (): Opening => ({ error: 'TALK_ERR_BUSY' })));
    const said = say([one], { repeat: { times: 3, pauseSeconds: 31 }, retrySeconds: 5 });
    await clock.advance(60_000);
    assert.equal(result(said), 'TALK_ERR_BUSY');
  });

  it('ends with its caller’s signal, in a pause as well', async () => {
    const caller = new AbortController();
    const said = say([camera()], { repeat: { until: 'stopped', pauseSeconds: 9 }, signal: caller.signal });
    await clock.advance(3_000);
    caller.abort(new TalkError('TALK_ERR_ABORTED', 'over'));
    await clock.advance(10);
    assert.equal(result(said), 'TALK_ERR_ABORTED');
  });

  it('cannot be live', async () => {
    const live: AudioSource = {
      kind: 'live',
      chunks: (async function* () {
        await clock.wait(0);
        yield Buffer.alloc(8);
      })(),
      format: parseFormat('alaw'),
    };
    const deps = { clock, cache: new PreparedCache(), memory: new Memory(), lineOf };
    const options = speakOptions({ repeat: { until: 'stopped' } });
    await assert.rejects(announce([camera()], [live], options, deps), coded('TALK_ERR_ARGUMENT', /cannot be repeated/));
  });

  describe('on several cameras', () => {
    it('begins each round on all at once', async () => {
      const all = [camera('a', { afterMs: 100 }), camera('b', { afterMs: 300 })];
      say(all, { repeat: 3, repeatPause: 2 });
      await clock.advance(20_000);
      assert.equal(heard('a'), 'x0.3 x3.3 x6.3');
      assert.equal(heard('b'), heard('a'));
    });

    it('without a pause, too, and with sessions that must be opened anew', async () => {
      const all = [camera('a', { afterMs: 100 }), camera('b', { afterMs: 300 })];
      say(all, { repeat: 3 });
      await clock.advance(20_000);
      assert.equal(heard('a'), 'x0.3 x1.3 x2.3');
      assert.equal(heard('b'), heard('a'));
      const later = [camera('c', {}, { afterMs: 50 }), camera('d', {}, { afterMs: 400 })];
      start = clock.now();
      say(later, { repeat: 2, repeatPause: 35 });
      await clock.advance(60_000);
      assert.equal(heard('c'), 'x0 x36.4');
      assert.equal(heard('d'), heard('c'));
    });

    it('goes on without one that fell behind, which joins the next round', async () => {
      const all = [camera('a'), camera('b', { error: 'TALK_ERR_BUSY' }, { error: 'TALK_ERR_BUSY' })];
      const said = say(all, { repeat: 3, repeatPause: 5 });
      await clock.advance(40_000);
      assert.equal(heard('a'), 'x0 x6 x12');
      // Busy for 3 s; its pause ends with that of the other.
      assert.equal(heard('b'), 'x3 x6 x12');
      assert.deepEqual([result(said), result(said, 1)], ['spoken 3', 'spoken 3']);
    });

    it('goes on without one that was stopped', async () => {
      const all = [camera('a'), camera('b')];
      const said = say(all, { repeat: 3, repeatPause: 5 });
      await clock.advance(3_000);
      lineOf(camera('b')).stop('');
      await clock.advance(40_000);
      assert.equal(heard('a'), 'x0 x6 x12');
      assert.equal(heard('b'), 'x0');
      assert.deepEqual([result(said), result(said, 1)], ['spoken 3', 'spoken 1']);
    });
  });
});
