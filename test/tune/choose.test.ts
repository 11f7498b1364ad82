// What follows from what was heard: settings above the worst session, and no setting from thin evidence.
import assert from 'node:assert/strict';
import { drain, latency, leadIn, sizeOf, wholeness, type TrainReport } from '../../src/tune/choose.js';
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
  kind: 'in a row',
});
const rested = (firstMs: number, lostMs: number): TrainReport => ({ ...report(firstMs, lostMs), kind: 'rested' });

describe('choose', () => {
  it('takes the worst of three sessions and one after a rest, 60 ms more, rounded up to 20', () => {
    const reports = [report(430, 200), report(452, 298), report(441, 310)];
    assert.deepEqual(leadIn([...reports, rested(0, 0)]), { value: 520 });
    assert.deepEqual(leadIn([...reports, rested(700, 0)]), { value: 760 });
    assert.deepEqual(drain([...reports, rested(0, 0)]), { value: 380 });
    assert.deepEqual(leadIn([report(0, 0), report(0, 0), report(0, 0), rested(0, 0)]), { value: 60 });
  });

  it('adds what a session that was closed late may have kept from being lost', () => {
    const late = { ...report(0, 100), closedLateMs: 25 };
    assert.deepEqual(drain([late, report(0, 90), report(0, 90), rested(0, 0)]), { value: 200 });
  });

  for (const [heard, why] of [
    ['noisy', /noise or echo/],
    ['disturbed', /Something else/],
    [undefined, /not recognised/],
  ] as const) {
    it(`finds nothing out of three sessions and one that was ${heard ?? 'not heard'}`, () => {
      for (const reports of [
        [report(1, 1), report(1, 1), rested(1, 1), { heard, kind: 'in a row' }],
        [report(1, 1), report(1, 1), report(1, 1), { heard, kind: 'rested' }],
      ] as const) {
        for (const found of [leadIn, drain].map((choose) => choose(reports))) {
          assert.ok('why' in found);
          assert.match(tuneText(found.why), /^Only 3 of the 4 sessions/);
          assert.match(tuneText(found.why), why);
        }
      }
    });
  }

  it('sets nothing without a rest, however much was heard', () => {
    assert.ok('why' in leadIn(new Array<TrainReport>(5).fill(report(1, 1))));
  });

  it('sets nothing that no loudspeaker loses', () => {
    const usual = [report(0, 0), report(0, 0), rested(0, 0)];
    for (const found of [leadIn([report(1_601, 0), ...usual]), drain([report(0, 1_201), ...usual])]) {
      assert.ok('why' in found);
      assert.match(tuneText(found.why), /^1[26]01 ms are missing at the (beginning|end)/);
    }
    assert.deepEqual(leadIn([report(1_600, 0), ...usual]), { value: 1_660 });
    assert.deepEqual(drain([report(0, 1_200), ...usual]), { value: 1_260 });
  });

  it('takes an end for lost only if it is heard where the session stays open', () => {
    const lost = [report(0, 500), report(0, 500), report(0, 500)];
    assert.deepEqual(drain([...lost, rested(0, 60)]), { value: 560 });
    assert.ok('why' in drain([...lost, rested(0, 61)]));
  });

  it('judges packets by all their sessions', () => {
    const [gaps, unsure] = [report(0, 0, { evenness: 0.1 }), report(0, 0, { broken: 0.1 })];
    const whole = report(0, 0);
    assert.equal(sizeOf([whole, unsure, whole, rested(0, 0)]), 'whole');
    assert.equal(sizeOf([whole, whole, whole, gaps]), 'gaps');
    assert.equal(sizeOf([whole, unsure, unsure, whole]), 'unsure');
    assert.equal(sizeOf([whole, { heard: 'noisy', kind: 'in a row' }]), 'unsure');
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
    assert.deepEqual(latency([...all, { heard: undefined, kind: 'rested' }]), { medianMs: 128, spreadMs: 70 });
    assert.equal(latency([{ heard: 'noisy', kind: 'rested' }]), undefined);
  });
});
