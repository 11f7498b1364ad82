// Values as users give them: what is taken as a number, a choice, a flag or text, and the one sentence for what is not.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTalkError } from '../src/errors.js';
import {
  given,
  numberOf,
  readChoice,
  readFlag,
  readFlagOrText,
  readNumber,
  readNumberOrText,
  readText,
  refused,
  shown,
} from '../src/options.js';
import { coded } from './helpers/collect.js';

const GAIN = { least: -40, most: 20 };
const RETRIES = { least: 0, most: 100, whole: true } as const;

describe('options', () => {
  it('numbers within their range', () => {
    for (const value of [-40, -0.5, 0, 20]) assert.equal(readNumber('gain', value, GAIN), value);
    for (const value of [0, 100]) assert.equal(readNumber('retries', value, RETRIES), value);
  });

  for (const [value, what] of [
    [-40.1, '-40.1'],
    [21, '21'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    ['3', '"3"'],
    ['', '""'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [3n, 'a value of type bigint'],
    [[3], 'an array'],
    [new Date(3), 'a value of type object'],
  ] as const) {
    it(`no number: ${what}`, () => {
      const sentence = `gain: expected a number from -40 to 20, not ${what}`;
      assert.throws(() => readNumber('gain', value, GAIN), { code: 'TALK_ERR_ARGUMENT', message: sentence });
    });
  }

  it('whole numbers', () => {
    const sentence = /^retries: expected a whole number from 0 to 100, not 1\.5$/;
    assert.throws(() => readNumber('retries', 1.5, RETRIES), coded('TALK_ERR_ARGUMENT', sentence));
  });

  it('numbers as text, where that is allowed', () => {
    for (const [value, number] of [
      ['3', 3],
      [' -1.5 ', -1.5],
      ['+2', 2],
      [4, 4],
    ] as const) {
      assert.equal(readNumberOrText('gain', value, GAIN), number);
      assert.equal(numberOf(value, GAIN), number);
    }
    for (const value of ['', ' ', 'loud', '3 dB', '1,5', '21', '1e999', 'NaN', null, undefined, true, [3]]) {
      const message = `gain: expected a number from -40 to 20, not ${shown(value)}`;
      assert.throws(() => readNumberOrText('gain', value, GAIN), { code: 'TALK_ERR_ARGUMENT', message });
      assert.equal(numberOf(value, GAIN), undefined);
    }
  });

  it('choices, of text and of numbers', () => {
    assert.equal(readChoice('whenBusy', 'drop', ['queue', 'drop']), 'drop');
    assert.equal(readChoice('packetBytes', 160, [0, 160]), 160);
    for (const value of ['Drop', '', undefined, ['drop'], 'constructor']) {
      const sentence = /^whenBusy: expected queue, drop, not /;
      assert.throws(() => readChoice('whenBusy', value, ['queue', 'drop']), coded('TALK_ERR_ARGUMENT', sentence));
    }
    assert.throws(() => readChoice('packetBytes', '160', [0, 160]), coded('TALK_ERR_ARGUMENT', /0, 160, not "160"$/));
  });

  it('flags and text', () => {
    assert.deepEqual([readFlag('normalize', true), readFlag('normalize', false)], [true, false]);
    assert.deepEqual([readFlagOrText('normalize', 'true'), readFlagOrText('normalize', 'false')], [true, false]);
    for (const value of [0, 1, 'yes', '', null]) {
      const sentence = /^normalize: expected true or false, not /;
      for (const read of [readFlag, readFlagOrText]) {
        assert.throws(() => read('normalize', value), coded('TALK_ERR_ARGUMENT', sentence));
      }
    }
    assert.throws(() => readFlag('normalize', 'true'), coded('TALK_ERR_ARGUMENT', /not "true"$/));
    assert.equal(readText('owner', ''), '');
    assert.throws(() => readText('owner', 7), coded('TALK_ERR_ARGUMENT', /^owner: expected text, not 7$/));
    assert.throws(
      () => readText('stream', 7, 'a path'),
      coded('TALK_ERR_ARGUMENT', /^stream: expected a path, not 7$/),
    );
  });

  it('what counts as not given', () => {
    for (const value of [undefined, null, '']) assert.equal(given(value), undefined);
    for (const value of [0, false, ' ', NaN]) assert.equal(given(value), value);
  });

  it('shows the beginning of a long text, and nothing of a secret', () => {
    assert.equal(shown('x'.repeat(60)), `"${'x'.repeat(60)}"`);
    assert.equal(shown('x'.repeat(1_000_000)), `"${'x'.repeat(60)}…"`);
    assert.equal(shown('one\r\ntwo\0'), '"one  two "');
    assert.equal(refused('host', 'an address').message, 'host: expected an address');
  });

  it('shows anything, briefly', () => {
    const anything = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
      fc.string({ minLength: 200 }),
      fc.constantFrom(Symbol('x'), () => 1, 10n ** 500n),
    );
    fc.assert(
      fc.property(anything, (value) => {
        // A quotation mark takes two.
        assert.ok(shown(value).length <= 2 * 60 + 3);
        try {
          readNumberOrText('gain', value, GAIN);
        } catch (error) {
          assert.ok(isTalkError(error));
        }
      }),
    );
  });
});
