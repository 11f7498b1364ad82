// Who is let in, and who is next: the rules by name, and the queue against a model that sorts a plain list.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { admit, PriorityQueue, type Admission, type Entrant } from '../../src/talk/queue.js';
import { WHEN_BUSY } from '../../src/talk/states.js';

interface Entry {
  readonly name: string;
  readonly priority: number;
}

const entry = (name: string, priority = 0): Entry => ({ name, priority });
const names = (queue: Iterable<Entry>): string => [...queue].map(({ name }) => name).join('');

describe('priority queue', () => {
  it('is first come, first served among equals and higher first otherwise', () => {
    const queue = new PriorityQueue<Entry>();
    assert.equal(queue.add(entry('a')), 0);
    assert.equal(queue.add(entry('b')), 1);
    assert.equal(queue.add(entry('c', 5)), 0);
    assert.equal(queue.add(entry('d', 5)), 1);
    assert.equal(queue.add(entry('e', -1)), 4);
    assert.equal(queue.add(entry('f', 0.5)), 2);
    assert.equal(names(queue), 'cdfabe');
    assert.equal(queue.size, 6);
    assert.equal(queue.take()?.name, 'c');
    assert.equal(names(queue), 'dfabe');
  });

  it('puts what goes ahead in front of its equals, behind its betters', () => {
    const queue = new PriorityQueue<Entry>();
    queue.add(entry('a'));
    queue.add(entry('b', 5));
    assert.equal(queue.add(entry('c'), true), 1);
    assert.equal(queue.add(entry('d', 5), true), 0);
    assert.equal(names(queue), 'dbca');
  });

  it('takes out what fits, in order, and keeps the rest in order', () => {
    const queue = new PriorityQueue<Entry>();
    for (const name of 'abcdef') queue.add(entry(name));
    assert.equal(names(queue.remove(({ name }) => 'bdf'.includes(name))), 'bdf');
    assert.equal(names(queue), 'ace');
    assert.deepEqual(
      queue.remove(() => false),
      [],
    );
  });

  it('has nothing to give when empty', () => {
    const queue = new PriorityQueue<Entry>();
    assert.equal(queue.take(), undefined);
    assert.equal(queue.size, 0);
    assert.deepEqual([...queue], []);
  });

  it('does what a sorted list does', () => {
    const operation = fc.oneof(
      fc.record({ do: fc.constant('add' as const), priority: fc.integer({ min: -2, max: 2 }), ahead: fc.boolean() }),
      fc.record({ do: fc.constant('take' as const) }),
      fc.record({ do: fc.constant('remove' as const), priority: fc.integer({ min: -2, max: 2 }) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const queue = new PriorityQueue<Entry & { rank: number }>();
        // Equal priorities are told apart by a rank: later ones get a larger one, those that go ahead a smaller one than all.
        let model: (Entry & { rank: number })[] = [];
        for (const [index, step] of operations.entries()) {
          if (step.do === 'add') {
            const added = { name: String(index), priority: step.priority, rank: step.ahead ? -index - 1 : index + 1 };
            model = [...model, added].sort((one, other) => other.priority - one.priority || one.rank - other.rank);
            assert.equal(queue.add(added, step.ahead), model.indexOf(added));
          } else if (step.do === 'take') {
            assert.equal(queue.take(), model.shift());
          } else {
            const fits = ({ priority }: Entry): boolean => priority === step.priority;
            assert.deepEqual(queue.remove(fits), model.filter(fits));
            model = model.filter((other) => !fits(other));
          }
          assert.deepEqual([...queue], model);
          assert.equal(queue.size, model.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('admission', () => {
  const clip = (whenBusy: Entrant['whenBusy'], priority = 0, maxQueue = 20): Entrant => ({
    whenBusy,
    priority,
    maxQueue,
  });
  const told = (admission: Admission<Entry>): string =>
    admission.kind === 'refused' ? admission.why : `${names(admission.cleared)}${admission.cuts ? ' cuts' : ''}`.trim();
  const waiting = [entry('a', 5), entry('b'), entry('c', -1)];

  it('asks nothing of a clip that comes to a silent camera', () => {
    for (const whenBusy of WHEN_BUSY) assert.equal(told(admit([], undefined, clip(whenBusy, 0, 0))), '');
  });

  for (const [title, current, entrant, expected] of [
    ['drop is refused while something is said', 0, clip('drop'), 'busy'],
    ['drop is refused while something waits, whatever its priority', undefined, clip('drop', 9), 'busy'],
    ['queue clears and cuts nothing', 0, clip('queue', 9), ''],
    ['interrupt cuts the current clip and clears nothing', 0, clip('interrupt'), 'cuts'],
    ['interrupt does not cut what is more urgent', 1, clip('interrupt'), ''],
    ['replace cuts the current clip and clears its equals and those below', 0, clip('replace'), 'bc cuts'],
    ['replace leaves what is more urgent', 6, clip('replace', 5), 'abc'],
    ['replace between two clips clears and has nothing to cut', undefined, clip('replace'), 'bc'],
    ['one more than may wait is refused', 0, clip('queue', 0, 3), 'full'],
    ['one less is not', 0, clip('queue', 0, 4), ''],
    ['a camera between two clips is no reason to let one more wait', undefined, clip('queue', 0, 3), 'full'],
    ['who cuts does not wait', 0, clip('interrupt', 0, 0), 'cuts'],
    ['who would cut and may not has to wait', 1, clip('interrupt', 0, 3), 'full'],
    ['who is next between two clips does not wait', undefined, clip('interrupt', 0, 0), ''],
    ['a clip that is refused clears nobody', 9, clip('replace', 0, 1), 'full'],
    ['those cleared make room', 9, clip('replace', 0, 2), 'bc'],
  ] as const) {
    it(title, () => {
      const talking = current === undefined ? undefined : entry('x', current);
      assert.equal(told(admit(waiting, talking, entrant)), expected);
    });
  }

  it('clears and cuts nothing for a clip that will not be heard', () => {
    const talking = entry('x', 0);
    const verdicts = WHEN_BUSY.map((whenBusy) => told(admit(waiting, talking, clip(whenBusy, 9), false)));
    assert.deepEqual(verdicts, ['', '', '', 'busy']);
    assert.equal(told(admit(waiting, talking, clip('replace', 9, 3), false)), 'full');
  });

  it('never clears or cuts what is more urgent, and lets no more wait than may', () => {
    const priority = fc.integer({ min: -2, max: 2 });
    fc.assert(
      fc.property(
        fc.array(priority, { maxLength: 6 }),
        fc.option(priority, { nil: undefined }),
        fc.record({ whenBusy: fc.constantFrom(...WHEN_BUSY), priority, maxQueue: fc.integer({ min: 0, max: 6 }) }),
        (priorities, current, entrant) => {
          const queue = priorities.map((each, index) => entry(String(index), each));
          const talking = current === undefined ? undefined : entry('x', current);
          const admission = admit(queue, talking, entrant);
          if (admission.kind === 'refused') return;
          for (const cleared of admission.cleared) assert.ok(cleared.priority <= entrant.priority);
          if (admission.cuts) assert.ok(talking !== undefined && talking.priority <= entrant.priority);
          const left = queue.length - admission.cleared.length;
          const next = admission.cuts || talking === undefined;
          assert.ok(next || left < entrant.maxQueue);
          assert.ok(entrant.whenBusy !== 'drop' || (talking === undefined && queue.length === 0));
        },
      ),
    );
  });
});
