// What a sound check becomes in a report: its verdicts, its figures, and where it ended. The check itself is given; it is tested with the camera elsewhere.
import assert from 'node:assert/strict';
import { cameraOptions, type TalkMode } from '../../src/camera-options.js';
import type { CheckOptions, CheckStep } from '../../src/check/run.js';
import type { VerdictReason } from '../../src/check/sentences.js';
import type { SoundVerdict } from '../../src/check/verdict.js';
import { TalkError } from '../../src/errors.js';
import { reportSound } from '../../src/probe/sound.js';
import { FakeClock } from '../helpers/fake-clock.js';

const FIGURES = { delayMs: 120.4, levelDb: -18.2, snrDb: 41.8, clipping: false, speed: 1 } as const;
const HEARD: SoundVerdict = { verdict: 'heard', reason: 'found', text: '', ...FIGURES };

async function told(verdict: SoundVerdict, mode: TalkMode = 'full_duplex'): Promise<string[]> {
  const camera = cameraOptions({ host: '192.168.1.60', mode });
  const steps = await reportSound(camera, { checkSound: () => Promise.resolve(verdict) }, { clock: new FakeClock() });
  for (const { text } of steps) assert.doesNotMatch(text, /__/);
  return steps.map(({ name, outcome, key }) => `${name} ${outcome} ${key}`);
}

async function failing(at: readonly CheckStep[], error: TalkError): Promise<string[]> {
  const checkSound = (_: unknown, { onStep }: CheckOptions): Promise<never> => {
    for (const step of at) onStep?.(step);
    return Promise.reject(error);
  };
  const camera = cameraOptions({ host: '192.168.1.60' });
  const steps = await reportSound(camera, { checkSound }, { clock: new FakeClock() });
  return steps.map(({ name, outcome, key }) => `${name} ${outcome} ${key}`);
}

describe('reportSound', () => {
  it('tells delay, level and noise of what was heard', async () => {
    const camera = cameraOptions({ host: '192.168.1.60', mode: 'full_duplex' });
    const steps = await reportSound(camera, { checkSound: () => Promise.resolve(HEARD) }, { clock: new FakeClock() });
    assert.deepEqual(
      steps.map(({ values }) => values),
      [{ delayMs: 120 }, { levelDb: -18.2, snrDb: 41.8 }, {}],
    );
    assert.deepEqual(await told(HEARD), ['sound ok sound.heard', 'level ok level.ok', 'speed ok speed.right']);
  });

  it('warns of clipping, of a wrong speed, and of a mode whose level says little', async () => {
    assert.equal((await told({ ...HEARD, clipping: true }, 'aec'))[1], 'level warning level.clipping');
    assert.equal((await told(HEARD, 'half_duplex'))[1], 'level ok level.unsure');
    for (const [speed, key] of [
      [2, 'speed.double'],
      [0.5, 'speed.half'],
    ] as const) {
      assert.equal((await told({ ...HEARD, reason: 'wrong speed', speed }))[2], `speed warning ${key}`);
    }
  });

  const unheard: [VerdictReason, string][] = [
    ['unsure', 'sound.unsure'],
    ['too noisy', 'sound.noisy'],
    ['microphone silent', 'sound.silent'],
    ['recording too short', 'sound.short'],
    ['loudspeaker cancelled by aec', 'sound.cancelled'],
    ['microphone muted by half_duplex', 'sound.muted'],
    ['microphone muted by vad', 'sound.muted'],
  ];
  for (const [reason, key] of unheard) {
    it(`cannot tell: ${reason}`, async () => {
      assert.deepEqual(await told({ verdict: 'cannot tell', reason, text: '' }), [`sound warning ${key}`]);
    });
  }

  it('fails when the loudspeaker is not heard, and suggests full duplex where the verdict does', async () => {
    const nothing: SoundVerdict = { verdict: 'not heard', reason: 'nothing found', text: '' };
    assert.deepEqual(await told(nothing), ['sound failed sound.nothing']);
    const suggested = await told({ ...nothing, suggestMode: 'full_duplex' });
    assert.deepEqual(suggested, ['sound failed sound.nothing', 'mode warning mode.full_duplex']);
  });

  it('says where it ended', async () => {
    assert.deepEqual(await failing(['opening'], new TalkError('TALK_ERR_AUTH', 'No')), [
      'stream failed failed.TALK_ERR_AUTH',
    ]);
    assert.deepEqual(await failing(['opening', 'listening'], new TalkError('TALK_ERR_STALLED', 'No')), [
      'stream ok stream.ok',
      'microphone failed microphone.stalled',
    ]);
    const busy = await failing(['opening', 'listening', 'playing'], new TalkError('TALK_ERR_BUSY', 'No'));
    assert.deepEqual(busy.slice(1), ['microphone ok microphone.ok', 'chirp failed failed.TALK_ERR_BUSY']);
  });

  it('leaves alone a camera that is not to be spoken to', async () => {
    const [step, ...more] = await reportSound(cameraOptions({ host: '192.168.1.60' }), undefined, {
      clock: new FakeClock(),
    });
    assert.deepEqual([step?.name, step?.outcome, step?.key, more], ['sound', 'skipped', 'talk.ourselves', []]);
  });
});
