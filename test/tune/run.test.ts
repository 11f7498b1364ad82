// tune against simulated cameras in memory: what it does where it cannot hear, by whom it hears then, and what it refuses.
import assert from 'node:assert/strict';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import type { Behavior, SimulatedCamera, SimulatedCameraOptions } from '../../src/simulator/index.js';
import { TUNED, type TuneProgress, type TuneResult } from '../../src/tune/result.js';
import type { TuneOptions } from '../../src/tune/run.js';
import { tuneText } from '../../src/tune/sentences.js';
import { noUnhandledRejections } from '../helpers/collect.js';
import { TuneHouse } from './house.js';

const MEASURED = ['codec', 'leadInMs', 'drainMs', 'packetBytes'];

describe('tune', () => {
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
  /** Refuses the talk in these modes, with this number. */
  const refusesWith = (code: number, ...modes: string[]): Behavior => ({
    name: 'refuses',
    onTalkRequest: (mode) => (modes.includes(mode) ? code : undefined),
  });
  const refuses = (...modes: string[]): Behavior => refusesWith(-52410, ...modes);

  it('tells settings, latency, volume and what it tried, with progress; sends one password and no violation', async () => {
    const { camera, simulator } = add(behaviors('speaker-swallows-450', 'speaker-gaps-above-512'));
    const progress: TuneProgress[] = [];
    const result = await tune(camera, { onProgress: (step) => progress.push(step) });
    const { settings, unknown, measuredIn, latencyMs, latencySpreadMs, speakerVolume, tried } = result;
    assert.deepEqual([settings.mode, settings.codec, settings.packetBytes], ['half_duplex', 'pcma8k', 512]);
    assert.deepEqual([unknown, measuredIn], [{}, {}]);
    assert.ok(Math.abs((latencyMs ?? NaN) - 120) < 5 && (latencySpreadMs ?? NaN) < 5);
    assert.equal(speakerVolume?.advice, 'keep');
    const sizes = tried.filter(({ setting }) => setting === 'packetBytes').map(({ value, heard }) => [value, heard]);
    assert.deepEqual(
      sizes.map(([value]) => value),
      [2_048, 1_024, 512],
    );
    assert.match(String(sizes[0]?.[1]), /with gaps/);
    assert.match(String(sizes[2]?.[1]), /no gaps; the first 45\d ms/);
    assert.deepEqual(
      progress.map(({ done }) => done),
      progress.map((_, n) => n),
    );
    assert.ok(progress.every(({ done, of }) => done < of));
    assert.deepEqual(simulator.violations, []);
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
  });

  it('measures in full duplex where half duplex mutes the microphone, and says so', async () => {
    const { camera } = add(behaviors('microphone-mutes'));
    const { settings, measuredIn } = await tune(camera);
    assert.equal(settings.mode, 'half_duplex');
    assert.deepEqual(measuredIn, Object.fromEntries(MEASURED.map((name) => [name, 'full_duplex'])));
  });

  it('takes a stream that stops while the camera talks for a muted one', async () => {
    const { camera, simulator } = add({
      behaviors: [
        {
          name: 'silent-while-talking',
          transformStreamPacket: (frame) => {
            const talk = simulator.sessions.at(-1);
            return talk?.end === 'open' && talk.start.mode === 'half_duplex' ? [] : [frame];
          },
        } satisfies Behavior,
      ],
    });
    assert.equal((await tune(camera)).measuredIn.codec, 'full_duplex');
  });

  it('keeps aec and measures in full duplex: hearing nothing in aec proves nothing', async () => {
    const { camera } = add(behaviors('microphone-cancels'), { mode: 'aec' });
    const { settings, measuredIn } = await tune(camera);
    assert.deepEqual([settings.mode, measuredIn.leadInMs], ['aec', 'full_duplex']);
  });

  it('leaves a mode that the camera refuses', async () => {
    const { camera } = add({ behaviors: [refuses('half_duplex')] });
    const { settings, measuredIn } = await tune(camera);
    assert.deepEqual([settings.mode, measuredIn], ['full_duplex', {}]);
  });

  it('says that no mode is granted', async () => {
    const { camera } = add({ behaviors: [refuses('half_duplex', 'full_duplex', 'aec', 'vad')] });
    const { settings, unknown } = await tune(camera);
    assert.deepEqual(settings, {});
    assert.match(unknown.mode ?? '', /grants none.*error -52410/);
  });

  it('changes no mode for a refusal that is not about the mode, and measures in one that is granted', async () => {
    const { camera } = add({ behaviors: [refusesWith(-52409, 'half_duplex')] });
    const { settings, unknown, measuredIn } = await tune(camera);
    assert.equal(settings.mode, undefined);
    assert.match(unknown.mode ?? '', /error -52409, memory card/);
    assert.deepEqual(measuredIn, Object.fromEntries(MEASURED.map((name) => [name, 'full_duplex'])));
  });

  for (const code of [-52419, -52435]) {
    it(`waits when all seats are taken (${code}), and takes no other mode for it`, async () => {
      let asked = 0;
      const full: Behavior = { name: 'full', onTalkRequest: () => (++asked <= 2 ? code : undefined) };
      const { settings, measuredIn } = await tune(add({ behaviors: [full] }).camera);
      assert.deepEqual([settings.mode, measuredIn], ['half_duplex', {}]);
    });
  }

  it('hears with another camera in earshot where the camera cannot hear itself', async () => {
    const muted = { behaviors: ['microphone-mutes', 'speaker-swallows-300', refuses('full_duplex', 'aec', 'vad')] };
    const { camera, simulator } = add(muted);
    const other = add({ earshotOf: simulator });
    const alone = await tune(camera);
    assert.deepEqual(alone.settings, { mode: 'half_duplex' });
    assert.match(alone.unknown.leadInMs ?? '', /mute/);
    const { settings, measuredIn, tried } = await tune(camera, { ear: other.camera });
    const { leadInMs = NaN } = settings;
    assert.ok(leadInMs >= 300 && leadInMs <= 420, String(leadInMs));
    assert.deepEqual(measuredIn, {});
    assert.equal(tried.at(-1)?.ear, 'other');
  });

  it('hears with the other camera, too, when the first one has no microphone', async () => {
    const { camera, simulator } = add(behaviors('stream-no-audio'));
    const other = add({ earshotOf: simulator });
    assert.match((await tune(camera)).unknown.codec ?? '', /sound/);
    assert.deepEqual((await tune(camera, { ear: other.camera })).unknown, {});
  });

  it('hears where the stream address says, and is heard in quiet hours as well', async () => {
    const { camera, simulator } = add(behaviors('microphone-deaf', 'speaker-swallows-300'));
    const restream = add({ earshotOf: simulator });
    const address = `rtsp://${restream.camera.host}:${restream.camera.port}/stream2`;
    const quiet = { quietMode: 'silent', quietFrom: '00:00', quietTo: '00:00' } as const;
    const { settings, unknown, tried } = await tune(cameraOptions({ ...camera, ...quiet, streamUrl: address }));
    assert.ok(Number(settings.leadInMs) >= 300, JSON.stringify(unknown));
    assert.ok(tried.every(({ ear }) => ear === 'own'));
    assert.ok(simulator.requests.every(({ method }) => method !== 'DESCRIBE'));
    assert.ok(restream.simulator.requests.some(({ uri }) => uri.endsWith('/stream2')));
  });

  for (const mode of ['full_duplex', 'half_duplex']) {
    it(`says of a loudspeaker that is not heard that it is not, whatever modes came after: ${mode}`, async () => {
      const { unknown } = await tune(add(behaviors('microphone-deaf'), { mode }).camera);
      assert.match(unknown.leadInMs ?? '', /^Not heard, though the microphone works/);
    });
  }

  it('changes nothing where nothing is heard', async () => {
    const { camera } = add(behaviors('microphone-deaf'), { mode: 'full_duplex' });
    const { settings, unknown, reasons, tried } = await tune(camera);
    assert.deepEqual(settings, { mode: 'full_duplex' });
    assert.deepEqual(Object.keys(unknown), MEASURED);
    assert.ok(tried.length > 0);
    // What is said in English is there to be translated, too.
    assert.deepEqual(Object.keys(reasons), MEASURED);
    for (const name of TUNED) assert.equal(unknown[name], reasons[name] && tuneText(reasons[name]), name);
    for (const { heard, said } of tried) assert.equal(heard, tuneText(said));
    assert.doesNotMatch(JSON.stringify(unknown), /__|full duplex/);
  });

  it('names the codec when neither is played at its speed, and measures nothing with it', async () => {
    const { camera } = add(behaviors('speaker-half-speed'));
    const { settings, unknown } = await tune(camera);
    assert.deepEqual(settings, { mode: 'half_duplex' });
    assert.match(unknown.codec ?? '', /speed/);
    assert.deepEqual(Object.keys(unknown), MEASURED);
  });

  it('says that packets of every size leave gaps, and what is lost all the same', async () => {
    const { camera } = add(behaviors('speaker-gaps-below-4096'));
    const { settings, unknown } = await tune(camera);
    assert.match(unknown.packetBytes ?? '', /every size/);
    assert.notEqual(settings.codec, undefined);
  });

  it('leaves packets that leave gaps in a later session', async () => {
    const talks = new Set<number>();
    const { camera, simulator } = add({
      behaviors: [
        {
          name: 'gaps-later',
          transformStreamPacket: (frame) => {
            const { packets = [], start } = simulator.sessions.at(-1) ?? {};
            const [first] = packets;
            if (first?.payload.length === 2_048 && start !== undefined) talks.add(start.number);
            const odd = Math.floor((house.clock.now() - (first?.at ?? 0)) / 128) % 2 === 1;
            if (first?.payload.length !== 2_048 || talks.size < 2 || !odd) return [frame];
            return [Buffer.concat([frame.subarray(0, 16), Buffer.alloc(frame.length - 16, 0xd5)])];
          },
        } satisfies Behavior,
      ],
    });
    const { settings, tried } = await tune(camera);
    assert.equal(settings.packetBytes, 1_024);
    assert.match(tried.find(({ value }) => value === 2_048)?.heard ?? '', /no gaps/);
  });

  it('counts what a loudspeaker that falls asleep swallows after a rest', async () => {
    const { settings, unknown } = await tune(add(behaviors('speaker-sleeps-900', 'speaker-swallows-200')).camera);
    const { leadInMs = NaN, drainMs = NaN } = settings;
    assert.ok(leadInMs >= 900 && leadInMs <= 1_020, String(leadInMs));
    assert.ok(drainMs <= 120, String(drainMs));
    assert.deepEqual(unknown, {});
  });

  for (const [ms, why] of [
    [3_500, /\d+ ms are missing at the end, more than a loudspeaker loses/],
    [4_700, /not heard either where the session stays open/],
  ] as const) {
    it(`takes a microphone that goes deaf after ${ms} ms for no drain`, async () => {
      const { settings, unknown } = await tune(add(behaviors(`microphone-goes-deaf-${ms}`)).camera);
      assert.deepEqual([Object.keys(unknown), settings.packetBytes], [['drainMs'], 2_048]);
      assert.match(unknown.drainMs ?? '', why);
    });
  }

  it('sets no lead-in for more than a loudspeaker swallows', async () => {
    const { unknown } = await tune(add(behaviors('speaker-swallows-1900')).camera);
    assert.deepEqual(Object.keys(unknown), ['leadInMs']);
    assert.match(unknown.leadInMs ?? '', /missing at the beginning, more than a loudspeaker swallows/);
  });

  it('advises to turn down a loudspeaker that clips', async () => {
    const { camera } = add(behaviors('speaker-clips'));
    const { speakerVolume } = await tune(camera);
    assert.deepEqual([speakerVolume?.advice, speakerVolume?.clipping], ['lower', true]);
  });

  it('waits for a camera that frees its talk slowly', async () => {
    const { camera } = add({ slotReleaseMs: 2_500 });
    assert.deepEqual((await tune(camera)).unknown, {});
  });

  it('is not misled by a session that others keep open, or go on using', async () => {
    const { camera } = add(behaviors('speaker-swallows-600'), { idleMs: 60_000 });
    await house.passing(house.pool.connect(camera));
    const { leadInMs = NaN } = (await tune(camera)).settings;
    assert.ok(leadInMs >= 600 && leadInMs <= 720, String(leadInMs));
  });
});
