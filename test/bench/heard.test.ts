// What follows from what cameras heard, on talks typed by hand.
import assert from 'node:assert/strict';
import { audibleSeconds, firstAudible, isWhole, latenessOfAll, spread, type Heard } from './heard.js';

/** A talk of 20 ms packets: `.` is silence, `x` is sound. */
function talk(packets: string, arrivals: readonly number[]): Heard {
  const audible = Array.from(packets, (packet) => packet === 'x');
  const due = audible.map((_, n) => n * 20);
  const leadInMs = Math.max(0, audible.indexOf(true)) * 20;
  const durationMs = packets.length * 20;
  return { number: 1, acceptedAt: 0, leadInMs, arrivals, due, durationMs, audible, violations: [], warnings: [] };
}

describe('what cameras heard', () => {
  it('begins with the first packet that holds sound', () => {
    const heard = talk('..x.x', [100, 120, 140, 160, 180]);
    assert.equal(firstAudible(heard), 140);
    assert.equal(firstAudible(heard, 3), 180);
    assert.ok(Number.isNaN(firstAudible(talk('..', [1, 2]))));
    assert.ok(Number.isNaN(firstAudible(null)));
  });

  it('lasts from the first sound to the last', () => {
    assert.equal(audibleSeconds(talk('..x.x.', [0, 20, 40, 60, 80, 100])), 0.06);
    assert.equal(audibleSeconds(talk('x', [0])), 0.02);
    assert.equal(audibleSeconds(talk('..', [0, 20])), 0);
    assert.equal(audibleSeconds(undefined), 0);
  });

  it('is whole when no more than a pause is missing', () => {
    const heard = talk(`x${'.'.repeat(48)}x`, []);
    assert.equal(isWhole(heard, 1.3), true);
    assert.equal(isWhole(heard, 1.31), false);
  });

  it('is as far apart as packets of the same number are, counted from the first sound', () => {
    const one = talk('.xxx', [0, 100, 120, 140]);
    const other = talk('..xx', [0, 20, 103, 119]);
    assert.deepEqual(spread([one, other]), [3, 1]);
    assert.deepEqual(spread([one]), [0, 0, 0]);
    assert.deepEqual(spread([one, null]), []);
  });

  it('is as far apart as the same sound is where packets are not of the same length', () => {
    // The first sound is due at 150 ms, in the middle of a packet of either.
    const short = talk('.......xxx', [0, 20, 40, 60, 80, 100, 120, 141, 160, 180]);
    const long: Heard = {
      ...talk('.xx', [2, 104, 200]),
      leadInMs: 150,
      due: [0, 100, 200],
      durationMs: 300,
    };
    assert.deepEqual(spread([{ ...short, leadInMs: 150 }, long]), [3, 4, 4]);
    assert.deepEqual(spread([{ ...short, leadInMs: 150 }, talk('..', [0, 20])]), []);
  });

  it('is as late as the packets of all talks are', () => {
    const all = [talk('xxxx', [0, 20, 40, 60]), talk('xxxx', [0, 20, 45, 60])];
    assert.equal(latenessOfAll(all, 1), 5);
    assert.equal(latenessOfAll(all, 0.5), 0);
  });
});
