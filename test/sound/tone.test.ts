// Chimes and sweep: lengths, levels, no clicks, nothing beyond the band of a telephone.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { encodeAlaw } from '../../src/sound/g711.js';
import { CHIMES, chime, sweep } from '../../src/sound/tone.js';

const SECONDS = {
  ...{ ding: 0.7, dingdong: 1.3, alert: 1.2 },
  ...{ gong: 2.4, attention: 1.8, alarm: 2, success: 0.8, error: 0.9 },
};

function peak(samples: Float32Array): number {
  return samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
}

/** Level of one frequency in the whole sound (Goertzel's sum), relative to a tone of level 1. */
function level(samples: Float32Array, sampleRate: number, hz: number): number {
  let [sine, cosine] = [0, 0];
  samples.forEach((sample, i) => {
    const angle = (2 * Math.PI * hz * i) / sampleRate;
    sine += sample * Math.sin(angle);
    cosine += sample * Math.cos(angle);
  });
  return (2 * Math.hypot(sine, cosine)) / samples.length;
}

/** Zero crossings per second, halved. */
function pitch(samples: Float32Array, sampleRate: number): number {
  let crossings = 0;
  for (let i = 1; i < samples.length; i++) if ((samples[i] ?? 0) >= 0 !== (samples[i - 1] ?? 0) >= 0) crossings++;
  return (crossings * sampleRate) / (2 * samples.length);
}

describe('audio/tone', () => {
  it('names the chimes', () => {
    assert.deepEqual(CHIMES, Object.keys(SECONDS));
  });

  for (const name of CHIMES) {
    for (const sampleRate of [8000, 16000, 48000]) {
      describe(`${name} at ${sampleRate} Hz`, () => {
        const samples = chime(name, sampleRate);

        it('is as long and as loud as it should be', () => {
          assert.equal(samples.length, Math.round(SECONDS[name] * sampleRate));
          assert.ok(peak(samples) > 0.2 && peak(samples) < 0.85);
          if (['ding', 'dingdong', 'alert'].includes(name)) assert.ok(peak(samples) > 0.6 && peak(samples) <= 0.7);
        });

        it('starts and ends without a click', () => {
          assert.ok(samples[0] === 0);
          assert.ok(samples.at(-1) === 0);
          // The first and the last millisecond hardly leave zero.
          const edge = sampleRate / 1000;
          assert.ok(peak(samples.subarray(0, edge)) < 0.15);
          assert.ok(peak(samples.subarray(-edge)) < 0.001);
        });

        it('has nothing beyond 3.4 kHz', () => {
          const beyond = [3450, 3600, 3800, 3950].map((hz) => level(samples, sampleRate, hz));
          assert.ok(Math.max(...beyond) < 0.0005, beyond.join());
        });
      });
    }
  }

  it('are alike in loudness as a camera plays them, about -18 LUFS', function () {
    // The one of this machine, which has the filter.
    for (const name of CHIMES) {
      const args = ['-hide_banner', '-f', 'alaw', '-ar', '8000', '-i', '-', '-af', 'ebur128', '-f', 'null', '-'];
      const input = encodeAlaw(chime(name, 8000));
      const { stderr } = spawnSync(ffmpegPath, args, { input, encoding: 'utf8' });
      const [, loudness] = /Integrated loudness:\s+I:\s+(\S+) LUFS/.exec(stderr) ?? [];
      assert.ok(Math.abs(Number(loudness) + 18) < 0.6, `${name}: ${loudness ?? stderr}`);
    }
  });

  it('are told apart at 8 kHz by what is below 3.4 kHz', () => {
    // The spectrum in thirds of an octave and tenths of a second, as unit vectors.
    const prints = CHIMES.map((name) => {
      const samples = chime(name, 8000);
      const print: number[] = [];
      for (let at = 0; at < 1.2; at += 0.1) {
        const part = samples.subarray(8000 * at, 8000 * (at + 0.1));
        for (let hz = 250; hz < 3400; hz *= 2 ** (1 / 6)) print.push(part.length < 800 ? 0 : level(part, 8000, hz));
      }
      const length = Math.hypot(...print);
      return print.map((value) => value / length);
    });
    prints.forEach((one, i) =>
      prints.slice(0, i).forEach((other, j) => {
        const alike = one.reduce((sum, value, k) => sum + value * (other[k] ?? 0), 0);
        assert.ok(alike < 0.95, `${CHIMES[i]} and ${CHIMES[j]}: ${alike.toFixed(2)}`);
      }),
    );
  });

  it('the alarm goes on without a gap when it is repeated', () => {
    const once = chime('alarm', 8000);
    const twice = new Float32Array([...once, ...once]);
    const seam = twice.subarray(once.length - 1600, once.length + 1600);
    // Of 20 ms each, no more of them are soft than between two notes.
    let soft = 0;
    for (let at = 0; at < seam.length; at += 160) if (peak(seam.subarray(at, at + 160)) < 0.1) soft++;
    assert.ok(soft <= 2, String(soft));
  });

  it('strikes the notes of a door bell', () => {
    const samples = chime('dingdong', 8000);
    const [first, second] = [samples.subarray(0, 4000), samples.subarray(4000)];
    assert.ok(level(first, 8000, 659.26) > 0.1 && level(first, 8000, 523.25) < 0.02);
    assert.ok(level(second, 8000, 523.25) > 0.1);
    assert.ok(level(chime('ding', 8000), 8000, 659.26) > 0.1);
  });

  it('dies away like a bell', () => {
    const samples = chime('ding', 8000);
    const peaks = [0, 1, 2, 3, 4, 5, 6].map((part) => peak(samples.subarray(800 * part, 800 * (part + 1))));
    assert.deepEqual(
      peaks,
      [...peaks].sort((a, b) => b - a),
    );
    assert.ok((peaks[5] ?? 1) < 0.1 * (peaks[0] ?? 0));
  });

  it('leaves out partials that a low rate cannot carry', () => {
    const samples = chime('alert', 2000);
    assert.ok(peak(samples) > 0.6 && level(samples, 2000, 880) > 0.05);
  });

  it('sweeps from one frequency to the other, an octave in equal times', () => {
    const samples = sweep({ seconds: 2, fromHz: 250, toHz: 2000, sampleRate: 8000 });
    assert.equal(samples.length, 16000);
    assert.ok(samples[0] === 0);
    assert.ok(samples.at(-1) === 0);
    assert.ok(Math.abs(peak(samples) - 0.7) < 0.01);
    const around = (second: number): number => pitch(samples.subarray(8000 * second - 200, 8000 * second + 200), 8000);
    // Three octaves in two seconds.
    assert.ok(Math.abs(around(2 / 3) - 500) < 30, `${around(2 / 3)}`);
    assert.ok(Math.abs(around(4 / 3) - 1000) < 40, `${around(4 / 3)}`);
    const down = sweep({ seconds: 0.5, fromHz: 3400, toHz: 200, sampleRate: 16000 });
    assert.ok(pitch(down.subarray(0, 800), 16000) > 2500 && pitch(down.subarray(-800), 16000) < 400);
  });

  it('sweeps for an instant, or at one frequency', () => {
    assert.equal(sweep({ seconds: 0.001, fromHz: 250, toHz: 2000, sampleRate: 8000 }).length, 8);
    const tone = sweep({ seconds: 1, fromHz: 1000, toHz: 1000, sampleRate: 8000 });
    assert.ok(Math.abs(pitch(tone, 8000) - 1000) < 2);
    assert.ok(level(tone, 8000, 1000) > 0.65);
  });

  it('says what is wrong', () => {
    const cases: [() => unknown, RegExp][] = [
      [() => chime('bell' as 'ding', 8000), /chime: expected one of ding, dingdong, alert/],
      [() => chime('ding', 0), /sampleRate: /],
      [() => chime('ding', 8000.5), /sampleRate: /],
      [() => sweep({ seconds: 0, fromHz: 100, toHz: 200, sampleRate: 8000 }), /seconds/],
      [() => sweep({ seconds: 61, fromHz: 100, toHz: 200, sampleRate: 8000 }), /up to 60 seconds/],
      [() => sweep({ seconds: NaN, fromHz: 100, toHz: 200, sampleRate: 8000 }), /seconds/],
      [() => sweep({ seconds: 1, fromHz: 0, toHz: 200, sampleRate: 8000 }), /frequencies above 0 and up to 4000 Hz/],
      [() => sweep({ seconds: 1, fromHz: 100, toHz: 4001, sampleRate: 8000 }), /frequencies/],
      [() => sweep({ seconds: 1, fromHz: 100, toHz: 200, sampleRate: 10 }), /sampleRate: /],
    ];
    for (const [call, message] of cases) assert.throws(call, { code: 'TALK_ERR_ARGUMENT', message });
  });
});
