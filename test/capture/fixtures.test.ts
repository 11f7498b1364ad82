// The captures among the fixtures, each played by a camera that repeats it: what came of it then comes of it now.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cameraOptions } from '../../src/camera-options.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { fakeTime } from '../faults/time.js';
import { commandOf, play, playedWith, wordsOf, type Outcome } from './played.js';

const CAMERAS = join(__dirname, '..', 'fixtures', 'cameras');

interface Told {
  readonly command: string;
  readonly settings: object;
  readonly outcome: Outcome;
}

function captures(): string[] {
  return readdirSync(CAMERAS).filter((name) => existsSync(join(CAMERAS, name, 'capture.json')));
}

describe('the captures among the fixtures', () => {
  it('are some', () => assert.ok(captures().length > 0));

  for (const name of captures()) {
    it(`${name} comes to what it came to`, async () => {
      const folder = join(CAMERAS, name);
      const told = JSON.parse(readFileSync(join(folder, 'capture.json'), 'utf8')) as Told;
      const time = fakeTime();
      const camera = new SimulatedCamera({ clock: time.clock, replay: folder, httpPort: 0 });
      try {
        const { port, httpPort = 0 } = await camera.start();
        const options = playedWith(told.settings, port, httpPort, 'any password');
        const { outcome } = await play(commandOf(told), options, time);
        assert.equal(outcome, wordsOf(told.outcome));
        assert.deepEqual(camera.violations, []);
      } finally {
        await time.until(camera.stop());
      }
    });
  }

  it('tl-ipc, whose messages are only numbered, grants talk', async () => {
    const time = fakeTime();
    const camera = new SimulatedCamera({ clock: time.clock, replay: join(CAMERAS, 'tl-ipc') });
    try {
      const { port } = await camera.start();
      const options = cameraOptions({ host: '127.0.0.1', port, password: 'any password' });
      assert.equal((await play('say', options, time)).outcome, 'spoken');
    } finally {
      await time.until(camera.stop());
    }
  });
});
