// What is particular to each dialect before a camera is asked anything.
import assert from 'node:assert/strict';
import { CAMERA_DEFAULTS } from '../src/camera-options.js';
import { DIALECTS, dialectDefaults, isHttpTalk } from '../src/dialects.js';

describe('dialects', () => {
  for (const [dialect, overHttp, mode, leadInMs, drainMs] of [
    ['auto', false, 'half_duplex', 300, 600],
    ['ipc', false, 'half_duplex', 300, 600],
    ['vigi', false, 'half_duplex', 300, 600],
    ['tapo', true, 'aec', 500, 600],
    ['vigi-stream', true, 'half_duplex', 300, 600],
  ] as const) {
    it(`${dialect}: ${overHttp ? 'HTTP' : 'RTSP'}, ${mode}, ${leadInMs} and ${drainMs} ms of silence`, () => {
      assert.equal(isHttpTalk(dialect), overHttp);
      assert.deepEqual(dialectDefaults(dialect), { mode, leadInMs, drainMs });
    });
  }

  it('are all there', () => assert.equal(DIALECTS.length, 5));

  it('of a camera that says none are those of its defaults', () => {
    const { mode, leadInMs, drainMs, dialect } = CAMERA_DEFAULTS;
    assert.deepEqual(dialectDefaults(dialect), { mode, leadInMs, drainMs });
  });
});
