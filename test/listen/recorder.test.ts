// Recorder: so many seconds to the sample, speech with its first sounds and its end, nobody speaking, stopped early; plans out of bounds.
import assert from 'node:assert/strict';
import { Recorder, recordPlan, type RecordPlan } from '../../src/listen/recorder.js';
import { toS16 } from '../../src/sound/s16.js';
import { coded, sameBytes } from '../helpers/collect.js';
import type { Recording } from '../../src/listen/states.js';
import { addAt, noise, pieces, seeded, tone } from './sounds.js';

const RATE = 8_000;
const START = 5_000;

/** Pushes until the recorder has enough; the recording and how many samples it was given. */
function record(plan: RecordPlan, sound: Float32Array): { recording: Recording; given: number } {
  const recorder = new Recorder(plan, RATE);
  let given = 0;
  for (const piece of pieces(sound, RATE, [160], START)) {
    given += piece.samples.length;
    if (recorder.push(piece)) break;
  }
  return { recording: recorder.finish(12.5, 99_999), given };
}

const room = (seconds: number): Float32Array => noise(seconds * RATE, 0.001, seeded(1));
const voice = (seconds: number): Float32Array => tone(seconds * RATE, 0.2, 300, RATE);

describe('Recorder', () => {
  it('records so many seconds, to the sample', () => {
    const sound = noise(3 * RATE, 0.1, seeded(7));
    const { recording, given } = record({ until: 'full', seconds: 1.2345 }, sound);
    assert.equal(given, 9_920);
    const { pcm, ...rest } = recording;
    sameBytes(pcm, toS16(sound.subarray(0, 9_876)));
    assert.deepEqual(rest, { sampleRate: RATE, startedAt: START, seconds: 1.2345, ended: 'full', filledMs: 12.5 });
  });

  it('gives what it has when it is stopped', () => {
    const { recording } = record({ until: 'full', seconds: 2 }, room(0.5));
    assert.equal(recording.ended, 'stopped');
    assert.equal(recording.seconds, 0.5);
    assert.equal(recording.pcm.length, 8_000);
  });

  it('gives nothing when there was nothing, and still a time', () => {
    const recording = new Recorder({ until: 'full', seconds: 2 }, RATE).finish(0, 4_321);
    assert.deepEqual(recording, {
      pcm: Buffer.alloc(0),
      sampleRate: RATE,
      startedAt: 4_321,
      seconds: 0,
      ended: 'stopped',
      filledMs: 0,
    });
  });

  it('starts at the earliest time any piece tells', () => {
    const recorder = new Recorder({ until: 'full', seconds: 1 }, RATE);
    recorder.push({ samples: room(0.1), sampleRate: RATE, heardAt: 1_000 });
    recorder.push({ samples: room(0.1), sampleRate: RATE, heardAt: 1_080 });
    assert.equal(recorder.finish(0, 0).startedAt, 0);
    assert.equal(recorder.finish(0, 9_999).startedAt, 980);
  });

  it('records speech from half a second before it to the end of the hang-over', () => {
    const sound = addAt(room(8), voice(2), 3 * RATE);
    const { recording } = record({ until: 'silence', hangMs: 600 }, sound);
    assert.equal(recording.ended, 'silence');
    assert.equal(recording.speech, true);
    assert.equal(recording.startedAt, START + 2_500);
    assert.ok(Math.abs(recording.seconds - (0.5 + 2 + 0.6)) < 0.05, String(recording.seconds));
    sameBytes(
      recording.pcm,
      toS16(sound)
        .subarray(2 * 2.5 * RATE)
        .subarray(0, recording.pcm.length),
    );
  });

  it('ends a speech without end', () => {
    const { recording, given } = record({ until: 'silence', maxSeconds: 2 }, addAt(room(9), voice(8), RATE));
    assert.equal(recording.ended, 'full');
    assert.equal(recording.seconds, 2.5);
    assert.ok(given < 3.2 * RATE);
  });

  it('says that nobody spoke, and holds no more than the pre-roll meanwhile', () => {
    const { recording, given } = record({ until: 'silence', waitSeconds: 4 }, room(9));
    assert.equal(given, 4 * RATE);
    assert.deepEqual(recording, {
      pcm: Buffer.alloc(0),
      sampleRate: RATE,
      startedAt: START + 3_440,
      seconds: 0,
      ended: 'silence',
      speech: false,
      filledMs: 12.5,
    });
  });

  const wrong: readonly [plan: RecordPlan, shown: RegExp][] = [
    [{ until: 'full', seconds: 0 }, /^seconds: expected a number from 0.02 to 600, not 0/],
    [{ until: 'full', seconds: 601 }, /seconds/],
    [{ until: 'full', seconds: NaN }, /seconds/],
    [{ until: 'silence', hangMs: 5 }, /hangMs/],
    [{ until: 'silence', maxSeconds: -1 }, /maxSeconds/],
    [{ until: 'silence', waitSeconds: Infinity }, /waitSeconds/],
    [{ until: 'silence', marginDb: 90 }, /marginDb/],
    [{ until: 'full', seconds: '5' } as unknown as RecordPlan, /^seconds: .*, not "5"$/],
    [{ until: 'noon' } as unknown as RecordPlan, /^until: expected full, silence, not "noon"$/],
  ];
  for (const [plan, shown] of wrong) {
    it(`refuses ${JSON.stringify(plan)}`, () =>
      assert.throws(() => recordPlan(plan), coded('TALK_ERR_ARGUMENT', shown)));
  }

  it('fills in what a plan leaves out', () =>
    assert.deepEqual(recordPlan({ until: 'silence', hangMs: 500 }), {
      until: 'silence',
      maxSeconds: 30,
      waitSeconds: 10,
      hangMs: 500,
      marginDb: 9,
    }));
});
