// tune in forty rooms from seeds, on the fake clock: nothing that it says is wrong, and all is found out. `npm run rooms` tells what it says.
import assert from 'node:assert/strict';
import { TuneHouse } from './house.js';
import { mistakes, tuneRoom } from './rooms.js';

const ROOMS = 40;
const PER_TEST = 5;

describe('tune, in rooms from seeds', () => {
  for (let first = 1; first <= ROOMS; first += PER_TEST) {
    it(`rooms ${first} to ${first + PER_TEST - 1}`, async () => {
      for (let seed = first; seed < first + PER_TEST; seed++) {
        const house = new TuneHouse();
        const room = tuneRoom(seed);
        const { camera, simulator } = house.add({ behaviors: room.behaviors }, room.fields);
        const result = await house.passing(house.pool.tune(camera));
        await house.end();
        assert.deepEqual(mistakes(room, result), [], `seed ${seed}: ${room.behaviors.join(' ')}`);
        assert.deepEqual(result.unknown, {}, `seed ${seed}`);
        assert.deepEqual(simulator.violations, []);
      }
    });
  }
});
