// Small takers for tests: how a promise ended, what an async iterable gave, a condition on real I/O. No time of their own but a last resort.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { isTalkError, type TalkError, type TalkErrorCode } from '../../src/errors.js';

/**
 * Makes every test of the surrounding `describe` fail that leaves a rejection unhandled: it would end Node-RED. Mocha only swallows it.
 */
export function noUnhandledRejections(): void {
  const reasons: unknown[] = [];
  const note = (reason: unknown): void => {
    reasons.push(reason);
  };
  before(() => process.on('unhandledRejection', note));
  after(() => process.off('unhandledRejection', note));
  afterEach(async () => {
    await setTimeout(0);
    assert.deepEqual(reasons.splice(0), [], 'a rejection went unhandled');
  });
}

/** Everything an async iterable gives. */
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** A promise watched from the outside. */
export interface Watched<T> {
  readonly state: 'pending' | 'fulfilled' | 'rejected';
  readonly value: T | undefined;
  readonly error: unknown;
}

/** Follows a promise without waiting for it; a rejection counts as handled. */
export function watch<T>(promise: Promise<T>): Watched<T> {
  const watched: { state: Watched<T>['state']; value: T | undefined; error: unknown } = {
    state: 'pending',
    value: undefined,
    error: undefined,
  };
  promise.then(
    (value) => {
      watched.state = 'fulfilled';
      watched.value = value;
    },
    (error: unknown) => {
      watched.state = 'rejected';
      watched.error = error;
    },
  );
  return watched;
}

/** The TalkError with which the promise rejects; fails the test when it resolves or rejects with anything else. */
export async function rejection(promise: Promise<unknown>): Promise<TalkError> {
  try {
    await promise;
  } catch (error) {
    if (isTalkError(error)) return error;
    assert.fail(`Rejected with something other than a TalkError: ${String(error)}`);
  }
  assert.fail('Did not reject');
}

/** The TalkError that the call throws; fails the test when it returns or throws anything else. */
export function thrown(call: () => unknown): TalkError {
  try {
    call();
  } catch (error) {
    if (isTalkError(error)) return error;
    assert.fail(`Threw something other than a TalkError: ${String(error)}`);
  }
  assert.fail('Did not throw');
}

/** A matcher for assert.throws and assert.rejects. */
export function coded(code: TalkErrorCode, message?: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(isTalkError(error), `expected a TalkError, got ${String(error)}`);
    assert.equal(error.code, code, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  };
}

/** More than anything takes on the busiest machine: only what never comes meets it, ms. */
const PATIENCE_MS = 60_000;

/** Waits for real I/O: looks every few milliseconds, fails the test after a minute. */
export async function eventually(holds: () => boolean, what = 'the condition'): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline;) {
    if (holds()) return;
    await setTimeout(2);
  }
  if (holds()) return;
  assert.fail(`Waited in vain for ${what}`);
}

/** Like deepEqual for bytes, but says only where they first differ. */
export function sameBytes(actual: Buffer, expected: Buffer): void {
  if (actual.equals(expected)) return;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  const first = at === -1 ? Math.min(actual.length, expected.length) : at;
  const near = (bytes: Buffer): string => bytes.toString('hex', first, first + 8) || 'the end';
  assert.fail(
    `${actual.length} bytes instead of ${expected.length}; at ${first}: ${near(actual)} instead of ${near(expected)}`,
  );
}
