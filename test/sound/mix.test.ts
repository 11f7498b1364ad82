// Channels to one: weights as players use them, and channels that cancel each other.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Mixer, mixWeights } from '../../src/sound/mix.js';
import { assertLike } from '../helpers/heard.js';

const db = (factor: number): number => 20 * Math.log10(factor);
const RATE = 16_000;

/** Something like speech: a buzz with pauses. */
function voice(seconds: number, rate = RATE, hz = 180): Float32Array {
  return Float32Array.from({ length: seconds * rate }, (_, i) => {
    const phase = (2 * Math.PI * hz * i) / rate;
    const loudness = Math.max(0, Math.sin((2 * Math.PI * 3 * i) / rate));
    return 0.3 * loudness * (Math.sin(phase) + Math.sin(2 * phase) / 2 + Math.sin(5 * phase) / 3);
  });
}

function mixed(
  sides: readonly Float32Array[],
  options: { mask?: number; rate?: number; cuts?: number } = {},
): Float32Array {
  const { mask = 0, rate = RATE, cuts } = options;
  const channels = sides.length;
  const frames = sides[0]?.length ?? 0;
  const interleaved = Float32Array.from(
    { length: frames * channels },
    (_, i) => sides[i % channels]?.[Math.floor(i / channels)] ?? 0,
  );
  const mixer = new Mixer({ channels, sampleRate: rate, mask });
  const mono = new Float32Array(frames);
  for (let at = 0; at < frames; at += cuts ?? frames) {
    const end = Math.min(frames, at + (cuts ?? frames));
    mixer.mix(interleaved.subarray(at * channels, end * channels), mono.subarray(at, end));
  }
  return mono;
}

const times = (samples: Float32Array, factor: number): Float32Array => samples.map((sample) => sample * factor);
const silence = (like: Float32Array): Float32Array => new Float32Array(like.length);

/** The largest jump from one sample to the next. */
function steepest(samples: Float32Array): number {
  return samples.reduce((most, sample, i) => Math.max(most, i === 0 ? 0 : Math.abs(sample - (samples[i - 1] ?? 0))), 0);
}

describe('sound/mix', () => {
  it('weighs 5.1 as ffmpeg does, and leaves the low frequencies out', () => {
    // ffmpeg 5.1, pan to mono: −10.7 dB for the centre, −13.7 dB for a front, −16.7 dB for a back channel.
    for (const mask of [0x3f, 0x60f]) {
      const weights = [...mixWeights(6, mask)].map(db);
      for (const [i, wanted] of [-13.7, -13.7, -10.7, -Infinity, -16.7, -16.7].entries()) {
        assert.ok(weights[i] === wanted || Math.abs((weights[i] ?? 0) - wanted) < 0.05, `${i}: ${weights[i]}`);
      }
    }
    assert.deepEqual([...mixWeights(2, 3)], [0.5, 0.5]);
  });

  it('takes channels without a place alike, and never adds up to more than one', () => {
    assert.deepEqual([...mixWeights(4)], [0.25, 0.25, 0.25, 0.25]);
    assert.deepEqual([...mixWeights(1, 8)], [1]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32 }), fc.integer({ min: 0, max: 0xffffffff }), (channels, mask) => {
        const weights = mixWeights(channels, mask);
        assert.equal(weights.length, channels);
        assert.ok(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9);
        assert.ok(weights.every((weight) => weight >= 0));
      }),
    );
  });

  for (const rate of [8_000, 44_100]) {
    for (const factor of [-1, -0.95, -0.8, -0.75]) {
      it(`hears one side when the other is ${factor} of it, at ${rate} Hz`, () => {
        const left = voice(1.5, rate);
        assertLike(mixed([left, times(left, factor)], { rate }), left, { sampleRate: rate, withinMs: 1 });
        // Of two halves alike nobody knows which one is upside down.
        const quieter = factor === -1 ? -0.99 : factor;
        assertLike(mixed([times(left, quieter), left], { rate }), left, { sampleRate: rate, withinMs: 1 });
      });
    }
  }

  it('mixes what does not cancel exactly as ever', () => {
    const left = voice(1.5);
    const other = voice(1.5, RATE, 211);
    for (const [i, right] of [left, times(left, 0.5), times(left, -0.5), silence(left), other].entries()) {
      const plain = left.map((sample, i) => (sample + (right[i] ?? 0)) / 2);
      assert.ok(
        mixed([left, right]).every((sample, at) => Math.abs(sample - (plain[at] ?? 9)) < 1e-6),
        `${i}`,
      );
    }
  });

  it('goes over without a click and back again', () => {
    const part = voice(1);
    const left = Float32Array.from([...part, ...part, ...part]);
    const right = Float32Array.from([...part, ...times(part, -1), ...part]);
    const heard = mixed([left, right]);
    assertLike(heard, left, { sampleRate: RATE, withinMs: 1, correlation: 0.95 });
    assert.ok(steepest(heard) <= steepest(left) * 1.1, `${steepest(heard)} ${steepest(left)}`);
  });

  it('hears fronts that cancel in 5.1 as loud as fronts in step', () => {
    const left = voice(1.5);
    const no = silence(left);
    const inStep = mixed([left, left, no, no, no, no], { mask: 0x3f });
    const against = mixed([left, times(left, -1), no, no, no, no], { mask: 0x3f });
    assertLike(against, inStep, { sampleRate: RATE, withinMs: 1 });
  });

  it('keeps the weight of a channel that is alone', () => {
    const left = voice(1);
    const no = silence(left);
    const heard = mixed([no, no, no, no, left, no], { mask: 0x3f });
    assertLike(heard, left, { sampleRate: RATE, withinMs: 1, levelDb: -16.7 });
    assert.equal(Math.max(...mixed([no, no, no, left, no, no], { mask: 0x3f })), 0);
  });

  it('does not care how the frames are cut', () => {
    const left = voice(0.3);
    const sides = [left, times(left, -0.9)];
    const whole = mixed(sides);
    for (const cuts of [1, 7, 160, 1000]) assert.deepEqual(mixed(sides, { cuts }), whole);
  });
});
