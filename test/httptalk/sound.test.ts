// Payloads to the bytes of parts, plain and encrypted.
import assert from 'node:assert/strict';
import { createDecipheriv } from 'node:crypto';
import { streamPacker, streamProfile } from '../../src/httptalk/sound.js';
import { TransportStreamReader } from '../../src/mpegts/reader.js';
import { MultipartParser } from '../../src/multipart/parser.js';
import { CLIENT_BOUNDARY } from '../../src/multipart/part.js';

const SECRET = 'F8AA14DA2301E201E817F5B8667A36BB40C8CA49DA69B3470A74D0F4EC194961';
const KEY_EXCHANGE =
  'cipher="AES_128_CBC" username="admin" padding="PKCS7_16" algorithm="MD5" nonce="4514f88f1148a6735bdc6a7d7b93b0b0"';
const OPTIONS = { key: '192.168.1.60:8800', sessionId: '71', secret: SECRET, keyExchange: KEY_EXCHANGE };

describe('HTTP talk sound', () => {
  it('has payloads of 20 to 120 ms', () => {
    for (const packetMs of [20, 40, 60, 120] as const) {
      const { packetBytes, frameMs, sampleRate, silence, encoding } = streamProfile({ packetMs });
      assert.deepEqual(
        [packetBytes, frameMs, sampleRate, silence, encoding],
        [packetMs * 8, packetMs, 8_000, 0xd5, 'alaw'],
      );
    }
  });

  for (const encrypt of [false, true]) {
    it(`sends the tables once, then a part for each payload${encrypt ? ', encrypted' : ''}`, () => {
      const pack = streamPacker({ encrypt }, OPTIONS);
      const payloads = [1, 2, 3].map((fill) => Buffer.alloc(320, fill));
      const parts = new MultipartParser(CLIENT_BOUNDARY).push(Buffer.concat(payloads.map((payload) => pack(payload))));
      const reader = new TransportStreamReader();
      const heard = parts.map(({ headers, body }) => {
        assert.deepEqual(headers.slice(0, 3), [
          ['Content-Type', 'audio/mp2t'],
          ['X-If-Encrypt', encrypt ? '1' : '0'],
          ['X-Session-Id', '71'],
        ]);
        return reader.read(encrypt ? decrypted(body) : body);
      });
      assert.deepEqual(
        heard.flatMap(({ faults }) => faults),
        [],
      );
      assert.deepEqual(
        heard.map(({ audio }) => audio),
        [Buffer.alloc(0), ...payloads],
      );
      assert.deepEqual(
        heard.slice(1).map(({ pts }) => pts),
        [0, 3_600, 7_200],
      );
    });
  }

  for (const [what, more] of [
    ['no key of the camera’s', { keyExchange: undefined }],
    ['the key that the maker built in', { keyExchange: KEY_EXCHANGE.replace('admin', 'none') }],
    ['another derivation', { keyExchange: KEY_EXCHANGE.replace('"MD5"', '"HKDF"') }],
    ['no password', { secret: undefined }],
  ] as const) {
    it(`does not encrypt with ${what}`, () => {
      assert.throws(() => streamPacker({ encrypt: true }, { ...OPTIONS, ...more }), { code: 'TALK_ERR_UNSUPPORTED' });
      assert.ok(streamPacker({ encrypt: false }, { ...OPTIONS, ...more })(Buffer.alloc(160)).length > 0);
    });
  }
});

/** Key and start of PROTOCOL.md V19. */
function decrypted(body: Buffer): Buffer {
  const [key, start] = ['05b88d96057b95dfceb19fdd16f97141', 'f629339866a19bee97b9ba3f70460ff9'];
  const aes = createDecipheriv('aes-128-cbc', Buffer.from(key, 'hex'), Buffer.from(start, 'hex'));
  return Buffer.concat([aes.update(body), aes.final()]);
}
