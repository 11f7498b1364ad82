// measureChirp: delay within 5 ms down to 10 dB of signal to noise and far below, level, noise, clipping, half and double speed, rooms, codecs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeAlaw, decodeMulaw, encodeAlaw } from '../../src/sound/g711.js';
import { chirp, CHIRP_SECONDS, chirpBand, SPEEDS, type Speed } from '../../src/check/chirp.js';
import { measureChirp, type ChirpMatch } from '../../src/check/measure.js';
import { addAt, noise, seeded } from '../listen/sounds.js';

const decibels = (power: number): number => 10 * Math.log10(power);
const power = (samples: Float32Array): number =>
  samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
const floats = (samples: Int16Array): Float32Array => Float32Array.from(samples, (sample) => sample / 32_768);

interface Scene {
  readonly rate?: number;
  readonly speed?: Speed;
  /** Where the chirp is, s. */
  readonly at: number;
  readonly snrDb: number;
  readonly seed?: number;
  readonly amplitude?: number;
}

/** Three seconds with a chirp in white noise. */
function scene({ rate = 8_000, speed = 1, at, snrDb, seed = 1, amplitude = 0.1 }: Scene): Float32Array {
  const sound = chirp(rate, speed).map((sample) => sample * amplitude);
  const rms = Math.sqrt(power(sound) / 10 ** (snrDb / 10));
  return addAt(noise(3 * rate, rms, seeded(seed)), sound, Math.round(at * rate));
}

function matched(samples: Float32Array, rate = 8_000): ChirpMatch {
  const { match } = measureChirp(samples, rate);
  if (match === undefined) assert.fail('Nothing found');
  return match;
}

describe('chirp', () => {
  it('lasts half a second, within telephone speech at every speed', () => {
    for (const speed of SPEEDS) {
      const { fromHz, toHz } = chirpBand(speed);
      assert.ok(fromHz >= 200 && toHz <= 3_800 && toHz > fromHz);
      assert.equal(chirp(8_000, speed).length, (8_000 * CHIRP_SECONDS) / speed);
    }
    const loudest = Math.max(...chirp(16_000).map(Math.abs));
    assert.ok(loudest > 0.6 && loudest < 0.8);
  });
});

describe('measureChirp', () => {
  for (const snrDb of [40, 20, 10, 0, -6]) {
    it(`finds the chirp within 5 ms at ${snrDb} dB of signal to noise, wherever it is`, () => {
      for (const [seed, at] of [0.05, 0.3337, 0.8, 1.25, 2.1, 2.45].entries()) {
        const match = matched(scene({ at, snrDb, seed: seed + 1 }));
        assert.equal(match.speed, 1);
        assert.ok(Math.abs(match.atSeconds - at) < 0.005, `${match.atSeconds} instead of ${at}`);
        assert.ok(Math.abs(match.snrDb - snrDb) < 1.5, `${match.snrDb} dB instead of ${snrDb}`);
      }
    });
  }

  for (const rate of [8_000, 16_000]) {
    for (const speed of SPEEDS) {
      it(`tells speed ${speed} at ${rate} Hz, at 10 dB and at -3 dB`, () => {
        for (const snrDb of [10, -3]) {
          const match = matched(scene({ rate, speed, at: 0.7, snrDb }), rate);
          assert.equal(match.speed, speed);
          assert.ok(Math.abs(match.atSeconds - 0.7) < 0.005);
        }
      });
    }
  }

  it('measures levels', () => {
    const samples = scene({ at: 1, snrDb: 20, amplitude: 0.1 });
    const { noiseDb, match, seconds } = measureChirp(samples, 8_000);
    const expected = decibels(power(chirp(8_000))) - 20;
    assert.equal(seconds, 3);
    assert.ok(Math.abs((match?.levelDb ?? 0) - expected) < 0.5);
    assert.ok(Math.abs(noiseDb - (expected - 20)) < 0.5);
    assert.equal(match?.clipped, 0);
  });

  it('notices clipping', () => {
    const loud = scene({ at: 1, snrDb: 40, amplitude: 2 }).map((sample) => Math.max(-1, Math.min(1, sample)));
    const { clipped, likeness } = matched(floats(decodeAlaw(encodeAlaw(loud))));
    assert.ok(clipped > 0.2 && clipped < 0.7, String(clipped));
    assert.ok(likeness > 0.8);
    assert.equal(matched(scene({ at: 1, snrDb: 40, amplitude: 1.3 })).clipped, 0);
  });

  for (const rate of [8_000, 16_000]) {
    for (const speed of [1, 0.5] as const) {
      it(`notices a loudspeaker at its end: ${rate} Hz, speed ${speed}`, () => {
        const at = { at: 1, rate, speed };
        const cut = scene({ ...at, snrDb: 60, amplitude: 1 }).map(
          (sample) => 0.2 * Math.max(-0.1, Math.min(0.1, sample)),
        );
        const { distortion = 0, clipped } = matched(addAt(noise(3 * rate, 1e-3, seeded(4)), cut, 0), rate);
        assert.ok(distortion > 0.27 && distortion < 0.37, String(distortion));
        assert.equal(clipped, 0);
        for (const snrDb of [40, 0]) assert.ok((matched(scene({ ...at, snrDb }), rate).distortion ?? 1) < 0.1);
      });
    }
  }

  it('finds what went through A-law, also when it was taken for µ-law', () => {
    const samples = scene({ at: 0.9, snrDb: 15 });
    for (const heard of [floats(decodeAlaw(encodeAlaw(samples))), floats(decodeMulaw(encodeAlaw(samples)))]) {
      assert.ok(Math.abs(matched(heard).atSeconds - 0.9) < 0.005);
    }
  });

  for (const direct of [1, 0.5, 0.3]) {
    it(`finds the direct sound in a room, ${direct} to its echoes`, () => {
      // Half a second of reverberation, from 3 ms on.
      const random = seeded(5);
      const room = noise(4_000, 0.08, random).map((sample, i) => (i < 24 ? 0 : sample * Math.exp((-6.9 * i) / 4_000)));
      room[0] = direct;
      const samples = noise(24_000, 0.003, random);
      const sound = chirp(8_000);
      for (const [delay, gain] of room.entries()) {
        if (gain === 0) continue;
        for (const [i, sample] of sound.entries()) {
          const at = 6_000 + delay + i;
          samples[at] = (samples[at] ?? 0) + 0.2 * gain * sample;
        }
      }
      const match = matched(samples);
      assert.ok(Math.abs(match.atSeconds - 0.75) < 0.005, String(match.atSeconds));
      assert.ok(match.likeness > 0.2 && match.prominence > 6 && match.snrDb > 20);
    });
  }

  it('finds no chirp in speech', () => {
    const speech = floats(decodeAlaw(readFileSync(join(__dirname, '../fixtures/audio/speech-8k.alaw'))));
    assert.ok(matched(speech).likeness < 0.2);
  });

  it('has no match in silence, and none in nothing', () => {
    assert.deepEqual(measureChirp(new Float32Array(24_000).fill(8 / 32_768), 8_000), { seconds: 3, noiseDb: -96 });
    assert.deepEqual(measureChirp(new Float32Array(0), 8_000), { seconds: 0, noiseDb: -96 });
  });
});
