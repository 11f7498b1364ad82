// The limiter by its promises: never above the ceiling, untouched below it, aligned, complete; and how far quiet speech is lifted.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Limiter, SpeechLevel } from '../../src/sound/gain.js';

function limit(samples: Float32Array, gain: number, sizes: readonly number[] = [], sampleRate = 8000): Float32Array {
  const limiter = new Limiter({ gain, sampleRate });
  const outputs: Float32Array[] = [];
  let read = 0;
  for (const size of [...sizes, samples.length]) {
    outputs.push(limiter.push(samples.subarray(read, read + size)));
    read = Math.min(samples.length, read + size);
  }
  outputs.push(limiter.flush());
  return Float32Array.from(outputs.flatMap((output) => Array.from(output)));
}

function peak(samples: Float32Array): number {
  return samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
}

/** A 200 Hz tone at 8 kHz. */
function tone(level: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => level * Math.sin((2 * Math.PI * i) / 40));
}

describe('audio/gain', () => {
  describe('Limiter', () => {
    it('is transparent below the ceiling, to the bit and aligned', () => {
      for (const length of [0, 1, 38, 39, 40, 41, 1000]) {
        const samples = tone(0.979, length);
        assert.deepEqual(limit(samples, 1), samples, `${length} samples`);
      }
      const samples = tone(0.3, 500);
      assert.deepEqual(
        limit(samples, 2),
        samples.map((sample) => sample * 2),
      );
      assert.equal(peak(limit(samples, 0)), 0);
    });

    it('holds back no more than 5 ms', () => {
      const limiter = new Limiter({ gain: 1, sampleRate: 8000 });
      assert.equal(limiter.push(tone(0.5, 100)).length, 61);
      assert.equal(limiter.push(tone(0.5, 100)).length, 100);
      assert.equal(limiter.flush().length, 39);
    });

    it('turns a loud tone down to the ceiling and keeps its shape', () => {
      const samples = tone(0.5, 8000);
      const output = limit(samples, 10);
      assert.equal(output.length, samples.length);
      assert.ok(peak(output) <= 0.98 && peak(output) > 0.95);
      // In the middle the factor stands almost still: the tone is a tone.
      const factors = [...output.subarray(4000, 4040)].flatMap((sample, i) => {
        const input = samples[4000 + i] ?? 0;
        return Math.abs(input) > 0.1 ? [sample / input] : [];
      });
      assert.ok(Math.max(...factors) / Math.min(...factors) < 1.05);
    });

    it('begins to turn down 5 ms before a peak, without a step, and lets go within a second', () => {
      const samples = new Float32Array(8000).fill(0.2);
      samples[1000] = 4;
      const output = limit(samples, 1);
      assert.ok(Math.abs((output[1000] ?? 0) - 0.98) < 1e-5);
      assert.deepEqual(output.subarray(0, 961), samples.subarray(0, 961));
      assert.ok((output[962] ?? 1) < 0.2);
      for (let i = 962; i < 1000; i++) {
        const step = (output[i - 1] ?? 0) - (output[i] ?? 0);
        assert.ok(step > 0 && step < 0.006, `sample ${i}: ${step}`);
      }
      assert.ok((output[1300] ?? 0) > (output[1100] ?? 1));
      assert.deepEqual(output.subarray(7900), samples.subarray(7900));
    });

    it('never exceeds the ceiling and gives the same for any split', () => {
      const sample = fc.oneof(
        { weight: 5, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
        fc.constantFrom(0.98, -0.98, 1, -64, 64, 0, 1e30),
      );
      fc.assert(
        fc.property(
          fc.array(sample, { maxLength: 300 }),
          fc.constantFrom(0.5, 1, 3, 10),
          fc.array(fc.nat(80), { maxLength: 6 }),
          fc.constantFrom(1000, 8000, 16000),
          (values, gain, sizes, sampleRate) => {
            const samples = Float32Array.from(values);
            const whole = limit(samples, gain, [], sampleRate);
            assert.equal(whole.length, samples.length);
            assert.ok(peak(whole) <= 0.98, `peak ${peak(whole)}`);
            assert.deepEqual(limit(samples, gain, sizes, sampleRate), whole);
          },
        ),
        { numRuns: 300 },
      );
    });

    it('gives the same for any split of long sound that is loud now and then', () => {
      const samples = Float32Array.from(
        { length: 20_000 },
        (_, i) => Math.sin(i / 5) * (0.6 + 0.6 * Math.sin(i / 900)),
      );
      const whole = limit(samples, 1);
      assert.ok(peak(samples) > 1.1 && peak(whole) <= 0.98);
      fc.assert(
        fc.property(fc.array(fc.nat(4000), { maxLength: 10 }), (sizes) => {
          assert.deepEqual(limit(samples, 1, sizes), whole);
        }),
        { numRuns: 20 },
      );
    });

    it('survives what is no number', () => {
      const samples = tone(0.5, 400);
      samples[100] = NaN;
      samples[200] = Infinity;
      const output = limit(samples, 1);
      assert.equal(output.length, 400);
      assert.ok(output.subarray(300).every((sample) => Math.abs(sample) <= 0.98));
    });
  });

  describe('SpeechLevel', () => {
    const factorOf = (...parts: readonly Float32Array[]): number => {
      const level = new SpeechLevel();
      for (const part of parts) level.push(part);
      return level.factor();
    };
    const factorOfPeak = (peak: number): number => factorOf(Float32Array.of(0, peak, 0));
    /** Words of 300 ms with pauses of 200 ms, at 8 kHz; speech and the noise in the pauses by their peaks. */
    const speech = (peak: number, noise: number, seconds = 10): Float32Array => {
      const words = tone(peak, seconds * 8_000);
      return words.map((sample, i) => (i % 4_000 < 2_400 ? sample : noise * (i % 2 === 0 ? 1 : -1)));
    };
    const decibels = (factor: number): number => 20 * Math.log10(factor);

    it('brings a peak to 0.9, by 20 dB at most where there is no pause, and turns nothing down', () => {
      assert.ok(Math.abs(factorOfPeak(0.3) - 3) < 1e-6);
      assert.ok(Math.abs(factorOfPeak(0.09) - 10) < 1e-6);
      assert.equal(factorOfPeak(0.01), 10);
      assert.ok(Math.abs(factorOfPeak(0.9) - 1) < 1e-6);
      assert.equal(factorOfPeak(1), 1);
    });

    it('leaves silence and steady noise alone', () => {
      assert.equal(factorOfPeak(0), 1);
      assert.equal(factorOfPeak(0.0019), 1);
      assert.equal(factorOfPeak(NaN), 1);
      assert.equal(factorOf(), 1);
      assert.equal(factorOf(new Float32Array(8000).fill(0.001)), 1);
      assert.equal(factorOf(speech(0.0015, 0.001)), 1, 'no 10 dB above the noise');
      assert.equal(factorOf(speech(2 / 32_768, 0)), 1, 'two steps of 16 bits');
    });

    it('lifts speech to full scale from wherever the pauses are silent', () => {
      for (const peak of [0.1, 0.01, 0.001]) {
        const lifted = peak * factorOf(speech(peak, 0));
        assert.ok(Math.abs(lifted - 0.9) < 0.001, `${peak} becomes ${lifted}`);
      }
      assert.equal(factorOf(speech(0.0003, 0)), 1_000, '60 dB at most');
    });

    it('lifts the noise in the pauses to −34 dB, or by 20 dB', () => {
      // Peaks of speech and noise, and the lift, dB.
      for (const [peak, noise, lift] of [
        [-40, -60, 26],
        [-50, -75, 41],
        [-60, -80, 46],
        [-60, -90, 56],
        [-30, -40, 20],
        [-40, -54, 20],
        [-12, -60, 11.1],
      ] as const) {
        const factor = factorOf(speech(10 ** (peak / 20), 10 ** (noise / 20)));
        assert.ok(Math.abs(decibels(factor) - lift) < 0.3, `${peak} over ${noise} dB: ${decibels(factor)} dB`);
      }
    });

    it('measures samples, pauses not counted', () => {
      const words = tone(0.3, 8000);
      assert.ok(Math.abs(factorOf(words) - 3) < 0.01);
      const amongPauses = new Float32Array(400_000);
      amongPauses.set(words, 100_000);
      assert.ok(Math.abs(factorOf(amongPauses) - 3) < 0.01);
      assert.ok(Math.abs(factorOf(amongPauses.map((sample, i) => sample + 0.0005 * (i % 2))) - 3) < 0.01);
      assert.ok(Math.abs(factorOf(tone(0.3, 50)) - 3) < 0.01);
    });

    it('passes over a few clicks', () => {
      const words = tone(0.1, 40_000);
      for (const at of [5, 12_345, 30_000]) words[at] = 1;
      assert.ok(Math.abs(factorOf(words) - 9) < 0.01);
      const soft = speech(0.001, 0);
      for (const at of [5, 12_345, 30_000]) soft[at] = 1;
      assert.ok(Math.abs(factorOf(soft) - 900) < 1);
    });

    it('gives the same for any split', () => {
      const words = speech(0.05, 0.0007).map((sample, i) => sample * (1 + Math.sin(i / 900)));
      fc.assert(
        fc.property(fc.array(fc.nat(4000), { maxLength: 20 }), (sizes) => {
          let read = 0;
          const parts = [...sizes, words.length].map((size) => words.subarray(read, (read += size)));
          assert.equal(factorOf(...parts), factorOf(words));
        }),
        { numRuns: 20 },
      );
    });
  });
});
