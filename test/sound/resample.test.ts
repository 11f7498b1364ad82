// The resampler by what it does to tones and impulses, and against ffmpeg's.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import fc from 'fast-check';
import { Resampler } from '../../src/sound/resample.js';

const RATES: readonly [from: number, to: number][] = [
  [24000, 8000],
  [16000, 8000],
  [48000, 8000],
  [22050, 8000],
  [44100, 8000],
  [11025, 8000],
  [44100, 16000],
  [24000, 16000],
  [8000, 16000],
  [12000, 8000],
  // A ratio in which nothing cancels: its phases are rounded.
  [44101, 8000],
];

function resample(from: number, to: number, samples: Float32Array, sizes: readonly number[] = []): number[] {
  const resampler = new Resampler(from, to);
  const outputs: Float32Array[] = [];
  let read = 0;
  for (const size of [...sizes, samples.length]) {
    outputs.push(resampler.push(samples.subarray(read, read + size)));
    read = Math.min(samples.length, read + size);
  }
  outputs.push(resampler.flush());
  return outputs.flatMap((output) => Array.from(output));
}

function tone(rate: number, hz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));
}

function rms(samples: readonly number[]): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

function toDb(ratio: number): number {
  return 20 * Math.log10(ratio);
}

/** What lies well within the sound, away from its hard start and end. */
function middle(samples: readonly number[]): number[] {
  const margin = Math.floor(samples.length / 4);
  return samples.map((sample, i) => (i < margin || i >= samples.length - margin ? NaN : sample));
}

/** Level and phase of a tone in the middle of the output, and what else is there, all relative to a tone of level 1. */
function analyse(output: readonly number[], rate: number, hz: number): { level: number; phase: number; rest: number } {
  let [sine, cosine, count] = [0, 0, 0];
  const samples = middle(output);
  const angle = (i: number): number => (2 * Math.PI * hz * i) / rate;
  samples.forEach((sample, i) => {
    if (Number.isNaN(sample)) return;
    sine += 2 * sample * Math.sin(angle(i));
    cosine += 2 * sample * Math.cos(angle(i));
    count++;
  });
  [sine, cosine] = [sine / count, cosine / count];
  const rest = samples.flatMap((sample, i) =>
    Number.isNaN(sample) ? [] : [sample - sine * Math.sin(angle(i)) - cosine * Math.cos(angle(i))],
  );
  return { level: Math.hypot(sine, cosine), phase: Math.atan2(cosine, sine), rest: rms(rest) * Math.SQRT2 };
}

describe('audio/resample', () => {
  for (const [from, to] of RATES) {
    describe(`${from} to ${to} Hz`, () => {
      const nyquist = Math.min(from, to) / 2;

      it('passes tones up to 7/8 of the lower band: level, time and nothing else', () => {
        for (const part of [0.05, 0.25, 0.5, 0.75, 0.875]) {
          // Whole periods in the half that is analysed, so that sine and cosine are orthogonal there.
          const hz = Math.round((nyquist * part) / 10) * 10;
          const { level, phase, rest } = analyse(resample(from, to, tone(from, hz, 0.4)), to, hz);
          assert.ok(Math.abs(toDb(level)) < 0.1, `${hz} Hz: ${toDb(level)} dB`);
          // A hundredth of an output sample.
          assert.ok(Math.abs(phase) < (2 * Math.PI * hz) / to / 100, `${hz} Hz: phase ${phase}`);
          assert.ok(toDb(rest) < -60, `${hz} Hz: rest ${toDb(rest)} dB`);
        }
      });

      if (from > to) {
        it('stops everything that would fold back by 60 dB', () => {
          for (const part of [0, 0.02, 0.1, 0.3, 0.5, 0.8, 0.99]) {
            const hz = nyquist + (from / 2 - nyquist) * part;
            const level = rms(
              middle(resample(from, to, tone(from, hz, 0.4))).filter((sample) => !Number.isNaN(sample)),
            );
            assert.ok(toDb(level * Math.SQRT2) < -60, `${hz} Hz: ${toDb(level * Math.SQRT2)} dB`);
          }
        });
      }

      it('leaves a constant level as it is', () => {
        const output = middle(resample(from, to, new Float32Array(from / 10).fill(0.5)));
        for (const sample of output) if (!Number.isNaN(sample)) assert.ok(Math.abs(sample - 0.5) < 1e-6);
      });

      it('makes ceil(length · to / from) samples', () => {
        for (const length of [0, 1, 2, 3, 100, 441, 1000, 1001, 4799]) {
          const expected = Math.ceil((length * to) / from);
          assert.equal(resample(from, to, new Float32Array(length), [1, 7]).length, expected, `${length} samples`);
        }
      });
    });
  }

  it('puts an impulse where it was, the same before and after', () => {
    for (const [from, to] of [
      [24000, 8000],
      [44100, 8000],
      [8000, 16000],
    ] as const) {
      const samples = new Float32Array(from / 10);
      const at = from / 20;
      samples[at] = 1;
      const output = resample(from, to, samples);
      const centre = (at * to) / from;
      assert.equal(output.indexOf(Math.max(...output)), centre);
      for (let i = 1; i < 30; i++) {
        assert.ok(Math.abs((output[centre - i] ?? 9) - (output[centre + i] ?? -9)) < 1e-7, `${from}: ${i}`);
      }
    }
  });

  it('keeps the first and the last sample in place', () => {
    const output = resample(16000, 8000, Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1));
    assert.equal(output.length, 5);
    assert.equal(output.indexOf(Math.max(...output)), 4);
  });

  it('hands the samples on when the rates are equal', () => {
    const samples = Float32Array.of(0.1, -0.2, NaN, 2);
    assert.deepEqual(resample(8000, 8000, samples, [3]), [...samples]);
  });

  it('gives the same samples however the input is split', () => {
    const noise = Float32Array.from({ length: 3000 }, (_, i) => ((i * 7919) % 1000) / 1000 - 0.5);
    const sizes = fc.array(fc.nat(700), { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...RATES), sizes, ([from, to], cuts) => {
        assert.deepEqual(resample(from, to, noise, cuts), resample(from, to, noise));
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same samples for one push as for many of a long sound', () => {
    const noise = Float32Array.from({ length: 150_000 }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5);
    for (const [from, to] of [
      [44100, 8000],
      [384000, 1000],
      [8000, 48000],
    ] as const) {
      const whole = resample(from, to, noise);
      const pieces = resample(from, to, noise, new Array<number>(30).fill(4801));
      assert.ok(
        whole.length === pieces.length && whole.every((sample, i) => sample === pieces[i]),
        `${from} to ${to} Hz`,
      );
    }
  });

  it('keeps resamplers apart that take turns', () => {
    const samples = tone(24000, 440, 0.1);
    const first = new Resampler(24000, 8000);
    const second = new Resampler(44100, 8000);
    const outputs: [number[], number[]] = [[], []];
    for (let read = 0; read < samples.length; read += 100) {
      outputs[0].push(...first.push(samples.subarray(read, read + 100)));
      outputs[1].push(...second.push(samples.subarray(read, read + 100)));
    }
    outputs[0].push(...first.flush());
    outputs[1].push(...second.flush());
    assert.deepEqual(outputs, [resample(24000, 8000, samples), resample(44100, 8000, samples)]);
  });

  it('takes the whole range of rates', () => {
    for (const [from, to] of [
      [1000, 384000],
      [384000, 1000],
      [383999, 1000],
      [1001, 383999],
      [384000, 383999],
    ] as const) {
      const output = resample(from, to, tone(from, 50, 0.1));
      assert.equal(output.length, Math.ceil((Math.round(from / 10) * to) / from));
      const level = rms(middle(output).filter((sample) => !Number.isNaN(sample))) * Math.SQRT2;
      assert.ok(Math.abs(toDb(level)) < 0.5, `${from} to ${to} Hz: ${toDb(level)} dB`);
    }
  });

  it('refuses other rates', () => {
    for (const rate of [0, 999, 384001, 8000.5, NaN, -8000, Infinity]) {
      assert.throws(() => new Resampler(rate, 8000), {
        code: 'TALK_ERR_ARGUMENT',
        message: /from 1000 to 384000, not/,
      });
      assert.throws(() => new Resampler(8000, rate), { code: 'TALK_ERR_ARGUMENT' });
    }
  });

  for (const [fixture, from] of [
    ['speech-24k.mp3', 24000],
    ['speech-44k-stereo.mp3', 44100],
  ] as const) {
    it(`is ffmpeg's sound for ${fixture}, to the sample`, () => {
      const decode = (rate: number): Float32Array => {
        const file = join(__dirname, '../fixtures/audio', fixture);
        const args = ['-v', 'error', '-i', file, '-ac', '1', '-ar', String(rate), '-f', 'f32le', '-'];
        const bytes = execFileSync(ffmpegPath, args, { timeout: 15_000, maxBuffer: 16 * 1024 * 1024 });
        return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      };
      const theirs = decode(8000);
      const ours = resample(from, 8000, decode(from));
      assert.ok(Math.abs(ours.length - theirs.length) <= 1, `${ours.length} and ${theirs.length} samples`);
      const correlation = (lag: number): number => {
        let [product, a, b] = [0, 0, 0];
        for (let i = 10; i < theirs.length - 10; i++) {
          const [x, y] = [ours[i + lag] ?? 0, theirs[i] ?? 0];
          [product, a, b] = [product + x * y, a + x * x, b + y * y];
        }
        return product / Math.sqrt(a * b);
      };
      assert.ok(correlation(0) > 0.995, `correlation ${correlation(0)}`);
      assert.ok(correlation(0) > correlation(1) && correlation(0) > correlation(-1));
    });
  }
});
