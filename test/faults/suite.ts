// The suite of one family: every behavior of the simulator in every situation: what the table says, each clip ended once and truthfully, nothing hangs, nothing is left.
import assert from 'node:assert/strict';
import { playInFakeTime, playInRealTime, ROWS } from './cell.js';
import { complaints, ignoreComplaints } from './complaints.js';
import { HOW_TO, readOutcomes } from './outcomes.js';
import { SITUATION_NAMES, type Situation } from './situations.js';
import type { Family } from './stage.js';

export function playsAsTheTableSays(family: Family): void {
  const rows = ROWS[family];
  describe(`a camera that misbehaves: ${family}`, () => {
    const table = readOutcomes(family);

    before(() => complaints());
    afterEach(() => assert.deepEqual(complaints(), []));
    after(ignoreComplaints);

    it('has a row in the table of outcomes, and no other has', () => {
      assert.deepEqual([...table.keys()], rows, `${HOW_TO}.`);
    });

    for (const row of rows) {
      it(`${row}: what the table says`, async () => {
        const wanted = table.get(row) ?? assert.fail(`There is no row for the behavior ${row}. ${HOW_TO}.`);
        for (const situation of SITUATION_NAMES[family]) {
          const { outcome, wrong } = await playInFakeTime(family, row, situation);
          assert.deepEqual(wrong, [], situation);
          assert.equal(outcome, wanted[situation], `${situation}. If this is as it shall be: ${HOW_TO}`);
        }
      });
    }

    it('does the same in real time', async () => {
      const once = rows.filter((row) => !row.endsWith('@1'));
      const played = once.map(async (row) => {
        const situation: Situation = /^(stream|speaker|microphone|room)-/.test(row) ? 'listening' : 'idle';
        const { outcome, wrong } = await playInRealTime(family, row, situation);
        assert.deepEqual(wrong, [], row);
        // How often it was tried within some seconds is the machine's doing as well as ours.
        assert.equal(withoutCount(outcome), withoutCount(table.get(row)?.[situation] ?? ''), row);
      });
      for (const result of await Promise.allSettled(played)) if (result.status === 'rejected') throw result.reason;
    });
  });
}

function withoutCount(outcome: string): string {
  return outcome.replace(/, \d+$/, '');
}
