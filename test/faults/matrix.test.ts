// Every behavior of the simulator in every situation: what the table says, each clip ended once and truthfully, nothing hangs, nothing is left.
import assert from 'node:assert/strict';
import { playInFakeTime, playInRealTime, ROWS } from './cell.js';
import { complaints, ignoreComplaints } from './complaints.js';
import { HOW_TO, readOutcomes } from './outcomes.js';
import { SITUATION_NAMES, type Situation } from './situations.js';

describe('a camera that misbehaves', () => {
  const table = readOutcomes();

  before(() => complaints());
  afterEach(() => assert.deepEqual(complaints(), []));
  after(ignoreComplaints);

  it('has a row in the table of outcomes, and no other has', () => {
    assert.deepEqual([...table.keys()], ROWS, `${HOW_TO}.`);
  });

  for (const row of ROWS) {
    it(`${row}: what the table says`, async () => {
      const wanted = table.get(row) ?? assert.fail(`There is no row for the behavior ${row}. ${HOW_TO}.`);
      for (const situation of SITUATION_NAMES) {
        const { outcome, wrong } = await playInFakeTime(row, situation);
        assert.deepEqual(wrong, [], situation);
        assert.equal(outcome, wanted[situation], `${situation}. If this is as it shall be: ${HOW_TO}`);
      }
    });
  }

  it('does the same in real time', async () => {
    const once = ROWS.filter((row) => !row.endsWith('@1'));
    const played = once.map(async (row) => {
      const situation: Situation = /^(stream|speaker|microphone|room)-/.test(row) ? 'listening' : 'idle';
      const { outcome, wrong } = await playInRealTime(row, situation);
      assert.deepEqual(wrong, [], row);
      // How often it was tried within some seconds is the machine's doing as well as ours.
      assert.equal(withoutCount(outcome), withoutCount(table.get(row)?.[situation] ?? ''), row);
    });
    for (const result of await Promise.allSettled(played)) if (result.status === 'rejected') throw result.reason;
  });
});

function withoutCount(outcome: string): string {
  return outcome.replace(/, \d+$/, '');
}
