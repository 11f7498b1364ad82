// The watchdog over a thread: when it takes it for dead, and everything that only looks like it.
import assert from 'node:assert/strict';
import { Watchdog } from '../../../src/engine/thread/watchdog.js';
import { FakeClock } from '../../helpers/fake-clock.js';

describe('the watchdog', () => {
  let clock: FakeClock;
  let asked: number;
  let silent: number;
  let watchdog: Watchdog;

  beforeEach(() => {
    clock = new FakeClock();
    asked = silent = 0;
    watchdog = new Watchdog({ clock, ask: () => (asked += 1), onSilent: () => (silent += 1) });
  });

  /** A thread that answers at once; `ms` of it. */
  async function lively(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) {
      await clock.advance(500);
      watchdog.heard();
    }
  }

  it('asks every second while somebody waits, and leaves no timer behind', async () => {
    watchdog.heard();
    assert.equal(clock.pending, 0);
    watchdog.on = true;
    watchdog.on = true;
    await lively(10_000);
    assert.ok(asked >= 10 && asked <= 11, `${asked}`);
    watchdog.on = false;
    assert.equal(clock.pending, 0);
    await lively(10_000);
    assert.ok(asked <= 11);
    watchdog.on = true;
    await lively(2_000);
    assert.equal(silent, 0);
  });

  it('takes a thread for dead after 5 s without an answer, once', async () => {
    watchdog.heard();
    watchdog.on = true;
    await lively(3_000);
    await clock.advance(4_999);
    assert.equal(silent, 0);
    await clock.advance(1_001);
    assert.equal(silent, 1);
    await clock.advance(60_000);
    assert.deepEqual([silent, clock.pending], [1, 0]);
  });

  it('does not pile up questions that nobody answers', async () => {
    watchdog.heard();
    watchdog.on = true;
    await clock.advance(4_500);
    assert.equal(asked, 1);
  });

  it('waits for a thread that takes long to load', async () => {
    watchdog.on = true;
    await clock.advance(60_000);
    assert.equal(silent, 0);
    watchdog.heard();
    await clock.advance(6_000);
    assert.equal(silent, 1);
  });

  it('lets an answer after 4 s count', async () => {
    watchdog.heard();
    watchdog.on = true;
    for (let n = 0; n < 5; n++) {
      await clock.advance(4_400);
      watchdog.heard();
    }
    assert.equal(silent, 0);
  });

  it('does not count time in which this side was blocked, in one piece or in many, or the machine slept', async () => {
    watchdog.heard();
    watchdog.on = true;
    for (const ms of [60_000, 8 * 3_600_000]) {
      // What the thread said meanwhile comes after the timer.
      clock.stall(ms);
      await clock.advance(0);
      assert.equal(silent, 0);
      watchdog.heard();
      await clock.advance(100);
    }
    for (let n = 0; n < 100; n++) {
      clock.stall(1_600);
      await clock.advance(0);
    }
    assert.equal(silent, 0);
  });
});
