// The benchmark's figures against numbers worked out by hand.
import assert from 'node:assert/strict';
import { correlation, distribution, drift, jitter, lateness, latenessOfBeat, median, percentile } from './figures.js';

describe('figures of the benchmark', () => {
  it('finds percentiles by nearest rank', () => {
    const values = Array.from({ length: 200 }, (_, n) => 200 - n);
    assert.equal(percentile(values, 0.99), 198);
    assert.equal(percentile(values, 1), 200);
    assert.equal(percentile(values, 0), 1);
    assert.equal(median([3, 1, 2]), 2);
    assert.ok(Number.isNaN(median([])));
  });

  it('measures lateness from the earliest packet, whatever the sizes', () => {
    assert.deepEqual(lateness([100, 121, 145, 190], [0, 20, 40, 80]), [0, 1, 5, 10]);
    assert.deepEqual(lateness([105, 120, 140], [0, 20, 40]), [5, 0, 0]);
    assert.deepEqual(lateness([], []), []);
  });

  it('forgives a burst at the beginning when it measures against the usual beat', () => {
    const due = [0, 20, 40, 60, 80, 100, 120];
    assert.deepEqual(latenessOfBeat([100, 100, 100, 120, 143, 160, 180], due), [40, 20, 0, 0, 3, 0, 0]);
    assert.deepEqual(latenessOfBeat([50, 120, 140, 160], [0, 20, 40, 60]), [0, 0, 0, 0]);
  });

  it('measures drift and jitter', () => {
    const numbers = Array.from({ length: 101 }, (_, n) => n);
    const due = numbers.map((n) => n * 20);
    assert.equal(
      Math.round(
        drift(
          numbers.map((n) => n * 21),
          due,
        ),
      ),
      91,
    );
    assert.deepEqual(jitter([0, 41, 80, 117, 160], 40), [0, 1, 0, 3, 0]);
  });

  it('sums up a distribution from the least to the most', () => {
    const points = distribution(Array.from({ length: 1_000 }, (_, n) => n + 1));
    assert.deepEqual(points[0], [0, 1]);
    assert.deepEqual(points.at(-1), [1, 1_000]);
    assert.deepEqual(
      points.find(([share]) => share === 0.99),
      [0.99, 990],
    );
  });

  it('finds a signal in its delayed self', () => {
    const signal = Int16Array.from({ length: 400 }, (_, n) => Math.round(1_000 * Math.sin(n * n)));
    const { value, lag } = correlation(signal.subarray(0, 380), signal.subarray(7), 10);
    assert.equal(lag, 7);
    assert.ok(value > 0.999);
  });
});
