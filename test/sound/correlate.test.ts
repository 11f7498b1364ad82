// findPattern: exact places, fractions, polarity, echoes, loudness, and recordings that hold nothing.
import assert from 'node:assert/strict';
import { chirp, chirpBand } from '../../src/check/chirp.js';
import { findPattern, strengthOf, type Match } from '../../src/sound/correlate.js';
import { addAt, noise, seeded, tone } from '../listen/sounds.js';

const RATE = 8_000;
const find = (recording: Float32Array): Match | undefined => findPattern(recording, chirp(RATE), RATE, chirpBand());
const scaled = (samples: Float32Array, factor: number): Float32Array => samples.map((sample) => sample * factor);

function found(recording: Float32Array): Match {
  const match = find(recording);
  if (match === undefined) assert.fail('Nothing found');
  return match;
}

describe('findPattern', () => {
  for (const at of [0, 1, 7_777, 20_000]) {
    it(`finds it at sample ${at}, to the sample`, () => {
      const { position, likeness } = found(addAt(noise(24_000, 1e-4, seeded(1)), chirp(RATE), at));
      assert.ok(Math.abs(position - at) < 0.5, String(position));
      assert.ok(likeness > 0.999);
    });
  }

  it('does not care for loudness and polarity', () => {
    for (const factor of [0.001, 0.9, -0.3]) {
      const { position, likeness } = found(addAt(noise(24_000, 1e-6, seeded(2)), scaled(chirp(RATE), factor), 5_000));
      assert.ok(Math.abs(position - 5_000) < 0.5);
      assert.ok(likeness > 0.999);
    }
  });

  it('does not care for noise outside its band, however loud', () => {
    const recording = addAt(tone(24_000, 0.5, 50, RATE), scaled(chirp(RATE), 0.05), 5_000);
    addAt(recording, tone(24_000, 0.3, 3_500, RATE), 0);
    const { position, likeness } = found(recording);
    assert.ok(Math.abs(position - 5_000) < 0.5);
    assert.ok(likeness > 0.99);
  });

  it('finds the direct sound, not a louder echo of it', () => {
    const recording = addAt(noise(24_000, 1e-3, seeded(3)), scaled(chirp(RATE), 0.3), 5_000);
    addAt(recording, scaled(chirp(RATE), 0.4), 5_120);
    assert.ok(Math.abs(found(recording).position - 5_000) < 1);
  });

  it('finds nothing much in noise', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { likeness, prominence } = found(noise(24_000, 0.1, seeded(seed)));
      assert.ok(likeness < 0.16 && prominence < 5, `${likeness} ${prominence}`);
    }
  });

  it('has nothing to say about silence and about what is too short', () => {
    assert.equal(find(new Float32Array(24_000)), undefined);
    assert.equal(find(new Float32Array(24_000).fill(0.25)), undefined);
    assert.equal(find(new Float32Array(0)), undefined);
    assert.equal(find(chirp(RATE).subarray(1)), undefined);
    assert.ok(Math.abs(found(chirp(RATE)).position) < 0.5);
  });
});

describe('strengthOf', () => {
  const strength = (recording: Float32Array, at: number): number =>
    strengthOf(recording, chirp(RATE), at, RATE, chirpBand());

  it('follows the loudness of the pattern, beside noise and upside down too', () => {
    const whole = strength(addAt(new Float32Array(24_000), chirp(RATE), 5_000), 5_000);
    assert.ok(whole > 0.1);
    for (const [factor, seed] of [
      [2, 4],
      [0.02, 5],
      [-0.3, 6],
    ] as const) {
      const heard =
        strength(addAt(noise(24_000, 1e-3, seeded(seed)), scaled(chirp(RATE), factor), 5_000), 5_000) / whole;
      assert.ok(Math.abs(heard - Math.abs(factor)) < 0.01, `${heard} instead of ${factor}`);
    }
  });

  it('is nothing where the pattern is not', () => {
    assert.equal(strength(new Float32Array(24_000), 5_000), 0);
    assert.ok(strength(tone(24_000, 0.5, 50, RATE), 5_000) < 0.005);
    assert.equal(strength(chirp(RATE), 24_000), 0);
  });
});
