// One pool for all nodes of a process, with the ffmpeg that settings.js names.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import type { NodeAPI } from 'node-red';
import { audioSources, cameraOptions, type Pool } from '../../src/index.js';
import { SimulatedCamera } from '../../src/simulator/index.js';

const load = createRequire(__filename);
const MODULE = load.resolve('../../nodes/shared-pool.js');
const ogg = readFileSync(resolve(__dirname, '..', 'fixtures', 'audio', 'speech.ogg'));

/** A Node-RED of which only the settings are looked at. */
const withSettings = (settings: object): NodeAPI => ({ settings }) as NodeAPI;

describe('sharedPool', () => {
  const { FFMPEG_PATH, PATH } = process.env;
  let sharedPool: (RED: NodeAPI) => Pool;
  let known: NodeJS.Module | undefined;

  beforeEach(() => {
    // As in a process that has just started.
    known = load.cache[MODULE];
    Reflect.deleteProperty(load.cache, MODULE);
    ({ sharedPool } = load(MODULE) as { sharedPool: (RED: NodeAPI) => Pool });
  });

  afterEach(() => {
    load.cache[MODULE] = known;
    process.env['PATH'] = PATH;
    if (FFMPEG_PATH === undefined) delete process.env['FFMPEG_PATH'];
    else process.env['FFMPEG_PATH'] = FFMPEG_PATH;
  });

  it('is the same for everybody', () => {
    const pool = sharedPool(withSettings({}));
    assert.equal(sharedPool(withSettings({})), pool);
    assert.equal(sharedPool(withSettings({ tplinkTalkFfmpegPath: '/other/ffmpeg' })), pool);
  });

  async function speaksOgg(settings: object): Promise<string> {
    process.env['PATH'] = '';
    process.env['FFMPEG_PATH'] = '';
    const camera = new SimulatedCamera();
    const { port } = await camera.start();
    const options = cameraOptions({ host: '127.0.0.1', port, password: camera.password, idleMs: 0, drainMs: 0 });
    const pool = sharedPool(withSettings(settings));
    try {
      camera.on('packet', (heard) => {
        // Some of the clip is proof enough.
        if (heard.samples().some((sample) => Math.abs(sample) > 1_000)) pool.line(options).skip();
      });
      const [result] = await pool.speak([options], audioSources(ogg), { retries: 0 });
      return result?.status === 'rejected' ? String(Reflect.get(Object(result.reason), 'code')) : 'heard';
    } finally {
      await pool.destroy();
      await camera.stop();
    }
  }

  it('uses tplinkTalkFfmpegPath of settings.js', async () => {
    assert.equal(await speaksOgg({ tplinkTalkFfmpegPath: ffmpeg.path }), 'heard');
  });

  for (const settings of [{}, { tplinkTalkFfmpegPath: '' }, { tplinkTalkFfmpegPath: 7 }]) {
    it(`says what is missing with ${JSON.stringify(settings)}`, async () => {
      assert.equal(await speaksOgg(settings), 'TALK_ERR_FFMPEG');
    });
  }
});
