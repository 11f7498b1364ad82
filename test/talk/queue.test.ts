// Who is next: the queue against a model that sorts a plain list.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PriorityQueue } from '../../src/talk/queue.js';

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
