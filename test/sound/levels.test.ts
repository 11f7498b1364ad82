// dB of full scale: factors, power without what is constant, the floor.
import assert from 'node:assert/strict';
import { factorOfDb, power, powerDb } from '../../src/sound/levels.js';

describe('levels', () => {
  it('turns dB into factors', () => {
    assert.equal(factorOfDb(0), 1);
    assert.ok(Math.abs(factorOfDb(6) - 1.9953) < 1e-4);
    assert.ok(Math.abs(factorOfDb(-40) - 0.01) < 1e-12);
    assert.ok(Math.abs(factorOfDb(20) - 10) < 1e-12);
  });

  it('takes the mean square without what is constant', () => {
    assert.equal(power(Float32Array.of(1, -1, 1, -1)), 1);
    assert.equal(power(Float32Array.of(0.75, 0.25)), 0.0625);
    assert.equal(power(new Float32Array(160).fill(0.5)), 0);
    assert.equal(power(new Float32Array(0)), 0);
  });

  it('turns a power into dB, and what 16 bits cannot hold into −96', () => {
    assert.equal(powerDb(1), 0);
    assert.equal(powerDb(0.01), -20);
    assert.equal(powerDb(1e-10), -96);
    assert.equal(powerDb(0), -96);
  });
});
