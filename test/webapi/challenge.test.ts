// Challenges, locks and attempts in all the shapes that cameras give them.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTalkError } from '../../src/errors.js';
import { loginCode, parseAttemptsLeft, parseChallenge, parseLock } from '../../src/webapi/challenge.js';

// The union of everything seen (PROTOCOL.md W2).
const SEEN = {
  error_code: -40401,
  data: {
    code: -40407,
    encrypt_type: ['1', '2'],
    key: 'MIGf%2B',
    nonce: 'lU3L7xDN',
    time: 0,
    max_time: 20,
    sec_left: 0,
    md5_encrypt_type: '1',
    passwdType: 'md5',
    key_2: 'MIIB',
  },
};

describe('login challenge', () => {
  it('reads everything at once', () => {
    assert.deepEqual(parseChallenge(SEEN), {
      encryptTypes: ['1', '2'],
      numericType: false,
      md5: true,
      salted: true,
      key: 'MIGf%2B',
      key2: 'MIIB',
      nonce: 'lU3L7xDN',
    });
    assert.equal(parseLock(SEEN), undefined);
    assert.equal(parseAttemptsLeft(SEEN), 20);
  });

  for (const [name, type, types] of [
    ['a list', ['3'], ['3']],
    ['a list of two', ['1', '2'], ['1', '2']],
    ['a list of numbers', [1, 2], ['1', '2']],
    ['text', '2', ['2']],
    ['a number', 3, ['3']],
    ['null', null, []],
    ['nothing', undefined, []],
    ['an empty list', [], []],
    ['nonsense in a list', [null, {}, ' 3 ', ''], ['3']],
  ] as const) {
    it(`takes encrypt_type as ${name}`, () => {
      assert.deepEqual(parseChallenge({ data: { nonce: 'n', encrypt_type: type } })?.encryptTypes, types);
    });
  }

  it('remembers a type that was a number', () => {
    assert.equal(parseChallenge({ data: { nonce: 'n', encrypt_type: 1 } })?.numericType, true);
    assert.equal(parseChallenge({ data: { nonce: 'n', encrypt_type: '1' } })?.numericType, false);
  });

  for (const [value, md5] of [
    ['1', true],
    [1, true],
    ['0', false],
    [0, false],
    ['', false],
    [null, false],
    [undefined, false],
  ] as const) {
    it(`takes md5_encrypt_type ${JSON.stringify(value)} as ${md5}`, () => {
      assert.equal(parseChallenge({ data: { nonce: 'n', md5_encrypt_type: value } })?.md5, md5);
    });
  }

  for (const [name, json] of [
    ['under data', { error_code: -40401, data: SEEN.data }],
    ['under result.data', { error_code: -40401, result: { data: SEEN.data } }],
    ['under result', { error_code: 0, result: SEEN.data }],
    ['flat', { ...SEEN.data }],
  ] as const) {
    it(`finds it ${name}`, () => assert.equal(parseChallenge(json)?.nonce, 'lU3L7xDN'));
  }

  for (const json of [{ error_code: -40401 }, { error_code: -40210 }, { error_code: 0 }, {}, [], null, 'text', 5]) {
    it(`sees none in ${JSON.stringify(json)}`, () => assert.equal(parseChallenge(json), undefined));
  }

  it('takes the first-attempt number alone as a challenge without content', () => {
    assert.deepEqual(parseChallenge({ error_code: -40401, data: { code: -40407 } })?.encryptTypes, []);
  });

  it('accepts a nonce of 256 characters and none longer', () => {
    assert.equal(parseChallenge({ data: { nonce: 'x'.repeat(256) } })?.nonce?.length, 256);
    assert.throws(() => parseChallenge({ data: { nonce: 'x'.repeat(257) } }), { code: 'TALK_ERR_PROTOCOL' });
  });

  for (const [name, json, lock] of [
    [
      'inside data',
      { error_code: -40401, data: { code: -40404, sec_left: 1_260 } },
      { seconds: 1_260, permanent: false },
    ],
    ['as the outer number', { error_code: -40404 }, { seconds: undefined, permanent: false }],
    ['with the seconds as text', { error_code: -40404, data: { sec_left: '90' } }, { seconds: 90, permanent: false }],
    [
      'by seconds without a nonce',
      { error_code: -40401, data: { code: -40407, sec_left: 30 } },
      { seconds: 30, permanent: false },
    ],
    ['for good', { error_code: -40401, data: { code: -40408 } }, { seconds: undefined, permanent: true }],
  ] as const) {
    it(`sees a lock ${name}`, () => assert.deepEqual(parseLock(json), lock));
  }

  it('counts what is left only when the camera tells', () => {
    assert.equal(parseAttemptsLeft({ data: { time: 3, max_time: 20 } }), 17);
    assert.equal(parseAttemptsLeft({ data: { time: '19', max_time: '20' } }), 1);
    assert.equal(parseAttemptsLeft({ data: { time: 25, max_time: 20 } }), 0);
    assert.equal(parseAttemptsLeft({ data: { time: 3 } }), undefined);
    assert.equal(parseAttemptsLeft({ data: { time: 0, max_time: 0 } }), undefined);
  });

  it('looks inside only where the outer number says nothing', () => {
    assert.equal(loginCode({ error_code: -40401, data: { code: -40410 } }), -40410);
    assert.equal(loginCode({ error_code: -40410, data: { code: -40407 } }), -40410);
    assert.equal(loginCode({ error_code: '-40401' }), -40401);
    assert.equal(loginCode({}), undefined);
  });

  it('believes nothing, whatever JSON comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (data, other) => {
        for (const json of [
          data,
          { data, result: other },
          { data: { encrypt_type: data, nonce: other, sec_left: data } },
        ]) {
          try {
            parseChallenge(json);
            parseLock(json);
            parseAttemptsLeft(json);
          } catch (error) {
            assert.ok(isTalkError(error) && error.code === 'TALK_ERR_PROTOCOL');
          }
        }
      }),
    );
    const hostile: unknown = JSON.parse('{"data":{"__proto__":{"nonce":"x","encrypt_type":["3"]}}}');
    assert.equal(parseChallenge(hostile), undefined);
  });
});
