// Timeline: times of samples from arrivals that are held up, drift and pause.
import assert from 'node:assert/strict';
import { Timeline } from '../../src/listen/timeline.js';

const near = (actual: number, expected: number, within = 0.01): void =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected} ± ${within}`);

describe('Timeline', () => {
  it('places the first sample one packet before its arrival', () => {
    const timeline = new Timeline(8_000);
    timeline.observe(1_020, 160);
    near(timeline.at(0), 1_000);
    near(timeline.at(8_000), 2_000);
  });

  it('goes by the packets that were held up least', () => {
    const timeline = new Timeline(8_000);
    // 20 ms packets that come 0 to 60 ms late; the fourth one is in time.
    [40, 60, 35, 0, 50].forEach((late, index) => timeline.observe(5_000 + 20 * (index + 1) + late, 160 * (index + 1)));
    near(timeline.at(0), 5_000, 0.1);
  });

  it('follows a camera whose clock is slow by 100 parts in a million', () => {
    const timeline = new Timeline(8_000);
    for (let packet = 1; packet <= 30_000; packet++) timeline.observe(packet * 20.002, packet * 160);
    near(timeline.at(30_000 * 160), 30_000 * 20.002, 0.1);
  });

  it('begins anew after a pause of the camera, and when told', () => {
    const timeline = new Timeline(8_000);
    timeline.observe(20, 160);
    timeline.observe(5_040, 320);
    near(timeline.at(160), 5_020);
    timeline.restart();
    timeline.observe(5_500, 480);
    near(timeline.at(320), 5_480);
  });
});
