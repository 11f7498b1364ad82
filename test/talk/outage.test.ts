// Outages on a fake clock: what a camera that is away, reboots or talks with others costs the clips that wait for it.
import assert from 'node:assert/strict';
import type { TalkErrorCode } from '../../src/errors.js';
import { Clip } from '../../src/sound/clip.js';
import type { ClipJob } from '../../src/talk/clip-job.js';
import { Line } from '../../src/talk/line.js';
import type { TalkOutcome, TalkState } from '../../src/talk/states.js';
import { coded, noUnhandledRejections, watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { FakeSessions, SILENCE, testCamera } from '../helpers/fake-session.js';

type Spoken = Watched<TalkOutcome> & { readonly states: TalkState[]; endedAt: number };

describe('an outage', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let sessions: FakeSessions;
  let line: Line;
  let start: number;

  beforeEach(() => {
    clock = new FakeClock();
    sessions = new FakeSessions(clock);
    start = clock.now();
    line = new Line('cam:554', {
      clock,
      openSession: sessions.open,
      answers: sessions.answers,
      webApi: () => ({ request: () => Promise.reject(new Error('No web interface in this test')) }),
    });
  });

  afterEach(async () => {
    const ending = watch(line.destroy());
    await clock.advance(10_000);
    assert.equal(ending.state, 'fulfilled');
    assert.equal(clock.pending, 0, 'something still waits on the clock');
  });

  function say(name: string, options: Partial<ClipJob> = {}, ms = 1_000): Spoken {
    const clip = new Clip({ live: false });
    clip.append(Buffer.alloc(ms * 8, name));
    clip.end();
    const states: TalkState[] = [];
    const result = line.speak({
      camera: testCamera(),
      clip,
      priority: 0,
      whenBusy: 'queue',
      maxQueue: 20,
      retrySeconds: 120,
      maxWaitSeconds: 180,
      owner: 'node',
      preparation: { cached: false, warnings: [] },
      onState: (state) => states.push(state),
      ...options,
    });
    const spoken = Object.assign(watch(result), { states, endedAt: NaN });
    const end = (): void => void (spoken.endedAt = clock.now() - start);
    result.then(end, end);
    return spoken;
  }

  const outcome = (spoken: Watched<TalkOutcome>): string =>
    spoken.value === undefined ? spoken.state : spoken.value.outcome === 'cut' ? spoken.value.by : 'spoken';

  /** Who was heard on the sessions from this one on, in order, with how many ms of each. */
  function heard(from = 0): string {
    const bytes = Buffer.concat(sessions.opened.slice(from).map((session) => session.bytes));
    const runs: [byte: number, length: number][] = [];
    for (const byte of bytes.filter((each) => each !== SILENCE)) {
      const last = runs.at(-1);
      if (last?.[0] === byte) last[1] += 1;
      else runs.push([byte, 1]);
    }
    return runs.map(([byte, length]) => `${String.fromCharCode(byte)}${length / 8}`).join(' ');
  }

  /** The camera goes, whatever it does; it takes connections when it is back. */
  function goes(code: TalkErrorCode): void {
    sessions.refusing = code;
    sessions.answering = false;
    for (const session of sessions.alive) session.die();
  }

  function comesBack(): void {
    sessions.refusing = undefined;
    sessions.answering = true;
  }

  for (const [what, code, awayMs] of [
    ['a reboot of 30 s', 'TALK_ERR_CONNECT', 30_000],
    ['somebody else who talks for 10 s', 'TALK_ERR_BUSY', 10_000],
    ['a camera that answers nothing for a minute', 'TALK_ERR_TIMEOUT', 60_000],
  ] as const) {
    it(`${what} in the middle of a clip costs it and the three behind it nothing but the time`, async () => {
      const clips = ['a', 'b', 'c', 'd'].map((name) => say(name));
      await clock.advance(500);
      goes(code);
      await clock.advance(awayMs);
      assert.deepEqual(
        clips.map(({ state }) => state),
        Array(4).fill('pending'),
      );
      comesBack();
      const backAt = clock.now() - start;
      await clock.advance(10_000);
      assert.deepEqual(clips.map(outcome), Array(4).fill('spoken'));
      assert.equal(heard(1), 'a1000 b1000 c1000 d1000');
      assert.ok((sessions.opened[1]?.openedAt ?? Infinity) - start <= backAt + 5_000, 'too late');
      for (const { value } of clips.slice(1)) assert.equal(value?.outcome === 'spoken' && value.report.attempts, 1);
    });
  }

  it('is over as soon as the camera takes connections; it is looked at every second', async () => {
    goes('TALK_ERR_CONNECT');
    const spoken = say('a');
    await clock.advance(40_400);
    comesBack();
    await clock.advance(1_000);
    assert.equal(spoken.states.at(-1)?.name, 'talking');
    const gaps = sessions.looks.slice(1).map((at, index) => at - (sessions.looks[index] ?? 0));
    assert.ok(Math.max(...gaps) <= 2_000 && Math.min(...gaps) >= 1_000, gaps.join());
    assert.ok(sessions.asked.length <= 7, `${sessions.asked.length} attempts`);
  });

  it('has the camera called at growing intervals when it answers but does not let us talk, and looks at no port', async () => {
    sessions.refusing = 'TALK_ERR_BUSY';
    say('a');
    await clock.advance(20_000);
    assert.deepEqual(
      sessions.asked.map((at) => at - start),
      [0, 1_000, 3_000, 7_000, 11_000, 15_000, 19_000],
    );
    assert.deepEqual(sessions.looks, []);
  });

  describe('and those who wait', () => {
    it('lets a higher priority overtake, and goes on with the one that was cut off', async () => {
      goes('TALK_ERR_CONNECT');
      const clips = [say('a'), say('b')];
      await clock.advance(10_000);
      clips.push(say('c', { priority: 1 }));
      await clock.advance(5_000);
      comesBack();
      await clock.advance(10_000);
      assert.deepEqual(clips.map(outcome), ['spoken', 'spoken', 'spoken']);
      assert.equal(heard(), 'c1000 a1000 b1000');
    });

    it('counts as busy: drop is refused, interrupt cuts the clip that waits to be tried again', async () => {
      goes('TALK_ERR_CONNECT');
      const [first, second] = [say('a'), say('b')];
      await clock.advance(10_000);
      coded('TALK_ERR_BUSY')(await line.speak({ ...job(), whenBusy: 'drop' }).catch((error: unknown) => error));
      const third = say('c', { whenBusy: 'interrupt' });
      await settle();
      assert.deepEqual([first, second, third].map(outcome), ['interrupt', 'pending', 'pending']);
      comesBack();
      await clock.advance(10_000);
      assert.equal(heard(), 'c1000 b1000');
    });

    it('replace cuts it and clears those behind it', async () => {
      goes('TALK_ERR_CONNECT');
      const [first, second] = [say('a'), say('b')];
      await clock.advance(10_000);
      say('c', { whenBusy: 'replace' });
      await settle();
      assert.deepEqual([first, second].map(outcome), ['replace', 'replace']);
      comesBack();
      await clock.advance(10_000);
      assert.equal(heard(), 'c1000');
    });

    it('stop and skip end the wait', async () => {
      goes('TALK_ERR_CONNECT');
      const [first, second, third] = [say('a'), say('b'), say('c', { owner: 'other' })];
      await clock.advance(10_000);
      line.skip();
      await settle();
      assert.deepEqual([first, second].map(outcome), ['skip', 'pending']);
      line.stop('node');
      await settle();
      assert.deepEqual([second, third].map(outcome), ['stop', 'pending']);
    });
  });

  function job(): ClipJob {
    const clip = new Clip({ live: false });
    clip.append(Buffer.alloc(80, 'x'));
    clip.end();
    const limits = { priority: 0, maxQueue: 20, retrySeconds: 120, maxWaitSeconds: 180 };
    const preparation = { cached: false, warnings: [] };
    return {
      ...limits,
      camera: testCamera(),
      clip,
      whenBusy: 'queue',
      owner: '',
      preparation,
      onState: () => undefined,
    };
  }

  describe('and live sound', () => {
    /** Sound at the pace of time, or so many times as fast, until it is aborted; a second of each letter. */
    function feed(clip: Clip, pace: number, signal: AbortSignal): void {
      const push = (index: number): void => {
        clip.beginLive(clock.now());
        clip.append(Buffer.alloc(800 * pace, 'abcdefghijklmnopqrstuvwxyz'[Math.floor(index / 10) % 26]));
        void clock.wait(100, signal).then(
          () => push(index + 1),
          () => clip.end(),
        );
      };
      push(0);
    }

    for (const [code, least] of [
      ['TALK_ERR_CONNECT', 20_000],
      // Asked again every 4 s.
      ['TALK_ERR_BUSY', 18_000],
    ] as const) {
      it(`goes on with what is current then: away for 8 s of 30 s with ${code}`, async () => {
        const clip = new Clip({ live: true });
        const end = new AbortController();
        feed(clip, 1, end.signal);
        const spoken = say('', { clip });
        await clock.advance(10_000);
        goes(code);
        await clock.advance(8_000);
        comesBack();
        await clock.advance(12_000);
        end.abort();
        await clock.advance(5_000);
        assert.equal(outcome(spoken), 'spoken');
        const again = heard(1);
        assert.match(again, /^[s-x]\d+ .* z1000 a1000 b1000 c1000 d1000/, 'what is old is not said');
        const ms = heard()
          .split(' ')
          .reduce((sum, run) => sum + Number(run.slice(1)), 0);
        assert.ok(ms >= least, `${ms} ms heard`);
      });
    }

    it('that comes faster than time, or has ended, loses nothing', async () => {
      const clip = new Clip({ live: true });
      const end = new AbortController();
      feed(clip, 3, end.signal);
      say('', { clip });
      await clock.advance(2_000);
      goes('TALK_ERR_CONNECT');
      await clock.advance(5_000);
      end.abort();
      comesBack();
      await clock.advance(60_000);
      assert.equal(heard(), 'a3000 b3000 c3000 d3000 e3000 f3000 g3000 h300');
    });
  });

  describe('that does not end', () => {
    it('ends each clip with its own code after retrySeconds of it, counted from when the clip came', async () => {
      goes('TALK_ERR_CONNECT');
      const first = say('a', { retrySeconds: 20 });
      await clock.advance(15_000);
      const second = say('b', { retrySeconds: 20 });
      const third = say('c', { retrySeconds: 10 });
      await clock.advance(60_000);
      for (const { error } of [first, second]) coded('TALK_ERR_CONNECT', /; tried again for 20 s$/)(error);
      coded('TALK_ERR_CONNECT', /; tried again for 10 s$/)(third.error);
      assert.deepEqual(
        [first, second, third].map(({ endedAt }) => Math.round(endedAt / 1_000)),
        [20, 35, 25],
      );
      assert.equal(sessions.opened.length, 0);
    });

    it('ends a clip with TALK_ERR_EXPIRED after maxWaitSeconds over all outages, and says for what it waited', async () => {
      goes('TALK_ERR_BUSY');
      const first = say('a', { maxWaitSeconds: 30 });
      const second = say('b', { maxWaitSeconds: 30 }, 500);
      await clock.advance(20_000);
      comesBack();
      await clock.advanceUntil(() => first.state !== 'pending');
      goes('TALK_ERR_BUSY');
      await clock.advance(60_000);
      assert.equal(outcome(first), 'spoken');
      coded(
        'TALK_ERR_EXPIRED',
        /^The clip has waited 30 s for the camera at cam:554 \(.*TALK_ERR_BUSY\)/,
      )(second.error);
    });

    it('does not count the time in which we speak', async () => {
      const first = say('a', { retrySeconds: 5 }, 20_000);
      for (let outages = 0; outages < 2; outages++) {
        await clock.advance(15_000);
        sessions.last.die();
        await clock.advance(2_000);
      }
      await clock.advance(30_000);
      assert.equal(outcome(first), 'spoken');
    });

    for (const [retries, retrySeconds, attempts] of [
      [0, 120, 1],
      [2, 120, 3],
      [50, 8, 4],
      [undefined, 0, 1],
      [undefined, 8, 4],
    ] as const) {
      it(`retries ${retries ?? 'blank'} and ${retrySeconds} s: ${attempts} attempts, what ends first decides`, async () => {
        sessions.refusing = 'TALK_ERR_BUSY';
        const spoken = say('a', { retries, retrySeconds });
        await clock.advance(300_000);
        coded('TALK_ERR_BUSY')(spoken.error);
        assert.equal(sessions.asked.length, attempts);
      });
    }

    it('is no reason to try the next clip at once: the line waits once for all', async () => {
      goes('TALK_ERR_CONNECT');
      for (const name of 'abcdefgh') say(name, { retries: 3 });
      await clock.advance(15_000);
      assert.ok(sessions.asked.length <= 5, `${sessions.asked.length} attempts`);
    });
  });

  describe('is told', () => {
    const told = ({ states }: Spoken): TalkState[] => states.filter((state) => 'problem' in state);

    it('once, after 3 s, with the reason and how long the clip is still tried', async () => {
      goes('TALK_ERR_CONNECT');
      const spoken = say('a');
      await clock.advance(2_900);
      assert.deepEqual(told(spoken), []);
      await clock.advance(200);
      const problem = 'Opening failed with TALK_ERR_CONNECT';
      assert.deepEqual(told(spoken), [{ name: 'retrying', code: 'TALK_ERR_CONNECT', problem, secondsLeft: 117 }]);
      await clock.advance(60_000);
      assert.equal(told(spoken).length, 1);
    });

    it('once for all clips that wait, and again for the next outage', async () => {
      goes('TALK_ERR_CONNECT');
      const clips = [say('a'), say('b')];
      await clock.advance(10_000);
      comesBack();
      await clock.advance(10_000);
      assert.deepEqual(
        clips.map((clip) => told(clip).length),
        [1, 0],
      );
      goes('TALK_ERR_CONNECT');
      const next = say('c');
      await clock.advance(10_000);
      assert.equal(told(next).length, 1);
    });

    it('not at all when it is over sooner', async () => {
      goes('TALK_ERR_BUSY');
      const spoken = say('a');
      await clock.advance(2_500);
      comesBack();
      await clock.advance(5_000);
      assert.equal(outcome(spoken), 'spoken');
      assert.deepEqual(told(spoken), []);
    });
  });
});
