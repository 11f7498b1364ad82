// Replies from bytes: JSON or not, error numbers, texts, tokens.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTalkError } from '../../src/errors.js';
import { decodeText, decodeTexts, encodeStok, parseReply } from '../../src/webapi/reply.js';

const reply = (status: number, body: string): ReturnType<typeof parseReply> =>
  parseReply({ status, body: Buffer.from(body) });

describe('reply of the web interface', () => {
  for (const [name, body, code] of [
    ['a number', '{"error_code":-40210}', -40210],
    ['text', '{"error_code":"-40210"}', -40210],
    ['blanks', ' { "error_code" : 0 } ', 0],
    ['a nested number', '{"result":{"error_code":-40401}}', -40401],
    ['none', '{"stok":"x"}', 0],
    ['null', '{"error_code":null}', 0],
    ['a byte order mark', '\uFEFF{"error_code":-1}', -1],
    ['a zero byte at its end', '{"error_code":-1}\0', -1],
  ] as const) {
    it(`reads an error number as ${name}`, () => assert.equal(reply(200, body).code, code));
  }

  it('takes JSON under any status', () => {
    assert.deepEqual(reply(401, '{"error_code":-40401}'), { status: 401, json: { error_code: -40401 }, code: -40401 });
    assert.equal(reply(500, '{"error_code":-40101}').code, -40101);
  });

  it('takes a bare 401 or 403 as what it is', () => {
    assert.deepEqual(reply(401, ''), { status: 401, json: {}, code: 0 });
    assert.deepEqual(reply(403, '<html>'), { status: 403, json: {}, code: 0 });
  });

  for (const [status, body, why] of [
    [200, '<!doctype html><html></html>', /HTTP 200 with a web page/],
    [404, '  <html></html>', /HTTP 404 with a web page/],
    [200, '', /with nothing/],
    [200, '[1]', /no JSON object/],
    [200, '{"error_code":', /no JSON object/],
    [200, '{"error_code":"soon"}', /no number/],
    [500, '{}', /HTTP 500/],
  ] as const) {
    it(`refuses HTTP ${status} ${JSON.stringify(body)}`, () => {
      assert.throws(() => reply(status, body), { code: 'TALK_ERR_PROTOCOL', message: why });
    });
  }

  it('never throws anything but TALK_ERR_PROTOCOL', () => {
    fc.assert(
      fc.property(fc.nat(599), fc.oneof(fc.string(), fc.json()), (status, body) => {
        try {
          decodeTexts(reply(status, body).json);
        } catch (error) {
          assert.ok(isTalkError(error) && error.code === 'TALK_ERR_PROTOCOL');
        }
      }),
    );
  });

  it('refuses JSON nested 100 000 deep', () => {
    const { json } = reply(200, `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    assert.throws(() => decodeTexts(json), { code: 'TALK_ERR_PROTOCOL', message: /too deep/ });
  });

  for (const [text, decoded] of [
    ['%E6%B5%8B%E8%AF%95', '测试'],
    ['测试', '测试'],
    ['1.0.3%20Build%20230601', '1.0.3 Build 230601'],
    ['100%', '100%'],
    ['50%zz', '50%zz'],
    // Not UTF-8: GBK for the same two characters.
    ['%B2%E2%CA%D4', '%B2%E2%CA%D4'],
    ['%41 and 100%', '%41 and 100%'],
    ['a+b', 'a+b'],
    ['', ''],
  ] as const) {
    it(`shows ${JSON.stringify(text)} as ${JSON.stringify(decoded)}`, () => assert.equal(decodeText(text), decoded));
  }

  it('decodes texts wherever they are', () => {
    assert.deepEqual(decodeTexts({ a: { '.name': 'x%2cy', list: ['%41'] } }), { a: { '.name': 'x,y', list: ['A'] } });
  });

  for (const [stok, path] of [
    ['0123456789abcdef', '0123456789abcdef'],
    ["a)b!c*d(e'", 'a%29b%21c%2Ad%28e%27'],
    ['a/b?c#d', 'a%2Fb%3Fc%23d'],
    ['a%29b', 'a%29b'],
    ['a%zz', 'a%25zz'],
  ] as const) {
    it(`writes the token ${stok} as ${path}`, () => assert.equal(encodeStok(stok), path));
  }
});
