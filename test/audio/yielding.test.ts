// Yielding: one slice of work per turn of the event loop, whoever works.
import assert from 'node:assert/strict';
import { yielding } from '../../src/audio/yielding.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { rejection } from '../helpers/collect.js';

/** Counts turns of the event loop until told to stop. */
function countTurns(): () => number {
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  return () => {
    counting = false;
    return turns;
  };
}

describe('yielding', () => {
  it('lets the event loop turn after every 2 ms of work', async () => {
    const clock = new FakeClock();
    const giveWay = yielding(clock);
    await giveWay();
    const turns = countTurns();
    for (let step = 0; step < 100; step++) {
      clock.stall(0.5);
      await giveWay();
    }
    const counted = turns();
    assert.ok(counted >= 24 && counted <= 26, `${counted} turns for 50 ms of work`);
  });

  it('gives several workers one slice per turn between them, in order', async () => {
    const clock = new FakeClock();
    const slices: string[] = [];
    const turns = countTurns();
    const work = async (name: string): Promise<void> => {
      const giveWay = yielding(clock);
      for (let step = 0; step < 5; step++) {
        await giveWay();
        slices.push(name);
        clock.stall(2);
      }
    };
    await Promise.all([work('a'), work('b'), work('c')]);
    assert.ok(turns() >= 14);
    assert.equal(slices.join(''), 'abcabcabcabcabc');
  });

  it('rejects when the signal is aborted, also while it waits', async () => {
    const abort = new AbortController();
    const giveWay = yielding(new FakeClock(), abort.signal);
    const waiting = rejection(giveWay());
    abort.abort();
    assert.equal((await waiting).code, 'TALK_ERR_ABORTED');
    assert.equal((await rejection(giveWay())).code, 'TALK_ERR_ABORTED');
  });
});
