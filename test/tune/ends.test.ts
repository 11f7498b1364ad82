// How tuning ends when it cannot go on: by whom, when, and with how many passwords sent. Simulated cameras in memory.
import assert from 'node:assert/strict';
import { unlessAborted } from '../../src/abort.js';
import { audioSources } from '../../src/audio/source.js';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import type { SimulatedCamera, SimulatedCameraOptions } from '../../src/simulator/index.js';
import type { TuneResult } from '../../src/tune/result.js';
import { tune as tuneWith, type TuneOptions } from '../../src/tune/run.js';
import type { TuneDeps } from '../../src/tune/session.js';
import { noUnhandledRejections, rejection } from '../helpers/collect.js';
import { TuneHouse } from './house.js';

/** Within this a session is closed, on the house's own clock. */
const CLOSED_MS = 500;

describe('tune that ends early', () => {
  noUnhandledRejections();

  let house: TuneHouse;
  beforeEach(() => (house = new TuneHouse()));
  afterEach(async () => {
    await house.end();
    assert.equal(house.clock.pending, 0, 'a timer was left behind');
  });

  const add = (
    options: SimulatedCameraOptions = {},
    fields: object = {},
  ): { simulator: SimulatedCamera; camera: CameraOptions } => house.add(options, fields);
  const tune = (camera: CameraOptions, options?: TuneOptions): Promise<TuneResult> =>
    house.passing(house.pool.tune(camera, options));
  const behaviors = (...names: string[]): SimulatedCameraOptions => ({ behaviors: names });

  it('talks over nobody, also where busy is ignored, and takes no busy camera for a grant', async () => {
    const { camera, simulator } = add(behaviors('busy-but-plays'), { ignoreBusy: true });
    const error = await rejection(tune(camera));
    assert.equal(error.code, 'TALK_ERR_BUSY');
    assert.match(error.message, /-52411.*ignoreBusy/);
    assert.ok(simulator.sessions.every(({ packetCount }) => packetCount === 0));
  });

  /** What carried a password, or the proof of one. */
  const proofs = ({ requests }: SimulatedCamera): typeof requests =>
    requests.filter(({ headers }) => headers.some(([name]) => name === 'Authorization'));

  it('logs in once for each talk and for the microphone, a whole run long', async () => {
    const { camera, simulator } = add();
    await tune(camera);
    const sent = proofs(simulator).map(({ method }) => method);
    const times = (method: string): number => sent.filter((one) => one === method).length;
    assert.deepEqual([times('DESCRIBE'), times('MULTITRANS')], [1, simulator.sessions.length]);
    assert.equal(simulator.loginFailures, 0);
  });

  it('sends a password once that the talk alone refuses', async () => {
    const { camera, simulator } = add(behaviors('stream-no-challenge', 'wrong-password-always'));
    assert.equal((await rejection(tune(camera))).code, 'TALK_ERR_AUTH');
    assert.deepEqual(
      proofs(simulator).map(({ method }) => method),
      ['MULTITRANS'],
    );
  });

  it('sends a wrong password once, for listening', async () => {
    const { camera, simulator } = add();
    const wrong = { ...camera, password: 'Wrong4Tests!' };
    assert.equal((await rejection(tune(wrong))).code, 'TALK_ERR_AUTH');
    assert.deepEqual(
      proofs(simulator).map(({ method }) => method),
      ['DESCRIBE'],
    );
  });

  it('rejects when another clip cuts its sound', async () => {
    const { camera, simulator } = add();
    simulator.on('packet', () => void house.pool.skip(camera));
    assert.equal((await rejection(tune(camera))).code, 'TALK_ERR_BUSY');
  });

  it('gives up behind an endless clip', async () => {
    const { camera } = add();
    const pcm = Buffer.alloc(300 * 16_000);
    const stop = new AbortController();
    const long = house.pool.speak([camera], audioSources(pcm, { encoding: 's16le', sampleRate: 8_000, channels: 1 }), {
      signal: stop.signal,
    });
    const error = await rejection(tune(camera));
    assert.ok(['TALK_ERR_TIMEOUT', 'TALK_ERR_EXPIRED'].includes(error.code), error.code);
    stop.abort();
    await house.passing(long);
  });

  for (const [seconds, earFile] of [
    [240, undefined],
    [540, 'phone.wav'],
  ] as const) {
    it(`says after ${seconds} s how long it took${earFile === undefined ? '' : ', with a recording'}`, async () => {
      const { camera } = add();
      const { clock, pool } = house;
      const began = clock.now();
      const listen: TuneDeps['listen'] = (_, { signal }) => unlessAborted(new Promise(() => undefined), signal);
      const endless = tuneWith(camera, { clock, listen, speaker: pool, talkRate: () => 8_000 }, { earFile });
      const error = await rejection(house.passing(endless));
      assert.equal(error.code, 'TALK_ERR_TIMEOUT');
      assert.match(error.message, new RegExp(`longer than ${seconds} s`));
      assert.equal(Math.floor((clock.now() - began) / 1_000), seconds);
    });
  }

  it('stops at once with its signal, whatever it is doing', async () => {
    for (const sounds of [1, 2, 4]) {
      const { camera, simulator } = add({}, { name: `stopped ${sounds}` });
      const stop = new AbortController();
      let stoppedAt = NaN;
      const stopped = tune(camera, {
        signal: stop.signal,
        onProgress: ({ done }) => {
          if (done !== sounds - 1) return;
          void house.clock.wait(1_000).then(() => {
            stoppedAt = house.clock.now();
            stop.abort();
          });
        },
      });
      const over = stopped.then(
        () => NaN,
        () => house.clock.now() - stoppedAt,
      );
      assert.equal((await rejection(stopped)).code, 'TALK_ERR_ABORTED');
      // Sockets are closed in order, which takes the network's time; a sound would take seconds.
      assert.ok((await over) <= CLOSED_MS);
      assert.ok(simulator.sessions.length <= sounds);
    }
    const refused = house.pool.tune(cameraOptions({ host: '10.0.0.11', password: 'x' }), {
      signal: AbortSignal.abort(),
    });
    assert.equal((await rejection(house.passing(refused))).code, 'TALK_ERR_ABORTED');
  });
});
