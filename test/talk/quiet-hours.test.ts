// Quiet hours as a rule: settings, priority and time of day in, dB out.
import assert from 'node:assert/strict';
import { cameraOptions } from '../../src/camera-options.js';
import { isKeptBack, quietGainDb } from '../../src/talk/quiet-hours.js';

const at = (time: string): Date => new Date(`2026-07-01T${time}`);
const camera = (quietFrom: string, quietTo: string, more: object = {}): ReturnType<typeof cameraOptions> =>
  cameraOptions({ host: 'cam', quietFrom, quietTo, quietMode: 'softer', ...more });

describe('quiet hours', () => {
  const TABLE: [from: string, to: string, quiet: string[], loud: string[]][] = [
    ['13:00', '15:00', ['13:00:00', '13:00:01', '14:59:59'], ['00:00:00', '12:59:59', '15:00:00', '23:59:59']],
    ['22:00', '07:00', ['22:00:00', '23:59:59', '00:00:00', '06:59:59'], ['07:00:00', '12:00:00', '21:59:59']],
    ['00:00', '06:00', ['00:00:00', '05:59:59'], ['06:00:00', '23:59:59']],
    ['20:00', '00:00', ['20:00:00', '23:59:59'], ['00:00:00', '19:59:59']],
    ['22:00', '22:01', ['22:00:00', '22:00:59'], ['21:59:59', '22:01:00']],
    // The same time twice is the whole day.
    ['07:00', '07:00', ['00:00:00', '06:59:59', '07:00:00', '23:59:59'], []],
    ['00:00', '00:00', ['00:00:00', '12:00:00', '23:59:59'], []],
    ['', '', [], ['00:00:00', '12:00:00', '23:59:59']],
  ];
  for (const [from, to, quiet, loud] of TABLE) {
    it(`from ${from || 'never'} to ${to || 'never'}`, () => {
      for (const time of quiet) assert.equal(quietGainDb(camera(from, to), 0, at(time)), -12, time);
      for (const time of loud) assert.equal(quietGainDb(camera(from, to), 0, at(time)), 0, time);
    });
  }

  it('softer, silent or off', () => {
    const always = (more: object): number => quietGainDb(camera('00:00', '00:00', more), 0, at('12:00'));
    assert.equal(always({ quietGain: -6.5 }), -6.5);
    assert.equal(always({ quietMode: 'silent' }), -Infinity);
    assert.equal(always({ quietMode: 'off' }), 0);
  });

  it('from its priority on a clip is said as usual', () => {
    const silent = camera('00:00', '00:00', { quietMode: 'silent', quietPriority: 5 });
    const kept = [-1, 0, 4.9, 5, 10].map((priority) => isKeptBack({ camera: silent, priority }, at('12:00')));
    assert.deepEqual(kept, [true, true, true, false, false]);
    assert.deepEqual(
      [9, 10].map((priority) => quietGainDb(camera('00:00', '00:00'), priority, at('12:00'))),
      [-12, 0],
    );
  });
});
