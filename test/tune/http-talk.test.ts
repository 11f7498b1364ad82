// check, tune and listening on simulated Tapo and VIGI cameras that talk over HTTP: which account goes where, what is chosen, what is said of what cannot be.
import assert from 'node:assert/strict';
import type { CameraOptions } from '../../src/camera-options.js';
import { cameraOptions } from '../../src/camera-options.js';
import type { Behavior, SimulatedCamera, SimulatedCameraOptions } from '../../src/simulator/index.js';
import type { TuneResult } from '../../src/tune/result.js';
import { randomNumbers } from '../helpers/random.js';
import { noUnhandledRejections } from '../helpers/collect.js';
import { TuneHouse } from './house.js';

const TAPO = {
  family: 'tapo',
  password: 'tp-link-account',
  listenUsername: 'camera-account',
  listenPassword: 'of-the-camera',
} as const;
const VIGI = {
  family: 'vigi-stream',
  password: 'of-the-device',
  listenUsername: 'admin',
  listenPassword: 'of-the-device',
} as const;

describe('check and tune on cameras of the HTTP talk', () => {
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
  ): { simulator: SimulatedCamera; camera: CameraOptions } => house.add({ ...TAPO, ...options }, fields);
  const tune = (camera: CameraOptions): Promise<TuneResult> => house.passing(house.pool.tune(camera));
  const refuses = (...modes: string[]): Behavior => ({
    name: 'refuses',
    onTalkRequest: (mode) => (modes.includes(mode) ? -52410 : undefined),
  });
  /** What went to the RTSP port. */
  const listening = ({ requests }: SimulatedCamera): string =>
    JSON.stringify(requests.filter(({ method }) => ['DESCRIBE', 'SETUP', 'PLAY', 'OPTIONS'].includes(method)));

  it('hears the chirp: talks as admin over HTTP, listens as the camera account', async () => {
    const { camera, simulator } = add();
    const { verdict, delayMs = NaN } = await house.passing(house.pool.checkSound(camera));
    assert.equal(verdict, 'heard');
    assert.ok(Math.abs(delayMs - 120) < 5, String(delayMs));
    assert.match(listening(simulator), /camera-account/);
    assert.doesNotMatch(listening(simulator), /admin/);
    assert.deepEqual([simulator.violations, simulator.warnings, simulator.loginFailures], [[], [], 0]);
  });

  for (const [missing, fields] of [
    ['listenUsername', { listenUsername: '' }],
    ['listenPassword', { listenPassword: '' }],
  ] as const) {
    it(`says where the camera account is made when ${missing} is blank, and asks nothing`, async () => {
      const { camera, simulator } = add({}, fields);
      for (const ask of [() => house.pool.checkSound(camera), () => house.pool.tune(camera)]) {
        await assert.rejects(house.passing<object>(ask()), (error: Error & { code?: string }) => {
          assert.equal(error.code, 'TALK_ERR_ARGUMENT');
          assert.match(error.message, new RegExp(`${missing}.*camera account.*Tapo app`));
          assert.doesNotMatch(error.message, /tp-link-account|of-the-camera/);
          return true;
        });
      }
      assert.equal(simulator.accepted, 0);
    });
  }

  it('says that a wrong camera account was refused, and does not talk', async () => {
    const { camera, simulator } = add({}, { listenPassword: 'another' });
    await assert.rejects(house.passing(house.pool.checkSound(camera)), { code: 'TALK_ERR_AUTH' });
    assert.deepEqual([simulator.loginFailures, simulator.sessions.length], [1, 0]);
  });

  for (const mode of ['aec', 'vad'] as const) {
    it(`says of a microphone that hears nothing in ${mode} that it proves nothing, and names no mode that nobody speaks here`, async () => {
      const { camera } = add({ behaviors: ['microphone-deaf'] }, { mode });
      const { verdict, suggestMode, text } = await house.passing(house.pool.checkSound(camera));
      assert.deepEqual([verdict, suggestMode], ['cannot tell', undefined]);
      assert.doesNotMatch(text, /full.duplex/);
    });
  }

  it('tunes in aec, half duplex or vad, and finds the length of packets; no violation', async () => {
    const { camera, simulator } = add({ behaviors: ['speaker-swallows-450', 'speaker-gaps-above-320'] });
    const { settings, unknown, measuredIn, tried } = await tune(camera);
    assert.deepEqual([settings.mode, settings.codec, settings.packetMs], ['aec', 'pcma8k', 40]);
    assert.deepEqual(unknown, {});
    assert.equal('packetBytes' in settings, false);
    assert.equal(measuredIn.packetMs, 'half_duplex');
    const { leadInMs = NaN } = settings;
    assert.ok(leadInMs >= 450 && leadInMs <= 570, String(leadInMs));
    const modes = new Set(simulator.sessions.map(({ start }) => start.mode));
    assert.deepEqual([...modes].sort(), ['aec', 'half_duplex']);
    assert.match(tried.find(({ setting }) => setting === 'codec')?.heard ?? '', /A-law alone/);
    assert.deepEqual(
      tried.filter(({ setting }) => setting === 'packetMs').map(({ value }) => value),
      [120, 60, 40],
    );
    assert.deepEqual([simulator.violations, simulator.loginFailures], [[], 0]);
  });

  it('what it finds is taken as it is: no lead-in that stands for blank', async () => {
    const { camera } = add({ behaviors: ['speaker-swallows-230'] });
    const { settings } = await tune(camera);
    assert.equal(settings.leadInMs, 320);
    assert.equal(cameraOptions({ ...camera, ...settings }).leadInMs, 320);
  });

  it('hears in vad where half duplex mutes the microphone', async () => {
    const { camera } = add({
      behaviors: ['microphone-cancels', 'microphone-mutes'],
    });
    assert.equal((await tune(camera)).measuredIn.leadInMs, 'vad');
  });

  it('takes vad where aec is refused, and says of half duplex alone that nobody can choose it', async () => {
    assert.equal((await tune(add({ behaviors: [refuses('aec')] }).camera)).settings.mode, 'vad');
    const { settings, unknown } = await tune(add({ behaviors: [refuses('aec', 'vad')] }).camera);
    assert.equal(settings.mode, undefined);
    assert.match(unknown.mode ?? '', /grants half_duplex, which cannot be chosen/);
  });

  it('leaves full duplex, which no such camera grants', async () => {
    const { camera, simulator } = add({}, { mode: 'full_duplex' });
    assert.equal((await tune(camera)).settings.mode, 'aec');
    assert.ok(simulator.sessions.every(({ start }) => start.mode !== 'full_duplex'));
    assert.deepEqual(simulator.violations, []);
  });

  it('says that a loudspeaker at the wrong speed cannot be helped by another codec', async () => {
    const { settings, unknown } = await tune(add({ behaviors: ['speaker-double-speed'] }).camera);
    assert.equal(settings.codec, undefined);
    assert.match(unknown.codec ?? '', /A-law alone/);
    assert.doesNotMatch(JSON.stringify(unknown), /__/);
  });

  it('tunes a VIGI over the HTTP talk with the one account that it has', async () => {
    const { camera, simulator } = house.add(VIGI);
    const { settings, unknown } = await tune(camera);
    assert.deepEqual([settings.mode, settings.packetMs, unknown], ['half_duplex', 120, {}]);
    assert.deepEqual(simulator.violations, []);
  });

  for (let first = 1; first <= 12; first += 4) {
    it(`rooms ${first} to ${first + 3}: what is found is true`, async () => {
      for (let seed = first; seed < first + 4; seed++) {
        const random = randomNumbers(seed);
        const whole = (from: number, to: number): number => Math.floor(from + random() * (to - from + 1));
        const [swallowed, lost, delay] = [whole(0, 1_500), whole(0, 800), whole(50, 900)];
        const noise = whole(28, 60);
        const behaviors = [
          `speaker-swallows-${swallowed}`,
          `speaker-cuts-tail-${lost}`,
          `speaker-delays-${Math.max(delay, lost)}`,
          `room-noise-${noise}`,
          ...(random() < 0.5 ? ['room-echo'] : []),
          ...(random() < 0.5 ? ['microphone-cancels'] : []),
        ];
        const inThisRoom = `seed ${seed}: ${behaviors.join(' ')}`;
        const { camera, simulator } = add({ behaviors });
        const { settings, unknown, latencyMs = NaN } = await tune(camera);
        assert.deepEqual(
          [settings.mode, settings.codec, settings.packetMs, unknown],
          ['aec', 'pcma8k', 120, {}],
          inThisRoom,
        );
        const { leadInMs = NaN, drainMs = NaN } = settings;
        assert.ok(leadInMs >= swallowed && leadInMs <= swallowed + 120, `${inThisRoom}: lead-in ${leadInMs}`);
        assert.ok(drainMs >= lost && drainMs <= lost + 120, `${inThisRoom}: drain ${drainMs}`);
        assert.ok(Math.abs(latencyMs - Math.max(delay, lost) - 20) <= 15, `${inThisRoom}: latency ${latencyMs}`);
        assert.deepEqual(simulator.violations, [], inThisRoom);
      }
    });
  }
});
