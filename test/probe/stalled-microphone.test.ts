// A microphone that falls silent while a sound is played: the report says that it is the microphone, and not the loudspeaker. Simulated cameras in memory.
import assert from 'node:assert/strict';
import type { CameraOptions } from '../../src/camera-options.js';
import type { ProbeStep } from '../../src/probe/report.js';
import { reportSound } from '../../src/probe/sound.js';
import { reportTune } from '../../src/probe/tune.js';
import type { Behavior } from '../../src/simulator/index.js';
import { TuneHouse } from '../tune/house.js';

describe('a report of a microphone that stalls while a sound is playing', () => {
  let house: TuneHouse;
  let steps: ProbeStep[];
  beforeEach(() => {
    house = new TuneHouse();
    steps = [];
  });
  afterEach(() => house.end());

  const onStep = (step: ProbeStep): number => steps.push(step);
  const last = (): unknown => {
    const { name, outcome, key, code } = steps.at(-1) ?? {};
    return [name, outcome, key, code];
  };

  /** Sends no packet of the microphone from the first talk on. */
  function add(): CameraOptions {
    const silent: Behavior = {
      name: 'silent-since-talking',
      transformStreamPacket: (frame) => (simulator.sessions.length > 0 ? [] : [frame]),
    };
    const { simulator, camera } = house.add({ behaviors: [silent] }, { mode: 'full_duplex', leadInMs: 3_000 });
    return camera;
  }

  it('names the microphone in the check', async () => {
    const camera = add();
    await house.passing(reportSound(camera, house.pool, { clock: house.clock, onStep }));
    assert.deepEqual(last(), ['chirp', 'failed', 'microphone.stopped', 'TALK_ERR_STALLED']);
    assert.match(steps.at(-1)?.text ?? '', /microphone/);
    assert.match(steps.at(-1)?.detail ?? '', /stopped sending sound/);
  });

  it('names the microphone when settings are found', async () => {
    const camera = add();
    await house.passing(reportTune(camera, house.pool, { clock: house.clock, onStep }));
    assert.deepEqual(last(), ['sound', 'failed', 'microphone.stopped', 'TALK_ERR_STALLED']);
  });
});
