// What tuning becomes in a report: settings, what is not known, and where it ended. The tuning itself is given; it is tested with the camera elsewhere.
import assert from 'node:assert/strict';
import { cameraOptions } from '../../src/camera-options.js';
import { TalkError, type TalkErrorCode } from '../../src/errors.js';
import type { ProbeStep } from '../../src/probe/report.js';
import { reportTune } from '../../src/probe/tune.js';
import type { Tuner } from '../../src/tune/run.js';
import { FakeClock } from '../helpers/fake-clock.js';

const SOUND = { setting: 'mode', value: 'half_duplex', done: 0, of: 4 } as const;

describe('reportTune', () => {
  async function failing(
    code: TalkErrorCode,
    sounds: number,
    password = 'secret',
    dialect = 'auto',
  ): Promise<string[]> {
    const tuner: Tuner = {
      tune: (_, options) => {
        for (let n = 0; n < sounds; n++) options?.onProgress?.(SOUND);
        return Promise.reject(new TalkError(code, 'No'));
      },
    };
    const steps: ProbeStep[] = [];
    const tuned = await reportTune(cameraOptions({ host: '192.168.1.60', password, dialect }), tuner, {
      clock: new FakeClock(),
      onStep: (step) => steps.push(step),
    });
    assert.deepEqual(tuned, { settings: {}, tried: [] });
    return steps.map(({ name, outcome, key }) => `${name} ${outcome} ${key}`);
  }

  it('says where it ended: the microphone’s sentences before the first sound, those of the talk from then on', async () => {
    assert.deepEqual(await failing('TALK_ERR_AUTH', 0), ['stream failed failed.TALK_ERR_AUTH']);
    assert.deepEqual(await failing('TALK_ERR_UNSUPPORTED', 0), ['stream failed stream.unsupported']);
    assert.deepEqual(await failing('TALK_ERR_STALLED', 0), ['stream failed microphone.stalled']);
    assert.deepEqual(await failing('TALK_ERR_STALLED', 1), ['sound failed failed.TALK_ERR_STALLED']);
    assert.deepEqual(await failing('TALK_ERR_BUSY', 1), ['sound failed failed.TALK_ERR_BUSY']);
    assert.deepEqual(await failing('TALK_ERR_UNSUPPORTED', 2), ['sound failed failed.TALK_ERR_UNSUPPORTED']);
  });

  it('says which password of a Tapo camera is asked for: one talks, another one listens', async () => {
    assert.deepEqual(await failing('TALK_ERR_AUTH', 1, 'secret', 'tapo'), ['sound failed login.tapo']);
    assert.deepEqual(await failing('TALK_ERR_AUTH', 0, 'secret', 'tapo'), ['stream failed stream.refused']);
    assert.deepEqual(await failing('TALK_ERR_ARGUMENT', 0, 'secret', 'tapo'), ['stream failed stream.account']);
  });

  it('says that no password is stored where the camera asks for one', async () => {
    assert.deepEqual(await failing('TALK_ERR_ARGUMENT', 0, ''), ['stream failed login.none']);
    assert.deepEqual(await failing('TALK_ERR_ARGUMENT', 1, ''), ['sound failed login.none']);
  });
});
