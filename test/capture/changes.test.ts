// Changes of a text: each part once, what is between them stays.
import assert from 'node:assert/strict';
import { Changes } from '../../src/capture/changes.js';

describe('Changes', () => {
  it('stand where they were found, in whatever order they came', () => {
    const changes = new Changes('one two three');
    changes.add(8, 13, '3');
    changes.add(0, 3, 'first');
    assert.equal(changes.result, 'first two 3');
    assert.deepEqual([changes.isFree(3, 8), changes.isFree(2, 4), changes.isFree(12, 13)], [true, false, false]);
  });

  it('take what is left between them', () => {
    const changes = new Changes('0123456789');
    changes.add(2, 4, '..');
    changes.add(6, 7, '.');
    changes.addRest(1, 9, (rest) => `[${rest}]`);
    changes.addRest(3, 4, () => 'never');
    assert.equal(changes.result, '0[1]..[45].[78]9');
    assert.equal(new Changes('').result, '');
  });
});
