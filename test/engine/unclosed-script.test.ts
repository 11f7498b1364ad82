// A script that never says goodbye: it ends by itself, and not before the loudspeaker has its volume back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { SimulatedCamera, simulatorWeb } from '../../src/simulator/index.js';
import type { WebApi } from '../../src/simulator/web/api.js';

const PASSWORD = 'script-Secret1';
const ORIGINAL = 80;
/** How long the web interface thinks before each answer; nothing tells the script sooner that the volume is back. */
const DELAY_MS = 800;

describe('a script without close', () => {
  it('ends when the loudspeaker has its volume back', async () => {
    let api: WebApi | undefined;
    const web = simulatorWeb({ api: { answerDelayMs: DELAY_MS }, onApi: (started) => (api = started) });
    const simulator = new SimulatedCamera({ password: PASSWORD, httpPort: 0, web });
    try {
      const { port, httpPort } = await simulator.start();
      const camera = { host: '127.0.0.1', port, httpPort, leadInMs: 20, drainMs: 0, idleMs: 0, packetBytes: 160 };
      const script = `
        const { audioSources, cameraOptions, createEngine } = require(${JSON.stringify(join(__dirname, '../../src/index.ts'))});
        const camera = cameraOptions({ ...${JSON.stringify(camera)}, password: process.env.TPLINK_TALK_PASSWORD });
        const clip = audioSources(Buffer.alloc(800, 0xa1), { encoding: 'alaw', sampleRate: 8000, channels: 1 });
        createEngine().speak([camera], clip, { speakerVolume: 30 }).then(([{ status }]) => {
          const at = Date.now();
          process.on('exit', () => console.log(status, Date.now() - at >= ${DELAY_MS / 2} ? 'and waited' : 'and left'));
        });
      `;
      const child = spawn(
        process.execPath,
        ['--require', 'tsx/cjs', '--require', join(__dirname, '../setup.ts'), '-e', script],
        { env: { ...process.env, TPLINK_TALK_PASSWORD: PASSWORD }, stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let printed = '';
      child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
      const [exit] = (await once(child, 'close')) as [number];
      assert.deepEqual([exit, printed], [0, 'fulfilled and waited\n']);
      assert.deepEqual(
        api?.volumeLog.map(({ volume }) => volume),
        [30, ORIGINAL],
      );
    } finally {
      await simulator.stop();
    }
  });
});
