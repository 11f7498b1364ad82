// What follows from what was heard: settings above the worst session, and no setting from thin evidence.
import assert from 'node:assert/strict';
import { drain, latency, leadIn, wholeness, type TrainReport } from '../../src/tune/choose.js';
import { tuneText } from '../../src/tune/sentences.js';
import { TRAIN_SECONDS } from '../../src/tune/train.js';

const report = (firstMs: number, lostMs: number, more: object = {}): TrainReport => ({
  heard: {
    startMs: 500,
    firstMs,
    lastMs: TRAIN_SECONDS * 1_000 - lostMs,
    windowMs: 10,
    broken: 0,
    evenness: 0.98,
    ...more,
  },
  latencyMs: 120,
});

describe('choose', () => {
  it('takes the worst of three sessions, 60 ms more, rounded up to 20', () => {
    const reports = [report(430, 200), report(452, 298), report(441, 310)];
    assert.deepEqual(leadIn(reports), { value: 520 });
    assert.deepEqual(drain(reports), { value: 380 });
    assert.deepEqual(leadIn([report(0, 0), report(0, 0), report(0, 0)]), { value: 60 });
  });

  it('adds what a session that was closed late may have kept from being lost', () => {
    const late = { ...report(0, 100), closedLateMs: 25 };
    assert.deepEqual(drain([late, report(0, 90), report(0, 90)]), { value: 200 });
  });

  for (const [heard, why] of [
    ['noisy', /noise or echo/],
    ['disturbed', /Something else/],
    [undefined, /not recognised/],
  ] as const) {
    it(`finds nothing out of two sessions and one that was ${heard ?? 'not heard'}`, () => {
      for (const found of [leadIn, drain].map((choose) => choose([report(1, 1), report(1, 1), { heard }]))) {
        assert.ok('why' in found);
        assert.match(tuneText(found.why), /^Only 2 of the 3 sessions/);
        assert.match(tuneText(found.why), why);
      }
    });
  }

  it('sets nothing that no setting makes up for', () => {
    const found = leadIn([report(2_990, 0), report(10, 0), report(10, 0)]);
    assert.ok('why' in found);
    assert.match(tuneText(found.why), /3000 ms/);
  });

  for (const [expected, more] of [
    ['whole', {}],
    ['gaps', { evenness: 0.1 }],
    ['gaps', { broken: 0.9 }],
    ['unsure', { evenness: 0.6 }],
    ['unsure', { broken: 0.1 }],
  ] as const) {
    it(`calls ${JSON.stringify(more)} ${expected}`, () => assert.equal(wholeness(report(0, 0, more)), expected));
  }

  it('is unsure of what was not heard', () => {
    for (const heard of ['noisy', 'disturbed', undefined] as const) assert.equal(wholeness({ heard }), 'unsure');
  });

  it('tells latency as median and spread', () => {
    const all = [120, 128, 190].map((latencyMs) => ({ ...report(0, 0), latencyMs }));
    assert.deepEqual(latency([...all, { heard: undefined }]), { medianMs: 128, spreadMs: 70 });
    assert.equal(latency([{ heard: 'noisy' }]), undefined);
  });
});
