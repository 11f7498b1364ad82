// What came of one message on its cameras, as values: msg.talk, or one error.
import assert from 'node:assert/strict';
import { audioWarning, failureOf, reportsOf } from '../../../nodes/talk/results.js';
import { cameraOptions, type CameraOptions } from '../../../src/camera-options.js';
import { TalkError } from '../../../src/errors.js';
import type { TalkOutcome, TalkReport } from '../../../src/talk/states.js';

const camera = (name: string, host: string): CameraOptions => cameraOptions({ name, host });
const FRONT = camera('front', '192.168.1.60');
const BACK = camera('', '192.168.1.61');
const report = (name: string): TalkReport => ({
  camera: name,
  host: '192.168.1.60',
  session: 'new',
  seconds: 1,
  firstSoundMs: 1,
  queuedMs: 0,
  packets: 1,
  bytes: 1,
  worstLatenessMs: 0,
  slips: 0,
  attempts: 1,
  cached: false,
  confirmed: true,
});
type Settled = PromiseSettledResult<TalkOutcome>;
const spoken = (name: string): Settled => ({
  status: 'fulfilled',
  value: { outcome: 'spoken', report: report(name) },
});
const cut: Settled = { status: 'fulfilled', value: { outcome: 'cut', by: 'stop' } };
const failed = (reason: unknown): Settled => ({ status: 'rejected', reason });
const offline = new TalkError('TALK_ERR_CONNECT', 'nobody there', { camera: '192.168.1.61:554', cause: { code: 'X' } });

describe('results', () => {
  it('all spoken: their reports in order, no failure', () => {
    const results = [spoken('front'), spoken('back')];
    assert.deepEqual(reportsOf(results, [FRONT, BACK]), [
      { ...report('front'), outcome: 'spoken' },
      { ...report('back'), outcome: 'spoken' },
    ]);
    assert.equal(failureOf(results, [FRONT, BACK]), undefined);
  });

  it('what was missing of the audio is told once, however many cameras said it', () => {
    const warned = (...warnings: string[]): Settled => ({
      status: 'fulfilled',
      value: { outcome: 'spoken', report: { ...report('front'), warnings } },
    });
    assert.equal(audioWarning([spoken('front'), cut, failed(offline)]), undefined);
    assert.equal(audioWarning([warned('A.', 'B.'), spoken('back'), warned('B.')]), 'A. B.');
  });

  it('cut: told by what, no failure', () => {
    assert.deepEqual(reportsOf([spoken('front'), cut], [FRONT, BACK])[1], {
      ...{ camera: '192.168.1.61', host: '192.168.1.61', outcome: 'cut', by: 'stop' },
    });
    assert.equal(failureOf([cut], [FRONT]), undefined);
  });

  it('the only camera failed: its own error as it is', () => {
    assert.equal(failureOf([failed(offline)], [BACK]), offline);
  });

  it('one of several failed: named by name or address, with its code, and reported', () => {
    const results = [spoken('front'), failed(offline)];
    const failure = failureOf(results, [FRONT, BACK]);
    assert.equal(failure?.code, 'TALK_ERR_CONNECT');
    assert.equal(failure.message, '1 of 2 cameras did not speak: 192.168.1.61:554: nobody there');
    assert.equal(failure.camera, '192.168.1.61:554');
    assert.equal(failure.cause, offline);
    assert.deepEqual(reportsOf(results, [FRONT, BACK])[1], {
      camera: '192.168.1.61',
      host: '192.168.1.61',
      error: 'TALK_ERR_CONNECT',
      outcome: 'failed',
    });
  });

  it('several failed: all named, the code of the first', () => {
    const refused = new TalkError('TALK_ERR_REFUSED', 'no');
    const failure = failureOf([failed(refused), failed(offline)], [FRONT, BACK]);
    assert.equal(failure?.code, 'TALK_ERR_REFUSED');
    assert.match(failure.message, /^2 of 2 cameras did not speak: front: no; 192\.168\.1\.61:554: nobody there$/);
  });

  it('anything else that was thrown becomes a coded error', () => {
    const results = [failed(new TypeError('x is not a function'))];
    assert.equal(failureOf(results, [FRONT])?.code, 'TALK_ERR_PROTOCOL');
    assert.deepEqual(reportsOf(results, [FRONT]), [
      { camera: 'front', host: '192.168.1.60', error: 'TALK_ERR_PROTOCOL', outcome: 'failed' },
    ]);
  });
});
