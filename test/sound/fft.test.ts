// The transform against the definition, there and back.
import assert from 'node:assert/strict';
import { fftSize, padded, transform, transformBack } from '../../src/sound/fft.js';
import { noise, seeded } from '../listen/sounds.js';

describe('fft', () => {
  for (const size of [2, 4, 8, 64]) {
    it(`agrees with the definition for ${size} values`, () => {
      const values = noise(size, 1, seeded(size));
      const spectrum = padded(values, size);
      transform(spectrum);
      for (let k = 0; k < size; k++) {
        let re = 0;
        let im = 0;
        values.forEach((value, n) => {
          re += value * Math.cos((2 * Math.PI * k * n) / size);
          im -= value * Math.sin((2 * Math.PI * k * n) / size);
        });
        assert.ok(Math.abs((spectrum.re[k] ?? NaN) - re) < 1e-9 && Math.abs((spectrum.im[k] ?? NaN) - im) < 1e-9);
      }
    });
  }

  it('comes back', () => {
    const values = noise(3_000, 1, seeded(1));
    const spectrum = padded(values, 4_096);
    transform(spectrum);
    transformBack(spectrum);
    values.forEach((value, n) => assert.ok(Math.abs((spectrum.re[n] ?? NaN) - value) < 1e-9));
    assert.ok(spectrum.re.subarray(3_000).every((value) => Math.abs(value) < 1e-9));
    assert.ok(spectrum.im.every((value) => Math.abs(value) < 1e-9));
  });

  it('rounds sizes up to powers of two', () =>
    assert.deepEqual([0, 1, 2, 3, 4, 5, 1_000, 28_000].map(fftSize), [2, 2, 2, 4, 4, 8, 1_024, 32_768]));
});
