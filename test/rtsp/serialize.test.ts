// Serialising: the case table the other way round, what is added, what is refused.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RtspMessage, RtspRequest, RtspResponse } from '../../src/rtsp/message.js';
import { RtspParser } from '../../src/rtsp/parser.js';
import { serializeInterleaved, serializeRequest, serializeResponse } from '../../src/rtsp/serialize.js';
import { WIRE_CASES } from './cases.js';

const ARGUMENT = { name: 'TalkError', code: 'TALK_ERR_ARGUMENT' };
const REQUEST: RtspRequest = { kind: 'request', method: 'OPTIONS', uri: '*', headers: [], body: Buffer.alloc(0) };
const RESPONSE: RtspResponse = { kind: 'response', status: 200, reason: 'OK', headers: [], body: Buffer.alloc(0) };

function serialize(message: RtspMessage): Buffer {
  if (message.kind === 'request') return serializeRequest(message);
  return message.kind === 'response' ? serializeResponse(message) : serializeInterleaved(message);
}

describe('serialize', () => {
  for (const { name, bytes, message, canonical } of WIRE_CASES) {
    if (canonical) it(`gives the bytes of ${name}`, () => assert.deepEqual(serialize(message), bytes));
  }

  it('adds the length of a body in bytes, once', () => {
    const body = Buffer.from('\u00fc!');
    const expected = 'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 3\r\n\r\n\u00fc!';
    assert.equal(serializeRequest({ ...REQUEST, headers: [['CSeq', '1']], body }).toString(), expected);
    assert.equal(
      serializeResponse({ ...RESPONSE, headers: [['content-length', '3']], body }).toString(),
      'RTSP/1.0 200 OK\r\ncontent-length: 3\r\n\r\n\u00fc!',
    );
    assert.equal(serializeResponse(RESPONSE).toString(), 'RTSP/1.0 200 OK\r\n\r\n');
  });

  it('refuses what would end its line early, without showing it', () => {
    for (const bad of ['a\r', '\nb', 'a\r\nX: y', 'a\0b']) {
      for (const attempt of [
        () => serializeRequest({ ...REQUEST, method: bad }),
        () => serializeRequest({ ...REQUEST, uri: bad }),
        () => serializeRequest({ ...REQUEST, headers: [[bad, 'x']] }),
        () => serializeRequest({ ...REQUEST, headers: [['Authorization', `secret${bad}`]] }),
        () => serializeResponse({ ...RESPONSE, reason: bad }),
        () => serializeResponse({ ...RESPONSE, headers: [['X', bad]] }),
      ]) {
        assert.throws(attempt, { ...ARGUMENT, message: /^(?!.*secret)[^\r\n\0]+$/ });
      }
    }
  });

  it('refuses words with blanks, names with colons and statuses of other than three digits', () => {
    for (const attempt of [
      () => serializeRequest({ ...REQUEST, method: '' }),
      () => serializeRequest({ ...REQUEST, method: 'A B' }),
      () => serializeRequest({ ...REQUEST, uri: 'rtsp://a b' }),
      () => serializeRequest({ ...REQUEST, headers: [['', 'x']] }),
      () => serializeRequest({ ...REQUEST, headers: [['A:B', 'x']] }),
      () => serializeResponse({ ...RESPONSE, status: 99 }),
      () => serializeResponse({ ...RESPONSE, status: 1000 }),
      () => serializeResponse({ ...RESPONSE, status: 200.5 }),
    ]) {
      assert.throws(attempt, ARGUMENT);
    }
  });

  it('refuses a frame that does not fit its fields by one', () => {
    assert.equal(serializeInterleaved({ channel: 255, payload: new Uint8Array(65_535) }).length, 65_539);
    assert.throws(() => serializeInterleaved({ channel: 0, payload: new Uint8Array(65_536) }), ARGUMENT);
    assert.throws(() => serializeInterleaved({ channel: 256, payload: new Uint8Array(1) }), ARGUMENT);
    assert.throws(() => serializeInterleaved({ channel: -1, payload: new Uint8Array(1) }), ARGUMENT);
  });

  it('is undone by the parser', () => {
    const word = fc.stringMatching(/^[\x21-\x39\x3b-\x7e]{1,20}$/);
    const value = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replace(/[\r\n\0]/g, '').trim());
    const headers = fc.array(fc.tuple(word.filter((name) => !/^content-length$/i.test(name)), value), { maxLength: 20 }); // prettier-ignore
    const body = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const message: fc.Arbitrary<RtspMessage> = fc.oneof(
      fc.record({
        kind: fc.constant('request' as const),
        method: fc.stringMatching(/^[A-Z][A-Z_-]{0,31}$/),
        uri: fc.stringMatching(/^[\x21-\x7e]{1,60}$/),
        headers,
        body,
      }),
      fc.record({
        kind: fc.constant('response' as const),
        status: fc.integer({ min: 100, max: 999 }),
        reason: fc.stringMatching(/^[\x20-\x7e]{0,30}$/),
        headers,
        body,
      }),
      fc.record({ kind: fc.constant('interleaved' as const), channel: fc.nat(255), payload: body }),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        const parsed = new RtspParser().push(Buffer.concat(messages.map(serialize)));
        const sent = messages.map((one) =>
          one.kind === 'interleaved' || one.body.length === 0
            ? { ...one }
            : { ...one, headers: [...one.headers, ['Content-Length', String(one.body.length)]] },
        );
        assert.deepEqual(parsed, sent);
      }),
      { numRuns: 500 },
    );
  });
});
