// hearTrain: what is missing of the train in recordings made here, with noise and echoes.
import assert from 'node:assert/strict';
import { wholeness } from '../../src/tune/choose.js';
import { TRAIN_RATE } from '../../src/tune/find.js';
import { hearTrain, type HeardTrain } from '../../src/tune/heard.js';
import { TRAIN_SECONDS, trainSound } from '../../src/tune/train.js';
import { randomNumbers } from '../helpers/random.js';
import { addAt, noise } from '../listen/sounds.js';

const PER_MS = TRAIN_RATE / 1_000;
const LEVEL = 0.25;
const TRAIN = trainSound(TRAIN_RATE).map((sample) => LEVEL * sample);
/** Of the train as it is recorded. */
const RMS = (LEVEL * 0.7) / Math.SQRT2;
/** A furnished room: later, softer. */
const ECHOES = [
  [3, 0.8],
  [11, 0.7],
  [23, 0.6],
  [47, 0.5],
  [90, 0.4],
  [160, 0.25],
] as const;

interface Damage {
  readonly firstMs?: number;
  readonly lostMs?: number;
  /** Samples of a packet whose second half is not heard. */
  readonly packet?: number;
  /** Silence put in so many ms after the beginning. */
  readonly breakMs?: readonly [atMs: number, lengthMs: number];
  readonly snrDb?: number;
  readonly echo?: boolean;
}

const START_MS = 740;

function recording(damage: Damage, seed = 1): Float32Array {
  const { firstMs = 0, lostMs = 0, packet, breakMs, snrDb = 30, echo = false } = damage;
  let played = TRAIN.slice();
  played.fill(0, 0, firstMs * PER_MS);
  played.fill(0, played.length - lostMs * PER_MS);
  if (packet !== undefined) for (let i = 0; i < played.length; i += packet) played.fill(0, i + packet / 2, i + packet);
  if (breakMs !== undefined) {
    const [at, length] = [breakMs[0] * PER_MS, breakMs[1] * PER_MS];
    played = new Float32Array([...played.subarray(0, at), ...new Float32Array(length), ...played.subarray(at)]);
  }
  const random = randomNumbers(seed);
  const samples = noise(8 * TRAIN_RATE, RMS * 10 ** (-snrDb / 20), random);
  addAt(samples, played, START_MS * PER_MS);
  if (echo) {
    for (const [ms, level] of ECHOES) {
      addAt(
        samples,
        played.map((sample) => level * sample),
        (START_MS + ms) * PER_MS,
      );
    }
  }
  return samples;
}

function hear(damage: Damage, seed?: number): ReturnType<typeof hearTrain> {
  const packetMs = (damage.packet ?? 1_024) / PER_MS;
  return hearTrain(recording(damage, seed), { fromMs: START_MS - 250, toMs: START_MS + 450 }, packetMs);
}

function heard(damage: Damage, seed?: number): HeardTrain {
  const found = hear(damage, seed);
  assert.ok(typeof found === 'object', JSON.stringify(found));
  return found;
}

function assertEdges(found: HeardTrain, firstMs: number, lostMs: number, within: number): void {
  const lastMs = TRAIN_SECONDS * 1_000 - lostMs;
  assert.ok(Math.abs(found.firstMs - firstMs) <= within, `${found.firstMs} ms instead of ${firstMs}`);
  assert.ok(Math.abs(found.lastMs - lastMs) <= within, `${found.lastMs} ms instead of ${lastMs}`);
  assert.ok(Math.abs(found.startMs - START_MS) <= 3, `${found.startMs} ms instead of ${START_MS}`);
}

describe('hearTrain', () => {
  for (const echo of [false, true]) {
    for (const [snrDb, within] of [
      [30, 12],
      [10, 15],
      [0, 30],
      [-10, 40],
    ] as const) {
      it(`says what is missing at both ends, ${snrDb} dB above the noise${echo ? ', with echoes' : ''}`, () => {
        for (const [seed, firstMs, lostMs] of [
          [1, 0, 0],
          [2, 447, 313],
          [3, 1_503, 1_640],
        ] as const) {
          const found = hear({ firstMs, lostMs, snrDb, echo }, seed);
          // Below the noise it may be that it cannot be told, but never something wrong.
          if (typeof found !== 'object' && snrDb <= -10) continue;
          assertEdges(found as HeardTrain, firstMs, lostMs, within);
          assert.equal(wholeness({ heard: found }), 'whole');
        }
      });
    }
  }

  for (const packet of [80, 160, 320, 512, 1_024, 2_048]) {
    it(`sees that packets of ${packet} samples are not played to their end`, () => {
      for (const snrDb of [30, 10, 0]) {
        for (const echo of [false, true]) {
          const found = hear({ packet, snrDb, echo, firstMs: 300 }, packet + snrDb);
          if (found === 'noisy' && snrDb === 0) continue;
          assert.equal(wholeness({ heard: found }), 'gaps', JSON.stringify(found));
        }
      }
    });
  }

  it('follows a camera that waited in the middle, and is not sure of gaps then', () => {
    const found = heard({ firstMs: 300, lostMs: 200, breakMs: [2_300, 90] });
    assert.ok(Math.abs(found.firstMs - 300) <= 12);
    assert.ok(Math.abs(found.lastMs - (TRAIN_SECONDS * 1_000 - 200)) <= 12);
    assert.notEqual(wholeness({ heard: found }), 'gaps');
  });

  it('finds nothing in noise, silence, and what is too short', () => {
    const search = { fromMs: 0, toMs: 700 };
    for (let seed = 1; seed <= 5; seed++) {
      assert.equal(hearTrain(noise(7 * TRAIN_RATE, 0.1, randomNumbers(seed)), search, 128), undefined);
    }
    assert.equal(hearTrain(new Float32Array(7 * TRAIN_RATE), search, 128), undefined);
    assert.equal(hearTrain(new Float32Array(0), search, 128), undefined);
    assert.equal(hearTrain(TRAIN.subarray(0, 0.4 * TRAIN_RATE), search, 128), undefined);
  });

  it('finds nothing in other speech and tones', () => {
    const samples = Float32Array.from({ length: 7 * TRAIN_RATE }, (_, i) => {
      const time = i / TRAIN_RATE;
      return 0.3 * Math.sin(2 * Math.PI * (700 + 400 * Math.sin(3 * time)) * time) * Math.sin(14 * time) ** 2;
    });
    assert.equal(hearTrain(samples, { fromMs: 0, toMs: 700 }, 128), undefined);
  });
});
