// Tuning by a phone's recording of the run: which train is which, and what it says in rooms where the camera cannot hear itself.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Behavior } from '../../src/simulator/index.js';
import { offsetOf } from '../../src/tune/recording.js';
import type { TuneResult } from '../../src/tune/result.js';
import { rejection } from '../helpers/collect.js';
import { TuneHouse } from './house.js';

describe('offsetOf', () => {
  const sent = [0, 7_000, 14_400, 22_200, 30_400];

  it('finds the difference by the times between the trains, though some are missing', () => {
    const offset = offsetOf(
      sent,
      [1, 3, 4].map((n) => (sent[n] ?? 0) + 3_210),
    );
    assert.ok(Math.abs((offset ?? NaN) - 3_210) < 1, String(offset));
  });

  it('is not certain of one train, of none, and of what fits twice', () => {
    assert.equal(offsetOf(sent, [9_000]), undefined);
    assert.equal(offsetOf(sent, []), undefined);
    assert.equal(offsetOf([0, 7_000, 14_000, 21_000], [500, 7_500]), undefined);
  });
});

describe('tune by a recording', () => {
  let house: TuneHouse;
  let folder: string;

  beforeEach(async () => {
    house = new TuneHouse();
    folder = await mkdtemp(join(tmpdir(), 'tplink-talk-ear-'));
  });
  afterEach(async () => {
    await house.end();
    await rm(folder, { recursive: true });
  });

  const onlyHalfDuplex: Behavior = {
    name: 'only-half-duplex',
    onTalkRequest: (mode) => (mode === 'half_duplex' ? undefined : -52410),
  };

  /** A phone beside the camera, whose recording is saved when all has been played. */
  function tune(behaviors: readonly (Behavior | string)[], phone: object = {}): Promise<TuneResult> {
    const { camera, simulator } = house.add({ behaviors: ['microphone-mutes', onlyHalfDuplex, ...behaviors] });
    const recording = simulator.recordRoom(phone);
    const earFile = join(folder, 'phone.wav');
    const tuning = house.pool.tune(camera, {
      earFile,
      onProgress: ({ waits }) => {
        if (waits === true) writeFileSync(earFile, recording.stop());
      },
    });
    return house.passing(tuning);
  }

  it('finds all settings with it', async () => {
    const result = await tune([
      'speaker-swallows-700',
      'speaker-cuts-tail-300',
      'speaker-gaps-below-1024',
      'room-noise-40',
    ]);
    const { settings, unknown, measuredIn, tried } = result;
    assert.deepEqual([unknown, measuredIn], [{}, {}]);
    const { leadInMs = NaN, drainMs = NaN, ...others } = settings;
    assert.deepEqual(others, { mode: 'half_duplex', codec: 'pcma8k', packetBytes: 2_048 });
    assert.ok(leadInMs >= 700 && leadInMs <= 820, String(leadInMs));
    assert.ok(drainMs >= 300 && drainMs <= 420, String(drainMs));
    assert.equal(tried.at(-1)?.ear, 'recording');
  });

  it('finds the other codec, and says that the rest has to be measured with it', async () => {
    const { settings, unknown } = await tune(['speaker-double-speed']);
    assert.deepEqual(settings, { mode: 'half_duplex', codec: 'pcmu16k' });
    assert.match(unknown.leadInMs ?? '', /pcmu16k: set the codec and tune again/);
  });

  it('sets nothing by a recording of something else', async () => {
    const { settings, unknown } = await tune([], { gainDb: -200 });
    assert.deepEqual(settings, { mode: 'half_duplex' });
    assert.match(unknown.codec ?? '', /not recognised in the recording/);
  });

  it('counts what is swallowed after a rest, with small packets where large ones leave gaps', async () => {
    const { settings, unknown } = await tune(['speaker-sleeps-900', 'speaker-gaps-above-512']);
    const { leadInMs = NaN, packetBytes } = settings;
    assert.deepEqual([unknown, packetBytes], [{}, 512]);
    assert.ok(leadInMs >= 900 && leadInMs <= 1_020, String(leadInMs));
  });

  it('reads no recording outside the folders that may be read, and plays nothing for it, on trial either', async () => {
    const kept = new TuneHouse({ allowed: { folders: [join(folder, 'sounds')] } });
    try {
      for (const deployed of [{}, { password: 'another' }]) {
        const { camera, simulator } = kept.add({});
        const leave = kept.pool.register({ ...camera, ...deployed }, 'node', () => undefined);
        for (const earFile of [join(folder, 'phone.wav'), '/etc/hostname']) {
          const error = await rejection(kept.passing(kept.pool.tune(camera, { earFile })));
          assert.deepEqual([error.code, simulator.requests], ['TALK_ERR_SOURCE', []]);
          assert.match(error.message, /tplinkTalkAllowedFolders/);
        }
        await kept.passing(Promise.resolve(leave()));
      }
    } finally {
      await kept.end();
    }
  });

  it('waits five minutes for a recording that is newer than the run', async () => {
    const { camera } = house.add({ behaviors: ['microphone-mutes', onlyHalfDuplex] });
    const earFile = join(folder, 'old.wav');
    await writeFile(earFile, 'an old one');
    const tuning = house.passing(house.pool.tune(camera, { earFile }));
    assert.match((await rejection(tuning)).message, /No recording of the run was saved within 5 minutes/);
  });

  it('refuses a path that is none', async () => {
    const { camera } = house.add({});
    const tuning = house.pool.tune(camera, { earFile: 7 as never });
    assert.equal((await rejection(tuning)).code, 'TALK_ERR_ARGUMENT');
  });
});
