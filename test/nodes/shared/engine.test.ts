// One engine for all nodes of a process, with the ffmpeg that settings.js names.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import type { NodeAPI } from 'node-red';
import { audioSources, cameraOptions, type Engine } from '../../../src/index.js';
import { SimulatedCamera } from '../../../src/simulator/index.js';

const load = createRequire(__filename);
const MODULE = load.resolve('../../../nodes/shared/engine.js');
const ogg = readFileSync(resolve(__dirname, '..', '..', 'fixtures', 'audio', 'speech.ogg'));

/** A Node-RED of which only the settings are looked at. */
const withSettings = (settings: object): NodeAPI => ({ settings }) as NodeAPI;

describe('sharedEngine', () => {
  const { FFMPEG_PATH, PATH } = process.env;
  let sharedEngine: (RED: NodeAPI) => Engine;
  let known: NodeJS.Module | undefined;

  beforeEach(() => {
    // As in a process that has just started.
    known = load.cache[MODULE];
    Reflect.deleteProperty(load.cache, MODULE);
    ({ sharedEngine } = load(MODULE) as { sharedEngine: (RED: NodeAPI) => Engine });
  });

  afterEach(() => {
    load.cache[MODULE] = known;
    process.env['PATH'] = PATH;
    if (FFMPEG_PATH === undefined) delete process.env['FFMPEG_PATH'];
    else process.env['FFMPEG_PATH'] = FFMPEG_PATH;
  });

  it('is the same for everybody', () => {
    const engine = sharedEngine(withSettings({}));
    assert.equal(sharedEngine(withSettings({})), engine);
    assert.equal(sharedEngine(withSettings({ tplinkTalkFfmpegPath: '', tplinkTalkThread: true })), engine);
  });

  async function speaksOgg(settings: object): Promise<string> {
    process.env['PATH'] = '';
    process.env['FFMPEG_PATH'] = '';
    const camera = new SimulatedCamera();
    const { port } = await camera.start();
    const options = cameraOptions({ host: '127.0.0.1', port, password: camera.password, idleMs: 0, drainMs: 0 });
    const engine = sharedEngine(withSettings(settings));
    try {
      camera.on('packet', (heard) => {
        // Some of the clip is proof enough. Packets that are still on their way then may come after the end.
        if (heard.samples().some((sample) => Math.abs(sample) > 1_000)) engine.skip(options).catch(() => undefined);
      });
      const [result] = await engine.speak([options], audioSources(ogg), { retries: 0 });
      return result?.status === 'rejected' ? String(Reflect.get(Object(result.reason), 'code')) : 'heard';
    } finally {
      await engine.destroy();
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
