// Buffers too large to go with their message: they stay with the caller until the thread needs them, and all together are bounded.
import assert from 'node:assert/strict';
import {
  audioSources,
  cameraOptions,
  createEngine,
  isTalkError,
  type CameraOptions,
  type Engine,
} from '../../../src/index.js';
import { SimulatedCamera } from '../../../src/simulator/index.js';
import { behindChunk } from '../../helpers/marked-clips.js';

const PASSWORD = 'thread-Secret1';

describe('large Buffers', () => {
  let engine: Engine;
  let simulator: SimulatedCamera;
  let camera: CameraOptions;

  beforeEach(async () => {
    engine = createEngine();
    simulator = new SimulatedCamera({ password: PASSWORD });
    const { port } = await simulator.start();
    const quick = { leadInMs: 20, drainMs: 0, idleMs: 0, packetBytes: 160 };
    camera = cameraOptions({ host: '127.0.0.1', port, password: PASSWORD, ...quick });
  });

  afterEach(async () => {
    await engine.destroy();
    await simulator.stop();
  });

  it('large Buffers come over when they are needed, as often as codecs need them', async () => {
    const mulaw = cameraOptions({ ...camera, host: 'localhost', codec: 'pcmu16k' });
    const sound = behindChunk(Buffer.alloc(1_600, 0x40), 5_000_000);
    for (const normalize of [false, true]) {
      const results = await engine.speak([camera, mulaw], audioSources(sound), { normalize });
      for (const result of results) {
        assert.equal(result.status, 'fulfilled', String(Reflect.get(result, 'reason')));
        assert.equal(result.value.outcome === 'spoken' && result.value.report.seconds, 0.2);
      }
    }
  });

  it('more Buffers than messages may bring together are refused at once, and later taken', async () => {
    const sounds = Array.from({ length: 3 }, () => audioSources(behindChunk(Buffer.alloc(160), 70_000_000)));
    const said = sounds.map((sources) =>
      engine.speak([camera], sources).then(
        () => 'said',
        (error: unknown) => error,
      ),
    );
    const [first, second, third] = await Promise.all(said);
    assert.deepEqual([first, second], ['said', 'said']);
    assert.ok(isTalkError(third) && third.code === 'TALK_ERR_QUEUE_FULL', String(third));
    assert.match(third.message, /hold 134 MB of sound, and with the 67 MB of this one it would be more than 192 MB/);
    const [again] = await engine.speak([camera], sounds[2] ?? []);
    assert.equal(again?.status, 'fulfilled');
  });
});
