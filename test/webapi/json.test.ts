// Reading and copying JSON that nobody vouches for.
import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { at, copyJson, integer, isJsonObject, text } from '../../src/webapi/json.js';

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

describe('JSON values', () => {
  it('knows an object, also one from a function node, from everything else', () => {
    assert.ok(isJsonObject({}));
    assert.ok(isJsonObject(Object.create(null)));
    assert.ok(isJsonObject(runInNewContext('({ method: "get" })')));
    for (const other of [null, undefined, [], 'x', 1, new Date(), Buffer.alloc(1), new Map(), () => undefined]) {
      assert.ok(!isJsonObject(other));
    }
  });

  it('walks to a value', () => {
    assert.equal(at({ a: [{ b: 1 }] }, 'a', 0, 'b'), 1);
    assert.equal(at({ a: [{ b: 1 }] }, 'a', 1, 'b'), undefined);
    assert.equal(at({ a: 'text' }, 'a', 'length'), undefined);
    assert.equal(at({}, 'constructor'), undefined);
    assert.equal(at(undefined, 'a'), undefined);
  });

  it('reads whole numbers and texts that cameras write either way', () => {
    for (const value of [-40401, '-40401', ' -40401 ']) assert.equal(integer(value), -40401);
    for (const value of ['', '1.5', 1.5, NaN, '0x10', null, undefined, [1], '1'.repeat(20)])
      assert.equal(integer(value), undefined);
    assert.equal(text(3), '3');
    assert.equal(text('3'), '3');
    assert.equal(text(null), undefined);
  });

  it('copies any JSON as it is', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => assert.deepEqual(copyJson(value), value)));
  });

  it('copies 32 levels and no more, and no cycle', () => {
    assert.deepEqual(copyJson(nested(32)), nested(32));
    const list: unknown[] = [];
    list.push(list, list, list, list);
    assert.equal(copyJson(list), undefined);
    let twins: unknown[] = [1];
    for (let depth = 0; depth < 30; depth++) twins = [twins, twins];
    assert.equal(copyJson(twins), undefined);
    assert.equal(copyJson(nested(33)), undefined);
    const cycle: Record<string, unknown> = {};
    cycle['again'] = cycle;
    assert.equal(copyJson(cycle), undefined);
  });

  it('copies nothing that JSON would change or drop', () => {
    for (const value of [
      undefined,
      NaN,
      Infinity,
      1n,
      new Date(0),
      Buffer.alloc(1),
      () => 1,
      { a: undefined },
      [undefined],
    ]) {
      assert.equal(copyJson(value), undefined);
    }
  });

  it('passes every text, and no key, through the change', () => {
    const copy = copyJson({ a: 'x', b: ['x', { x: 'x' }], n: 1 }, (value) => `${value}!`);
    assert.deepEqual(copy, { a: 'x!', b: ['x!', { x: 'x!' }], n: 1 });
  });

  it('keeps a key named __proto__ from becoming a prototype', () => {
    const copy = copyJson(JSON.parse('{"__proto__":{"polluted":"yes"}}'));
    assert.ok(isJsonObject(copy));
    assert.equal((copy as Record<string, unknown>)['polluted'], undefined);
  });
});
