// The SIMD loop and the plain one against sums written out.
import assert from 'node:assert/strict';
import { VECTOR_STEP, createDotProducts, plainDotProducts } from '../../src/sound/dot-products.js';

for (const create of [createDotProducts, plainDotProducts]) {
  describe(`sound/dot-products: ${create.name}`, () => {
    it('multiplies and adds vectors of any multiple of the step, at any place', () => {
      const dotProducts = create(20_000);
      const { floats, places } = dotProducts;
      const [pairs, results, numbers] = [0, 64, 128];
      // Small whole numbers: their sums are exact in float32, in whatever order they are added.
      for (let i = numbers; i < floats.length; i++) floats[i] = ((i * 7919) % 31) - 15;
      for (const length of [VECTOR_STEP, 3 * VECTOR_STEP, 100 * VECTOR_STEP]) {
        const lefts = [0, 1, 2, 3, 17];
        const rights = [9000, 9001, 9007, 9004, 9000];
        lefts.forEach((left, i) => {
          places[pairs + 2 * i] = 4 * (numbers + left);
          places[pairs + 2 * i + 1] = 4 * (numbers + (rights[i] ?? 0));
        });
        floats.fill(0.5, results, results + 6);
        dotProducts.run(pairs, results, lefts.length, length);
        const expected = lefts.map((left, i) => {
          let sum = 0;
          for (let k = 0; k < length; k++) {
            sum += (floats[numbers + left + k] ?? 0) * (floats[numbers + (rights[i] ?? 0) + k] ?? 0);
          }
          return sum;
        });
        assert.deepEqual([...floats.subarray(results, results + 6)], [...expected, 0.5], `length ${length}`);
      }
    });

    it('writes nothing for a count of 0', () => {
      const dotProducts = create(1000);
      dotProducts.floats.fill(3);
      dotProducts.run(0, 64, 0, VECTOR_STEP);
      assert.ok(dotProducts.floats.every((value) => value === 3));
    });

    it('has at least the memory asked for', () => {
      assert.equal(create(16_384).floats.length, 16_384);
      assert.equal(create(16_385).floats.length, 32_768);
      assert.equal(create(3_000_000).floats.length, 3_014_656);
    });
  });
}
