// A promise settled from outside.
import assert from 'node:assert/strict';
import { deferred } from '../src/deferred.js';

describe('deferred', () => {
  it('is settled by its functions, and once', async () => {
    const one = deferred<number>();
    one.resolve(1);
    one.resolve(2);
    one.reject(new Error('late'));
    assert.equal(await one.promise, 1);
    const other = deferred();
    other.reject(new Error('broken'));
    await assert.rejects(other.promise, /broken/);
  });
});
