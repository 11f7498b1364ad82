// SilenceDetector: speech of several loudnesses in rooms of several, clicks, pauses, rooms that change, digital silence.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeAlaw } from '../../src/sound/g711.js';
import { SilenceDetector, type SpeechState } from '../../src/listen/silence.js';
import { addAt, joined, noise, pieces, seeded, tone } from './sounds.js';

const RATE = 8_000;
const OPTIONS = { sampleRate: RATE, hangMs: 800, marginDb: 9 };
const seconds = (count: number): number => Math.round(count * RATE);
const quiet = (count: number, rms = 0.001, seed = 1): Float32Array => noise(seconds(count), rms, seeded(seed));
/** Syllables: noise that comes and goes four times a second. */
const babble = (count: number, rms = 0.1, seed = 2): Float32Array =>
  noise(seconds(count), rms, seeded(seed)).map(
    (sample, i) => sample * Math.max(0.03, Math.sin((2 * Math.PI * 4 * i) / RATE)),
  );

/** When the state changed, s. */
function changes(sound: Float32Array, options = OPTIONS): (readonly [SpeechState, number])[] {
  const detector = new SilenceDetector(options);
  const found: (readonly [SpeechState, number])[] = [];
  let state = detector.state;
  let at = 0;
  for (const { samples } of pieces(sound, RATE, [160, 97, 1_024])) {
    at += samples.length;
    if (detector.push(samples) !== state) found.push([(state = detector.state), at / RATE]);
  }
  return found;
}

function assertSpeech(sound: Float32Array, from: number, to: number): void {
  const found = changes(sound);
  assert.deepEqual(
    found.map(([state]) => state),
    ['speaking', 'over'],
    JSON.stringify(found),
  );
  const [[, began], [, ended]] = found as [[string, number], [string, number]];
  assert.ok(began >= from && began <= from + 0.35, `began at ${began}`);
  assert.ok(Math.abs(ended - (to + 0.8)) <= 0.35, `ended at ${ended}`);
}

describe('SilenceDetector', () => {
  for (const [name, room, voice] of [
    ['a quiet room', 0.0005, 0.05],
    ['a fan', 0.01, 0.1],
    ['a street', 0.05, 0.4],
    ['digital silence', 0, 0.02],
  ] as const) {
    it(`hears speech begin and end in ${name}`, () => {
      const sound = addAt(quiet(6, room), babble(2, voice), seconds(1.5));
      assertSpeech(sound, 1.5, 3.5);
    });
  }

  it('hears speech that was there from the start', () => {
    const sound = addAt(quiet(5), babble(2), 0);
    const found = changes(sound);
    assert.deepEqual(
      found.map(([state]) => state),
      ['speaking', 'over'],
    );
    assert.ok((found[0]?.[1] ?? 9) < 0.5);
  });

  it('hears speech beside a constant offset, as cheap converters have it', () => {
    const sound = addAt(quiet(6), babble(2, 0.05), seconds(1.5)).map((sample) => sample + 0.3);
    assertSpeech(sound, 1.5, 3.5);
  });

  it('hears the real thing', () => {
    const speech = Float32Array.from(
      decodeAlaw(readFileSync(join(__dirname, '../fixtures/audio/speech-8k.alaw'))),
      (sample) => sample / 32_768,
    );
    const found = changes(joined(quiet(1), speech, quiet(2)), { ...OPTIONS, hangMs: 1_000 });
    assert.deepEqual(
      found.map(([state]) => state),
      ['speaking', 'over'],
    );
    const end = 1 + speech.length / RATE;
    assert.ok((found[0]?.[1] ?? 9) < 1.6 && Math.abs((found[1]?.[1] ?? 0) - end - 1) < 0.5, JSON.stringify(found));
  });

  it('says where speech began', () => {
    const detector = new SilenceDetector(OPTIONS);
    assert.equal(detector.onset, undefined);
    detector.push(joined(quiet(1), tone(seconds(1), 0.2, 300, RATE)));
    assert.equal(detector.onset, seconds(1));
  });

  it('is not taken in by a click', () =>
    assert.deepEqual(changes(addAt(quiet(3), noise(240, 0.5, seeded(3)), seconds(1))), []));

  it('is not taken in by steady noise, however loud, nor by a constant', () => {
    assert.deepEqual(changes(quiet(6, 0.2)), []);
    assert.deepEqual(changes(new Float32Array(seconds(3)).fill(0.3)), []);
  });

  it('is not taken in by a whisper of noise after digital silence', () =>
    assert.deepEqual(changes(joined(new Float32Array(seconds(2)), quiet(3, 0.001))), []));

  it('waits through a pause shorter than the hang-over', () => {
    const sound = quiet(8);
    addAt(sound, babble(1.5), seconds(1));
    addAt(sound, babble(1.5, 0.1, 4), seconds(3.1));
    const found = changes(sound);
    assert.deepEqual(
      found.map(([state]) => state),
      ['speaking', 'over'],
    );
    assert.ok(Math.abs((found[1]?.[1] ?? 0) - 5.4) < 0.4, JSON.stringify(found));
  });

  it('gets used to a fan that is switched on', () => {
    const found = changes(joined(quiet(2), quiet(8, 0.05, 5)));
    // For three seconds it could be a voice.
    assert.deepEqual(
      found.map(([state]) => state),
      ['speaking', 'over'],
    );
    assert.ok((found[1]?.[1] ?? 99) < 7, JSON.stringify(found));
  });
});
