// Hours in the house: fifty short ones, each of another seed. `npm run house` has more of them, and longer ones.
import assert from 'node:assert/strict';
import { World } from './house/world.js';

const SEEDS = 50;
const MINUTES = 15;

describe('the house', function () {
  this.timeout(600_000);

  it(`holds what it promises in ${SEEDS} times ${MINUTES} minutes`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { broken } = await new World({ seed, minutes: MINUTES }).run();
      assert.deepEqual(broken, [], `npm run house -- --minutes ${MINUTES} --seed ${seed} --trace`);
    }
  });

  it('is the same each time it is lived through', async () => {
    const lived = async (): Promise<string[]> => {
      const lines: string[] = [];
      await new World({ seed: 1, minutes: MINUTES, trace: (text) => void lines.push(text) }).run();
      return lines;
    };
    const first = await lived();
    assert.ok(first.length > 50);
    assert.deepEqual(await lived(), first);
  });
});
