// What an error shows of a foreign text: one line, both ends, no half of a character.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { excerpt } from '../src/excerpt.js';

describe('excerpt', () => {
  it('leaves a short text alone and shows both ends of a long one', () => {
    assert.equal(excerpt('/data/ding.mp3'), '/data/ding.mp3');
    assert.equal(excerpt('x'.repeat(100)), 'x'.repeat(100));
    assert.equal(excerpt(`a${'x'.repeat(1_000)}b`), `a${'x'.repeat(49)}…${'x'.repeat(48)}b`);
    assert.equal(excerpt('abcdefghij', 5), 'ab…ij');
  });

  it('is one line', () => {
    assert.equal(excerpt('a\r\nb\u2028c\0'), 'a  b c ');
    assert.equal(excerpt('😀'.repeat(3), 4), '😀… ');
  });

  it('is never longer than it may be', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 30 }), (text, most) => {
        const shown = excerpt(text, most);
        assert.ok(shown.length <= most && !/[\p{Cc}\p{Cs}]/u.test(shown));
      }),
    );
  });
});
