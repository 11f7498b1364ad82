// The shared wake-up on a fake clock: order, taking back, what happens while it is awake, and that nothing wakes for nothing.
import assert from 'node:assert/strict';
import { SharedTimer, sharedTimerOf } from '../../src/talk/shared-timer.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';

describe('beat', () => {
  let clock: FakeClock;
  let timer: SharedTimer;
  let start: number;
  let ran: string[];

  beforeEach(() => {
    clock = new FakeClock();
    timer = new SharedTimer(clock);
    start = clock.now();
    ran = [];
  });

  afterEach(() => assert.equal(clock.pending, 0, 'it still waits on the clock'));

  const note = (name: string) => (): void => void ran.push(`${name}@${clock.now() - start}`);

  it('is one for each clock', () => {
    assert.equal(sharedTimerOf(clock), sharedTimerOf(clock));
    assert.notEqual(sharedTimerOf(clock), sharedTimerOf(new FakeClock()));
  });

  it('runs each at its deadline, equal ones in the order in which they came', async () => {
    timer.at(start + 40, note('c'));
    timer.at(start + 20, note('a'));
    timer.at(start + 40, note('d'));
    timer.at(start + 30, note('b'));
    await clock.advance(100);
    assert.deepEqual(ran, ['a@20', 'b@30', 'c@40', 'd@40']);
  });

  it('wakes up once for all that are due together, however many', async () => {
    const again = (deadline: number): void => {
      if (deadline <= start + 200) timer.at(deadline, () => again(deadline + 20));
    };
    for (let stream = 0; stream < 50; stream++) again(start + 20);
    await clock.advance(1_000);
    assert.equal(clock.fired, 10);
  });

  it('runs in a later turn, also what is due or overdue', async () => {
    timer.at(start, note('due'));
    timer.at(start - 50, note('overdue'));
    assert.deepEqual(ran, []);
    await settle();
    assert.deepEqual(ran, ['overdue@0', 'due@0']);
  });

  it('takes what is less than half a millisecond ahead along', async () => {
    timer.at(start + 20, note('a'));
    timer.at(start + 20.5, note('b'));
    timer.at(start + 20.625, note('c'));
    await clock.advance(20);
    assert.deepEqual(ran, ['a@20', 'b@20']);
    await clock.advance(1);
    assert.equal(ran[2], 'c@20.625');
  });

  it('tells all of one wake-up the same time, however long each takes', async () => {
    const times: number[] = [];
    for (let n = 0; n < 3; n++) {
      timer.at(start + 20, (now) => {
        times.push(now - start);
        clock.stall(7);
      });
    }
    await clock.advance(20);
    assert.deepEqual(times, [20, 20, 20]);
  });

  it('runs what is taken up while it is awake: at once what is due by then, else later', async () => {
    timer.at(start + 20, () => {
      timer.at(start + 10, note('late'));
      timer.at(start + 30, note('next'));
      note('first')();
    });
    await clock.advance(20);
    assert.deepEqual(ran, ['first@20', 'late@20']);
    await clock.advance(10);
    assert.deepEqual(ran.slice(2), ['next@30']);
  });

  it('gives the event loop a turn when the work takes longer than the time there is', async () => {
    let turns = 0;
    const again = (deadline: number): void => {
      timer.at(deadline, () => {
        clock.stall(30);
        if (deadline < start + 200) again(deadline + 20);
      });
    };
    again(start + 20);
    setImmediate(() => (turns += 1));
    await clock.advance(20);
    assert.equal(turns, 1);
    assert.ok(clock.now() - start >= 300);
  });

  it('does not run what was taken back, before or while it is awake', async () => {
    const takeBack = [timer.at(start + 20, note('a')), timer.at(start + 20, () => takeBack[2]?.())];
    takeBack.push(timer.at(start + 20, note('c')));
    timer.at(start + 20, note('d'));
    takeBack[0]?.();
    takeBack[0]?.();
    await clock.advance(100);
    takeBack[1]?.();
    assert.deepEqual(ran, ['d@20']);
  });

  it('sleeps without a timer when there is nothing to wait for', async () => {
    const takeBack = timer.at(start + 20, note('a'));
    assert.equal(clock.pending, 1);
    takeBack();
    assert.equal(clock.pending, 0);
    await clock.advance(100);
    assert.equal(clock.fired, 0);
    timer.at(clock.now() + 20, note('b'));
    await clock.advance(100);
    assert.deepEqual(ran, ['b@120']);
    assert.equal(clock.pending, 0);
  });

  it('has one timer, however the deadlines come and go', async () => {
    const takeBack = [50, 40, 30, 20].map((ms) => timer.at(start + ms, note(String(ms))));
    await settle();
    assert.equal(clock.pending, 1);
    takeBack[3]?.();
    takeBack[1]?.();
    assert.equal(clock.pending, 1);
    assert.equal(clock.nextIn, 30);
    await clock.advance(100);
    assert.deepEqual(ran, ['30@30', '50@50']);
  });
});
