// tune in three rooms in real time, over real sockets. A busy machine may keep it from finding something out, but nothing that it says is wrong.
// `npm run rooms -- --real` tells what it says.
import assert from 'node:assert/strict';
import { REAL_SEEDS, mistakesInRealTime, tuneInRealTime } from './real-time.js';
import { tuneRoom } from './rooms.js';

describe('tune, in rooms in real time', () => {
  for (const seed of REAL_SEEDS) {
    it(`room ${seed}`, async () => {
      const room = tuneRoom(seed);
      const result = await tuneInRealTime(room);
      assert.deepEqual(mistakesInRealTime(room, result), [], JSON.stringify(result));
    });
  }
});
