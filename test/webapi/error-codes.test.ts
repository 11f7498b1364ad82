// Error numbers in words and back.
import assert from 'node:assert/strict';
import { TalkError } from '../../src/errors.js';
import { apiError, apiErrorCode, describeCode, errorMeaning } from '../../src/webapi/error-codes.js';

describe('web API error numbers', () => {
  it('explains what is known', () => {
    for (const code of [-10000, -40101, -40210, -40401, -40404, -40410, -60502, -64206, -64324, -71101])
      assert.ok(errorMeaning(code));
    assert.equal(errorMeaning(-1), undefined);
    assert.equal(describeCode(-40109), '-40109 (busy, or repeated within one second)');
    assert.equal(describeCode(-1), '-1 (meaning unknown)');
  });

  it('makes an error from which the number can be had back', () => {
    const error = apiError(-64206, 'set audio_config', 'detail');
    assert.equal(error.code, 'TALK_ERR_API');
    assert.equal(
      error.message,
      'The camera answered error -64206 (audio: volume not accepted) to set audio_config: detail',
    );
    assert.equal(apiErrorCode(error), -64206);
  });

  it('finds no number in other errors', () => {
    assert.equal(apiErrorCode(new TalkError('TALK_ERR_CONNECT', '', { cause: { code: -64206 } })), undefined);
    assert.equal(apiErrorCode(new Error('x')), undefined);
    assert.equal(apiErrorCode(undefined), undefined);
  });
});
