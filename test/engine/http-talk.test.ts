// The pool with a camera of the HTTP talk, on the fake clock: quiet hours, volume, unison with a camera of MULTITRANS, kept sessions, connect, retries.
import assert from 'node:assert/strict';
import type { CameraOptions } from '../../src/camera-options.js';
import type { SimulatedCamera } from '../../src/simulator/index.js';
import type { SpeakOptions } from '../../src/talk/options.js';
import type { TalkReport } from '../../src/talk/states.js';
import { noUnhandledRejections } from '../helpers/collect.js';
import { TuneHouse } from '../tune/house.js';

const SOUND = {
  kind: 'bytes',
  bytes: Buffer.alloc(8_000, 0x55),
  format: { encoding: 'alaw', sampleRate: 8_000, channels: 1 },
} as const;

describe('the pool with a camera of the HTTP talk', () => {
  noUnhandledRejections();

  let house: TuneHouse;
  beforeEach(() => (house = new TuneHouse()));
  afterEach(() => house.end());

  const add = (fields: object = {}, behaviors: string[] = []): { simulator: SimulatedCamera; camera: CameraOptions } =>
    house.add({ family: 'tapo', password: 'tp-link-account', behaviors }, fields);
  const speak = async (cameras: CameraOptions[], options: SpeakOptions = {}): Promise<TalkReport[]> => {
    const results = await house.passing(house.pool.speak(cameras, [SOUND], options));
    return results.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      assert.ok(result.value.outcome === 'spoken', result.value.outcome);
      return result.value.report;
    });
  };

  it('is softer in quiet hours', async () => {
    const quiet = { quietFrom: '00:00', quietTo: '00:00', quietMode: 'softer', quietGain: -12 };
    const { camera, simulator } = add(quiet);
    const [report] = await speak([camera]);
    assert.equal(report?.quietGain, -12);
    assert.deepEqual(simulator.violations, []);
  });

  it('leaves the volume alone, says why, and speaks', async () => {
    const warnings: string[] = [];
    const { camera } = add();
    await speak([camera], { speakerVolume: 40, onWarning: ({ message }) => warnings.push(message) });
    assert.match(warnings.join(), /volume was left alone.*Tapo app/);
    assert.doesNotMatch(warnings.join(), /tp-link-account/);
  });

  it('begins at the same instant as a camera of MULTITRANS', async () => {
    const [one, other] = [add(), house.add({ password: 'of-the-camera' })];
    await speak([one.camera, { ...other.camera, leadInMs: one.camera.leadInMs }]);
    const [at, otherAt] = [one, other].map(({ simulator }) => simulator.sessions[0]?.packets[0]?.at ?? NaN);
    assert.ok(Math.abs(Number(at) - Number(otherAt)) <= 5, `${at} ${otherAt}`);
  });

  it('keeps a session, is connected ahead of time and disconnected, with a stop', async () => {
    const { camera, simulator } = add({ idleMs: 60_000 });
    await house.passing(house.pool.connect(camera));
    assert.equal((await speak([camera]))[0]?.session, 'reused');
    assert.equal((await speak([camera]))[0]?.session, 'reused');
    await house.passing(house.pool.disconnect(camera));
    assert.equal(simulator.sessions.length, 1);
    assert.ok(simulator.requests.some(({ body }) => body.includes('"stop"')));
    assert.deepEqual(simulator.violations, []);
  });

  it('is tried again while it is busy', async () => {
    const { camera } = add({}, ['busy-times:2']);
    assert.ok(((await speak([camera]))[0]?.attempts ?? 0) > 1);
  });
});
