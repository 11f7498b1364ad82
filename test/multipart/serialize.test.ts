// Parts and the request to bytes: vectors that were computed elsewhere, what is added, what is refused.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { MultipartParser } from '../../src/multipart/parser.js';
import { CLIENT_BOUNDARY } from '../../src/multipart/part.js';
import { serializePart, serializeStreamRequest } from '../../src/multipart/serialize.js';
import type { HeaderList } from '../../src/rtsp/message.js';

const ARGUMENT = { name: 'TalkError', code: 'TALK_ERR_ARGUMENT' };
const TALK_REQUEST = '{"params":{"talk":{"mode":"aec"},"method":"get"},"seq":3,"type":"request"}';
const STOP = '{"type":"request","seq":4,"params":{"stop":"null","method":"do"}}';
const AUDIO: HeaderList = [
  ['Content-Type', 'audio/mp2t'],
  ['X-If-Encrypt', '0'],
  ['X-Session-Id', '71'],
];
/** The first packet of 20 ms of silence (PROTOCOL.md V16). */
const SILENCE_20_MS = Buffer.from(
  `474100300900${'ff'.repeat(8)}000001c000a88080052100010001${'d5'.repeat(160)}`,
  'hex',
);

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('serializePart', () => {
  it('gives the talk request', () => {
    const part = serializePart({ headers: [['Content-Type', 'application/json']], body: Buffer.from(TALK_REQUEST) });
    assert.equal(
      part.toString(),
      `----client-stream-boundary--\r\nContent-Type: application/json\r\nContent-Length: 74\r\n\r\n${TALK_REQUEST}\r\n`,
    );
    assert.equal(part.length, 160);
    assert.equal(sha256(part), '07387d1a659f9c1678ccdcd5f3b4d2a09705c86a5b85efbc9e4206ac0d11474d');
  });

  it('gives the stop request, the session before the length', () => {
    const headers: HeaderList = [
      ['Content-Type', 'application/json'],
      ['X-Session-Id', '71'],
    ];
    assert.equal(
      serializePart({ headers, body: Buffer.from(STOP) }).toString(),
      `----client-stream-boundary--\r\nContent-Type: application/json\r\nX-Session-Id: 71\r\nContent-Length: 65\r\n\r\n${STOP}\r\n`,
    );
  });

  it('gives a part of sound', () => {
    const part = serializePart({ headers: AUDIO, body: SILENCE_20_MS });
    assert.equal(part.length, 304);
    assert.equal(sha256(part), '65db2d4d2b63c7c320c0b0a06660afe9e8e842e59cffe2efd4fb4fff82b08f11');
    assert.equal(
      sha256(part.subarray(0, -2)),
      '2fde55627512854200eb906153655e8bd8e6d4ad5d760aefb73f7269afa7d180',
      'without the CR LF behind the body',
    );
  });

  it('refuses what would end its line early, without showing it', () => {
    for (const bad of ['a\r', '\nb', 'a\r\nX: y', 'a\0b']) {
      for (const header of [['X-Session-Id', `secret${bad}`] as const, [bad, 'x'] as const]) {
        assert.throws(() => serializePart({ headers: [header], body: Buffer.alloc(0) }), {
          ...ARGUMENT,
          message: /^(?!.*secret)[^\r\n\0]+$/,
        });
      }
    }
  });

  it('lets nobody else say how long the body is', () => {
    assert.throws(() => serializePart({ headers: [['content-length', '1']], body: Buffer.from('a') }), ARGUMENT);
  });

  it('is what the parser reads, whatever the body', () => {
    const name = fc.stringMatching(/^X-[\x21-\x39\x3b-\x7e]{1,20}$/);
    const value = fc.stringMatching(/^([\x21-\x7e]([\x20-\x7e]{0,20}[\x21-\x7e])?)?$/);
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.constant(Buffer.from(`\r\n--${CLIENT_BOUNDARY}\r\nContent-Length: 9\r\n\r\n`)),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(fc.tuple(name, value), { maxLength: 4 }), body), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 64 }),
        (drawn, step) => {
          const parts = drawn.map(([headers, bytes]) => ({ headers, body: Buffer.from(bytes) }));
          const stream = Buffer.concat(parts.map((part) => serializePart(part)));
          const parser = new MultipartParser(CLIENT_BOUNDARY);
          const read = [];
          for (let at = 0; at < stream.length; at += step) read.push(...parser.push(stream.subarray(at, at + step)));
          assert.deepEqual(
            read,
            parts.map(({ headers, body }) => ({
              headers: [...headers, ['Content-Length', String(body.length)]],
              body,
            })),
          );
        },
      ),
    );
  });
});

describe('serializeStreamRequest', () => {
  const TO = { host: '192.168.1.60', port: 8800, uri: '/stream' };
  const FIVE_LINES =
    'POST /stream HTTP/1.1\r\nHost: 192.168.1.60:8800\r\nContent-Type: multipart/mixed; boundary=--client-stream-boundary--\r\nConnection: keep-alive\r\nContent-Length: 0\r\n';

  it('gives the first request, and the second with the digest behind', () => {
    assert.equal(serializeStreamRequest(TO).toString(), `${FIVE_LINES}\r\n`);
    assert.equal(
      serializeStreamRequest({ ...TO, headers: [['Authorization', 'Digest username="admin"']] }).toString(),
      `${FIVE_LINES}Authorization: Digest username="admin"\r\n\r\n`,
    );
  });

  it('puts an IPv6 address into brackets, and takes a query', () => {
    const head = serializeStreamRequest({
      host: 'fe80::1',
      port: 80,
      uri: '/stream?deviceId=8021&type=talk',
    }).toString();
    assert.match(head, /^POST \/stream\?deviceId=8021&type=talk HTTP\/1\.1\r\nHost: \[fe80::1\]:80\r\n/);
  });

  it('refuses what would end its line early, without showing it', () => {
    for (const bad of [
      { ...TO, uri: '/stream HTTP/1.1\r\n' },
      { ...TO, uri: 'stream' },
      { ...TO, uri: '/a b' },
      { ...TO, host: 'secret\r\nX: y' },
      { ...TO, headers: [['Authorization', 'secret\r\nX: y']] as const },
      { ...TO, headers: [['X\r\n', 'y']] as const },
    ])
      assert.throws(() => serializeStreamRequest(bad), { ...ARGUMENT, message: /^(?!.*secret)[^\r\n\0]+$/ });
  });
});
