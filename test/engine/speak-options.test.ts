// Options of `speak` that cannot be: refused by name before anything goes to a camera, with the cameras in a thread and without.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import {
  audioSources,
  cameraOptions,
  createEngine,
  type CameraOptions,
  type Engine,
  type SpeakOptions,
} from '../../src/index.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { coded, eventually } from '../helpers/collect.js';

const PASSWORD = 'options-Secret1';
const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;

const IMPOSSIBLE: readonly [option: string, values: readonly unknown[], expected: string][] = [
  ['gain', [NaN, Infinity, -40.5, 21, 'loud', '3', '', true, [3], {}], 'a number from -40 to 20'],
  ['retries', [-1, 101, 1.5, NaN, Infinity, 'many', '2', 2n], 'a whole number from 0 to 100'],
  ['retrySeconds', [-1, 86_401, NaN, '120'], 'a number from 0 to 86400'],
  ['maxWaitSeconds', [-1, 86_401, Infinity, 'long'], 'a number from 0 to 86400'],
  ['maxQueue', [-1, 1_001, 2.5, Infinity, 'x'], 'a whole number from 0 to 1000'],
  ['maxSeconds', [0, 86_401, Infinity, '600'], 'a number from 0.1 to 86400'],
  ['streamTimeoutSeconds', [0, 3_601, Infinity, '10'], 'a number from 0.1 to 3600'],
  ['priority', [NaN, Infinity, 2e9, 'high'], 'a number from -1000000000 to 1000000000'],
  ['speakerVolume', [-1, 101, 500, 40.5, '40'], 'a whole number from 0 to 100'],
  ['whenBusy', ['nonsense', 'Queue', '', 1, ['queue']], 'queue, interrupt, replace, drop'],
  ['normalize', ['false', 'true', 0, 1], 'true or false'],
  ['owner', [7, {}], 'text'],
  ['repeat', [0, 1_001, 1.5, NaN, Infinity], 'a whole number from 1 to 1000'],
  ['repeat', ['often', true, [2]], 'a number, { times, pauseSeconds } or { until: "stopped" }'],
  ['repeatPause', [-1, 3_601, Infinity, '2'], 'a number from 0 to 3600'],
  ['signal', ['now', {}, new AbortController()], 'an AbortSignal'],
  ['onState', ['log', {}], 'a function'],
  ['onWarning', [true], 'a function'],
];

for (const thread of [true, false]) {
  describe(`options of speak, ${thread ? 'in a thread' : 'in this thread'}`, () => {
    let engine: Engine;
    let simulator: SimulatedCamera;
    let camera: CameraOptions;

    before(async () => {
      engine = createEngine({ thread });
      simulator = new SimulatedCamera({ password: PASSWORD });
      const { port } = await simulator.start();
      const quick = { leadInMs: 20, drainMs: 0, idleMs: 0, packetBytes: 160 };
      camera = cameraOptions({ host: '127.0.0.1', port, password: PASSWORD, ...quick });
    });

    after(async () => {
      await engine.destroy();
      await eventually(() => simulator.connections === 0, 'the last connection');
      await simulator.stop();
    });

    /** As a caller without types gives them. */
    const speak = (options: unknown): ReturnType<Engine['speak']> =>
      engine.speak([camera], audioSources(Buffer.alloc(160, 0xa1), ALAW), options as SpeakOptions);

    for (const [option, values, expected] of IMPOSSIBLE) {
      it(`${option}: refuses what cannot be, and says what was expected`, async () => {
        for (const value of values) {
          const message = new RegExp(`^${option}: expected ${expected}, not .`);
          await assert.rejects(speak({ [option]: value }), coded('TALK_ERR_ARGUMENT', message), String(value));
        }
        assert.equal(simulator.accepted, 0);
      });
    }

    it('refuses options that are none', async () => {
      for (const options of ['loud', 3, null]) {
        await assert.rejects(speak(options), coded('TALK_ERR_ARGUMENT', /^options: expected an object, not /));
      }
      assert.equal(simulator.accepted, 0);
    });

    it('ends the streams of what it refuses', async () => {
      const stream = Readable.from([Buffer.alloc(80)]);
      await assert.rejects(
        engine.speak([camera], audioSources(stream, ALAW), { gain: NaN }),
        coded('TALK_ERR_ARGUMENT', /^gain: expected a number from -40 to 20, not NaN$/),
      );
      assert.ok(stream.destroyed);
      assert.equal(simulator.accepted, 0);
    });

    it('shows no more of a value than its beginning', async () => {
      await assert.rejects(speak({ whenBusy: 'x'.repeat(1_000_000) }), (error) => {
        assert.ok(error instanceof Error && error.message.length < 200, 'a long message');
        return true;
      });
    });

    it('takes the ends of each range, and the default for what is not given', async () => {
      const missing = { gain: undefined, retries: null, whenBusy: undefined, normalize: null, owner: undefined };
      const lowest = { gain: -40, retries: 0, maxQueue: 0, maxSeconds: 0.1, priority: -1e9, normalize: false };
      const highest = { gain: 20, retries: 100, maxQueue: 1_000, maxSeconds: 86_400, priority: 1e9, normalize: true };
      for (const options of [missing, lowest, highest, {}, undefined]) {
        const [result] = await speak(options);
        assert.equal(result?.status, 'fulfilled');
      }
      assert.ok(simulator.accepted > 0);
    });
  });
}
