// Cameras that say busy and play all the same: spoken to with ignoreBusy, in both dialects, and the report says so.
import assert from 'node:assert/strict';
import { audioSources } from '../../src/audio/source.js';
import { cameraOptions } from '../../src/camera-options.js';
import { Pool } from '../../src/engine/pool.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { beep } from '../cli/command.js';

const S16 = { encoding: 's16le', sampleRate: 8_000, channels: 1 } as const;

describe('a camera that says busy and plays all the same', () => {
  for (const dialect of ['ipc', 'vigi'] as const) {
    for (const ignoreBusy of [true, false]) {
      it(`${dialect}, ${ignoreBusy ? 'is spoken to' : 'is left alone'} with ignoreBusy ${ignoreBusy}`, async () => {
        const camera = new SimulatedCamera({ dialect, behaviors: ['busy-but-plays'] });
        const { port } = await camera.start();
        const pool = new Pool();
        try {
          const { username, password } = camera;
          const options = cameraOptions({ host: '127.0.0.1', port, username, password, idleMs: 60_000, ignoreBusy });
          const speak = async (): Promise<string> => {
            const [result] = await pool.speak([options], audioSources(beep(0.3), S16), { retries: 0 });
            if (result?.status !== 'fulfilled') return String(result?.reason);
            assert.equal(result.value.outcome, 'spoken');
            const { session, warnings = [] } = result.value.report;
            return [session, ...warnings].join(': ');
          };
          const said = [await speak(), await speak()];
          await pool.destroy();
          const heard = camera.sessions.reduce((sum, recording) => sum + recording.toJSON().soundSeconds, 0);
          if (ignoreBusy) {
            const warning =
              'The camera said that it is in use (error -52411, another talk is in progress) and was spoken to all the same';
            assert.deepEqual(said, [`new: ${warning}`, `reused: ${warning}`]);
            assert.ok(heard >= 0.6, `${heard}`);
          } else {
            for (const text of said) assert.match(text, /in use \(error -52411/);
            assert.equal(heard, 0);
          }
          assert.deepEqual(camera.violations, []);
        } finally {
          await pool.destroy();
          await camera.stop();
        }
      });
    }
  }
});
