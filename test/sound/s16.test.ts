// Samples as 16 bits: rounding and clipping.
import assert from 'node:assert/strict';
import { toS16 } from '../../src/sound/s16.js';

describe('toS16', () => {
  it('rounds, clips, and gives 16-bit samples back as they were', () => {
    const samples = Float32Array.of(0, 1 / 32_768, -1 / 32_768, 0.5, -1, 1, -2, 32_767 / 32_768, 0.4 / 32_768);
    assert.equal(
      toS16(samples).toString('hex'),
      '0000' + '0100' + 'ffff' + '0040' + '0080' + 'ff7f' + '0080' + 'ff7f' + '0000',
    );
  });
});
