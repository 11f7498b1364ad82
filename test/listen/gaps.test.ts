// GapMeter: when timestamps are believed, and how much silence a loss is worth.
import assert from 'node:assert/strict';
import { GapMeter } from '../../src/listen/gaps.js';
import { ordered } from './packets.js';

/** Packets of 160 samples at 8 kHz: [timestamp, packets lost before it] each. */
function silences(...packets: readonly (readonly [timestamp: number, lostBefore?: number])[]): number[] {
  const gaps = new GapMeter(8_000);
  return packets.map(([timestamp, lostBefore = 0], index) =>
    gaps.before(ordered({ sequenceNumber: index, timestamp: timestamp >>> 0 }, lostBefore, index === 0), 160),
  );
}

describe('GapMeter', () => {
  it('finds none where there is none, over the end of the timestamps too', () =>
    assert.deepEqual(silences([0xffff_ff60], [0], [160], [320]), [0, 0, 0, 0]));

  it('believes timestamps about how much is missing', () =>
    assert.deepEqual(silences([1_000], [1_160], [1_160 + 160 + 480, 1]), [0, 0, 480]));

  it('counts packets when timestamps count something else', () =>
    // 90 kHz for an 8 kHz codec, as some cameras stamp.
    assert.deepEqual(silences([0], [1_800], [3_600], [9_000, 2], [10_800]), [0, 0, 0, 320, 0]));

  it('counts packets when timestamps stand still or go back', () =>
    assert.deepEqual(silences([500], [500], [500, 3], [660], [100, 1]), [0, 0, 480, 0, 160]));

  it('does not mind stamps that jitter', () =>
    assert.deepEqual(silences([0], [160], [350], [480], [625], [1_000, 1]), [0, 0, 0, 0, 0, 215]));

  it('fills the pause of a camera that sends no silence', () =>
    assert.deepEqual(silences([0], [160], [320 + 4_000], [320 + 4_160]), [0, 0, 4_000, 0]));

  it('fills two seconds at most, and takes a longer pause for a break', () => {
    assert.deepEqual(silences([0], [160], [320 + 80_000, 500]), [0, 0, 16_000]);
    assert.deepEqual(silences([0], [160], [320 + 80_000], [320 + 80_160]), [0, 0, 0, 0]);
    assert.deepEqual(silences([0], [7], [9, 2_999]), [0, 0, 16_000]);
  });
});
