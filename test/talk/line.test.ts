// One camera's turn on a fake clock with fake sessions: order, cuts, retries, reuse, the end. The wire is read back to see who spoke.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { Clip } from '../../src/sound/clip.js';
import type { CameraOptions } from '../../src/camera-options.js';
import { TALK_ERROR_CODES, TalkError, type TalkErrorCode } from '../../src/errors.js';
import type { OpenSession } from '../../src/talk/kept-session.js';
import type { ClipJob } from '../../src/talk/clip-job.js';
import { Line } from '../../src/talk/line.js';
import type { SessionState, TalkOutcome, TalkState } from '../../src/talk/states.js';
import { coded, noUnhandledRejections, rejection, sameBytes, watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { clipOf, FakeSessions, SILENCE, soundOf, testCamera, type Opening } from '../helpers/fake-session.js';

/** A clip whose every byte is the character, so that the wire shows who spoke. */
function clipNamed(name: string, ms: number): Clip {
  const clip = new Clip({ live: false });
  clip.append(Buffer.alloc(ms * 8, name));
  clip.end();
  return clip;
}

const NO_WEB_API = {
  request: () => Promise.reject(new TalkError('TALK_ERR_CONNECT', 'No web interface in this test')),
};

type Spoken = Watched<TalkOutcome> & { readonly states: TalkState[]; readonly names: () => string[] };

describe('line', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let sessions: FakeSessions;
  let sessionStates: SessionState[];
  let line: Line;

  beforeEach(() => {
    clock = new FakeClock();
    sessions = new FakeSessions(clock);
    sessionStates = [];
    line = newLine((state) => sessionStates.push(state));
  });

  afterEach(async () => {
    const ending = watch(line.destroy());
    // Whether destroy is quick is asked below; here it only has to come to an end.
    await clock.advance(60_000);
    assert.equal(ending.state, 'fulfilled', 'destroy does not come to an end');
    assert.equal(clock.pending, 0, 'something still waits on the clock');
    assert.equal(sessions.alive.length, 0, 'a session was left open');
    assert.ok(sessions.mostAlive <= 1, 'two sessions at the same time');
  });

  function newLine(onSession: (state: SessionState) => void, openSession: OpenSession = sessions.open): Line {
    return new Line('cam:554', { clock, openSession, answers: sessions.answers, onSession, webApi: () => NO_WEB_API });
  }

  function speak(clip: Clip, options: Partial<ClipJob> = {}): Spoken {
    const states: TalkState[] = [];
    const { camera = testCamera(), onState, ...rest } = options;
    const watched = watch(
      line.speak({
        camera,
        clip,
        priority: 0,
        whenBusy: 'queue',
        maxQueue: 20,
        retries: 2,
        retrySeconds: 120,
        maxWaitSeconds: 180,
        owner: 'node',
        preparation: { cached: false, warnings: [] },
        onState: (state) => {
          states.push(state);
          onState?.(state);
        },
        ...rest,
      }),
    );
    return Object.assign(watched, { states, names: () => states.map(({ name }) => name) });
  }

  const say = (name: string, options: Parameters<typeof speak>[1] = {}, ms = 100): Spoken =>
    speak(clipNamed(name, ms), options);

  /** Who was heard, in order, one letter per unbroken run. */
  function heard(): string {
    const bytes = Buffer.concat(sessions.opened.map((session) => session.bytes));
    let runs = '';
    let last = SILENCE;
    for (const byte of bytes) {
      if (byte !== last && byte !== SILENCE) runs += String.fromCharCode(byte);
      last = byte;
    }
    return runs;
  }

  const outcome = (spoken: Watched<TalkOutcome>): string =>
    spoken.value === undefined ? spoken.state : spoken.value.outcome === 'cut' ? spoken.value.by : 'spoken';

  describe('a clip', () => {
    it('is spoken, and the report says how', async () => {
      const camera = testCamera({ name: 'front door', leadInMs: 300, packetBytes: 1024 });
      sessions.openings.push({ afterMs: 42 });
      const spoken = speak(clipOf(1_500), { camera, preparation: { cached: true, warnings: ['The end is missing.'] } });
      await clock.advance(42 + 300 + 1_500 - 0.25);
      assert.equal(spoken.state, 'pending');
      await clock.advance(0.25);
      assert.deepEqual(spoken.value, {
        outcome: 'spoken',
        report: {
          camera: 'front door',
          host: 'cam',
          session: 'new',
          seconds: 1.5,
          firstSoundMs: 342,
          queuedMs: 0,
          // 2400 + 12000 bytes in packets of 1024.
          packets: 15,
          bytes: 15_360,
          worstLatenessMs: 0,
          slips: 0,
          attempts: 1,
          cached: true,
          confirmed: true,
          warnings: ['The end is missing.'],
        },
      });
      sameBytes(sessions.last.bytes.subarray(2_400, 14_400), soundOf(12_000));
      assert.deepEqual(spoken.states, [
        { name: 'connecting' },
        { name: 'talking', secondsLeft: 2 },
        { name: 'talking', secondsLeft: 1 },
        { name: 'finished' },
      ]);
    });

    it('has the host for a name when it has none', async () => {
      const spoken = say('a');
      await clock.advance(1_000);
      assert.equal(spoken.value?.outcome === 'spoken' && spoken.value.report.camera, 'cam');
    });

    it('is decoded while the session opens', async () => {
      sessions.openings.push({ afterMs: 100 });
      const clip = new Clip({ live: false });
      const spoken = speak(clip);
      await clock.advance(50);
      assert.deepEqual(spoken.names(), ['decoding', 'connecting']);
      clip.append(soundOf(800));
      clip.end();
      await clock.advance(400);
      assert.equal(outcome(spoken), 'spoken');
      assert.equal(spoken.value?.outcome === 'spoken' && spoken.value.report.firstSoundMs, 100);
    });

    it('that cannot be decoded ends the opening and is not tried again', async () => {
      sessions.openings.push({ afterMs: 1_000 });
      const clip = new Clip({ live: false });
      const spoken = speak(clip);
      await clock.advance(50);
      clip.fail(new TalkError('TALK_ERR_AUDIO', 'no sound in it'));
      await clock.advance(0);
      coded('TALK_ERR_AUDIO')(spoken.error);
      assert.deepEqual(spoken.states.at(-1), { name: 'failed', code: 'TALK_ERR_AUDIO' });
      await clock.advance(2_000);
      assert.equal(sessions.opened.length, 0);
      assert.equal(sessions.asked.length, 1);
    });

    it('tells no seconds left while nobody knows', async () => {
      const clip = new Clip({ live: true });
      const spoken = speak(clip);
      clip.append(soundOf(800));
      await clock.advance(60);
      assert.deepEqual(spoken.states.at(-1), { name: 'talking' });
      clip.end();
      await clock.advance(20);
      assert.deepEqual(spoken.states.at(-1), { name: 'talking', secondsLeft: 1 });
      await clock.advance(1_000);
      assert.equal(outcome(spoken), 'spoken');
    });

    it('counts the wait apart from the time to the first sound', async () => {
      say('a', {}, 1_000);
      await clock.advance(200);
      const second = say('b', {}, 100);
      await clock.advance(3_000);
      assert.ok(second.value?.outcome === 'spoken');
      const { queuedMs, firstSoundMs } = second.value.report;
      // The first clip began with the session and lasts until 1000.
      assert.equal(queuedMs, 800);
      assert.ok(firstSoundMs <= 20, String(firstSoundMs));
    });
  });

  describe('the order', () => {
    it('is first come, first served, and everybody hears how many come first', async () => {
      const all = ['a', 'b', 'c', 'd'].map((name) => say(name));
      assert.deepEqual(
        all.slice(1).map(({ states }) => states[0]),
        [
          { name: 'waiting', ahead: 1 },
          { name: 'waiting', ahead: 2 },
          { name: 'waiting', ahead: 3 },
        ],
      );
      await clock.advance(5_000);
      assert.equal(heard(), 'abcd');
      assert.deepEqual(all.map(outcome), ['spoken', 'spoken', 'spoken', 'spoken']);
      assert.deepEqual(
        all[3]?.states.filter(({ name }) => name === 'waiting'),
        [3, 2, 1].map((ahead) => ({ name: 'waiting', ahead })),
      );
      assert.equal(sessions.opened.length, 1);
    });

    it('puts the higher priority first and cuts nobody for it', async () => {
      for (const [name, priority] of [
        ['a', 0],
        ['b', 0],
        ['c', 5],
        ['d', -1],
        ['e', 5],
        ['f', 9],
      ] as const) {
        say(name, { priority });
      }
      await clock.advance(5_000);
      assert.equal(heard(), 'afcebd');
    });

    it('has no gap: the next clip starts at the next beat without a lead-in', async () => {
      const camera = testCamera({ leadInMs: 300, idleMs: 1_000 });
      const first = say('a', { camera });
      const second = say('b', { camera });
      await clock.advance(1_000);
      assert.equal(outcome(first), 'spoken');
      assert.ok(second.value?.outcome === 'spoken');
      assert.equal(second.value.report.session, 'reused');
      const sound = sessions.last.bytes.subarray(2_400, 2_400 + 1_600);
      const other = [...sound].filter((byte) => byte === SILENCE).length;
      assert.ok(other <= 160, `${other} bytes of silence in between`);
    });

    it('is kept when clips fail', async () => {
      sessions.openings.push({ error: 'TALK_ERR_AUTH' });
      const first = say('a');
      const second = say('b');
      await clock.advance(1_000);
      coded('TALK_ERR_AUTH')(first.error);
      assert.equal(outcome(second), 'spoken');
      assert.equal(heard(), 'b');
    });

    it('takes a clip that somebody speaks in the moment the one before is done', async () => {
      let second: Spoken | undefined;
      const first = say('a', {
        onState: ({ name }) => {
          if (name === 'finished') second = say('b');
        },
      });
      await clock.advance(1_000);
      assert.equal(outcome(first), 'spoken');
      assert.equal(second === undefined ? undefined : outcome(second), 'spoken');
      assert.equal(heard(), 'ab');
    });
  });

  describe('when busy', () => {
    it('interrupt cuts the current clip and keeps those waiting', async () => {
      const first = say('a', {}, 1_000);
      const second = say('b');
      await clock.advance(200);
      const third = say('c', { whenBusy: 'interrupt' });
      await clock.advance(5_000);
      assert.deepEqual([first, second, third].map(outcome), ['interrupt', 'spoken', 'spoken']);
      assert.equal(heard(), 'acb');
      assert.equal(first.names().at(-1), 'stopped');
    });

    it('replace cuts the current clip and clears those waiting', async () => {
      const first = say('a', {}, 1_000);
      const second = say('b');
      await clock.advance(200);
      const third = say('c', { whenBusy: 'replace' });
      await clock.advance(5_000);
      assert.deepEqual([first, second, third].map(outcome), ['replace', 'replace', 'spoken']);
      assert.equal(heard(), 'ac');
    });

    it('drop refuses, and says that the line is busy', async () => {
      const first = say('a', {}, 1_000);
      const second = say('b', { whenBusy: 'drop' });
      await settle();
      coded('TALK_ERR_BUSY', /drop/)(second.error);
      await clock.advance(5_000);
      assert.equal(outcome(first), 'spoken');
      assert.equal(heard(), 'a');
    });

    for (const whenBusy of ['queue', 'interrupt', 'replace', 'drop'] as const) {
      it(`${whenBusy} means nothing to a line with nothing to say`, async () => {
        const camera = testCamera({ idleMs: 60_000 });
        const first = say('a', { camera, whenBusy, maxQueue: 0 });
        await clock.advance(1_000);
        const second = say('b', { camera, whenBusy, maxQueue: 0 });
        await clock.advance(1_000);
        assert.deepEqual([first, second].map(outcome), ['spoken', 'spoken']);
        assert.ok(!second.names().includes('waiting'));
      });
    }

    for (const whenBusy of ['interrupt', 'replace'] as const) {
      it(`${whenBusy} does not cut what is more urgent, it waits`, async () => {
        const alarm = say('a', { priority: 10 }, 500);
        await clock.advance(100);
        const other = say('b', { whenBusy, priority: 5 });
        assert.deepEqual(other.states, [{ name: 'waiting', ahead: 1 }]);
        await clock.advance(5_000);
        assert.deepEqual([alarm, other].map(outcome), ['spoken', 'spoken']);
        assert.equal(heard(), 'ab');
      });

      it(`${whenBusy} cuts while the session is still opening`, async () => {
        sessions.openings.push({ afterMs: 1_000 }, { afterMs: 10 });
        const first = say('a');
        await clock.advance(100);
        const second = say('b', { whenBusy });
        await clock.advance(200);
        assert.deepEqual([first, second].map(outcome), [whenBusy, 'spoken']);
      });
    }

    it('several interruptions in one moment are all heard', async () => {
      say('a', {}, 1_000);
      await clock.advance(100);
      const others = ['b', 'c', 'd'].map((name) => say(name, { whenBusy: 'interrupt' }));
      await clock.advance(5_000);
      assert.deepEqual(
        others.map((spoken) => outcome(spoken)),
        ['spoken', 'spoken', 'spoken'],
      );
    });
  });

  describe('the queue', () => {
    it('takes as many as it may', async () => {
      for (const name of ['a', 'b', 'c']) say(name, { maxQueue: 2 });
      const fourth = say('d', { maxQueue: 2 });
      await settle();
      coded('TALK_ERR_QUEUE_FULL', /2 clips/)(fourth.error);
      await clock.advance(5_000);
      assert.equal(heard(), 'abc');
    });

    it('of length 0 lets nobody wait', async () => {
      const first = say('a', { maxQueue: 0 });
      const second = say('b', { maxQueue: 0 });
      await settle();
      coded('TALK_ERR_QUEUE_FULL')(second.error);
      await clock.advance(5_000);
      assert.equal(outcome(first), 'spoken');
    });

    it('of length 0 is no obstacle to who replaces', async () => {
      say('a', {}, 1_000);
      await clock.advance(100);
      const second = say('b', { maxQueue: 0, whenBusy: 'replace' });
      await clock.advance(5_000);
      assert.equal(outcome(second), 'spoken');
    });

    it('does not grow without end by interruptions that have to wait', async () => {
      say('a', { priority: 10 }, 5_000);
      const others = Array.from({ length: 30 }, () => say('b', { whenBusy: 'interrupt', maxQueue: 5 }));
      await settle();
      const refused = others.filter(({ state }) => state === 'rejected');
      assert.equal(refused.length, 25);
      for (const { error } of refused) coded('TALK_ERR_QUEUE_FULL')(error);
    });

    it('counts as busy while somebody waits, also between two clips', async () => {
      let dropped: Spoken | undefined;
      say('a', {
        onState: ({ name }) => {
          if (name === 'finished') dropped = say('c', { whenBusy: 'drop' });
        },
      });
      const waiting = say('b');
      await clock.advance(1_000);
      assert.equal(outcome(waiting), 'spoken');
      coded('TALK_ERR_BUSY')(dropped?.error);
    });

    it('is cleared by who replaces, also between two clips', async () => {
      let last: Spoken | undefined;
      say('a', {
        onState: ({ name }) => {
          if (name === 'finished') last = say('c', { whenBusy: 'replace' });
        },
      });
      const waiting = say('b');
      await clock.advance(1_000);
      assert.equal(outcome(waiting), 'replace');
      assert.equal(last === undefined ? undefined : outcome(last), 'spoken');
    });

    it('is not overfilled between two clips', async () => {
      let last: Spoken | undefined;
      say('a', {
        onState: ({ name }) => {
          if (name === 'finished') last = say('d', { maxQueue: 2 });
        },
      });
      say('b');
      say('c');
      await clock.advance(110);
      await clock.advance(20);
      coded('TALK_ERR_QUEUE_FULL')(last?.error);
    });
  });

  describe('after a failure', () => {
    /** Openings that fail with the code, for ever. */
    const failing = (code: TalkErrorCode, count = 20): Opening[] =>
      Array.from({ length: count }, () => ({ error: code }));

    const first = [0, 1_000, 3_000, 7_000];

    for (const code of TALK_ERROR_CODES) {
      const { retryable } = new TalkError(code, 'x');
      it(`${code} is ${retryable ? 'tried again after 1, 2, 4 s and so on' : 'not tried again'}`, async () => {
        sessions.openings.push(...failing(code));
        const start = clock.now();
        const spoken = say('a', { retries: 5 });
        await clock.advance(60_000);
        coded(code)(spoken.error);
        assert.deepEqual(
          sessions.asked.map((at) => at - start),
          !retryable ? [0] : code === 'TALK_ERR_CONNECT' ? [...first, 15_000, 30_000] : [...first, 11_000, 15_000],
        );
        assert.deepEqual(
          spoken.states.filter((state) => (state.name === 'retrying' && !state.problem) || state.name === 'failed'),
          [...Array<TalkState>(retryable ? 5 : 0).fill({ name: 'retrying', code }), { name: 'failed', code }],
        );
      });
    }

    for (const retries of [0, 1, 2]) {
      it(`is started ${retries} times more, and the report counts the starts`, async () => {
        sessions.openings.push(...failing('TALK_ERR_BUSY', retries));
        const spoken = say('a', { retries });
        await clock.advance(60_000);
        assert.ok(spoken.value?.outcome === 'spoken');
        assert.equal(spoken.value.report.attempts, retries + 1);

        sessions.openings.push(...failing('TALK_ERR_BUSY', retries + 1));
        const failed = say('b', { retries });
        await clock.advance(60_000);
        coded('TALK_ERR_BUSY')(failed.error);
      });
    }

    it('in the middle starts again from the beginning', async () => {
      const spoken = speak(clipOf(1_000));
      await clock.advance(500);
      sessions.last.die();
      await clock.advance(5_000);
      assert.ok(spoken.value?.outcome === 'spoken');
      assert.equal(spoken.value.report.attempts, 2);
      assert.equal(sessions.opened.length, 2);
      sameBytes(Buffer.from(sessions.last.bytes.filter((byte) => byte !== SILENCE)), soundOf(8_000));
    });

    it('in the middle of live audio goes on where it broke off', async () => {
      const clip = clipOf(2_000, { live: true });
      const spoken = speak(clip);
      await clock.advance(500);
      const said = sessions.last.bytes.filter((byte) => byte !== SILENCE).length;
      sessions.last.die();
      await clock.advance(5_000);
      assert.equal(outcome(spoken), 'spoken');
      const all = Buffer.concat(sessions.opened.map(({ bytes }) => bytes)).filter((byte) => byte !== SILENCE);
      assert.ok(said > 0 && said < 16_000);
      sameBytes(Buffer.from(all), soundOf(16_000));
    });

    it('that comes when the last bytes are not taken starts the clip again, and no report says that it was heard', async () => {
      const spoken = speak(clipOf(1_000));
      await clock.advance(500);
      const stalled = new TalkError('TALK_ERR_STALLED', 'The camera took nothing for 2 s', { camera: 'cam:554' });
      Object.assign(sessions.last, { takes: stalled });
      await clock.advance(600);
      assert.equal(spoken.states.at(-1)?.name, 'retrying');
      sessions.last.die('TALK_ERR_STALLED');
      await clock.advance(5_000);
      assert.ok(spoken.value?.outcome === 'spoken');
      assert.deepEqual([spoken.value.report.attempts, sessions.opened.length], [2, 2]);
    });

    it('says how far the clip got', async () => {
      const spoken = speak(clipOf(3_000), { retries: 0 });
      await clock.advance(1_210);
      sessions.last.die();
      await settle();
      coded('TALK_ERR_CLOSED', /after 1\.2 s of 3\.0 s/)(spoken.error);
      assert.equal(spoken.error instanceof TalkError && spoken.error.camera, 'cam:554');
    });

    it('says how far this try got, not the one before', async () => {
      const spoken = speak(clipOf(3_000), { retries: 1, camera: testCamera({ leadInMs: 300 }) });
      await clock.advance(1_510);
      sessions.last.die();
      await clock.advance(1_100);
      sessions.last.die();
      await settle();
      coded('TALK_ERR_CLOSED', /before the first sound/)(spoken.error);
    });

    it('lets others wait, and a stop end the pause', async () => {
      sessions.openings.push(...failing('TALK_ERR_BUSY', 1));
      const first = say('a');
      const second = say('b');
      await clock.advance(500);
      assert.equal(first.names().at(-1), 'retrying');
      line.skip();
      await clock.advance(1_000);
      assert.deepEqual([first, second].map(outcome), ['skip', 'spoken']);
    });

    it('wraps what is not ours', async () => {
      const strange = newLine(
        () => undefined,
        () => Promise.reject(new RangeError('strange')),
      );
      const error = await rejection(
        strange.speak({
          camera: testCamera(),
          clip: clipOf(100),
          priority: 0,
          whenBusy: 'queue',
          maxQueue: 1,
          retries: 2,
          retrySeconds: 120,
          maxWaitSeconds: 180,
          owner: '',
          preparation: { cached: false, warnings: [] },
          onState: () => undefined,
        }),
      );
      assert.equal(error.code, 'TALK_ERR_PROTOCOL');
      assert.ok(error.cause instanceof RangeError);
      await strange.destroy();
    });
  });

  describe('a kept session', () => {
    const camera = testCamera({ leadInMs: 300, idleMs: 5_000, drainMs: 600 });

    it('is closed after the longer of idle time and drain', async () => {
      for (const [idleMs, drainMs, after] of [
        [5_000, 600, 5_000],
        [0, 600, 600],
        [100, 600, 600],
        [0, 0, 0],
      ] as const) {
        const spoken = say('a', { camera: testCamera({ idleMs, drainMs }) });
        await clock.advanceUntil(() => spoken.state !== 'pending');
        const session = sessions.last;
        if (after > 0) {
          await clock.advance(after - 0.5);
          assert.equal(session.alive, true, `${idleMs}, ${drainMs}: closed too early`);
        }
        await clock.advance(0.5);
        assert.equal(session.endedBy, 'close', `${idleMs}, ${drainMs}: still open`);
      }
    });

    it('is told about: talking, kept, closed', async () => {
      say('a', { camera });
      await clock.advance(10_000);
      assert.deepEqual(sessionStates, ['talking', 'kept', 'closed']);
    });

    it('carries silence and serves the next clip without a lead-in', async () => {
      say('a', { camera });
      await clock.advance(3_000);
      const second = say('b', { camera });
      await clock.advance(1_000);
      assert.ok(second.value?.outcome === 'spoken');
      assert.equal(second.value.report.session, 'reused');
      assert.ok(second.value.report.firstSoundMs <= 20);
      const [session] = sessions.opened;
      const gaps = session?.sent.slice(1).map(({ at }, index) => at - (session.sent[index]?.at ?? 0));
      assert.ok(gaps?.every((gap) => gap === 20));
    });

    it('that died between clips is replaced', async () => {
      say('a', { camera });
      await clock.advance(1_000);
      sessions.last.die();
      const second = say('b', { camera, retries: 0 });
      await clock.advance(1_000);
      assert.ok(second.value?.outcome === 'spoken');
      assert.equal(second.value.report.session, 'new');
    });

    it('that turns out dead with the first packet is replaced at once, and no try is lost', async () => {
      say('a', { camera });
      await clock.advance(1_000);
      const start = clock.now();
      const second = say('b', { camera, retries: 0 });
      await settle();
      sessions.last.die();
      await clock.advance(1_000);
      assert.ok(second.value?.outcome === 'spoken');
      assert.equal(second.value.report.session, 'new');
      assert.equal(second.value.report.attempts, 2);
      assert.deepEqual(
        sessions.asked.slice(1).map((at) => at - start),
        [0],
      );
    });

    it('that dies in the middle of a clip is a failure of that clip', async () => {
      say('a', { camera });
      await clock.advance(1_000);
      const second = speak(clipOf(3_000), { camera, retries: 0 });
      await clock.advance(2_500);
      sessions.last.die();
      await clock.advance(10_000);
      coded('TALK_ERR_CLOSED', /after 2\.5 s of 3\.0 s/)(second.error);
    });

    it('is not mistaken for reused when it is just being closed, or dies in the same moment', async () => {
      const drained = testCamera({ idleMs: 60_000, drainMs: 5_000 });
      say('a', { camera: drained });
      await clock.advance(1_000);
      // The goodbye waits for the drain; the clip gets a session of its own after it.
      const closing = line.disconnect();
      await settle();
      const second = say('b', { camera: drained });
      await clock.advance(10_000);
      await closing;
      const third = say('c', { camera: drained });
      sessions.last.die();
      await clock.advance(10_000);
      assert.equal(sessions.opened.length, 3);
      for (const { value } of [second, third]) assert.equal(value?.outcome === 'spoken' && value.report.session, 'new');
    });

    it('gives way to one with other settings', async () => {
      say('a', { camera });
      await clock.advance(1_000);
      const second = say('b', { camera: { ...camera, mode: 'aec' } });
      await clock.advance(2_000);
      assert.equal(outcome(second), 'spoken');
      assert.deepEqual(
        sessions.opened.map(({ camera: { mode } }) => mode),
        ['half_duplex', 'aec'],
      );
    });
  });

  describe('connect and disconnect', () => {
    const camera = testCamera({ leadInMs: 300, idleMs: 0, drainMs: 0 });

    it('opens ahead of time, holds for half a minute, and the first clip needs no lead-in', async () => {
      await line.connect(camera);
      assert.equal(sessions.opened.length, 1);
      await clock.advance(29_900);
      assert.equal(sessions.last.alive, true);
      const spoken = say('a', { camera });
      await clock.advance(90);
      assert.ok(spoken.names().includes('talking'));
      await clock.advance(1_000);
      assert.ok(spoken.value?.outcome === 'spoken');
      assert.equal(spoken.value.report.session, 'reused');
      assert.equal(sessions.last.endedBy, 'close');

      await line.connect(camera);
      await clock.advance(29_999);
      assert.equal(sessions.last.alive, true);
      await clock.advance(1);
      assert.equal(sessions.last.endedBy, 'close');
    });

    it('opens once, however often it is asked', async () => {
      sessions.openings.push({ afterMs: 100 });
      const all = [line.connect(camera), line.connect(camera), line.connect(camera)];
      await clock.advance(100);
      await Promise.all(all);
      assert.equal(sessions.opened.length, 1);
    });

    it('shares its opening with a clip', async () => {
      sessions.openings.push({ afterMs: 100 });
      const connecting = line.connect(camera);
      const spoken = say('a', { camera });
      await clock.advance(1_000);
      await connecting;
      assert.equal(outcome(spoken), 'spoken');
      assert.equal(sessions.opened.length, 1);
    });

    it('with other settings does not cut who is talking, nor who comes next', async () => {
      const all = [say('a', { camera }, 500), say('b', { camera }, 500)];
      await clock.advance(400);
      const connecting = watch(line.connect({ ...camera, mode: 'aec' }));
      await clock.advance(5_000);
      assert.deepEqual(all.map(outcome), ['spoken', 'spoken']);
      assert.notEqual(connecting.state, 'pending');
      assert.equal(heard(), 'ab');
    });

    it('does not open a session any more when the line was closed meanwhile', async () => {
      say('a', { camera }, 500);
      const connecting = watch(line.connect({ ...camera, mode: 'aec' }));
      const closing = line.close();
      await clock.advance(5_000);
      await closing;
      assert.equal(connecting.state, 'rejected');
      assert.equal(sessions.opened.length, 1);
    });

    it('says why it failed, and does not try again by itself', async () => {
      sessions.openings.push({ error: 'TALK_ERR_BUSY' });
      coded('TALK_ERR_BUSY')(await rejection(line.connect(camera)));
      await clock.advance(60_000);
      assert.equal(sessions.asked.length, 1);
    });

    it('stops when the signal says so', async () => {
      sessions.openings.push({ afterMs: 1_000 });
      const controller = new AbortController();
      const connecting = watch(line.connect(camera, controller.signal));
      await clock.advance(10);
      controller.abort();
      await settle();
      coded('TALK_ERR_ABORTED')(connecting.error);
    });

    it('stops when the signal says so, also while somebody else is still getting through', async () => {
      sessions.openings.push({ afterMs: 5_000 });
      say('a', { camera });
      await clock.advance(10);
      const controller = new AbortController();
      const connecting = watch(line.connect({ ...camera, mode: 'aec' }, controller.signal));
      await clock.advance(10);
      controller.abort();
      await settle();
      coded('TALK_ERR_ABORTED')(connecting.error);
      await clock.advance(10_000);
    });

    for (const [name, ask] of [
      ['connect with other settings', (to: CameraOptions) => line.connect({ ...to, mode: 'aec' })],
      ['disconnect', () => line.disconnect()],
    ] as const) {
      it(`${name} does not cut a clip that comes in the moment the one before is done`, async () => {
        // In how many steps a promise chain tells somebody is nobody's promise: all of them are tried.
        for (let steps = 0; steps < 16; steps++) {
          const kept = testCamera({ idleMs: 1_000, packetBytes: 1024 });
          sessions.openings.push({ afterMs: 50 });
          const asked: Watched<void>[] = [];
          const clips: Spoken[] = [];
          const first = line.speak({
            camera: kept,
            clip: clipNamed('a', 100),
            priority: 0,
            whenBusy: 'queue',
            maxQueue: 20,
            retries: 0,
            retrySeconds: 120,
            maxWaitSeconds: 180,
            owner: '',
            preparation: { cached: false, warnings: [] },
            onState: () => undefined,
          });
          void first.then(async () => {
            for (let step = 0; step < steps; step++) await Promise.resolve();
            clips.push(say('b', { camera: kept, retries: 0 }, 3_000));
          });
          await clock.advance(10);
          asked.push(watch(ask(kept)));
          await clock.advance(60_000);
          assert.deepEqual(clips.map(outcome), ['spoken'], `after ${steps} steps: ${String(clips[0]?.error)}`);
          assert.ok(asked.every(({ state }) => state !== 'pending'));
        }
      });
    }

    it('disconnect waits for what was accepted', async () => {
      const kept = testCamera({ idleMs: 60_000 });
      const all = [say('a', { camera: kept }), say('b', { camera: kept })];
      const closing = watch(line.disconnect());
      await clock.advance(150);
      assert.equal(closing.state, 'pending');
      await clock.advance(150);
      assert.equal(closing.state, 'fulfilled');
      assert.deepEqual(all.map(outcome), ['spoken', 'spoken']);
      assert.equal(sessions.last.endedBy, 'close');
      assert.equal(clock.pending, 0);
    });

    it('disconnect with nothing open is done at once, and the line still talks', async () => {
      await line.disconnect();
      await line.disconnect();
      const spoken = say('a');
      await clock.advance(1_000);
      assert.equal(outcome(spoken), 'spoken');
    });
  });

  describe('stop and skip', () => {
    it('skip cuts the current clip only', async () => {
      const first = say('a', {}, 1_000);
      const second = say('b');
      await clock.advance(210);
      line.skip();
      await settle();
      assert.equal(outcome(first), 'skip');
      const before = heard();
      await clock.advance(1_000);
      assert.equal(outcome(second), 'spoken');
      assert.equal(before + heard().slice(before.length), 'ab');
    });

    it('stop cuts the current clip and clears what its owner has waiting', async () => {
      const all = [say('a', { owner: 'x' }, 1_000), say('b'), say('c', { owner: 'y' }), say('d')];
      await clock.advance(100);
      line.stop('node');
      await clock.advance(5_000);
      assert.deepEqual(all.map(outcome), ['stop', 'stop', 'spoken', 'stop']);
      assert.equal(heard(), 'ac');
      for (const spoken of [all[0], all[1], all[3]])
        assert.equal(spoken?.names().filter((name) => name === 'stopped').length, 1);
    });

    it('make the next packet silent', async () => {
      say('a', { camera: testCamera({ idleMs: 1_000 }) }, 1_000);
      await clock.advance(210);
      line.stop('node');
      const sent = sessions.last.sent.length;
      await clock.advance(500);
      assert.ok(sessions.last.sent.slice(sent).every(({ bytes }) => bytes.every((byte) => byte === SILENCE)));
    });

    it('mean nothing to a line with nothing to say', () => {
      line.skip();
      line.stop('node');
    });

    for (const [name, openings, ms] of [
      ['while connecting', [{ afterMs: 1_000 }], 100],
      ['between two tries', [{ error: 'TALK_ERR_BUSY' }], 500],
      ['while talking', [], 50],
      ['while the last sample plays out', [], 95],
    ] as const) {
      it(`work ${name}`, async () => {
        sessions.openings.push(...openings);
        const spoken = say('a');
        await clock.advance(ms);
        line.stop('node');
        await settle();
        assert.equal(outcome(spoken), 'stop');
        const next = say('b');
        await clock.advance(5_000);
        assert.equal(outcome(next), 'spoken');
      });
    }

    it('work while the clip is not decoded yet', async () => {
      const spoken = speak(new Clip({ live: false }));
      await clock.advance(100);
      line.stop('node');
      await settle();
      assert.equal(outcome(spoken), 'stop');
    });

    it('work while the session before is still being closed', async () => {
      const camera = testCamera({ idleMs: 60_000, drainMs: 10_000 });
      say('a', { camera });
      await clock.advance(1_000);
      const closing = line.disconnect();
      await settle();
      const spoken = say('b', { camera });
      await clock.advance(100);
      line.stop('node');
      await clock.advance(100);
      assert.equal(outcome(spoken), 'stop');
      await clock.advance(20_000);
      await closing;
    });

    it('come once: what was cut stays cut', async () => {
      const spoken = say('a', {}, 1_000);
      await clock.advance(100);
      line.skip();
      line.stop('node');
      line.skip();
      say('b', { whenBusy: 'interrupt' });
      await clock.advance(1_000);
      assert.equal(outcome(spoken), 'skip');
      assert.equal(spoken.names().filter((name) => name === 'stopped').length, 1);
    });
  });

  describe('the caller’s signal', () => {
    it('ends a clip that waits and one that sounds, with its reason, and nobody else', async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const all = [say('a', { signal }, 1_000), say('b', { signal }), say('c')];
      await clock.advance(100);
      const reason = new TalkError('TALK_ERR_ABORTED', 'the flow was stopped');
      controller.abort(reason);
      await clock.advance(1_000);
      assert.equal(all[0]?.error, reason);
      assert.equal(all[1]?.error, reason);
      assert.equal(all[2] === undefined ? '' : outcome(all[2]), 'spoken');
      assert.equal(heard(), 'ac');
    });

    it('is refused with its reason when it is aborted already', async () => {
      const spoken = say('a', { signal: AbortSignal.abort() });
      await clock.advance(1_000);
      coded('TALK_ERR_ABORTED')(spoken.error);
      assert.equal(sessions.asked.length, 0);
    });

    it('is rid of our listeners when the clip has ended, however it did', async () => {
      const { signal } = new AbortController();
      sessions.openings.push({ error: 'TALK_ERR_AUTH' });
      say('a', { signal });
      say('b', { signal });
      say('c', { signal, owner: 'other' }, 5_000);
      say('d', { signal });
      say('e', { signal, whenBusy: 'drop' });
      await clock.advance(500);
      line.stop('node');
      await clock.advance(1_000);
      assert.equal(getEventListeners(signal, 'abort').length, 0);
    });
  });

  describe('close and destroy', () => {
    it('close lets what was accepted end, refuses the rest, and closes the session', async () => {
      const camera = testCamera({ idleMs: 60_000, drainMs: 600 });
      const all = [say('a', { camera }), say('b', { camera })];
      const closing = watch(line.close());
      const late = say('c');
      await settle();
      coded('TALK_ERR_ABORTED')(late.error);
      coded('TALK_ERR_ABORTED')(await rejection(line.connect(camera)));
      await clock.advance(5_000);
      assert.deepEqual(all.map(outcome), ['spoken', 'spoken']);
      assert.equal(closing.state, 'fulfilled');
      assert.equal(sessions.last.endedBy, 'close');
      assert.equal(clock.pending, 0);
    });

    it('destroy ends everything now', async () => {
      const all = [say('a', {}, 5_000), say('b'), say('c', { owner: 'other' })];
      await clock.advance(100);
      const ending = watch(line.destroy());
      await settle();
      assert.equal(ending.state, 'fulfilled');
      for (const { error } of all) coded('TALK_ERR_ABORTED')(error);
      assert.equal(sessions.last.alive, false);
      assert.equal(clock.pending, 0);
      coded('TALK_ERR_ABORTED')(await rejection(line.connect(testCamera())));
    });

    for (const [name, openings, ms] of [
      ['while connecting', [{ afterMs: 13_000, error: 'TALK_ERR_TIMEOUT' }], 100],
      ['between two tries', [{ error: 'TALK_ERR_BUSY' }], 500],
      ['while the session is kept', [], 1_000],
    ] as const) {
      it(`destroy ends now ${name}`, async () => {
        sessions.openings.push(...openings);
        say('a', { camera: testCamera({ idleMs: 60_000, drainMs: 10_000 }) });
        await clock.advance(ms);
        const ending = watch(line.destroy());
        await settle();
        assert.equal(ending.state, 'fulfilled');
        assert.equal(clock.pending, 0);
      });
    }

    it('destroy ends a connect under way now', async () => {
      sessions.openings.push({ afterMs: 13_000, error: 'TALK_ERR_TIMEOUT' });
      const connecting = watch(line.connect(testCamera()));
      await clock.advance(100);
      const ending = watch(line.destroy());
      await settle(10);
      assert.equal(ending.state, 'fulfilled', 'still waiting for the camera to answer');
      coded('TALK_ERR_ABORTED')(connecting.error);
      await clock.advance(13_000);
    });

    it('destroy cuts a close short', async () => {
      const spoken = say('a', { camera: testCamera({ drainMs: 10_000 }) }, 1_000);
      const closing = watch(line.close());
      await clock.advance(100);
      const ending = watch(line.destroy());
      await settle(10);
      assert.equal(ending.state, 'fulfilled');
      assert.equal(closing.state, 'fulfilled');
      coded('TALK_ERR_ABORTED')(spoken.error);
    });

    it('come once, however often and in whatever order', async () => {
      say('a');
      const all = [line.close(), line.close(), line.destroy(), line.destroy(), line.close()].map((end) => watch(end));
      await clock.advance(1_000);
      assert.ok(all.every(({ state }) => state === 'fulfilled'));
      await line.destroy();
      await line.close();
      assert.equal(line.busy, false);
    });
  });

  describe('listeners of somebody else', () => {
    // Node-RED ends the process when a rejection goes unhandled.
    let grumbling = true;
    const grumble = (): void => {
      if (grumbling) throw new Error('a listener of somebody else');
    };

    afterEach(async () => {
      // Whatever became of the line, the next test gets a sound one.
      grumbling = false;
      for (const session of sessions.alive) session.destroy();
      await clock.advance(60_000);
      line = newLine(() => undefined);
      grumbling = true;
    });

    it('may throw when told a state, and the line still talks', async () => {
      const first = say('a', { onState: grumble });
      const second = say('b', { onState: grumble });
      await clock.advance(2_000);
      assert.notEqual(first.state, 'pending');
      assert.notEqual(second.state, 'pending');
      const third = say('c');
      await clock.advance(2_000);
      assert.equal(outcome(third), 'spoken');
    });

    it('may throw when told how the session is, and the line still talks', async () => {
      line = newLine(grumble);
      const first = say('a');
      await clock.advance(2_000);
      assert.notEqual(first.state, 'pending');
      const second = say('b');
      await clock.advance(2_000);
      assert.notEqual(second.state, 'pending');
    });
  });
});
