// tune in three rooms in real time, over real sockets. A busy machine may keep it from finding something out, but nothing that it says is wrong.
import assert from 'node:assert/strict';
import { cameraOptions } from '../../src/camera-options.js';
import { Pool } from '../../src/engine/pool.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { mistakes, tuneRoom } from './rooms.js';

describe('tune, in rooms in real time', () => {
  for (const seed of [101, 102, 103]) {
    it(`room ${seed}`, async () => {
      const room = tuneRoom(seed);
      const simulator = new SimulatedCamera({ behaviors: room.behaviors });
      const { port } = await simulator.start();
      const pool = new Pool();
      try {
        const { username, password } = simulator;
        const camera = cameraOptions({ host: '127.0.0.1', port, username, password, ...room.fields });
        const result = await pool.tune(camera);
        // How long it takes depends on what else the machine has to do.
        const wrong = mistakes(room, result).filter((text) => !text.startsWith('latencyMs'));
        assert.deepEqual(wrong, [], JSON.stringify(result));
      } finally {
        await pool.destroy();
        await simulator.stop();
      }
    });
  }
});
