// The one rule of what may be missing.
import assert from 'node:assert/strict';
import { isGoodPartMissing } from '../../src/sound/missing.js';

describe('isGoodPartMissing', () => {
  const cases: [name: string, promised: number, there: number, refused: boolean][] = [
    ['nothing missing', 3, 3, false],
    ['more than promised', 3, 4, false],
    ['a sample', 1.14, 1.1399, false],
    ['a tenth of a long one', 100, 90, false],
    ['more than a tenth and more than a second', 100, 89.9, true],
    ['more than a tenth, but less than a second', 5, 4.1, false],
    ['more than a second, but less than a tenth', 60, 55, false],
    ['less than a third of a short one', 0.9, 0.61, false],
    ['more than a third of a short one', 0.9, 0.59, true],
    ['half', 10, 5, true],
    ['everything', 1, 0, true],
    ['everything of nothing', 0, 0, true],
  ];
  for (const [name, promised, there, refused] of cases) {
    it(`${name}: ${refused ? 'refused' : 'spoken'}`, () => {
      assert.equal(isGoodPartMissing(promised, there), refused);
    });
  }
});
