// A time-out that is started anew, stopped, and never ends.
import assert from 'node:assert/strict';
import { Timeout } from '../../src/simulator/timeout.js';
import { FakeClock } from '../helpers/fake-clock.js';

describe('simulator/timeout', () => {
  let clock: FakeClock;
  let ended: number[];
  let timeout: Timeout;
  beforeEach(() => {
    clock = new FakeClock(0);
    ended = [];
    timeout = new Timeout(clock, () => void ended.push(clock.now()));
  });

  it('ends after its time, each time it is started', async () => {
    timeout.start(50);
    await clock.advance(50);
    timeout.start(30);
    await clock.advance(100);
    assert.deepEqual(ended, [50, 80]);
  });
  it('counts anew when started again', async () => {
    timeout.start(50);
    await clock.advance(40);
    timeout.start(50);
    assert.equal(clock.pending, 1);
    await clock.advance(100);
    assert.deepEqual(ended, [90]);
  });
  it('does not end once stopped, nor when its time has no end', async () => {
    timeout.stop();
    timeout.start(50);
    timeout.stop();
    timeout.stop();
    assert.equal(clock.pending, 0);
    timeout.start(50);
    timeout.start(Number.POSITIVE_INFINITY);
    assert.equal(clock.pending, 0);
    await clock.advance(1_000);
    assert.deepEqual(ended, []);
  });
});
