// The client against the simulator through a proxy that spoils bytes: a fixed number of rounds, the same each time. More of them: `npm run fuzz`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { complaints, ignoreComplaints } from './complaints.js';
import { playRound } from './round.js';

/** About 12 s of one core. */
const ROUNDS = 200;
/** Seeds of rounds that once ended badly, and how. */
const BROKE = JSON.parse(readFileSync(join(__dirname, '..', 'fixtures', 'fuzz-seeds.json'), 'utf8')) as Record<
  string,
  string
>;

describe('bytes spoilt on their way', () => {
  before(() => complaints());
  after(ignoreComplaints);

  const plays = async (seed: number): Promise<number> => {
    const { wrong, done } = await playRound(seed);
    assert.deepEqual(wrong, [], `npm run fuzz -- --seed ${seed}`);
    return done.length;
  };

  for (const [seed, how] of Object.entries(BROKE)) {
    it(`no longer: ${how} (seed ${seed})`, async () => {
      await plays(Number(seed));
    });
  }

  it(`end each clip once with its error or truthfully, and the next one is heard: ${ROUNDS} rounds`, async () => {
    let mutations = 0;
    for (let seed = 1; seed <= ROUNDS; seed++) mutations += await plays(seed);
    assert.ok(mutations > ROUNDS, `${mutations} mutations`);
  });
});
