// The memory that clips share while they are prepared: never above its limit, nobody waits for ever, everything comes back.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Budget, NoRoom, type Share } from '../../src/audio/budget.js';
import { coded, watch } from '../helpers/collect.js';
import { settle } from '../helpers/fake-clock.js';

const LIMITS = { sharedBytes: 10, largeBytes: 40 };

/** A preparation as `inRoom` does it: takes its bytes one step after the other, begins again when it has to. */
class Preparation {
  readonly share: Share;
  readonly #needs: readonly number[];
  readonly #fixesAt: number;
  readonly abort = new AbortController();
  isUrgent = false;
  state: 'taking' | 'waiting' | 'over' = 'taking';
  #step = 0;

  constructor(budget: Budget, { needs, fixesAt }: { needs: readonly number[]; fixesAt: number }) {
    this.share = budget.share(() => this.isUrgent);
    this.#needs = needs;
    this.#fixesAt = fixesAt;
  }

  /** One step; false when there is nothing to do now. */
  step(): boolean {
    if (this.state !== 'taking') return false;
    if (this.share.evicted.aborted) return this.#beginAgain();
    const bytes = this.#needs[this.#step];
    if (bytes === undefined || this.#step === this.#fixesAt) {
      if (bytes === undefined) this.end();
      else this.share.fix();
      this.#step = Infinity;
      return true;
    }
    try {
      this.share.take(bytes);
      this.#step += 1;
    } catch (error) {
      assert.ok(error instanceof NoRoom);
      this.#beginAgain();
    }
    return true;
  }

  end(): void {
    this.state = 'over';
    this.abort.abort();
    this.share.release();
  }

  #beginAgain(): true {
    this.state = 'waiting';
    this.#step = 0;
    this.share.enlarge(this.abort.signal).then(
      () => {
        if (this.state === 'waiting') this.state = 'taking';
        else this.share.release();
      },
      () => undefined,
    );
    return true;
  }
}

const preparation = fc.record({
  needs: fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 4 }),
  fixesAt: fc.integer({ min: 0, max: 6 }),
});

const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('begin' as const), what: preparation }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('step' as const), which: fc.nat(30) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hurry' as const), which: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(30) }) },
);

describe('budget', () => {
  it('is never exceeded, lets everybody come to an end, and gets everything back', async () => {
    const property = fc.asyncProperty(fc.array(operation, { maxLength: 120 }), async (operations) => {
      const budget = new Budget(LIMITS);
      const all: Preparation[] = [];
      const check = (): void => assert.ok(budget.held <= LIMITS.sharedBytes + LIMITS.largeBytes, `${budget.held} held`);
      for (const one of operations) {
        if (one.do === 'settle') await settle();
        else if (one.do === 'begin') all.push(new Preparation(budget, one.what));
        else {
          const which = all[one.which % all.length];
          if (one.do === 'step') which?.step();
          else if (one.do === 'end') which?.end();
          else if (which !== undefined) {
            which.isUrgent = true;
            budget.hurry();
          }
        }
        check();
      }
      await settle();
      for (let rounds = 0; all.some(({ state }) => state !== 'over'); rounds++) {
        assert.ok(rounds < 1_000, 'somebody waits for ever');
        for (const each of all) {
          each.step();
          check();
        }
        await settle();
      }
      assert.equal(budget.held, 0);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  /** Shares by name; `urgent` are those whose turn has come. */
  function shares(...urgent: string[]): (name: string) => Share {
    const budget = new Budget(LIMITS);
    return (name) => budget.share(() => urgent.includes(name));
  }

  it('small ones do not wait for a large one', () => {
    const of = shares();
    of('large').take(40);
    of('small').take(5);
    of('another').take(5);
    assert.throws(() => of('third').take(1), NoRoom);
  });

  it('the large place goes to the one that waited longest, and first to one whose turn has come', async () => {
    const of = shares('c');
    const large = of('c');
    large.take(30);
    const ends: string[] = [];
    const waiting = ['a', 'b', 'c'].map((name) => {
      const share = of(name);
      void share.enlarge().then(() => ends.push(name));
      return share;
    });
    large.release();
    for (const name of ['c', 'a', 'b']) {
      await settle();
      assert.equal(ends.at(-1), name);
      waiting['abc'.indexOf(name)]?.release();
    }
  });

  it('one whose turn has not come gives way to one whose turn has, unless its sound is on its way', async () => {
    for (const isFixed of [false, true]) {
      const of = shares('urgent');
      const large = of('later');
      large.take(30);
      if (isFixed) large.fix();
      const urgent = watch(of('urgent').enlarge());
      assert.equal(large.evicted.aborted, !isFixed);
      if (!isFixed) assert.throws(() => large.take(1), NoRoom);
      large.release();
      await settle();
      assert.equal(urgent.state, 'fulfilled');
    }
  });

  it('one that lets go while it is heard leaves the large place', async () => {
    const of = shares();
    const large = of('large');
    large.take(30);
    large.fix();
    const next = watch(of('next').enlarge());
    large.give(19);
    await settle();
    assert.equal(next.state, 'pending');
    large.give(1);
    await settle();
    assert.equal(next.state, 'fulfilled');
  });

  it('one that gives up waiting is not waited for; what is too much for the large place is an error', async () => {
    const of = shares();
    const large = of('large');
    large.take(30);
    const gone = new AbortController();
    const waiting = watch(of('gone').enlarge(gone.signal));
    const next = watch(of('next').enlarge());
    gone.abort();
    assert.throws(() => large.take(11), coded('TALK_ERR_SOURCE', /more than \d+ MB of memory/));
    large.release();
    await settle();
    assert.deepEqual([waiting.state, next.state], ['rejected', 'fulfilled']);
  });
});
