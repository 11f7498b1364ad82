// What the talk reply and status lines mean, in every spelling cameras use and in some that nobody should.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTalkError } from '../../src/errors.js';
import { checkTalkReply, refuseStatus } from '../../src/multitrans/replies.js';
import { refusesMode } from '../../src/multitrans/talk-reply.js';
import type { RtspResponse } from '../../src/rtsp/message.js';
import { coded, thrown } from '../helpers/collect.js';

const CAMERA = '192.168.1.60:554';

function reply(body: string, status = 200): RtspResponse {
  return { kind: 'response', status, reason: '', headers: [], body: Buffer.from(body) };
}

describe('talk reply', () => {
  for (const [name, body] of [
    ['nested with blanks (VIGI)', '{"type":"response", "seq":0, "params":{"error_code":0, "session_id":"0"}}'],
    ['flat', '{"error_code":0,"session_id":"2"}'],
    ['blanks everywhere', ' {\r\n "params" : { "error_code" : 0 } }\n'],
    ['a number as text', '{"params":{"error_code":"0"}}'],
    ['flat beside params', '{"error_code":0,"params":{"session_id":2}}'],
    ['no error_code', '{"type":"response","params":{"session_id":"2"}}'],
    ['error_code null', '{"params":{"error_code":null}}'],
    ['params that are no object', '{"params":"x","error_code":0}'],
    ['an empty object', '{}'],
    ['no body', ''],
    ['zero bytes behind it', '{"params":{"error_code":0}}\0\0'],
    ['a zero byte for a body', '\0'],
    ['blanks for a body', ' \r\n\t'],
  ] as const) {
    it(`grants talk: ${name}`, () => checkTalkReply(reply(body), CAMERA));
  }

  it('is what it says, and no error, when busy is to be ignored', () => {
    const busy = (code: number, status?: number): string | undefined =>
      checkTalkReply(reply(`{"params":{"error_code":${code}}}`, status), CAMERA, true);
    assert.equal(busy(-52411), 'error -52411, another talk is in progress');
    for (const code of [-52402, -52405, -52407, -52419, -52435, -52499])
      assert.ok(busy(code)?.startsWith(`error ${code}, `));
    assert.equal(busy(0), undefined);
    assert.equal(thrown(() => busy(-502)).code, 'TALK_ERR_REFUSED');
    for (const status of [453, 503]) assert.equal(thrown(() => busy(-52411, status)).code, 'TALK_ERR_BUSY');
  });

  for (const [code, expected] of [
    [-52411, 'TALK_ERR_BUSY'],
    [-52405, 'TALK_ERR_BUSY'],
    [-52407, 'TALK_ERR_BUSY'],
    [-52402, 'TALK_ERR_BUSY'],
    [-52419, 'TALK_ERR_BUSY'],
    [-52435, 'TALK_ERR_BUSY'],
    [-52499, 'TALK_ERR_BUSY'],
    [-501, 'TALK_ERR_REFUSED'],
    [-502, 'TALK_ERR_REFUSED'],
    [-52423, 'TALK_ERR_REFUSED'],
    [-52410, 'TALK_ERR_REFUSED'],
    [-1, 'TALK_ERR_REFUSED'],
    [1, 'TALK_ERR_REFUSED'],
    [-99999999, 'TALK_ERR_REFUSED'],
  ] as const) {
    it(`${code} is ${expected} in every spelling, and the number is in the message`, () => {
      for (const body of [
        `{"type":"response","seq":0,"params":{"error_code":${code}}}`,
        `{"type":"response", "seq":0, "params":{"error_code": ${code}, "session_id":"0"}}`,
        `{"error_code":${code}}`,
        `{"error_code":"${code}"}`,
        `{"params":{"error_code":" ${code} "}}`,
        // What is nested counts.
        `{"error_code":0,"params":{"error_code":${code}}}`,
      ]) {
        const error = thrown(() => checkTalkReply(reply(body), CAMERA));
        assert.equal(error.code, expected, body);
        assert.ok(error.message.includes(String(code)), error.message);
        assert.equal(error.camera, CAMERA);
      }
    });
  }

  it('tells where a redirect leads', () => {
    const headers = [['Location', 'rtsp://me:s3cret@10.0.0.9/talk']] as const;
    assert.throws(
      () => refuseStatus({ ...reply('', 302), headers }, CAMERA),
      coded('TALK_ERR_PROTOCOL', /302, a redirect to rtsp:\/\/10\.0\.0\.9\/talk,/),
    );
  });

  it('says of which refusals another mode may make a grant', () => {
    const refused = (code: number): boolean =>
      refusesMode(thrown(() => checkTalkReply(reply(`{"error_code":${code}}`), CAMERA)));
    assert.deepEqual([-502, -52410, -52423].map(refused), [true, true, true]);
    assert.deepEqual([-501, -52409, -1].map(refused), [false, false, false]);
    assert.equal(refusesMode(thrown(() => refuseStatus(reply('', 403), CAMERA))), false);
  });

  it('says what the known numbers mean', () => {
    assert.throws(() => checkTalkReply(reply('{"error_code":-52423}'), CAMERA), coded('TALK_ERR_REFUSED', /codec/));
    assert.throws(() => checkTalkReply(reply('{"error_code":-52411}'), CAMERA), coded('TALK_ERR_BUSY', /in progress/));
  });

  for (const [name, body] of [
    ['text', 'OK'],
    ['half of it', '{"params":{"error_code":0'],
    ['a list', '[{"error_code":0}]'],
    ['a string', '"error_code\\":0"'],
    ['a number', '0'],
    ['null', 'null'],
    ['error_code is a word', '{"error_code":"none"}'],
    ['error_code is empty text', '{"error_code":""}'],
    ['error_code is blank text', '{"error_code":" "}'],
    ['error_code is a fraction', '{"error_code":0.5}'],
    ['error_code is an object', '{"error_code":{}}'],
    ['error_code is a list', '{"error_code":[0]}'],
    ['error_code is true', '{"error_code":true}'],
    ['a deep nest', '['.repeat(60_000)],
  ] as const) {
    it(`makes no sense: ${name}`, () => {
      assert.throws(() => checkTalkReply(reply(body), CAMERA), coded('TALK_ERR_PROTOCOL'));
    });
  }

  it('takes the error number of a reply with an error status', () => {
    assert.throws(() => checkTalkReply(reply('{"error_code":-52411}', 503), CAMERA), coded('TALK_ERR_BUSY', /-52411/));
    assert.throws(() => checkTalkReply(reply('{"error_code":-501}', 500), CAMERA), coded('TALK_ERR_REFUSED', /-501/));
  });

  it('does not take error_code 0 under an error status for success', () => {
    assert.throws(() => checkTalkReply(reply('{"error_code":0}', 500), CAMERA), coded('TALK_ERR_REFUSED', /500/));
    assert.throws(() => checkTalkReply(reply('', 404), CAMERA), coded('TALK_ERR_UNSUPPORTED', /404/));
  });

  it('returns or throws a TalkError, whatever the bytes', () => {
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc.jsonValue().map((value) => Buffer.from(JSON.stringify({ params: { error_code: value } }))),
    );
    fc.assert(
      fc.property(bodies, fc.integer({ min: 100, max: 999 }), (body, status) => {
        for (const call of [
          () => checkTalkReply({ ...reply(''), status, body }, CAMERA),
          () => refuseStatus({ ...reply(''), status }, CAMERA),
        ]) {
          try {
            call();
          } catch (error) {
            assert.ok(isTalkError(error), String(error));
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
