// judge: what is said of a measurement in each talk mode, and what is not claimed.
import assert from 'node:assert/strict';
import type { TalkMode } from '../../src/camera-options.js';
import { chirp, SPEEDS } from '../../src/check/chirp.js';
import { measureChirp, type ChirpMatch, type Measurement } from '../../src/check/measure.js';
import { judge, type SoundVerdict } from '../../src/check/verdict.js';
import { sentence } from '../../src/probe/sentences.js';
import { addAt, noise, seeded } from '../listen/sounds.js';

const MATCH: ChirpMatch = {
  speed: 1,
  atSeconds: 0.7421,
  likeness: 0.9,
  prominence: 30,
  levelDb: -28.04,
  snrDb: 24.96,
  clipped: 0,
};
const NOTHING: ChirpMatch = { ...MATCH, likeness: 0.11, prominence: 3.5, snrDb: -5 };
const measured = (match: Partial<ChirpMatch> | undefined, more: Partial<Measurement> = {}): Measurement => ({
  seconds: 3,
  noiseDb: -53,
  ...(match !== undefined && { match: { ...MATCH, ...match } }),
  ...more,
});
const verdict = (measurement: Measurement, mode: TalkMode = 'full_duplex'): SoundVerdict =>
  judge({ measurement, mode, sentAtSeconds: 0.5 });

describe('judge', () => {
  it('reports delay, level, signal to noise', () => {
    assert.deepEqual(verdict(measured({})), {
      verdict: 'heard',
      reason: 'found',
      text: 'Heard: the chirp came back after 242 ms',
      delayMs: 242.1,
      levelDb: -28,
      snrDb: 25,
      clipping: false,
      speed: 1,
    });
  });

  for (const [name, damage, expected] of [
    ['samples at the end of the scale', { clipped: 0.05 }, true],
    ['a loudspeaker at its end', { distortion: 0.3 }, true],
    ['what every small loudspeaker does', { clipped: 0.001, distortion: 0.1 }, false],
  ] as const) {
    it(`${expected ? 'reports' : 'does not mind'} ${name}`, () => {
      const { clipping, text } = verdict(measured(damage));
      assert.equal(clipping, expected);
      assert.equal(/turn the loudspeaker down/.test(text), expected);
    });
  }

  for (const [speed, codec] of [
    [2, /Twice.*µ-law 16 kHz/],
    [0.5, /Half.*A-law 8 kHz/],
  ] as const) {
    it(`names the codec when the speed is ${speed}`, () => {
      const { verdict: said, reason, text, speed: heard } = verdict(measured({ speed }));
      assert.deepEqual([said, reason, heard], ['heard', 'wrong speed', speed]);
      assert.match(text, codec);
    });
  }

  it('believes a loud chirp in an echoing room', () =>
    assert.equal(verdict(measured({ likeness: 0.22, prominence: 9, snrDb: 30 })).verdict, 'heard'));

  it('believes a heard chirp in every mode', () => {
    for (const mode of ['half_duplex', 'vad', 'aec'] as const) {
      const said = verdict(measured({}), mode);
      assert.equal(said.verdict, 'heard');
      assert.match(said.text, new RegExp(`242 ms.*it says little in the mode ${mode}`));
    }
  });

  it('says what the report of the camera dialog says', () => {
    const words = (measurement: Measurement, mode?: 'half_duplex'): string => verdict(measurement, mode).text;
    assert.equal(
      words(measured({ speed: 2, clipped: 0.05 })),
      [
        sentence('sound.heard', { delayMs: 242 }),
        sentence('level.clipping', { levelDb: -28, snrDb: 25 }),
        sentence('speed.double'),
      ].join('. '),
    );
    assert.equal(words(measured(NOTHING)), sentence('sound.nothing'));
    assert.equal(
      words(measured(NOTHING), 'half_duplex'),
      `${sentence('sound.muted', { mode: 'half_duplex' })}. ${sentence('mode.full_duplex')}`,
    );
  });

  it('says "not heard" when the microphone works and hears nothing', () => {
    const { verdict: said, reason, text, ...rest } = verdict(measured(NOTHING));
    assert.deepEqual([said, reason], ['not heard', 'nothing found']);
    assert.match(text, /volume/);
    assert.deepEqual(rest, {});
  });

  for (const [mode, reason] of [
    ['half_duplex', 'microphone muted by half_duplex'],
    ['vad', 'microphone muted by vad'],
    ['aec', 'loudspeaker cancelled by aec'],
  ] as const) {
    it(`claims no silence in ${mode}, and suggests full_duplex`, () => {
      const short = mode !== 'aec' ? [measured(undefined, { seconds: 0 })] : [];
      for (const measurement of [measured(NOTHING), measured(undefined, { noiseDb: -96 }), ...short]) {
        const said = verdict(measurement, mode);
        assert.deepEqual([said.verdict, said.reason, said.suggestMode], ['cannot tell', reason, 'full_duplex']);
        assert.match(said.text, /full duplex/);
      }
    });
  }

  const unclear: readonly [measurement: Measurement, reason: string][] = [
    [measured(NOTHING, { seconds: 1.9 }), 'recording too short'],
    [measured(undefined, { seconds: 0 }), 'recording too short'],
    [measured(undefined, { noiseDb: -96 }), 'microphone silent'],
    [measured({ likeness: 0.2, prominence: 5, snrDb: 3 }), 'unsure'],
    [measured({ likeness: 0.25, prominence: 9, snrDb: 3 }), 'unsure'],
    [measured({ likeness: 0.35, prominence: 4, snrDb: 30 }), 'unsure'],
    [measured(NOTHING, { noiseDb: -12 }), 'too noisy'],
  ];
  for (const [measurement, reason] of unclear) {
    it(`cannot tell: ${reason}, ${JSON.stringify(measurement.match?.likeness ?? 'no match')}`, () => {
      const said = verdict(measurement);
      assert.deepEqual([said.verdict, said.reason, said.delayMs], ['cannot tell', reason, undefined]);
    });
  }

  it('judges real recordings', () => {
    for (const speed of SPEEDS) {
      const sound = chirp(8_000, speed).map((sample) => 0.05 * sample);
      const recording = addAt(noise(24_000, 0.01, seeded(9)), sound, 5_600);
      const { delayMs = NaN, speed: heard } = verdict(measureChirp(recording, 8_000));
      assert.equal(heard, speed);
      assert.ok(Math.abs(delayMs - 200) < 5, String(delayMs));
    }
    for (let seed = 1; seed <= 10; seed++) {
      assert.equal(verdict(measureChirp(noise(24_000, 0.01, seeded(seed)), 8_000)).verdict, 'not heard');
    }
  });
});
