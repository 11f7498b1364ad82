// Many strings found at once, as each would be found alone.
import assert from 'node:assert/strict';
import { Needles } from '../../src/capture/needles.js';

function found(text: string, ...needles: readonly string[]): string[] {
  return [...new Needles(needles).in(text)].map(({ at, needle }) => `${needle} at ${at}`);
}

describe('Needles', () => {
  it('are found whatever their case, at either end and beside each other', () => {
    assert.deepEqual(found('ABCDxabcdEFGH', 'abcd', 'efgh'), ['abcd at 0', 'abcd at 5', 'efgh at 9']);
    assert.deepEqual(found('abc', 'abcd'), []);
    assert.deepEqual(found('Ä\u00e4\u00ff1', 'Ä\u00e4\u00ff1'), ['Ä\u00e4\u00ff1 at 0']);
  });

  it('are the longest at each place, and none within another', () => {
    assert.deepEqual(found('abcdefgh', 'abcd', 'abcdef', 'cdefgh'), ['abcdef at 0']);
    assert.deepEqual(found('aaaaaaaaa', 'aaaa'), ['aaaa at 0', 'aaaa at 4']);
  });

  it('of the same bytes in another alphabet are others', () => {
    assert.deepEqual(found('\u0161\u0162\u0163\u0164', 'abcd'), []);
  });

  it('too short to mean anything are none', () => {
    assert.deepEqual(found('abc abc', 'abc', ''), []);
    assert.equal(new Needles([]).isIn('anything'), false);
  });
});
