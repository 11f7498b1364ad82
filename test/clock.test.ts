// Waiting and deadlines: on the fake clock, and the real clock against the same rules; the fake itself is tested here too.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { monotonicClock, withDeadline } from '../src/clock.js';
import { TalkError } from '../src/errors.js';
import { coded, noUnhandledRejections, watch } from './helpers/collect.js';
import { FakeClock, settle } from './helpers/fake-clock.js';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
const busy = (): TalkError => new TalkError('TALK_ERR_BUSY', 'busy');
const tooLate = (): TalkError => new TalkError('TALK_ERR_TIMEOUT', 'too late');

for (const [name, make] of [
  ['monotonic clock', () => monotonicClock],
  ['fake clock', () => new FakeClock()],
] as const) {
  describe(name, () => {
    it('never goes back', () => {
      const clock = make();
      const before = clock.now();
      assert.ok(clock.now() >= before);
    });

    it('resolves a wait of nothing without being moved', async () => {
      const clock = make();
      await clock.wait(0);
      await clock.wait(-5);
    });

    it('rejects an aborted wait with the reason and leaves no listener', async () => {
      const clock = make();
      const controller = new AbortController();
      const waiting = clock.wait(1_000_000, controller.signal);
      const reason = busy();
      controller.abort(reason);
      await assert.rejects(waiting, reason);
      assert.equal(listeners(controller.signal), 0);
      await assert.rejects(clock.wait(5, controller.signal), reason);
      await assert.rejects(clock.wait(0, AbortSignal.abort()), coded('TALK_ERR_ABORTED'));
    });

    it('takes its listener off the signal when the wait is over', async () => {
      const clock = make();
      const controller = new AbortController();
      const waiting = clock.wait(2, controller.signal);
      if (clock instanceof FakeClock) await clock.advance(2);
      await waiting;
      assert.equal(listeners(controller.signal), 0);
    });
  });
}

describe('monotonic clock, real timers', () => {
  it('waits about as long as told', async () => {
    const start = monotonicClock.now();
    await monotonicClock.wait(20);
    assert.ok(monotonicClock.now() - start >= 18);
  });
});

describe('fake clock, as a tool', () => {
  it('fires in the order of deadlines, each at its own time, with chains settled in between', async () => {
    const clock = new FakeClock(0);
    const log: string[] = [];
    const note = (name: string) => () => {
      log.push(`${name}@${clock.now()}`);
    };
    void clock.wait(30).then(note('c'));
    void clock
      .wait(10)
      .then(note('a'))
      .then(() => clock.wait(10))
      .then(note('b'));
    void clock.wait(30).then(note('d'));
    await clock.advance(29);
    assert.deepEqual(log, ['a@10', 'b@20']);
    assert.equal(clock.pending, 2);
    assert.equal(clock.nextIn, 1);
    await clock.advance(1);
    assert.deepEqual(log, ['a@10', 'b@20', 'c@30', 'd@30']);
    assert.equal(clock.pending, 0);
    assert.equal(clock.fired, 4);
  });

  it('moves with every wait, however little it is', async () => {
    const clock = new FakeClock(1_064_604.625);
    const before = clock.now();
    const waited = watch(clock.wait(1e-12));
    await clock.advance(1);
    assert.equal(waited.state, 'fulfilled');
    const tiny = clock.wait(1e-12);
    await clock.advanceUntil(() => clock.pending === 0);
    await tiny;
    assert.ok(clock.now() > before + 1);
  });

  it('lets time pass without firing', async () => {
    const clock = new FakeClock(0);
    const waiting = watch(clock.wait(10).then(() => clock.now()));
    clock.stall(500);
    await settle();
    assert.equal(waiting.state, 'pending');
    assert.equal(clock.nextIn, -490);
    await clock.advance(0);
    assert.equal(waiting.value, 500);
  });
});

describe('deadline', () => {
  noUnhandledRejections();

  it('passes on what comes in time and leaves nothing behind', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    assert.equal(await withDeadline(clock, Promise.resolve(5), 100, tooLate, signal), 5);
    await assert.rejects(withDeadline(clock, Promise.reject(busy()), 100, tooLate, signal), coded('TALK_ERR_BUSY'));
    await settle();
    assert.equal(clock.pending, 0);
    assert.equal(listeners(signal), 0);
  });

  it('rejects at the deadline, not before', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const result = watch(withDeadline(clock, new Promise(() => undefined), 100, tooLate, signal));
    await clock.advance(99.9);
    assert.equal(result.state, 'pending');
    await clock.advance(0.1);
    coded('TALK_ERR_TIMEOUT')(result.error);
    assert.equal(clock.pending, 0);
    assert.equal(listeners(signal), 0);
  });

  it('rejects with the reason of the signal, at once or later', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const result = watch(withDeadline(clock, new Promise(() => undefined), 100, tooLate, controller.signal));
    controller.abort(busy());
    await settle();
    coded('TALK_ERR_BUSY')(result.error);
    const late = withDeadline(clock, Promise.resolve(5), 100, tooLate, controller.signal);
    await assert.rejects(late, coded('TALK_ERR_BUSY'));
    assert.equal(clock.pending, 0);
  });

  it('swallows what the loser says later', async () => {
    const clock = new FakeClock();
    let fail: (error: Error) => void = () => undefined;
    const late = new Promise((_, reject) => (fail = reject));
    const result = watch(withDeadline(clock, late, 100, tooLate));
    await clock.advance(100);
    // An unhandled rejection would end this process.
    fail(new Error('much later'));
    await settle();
    coded('TALK_ERR_TIMEOUT')(result.error);
    await assert.rejects(
      withDeadline(clock, Promise.reject(new Error('lost')), 100, tooLate, AbortSignal.abort()),
      coded('TALK_ERR_ABORTED'),
    );
    await settle();
  });
});
