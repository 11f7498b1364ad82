// Cutting what was said into messages: every byte stays, whatever it is.
import assert from 'node:assert/strict';
import { split } from '../../src/capture/split.js';
import { mutated } from './mutated.js';

const CHALLENGE = 'RTSP/1.0 401 Unauthorized\r\nCSeq: 0\r\n\r\n';
const REPLY = 'RTSP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n{  }';
const FRAME = Buffer.from([0x24, 1, 0, 3, 1, 2, 3]);

function kinds(...pieces: readonly (string | Buffer)[]): string[] {
  return kindsOf('rtsp', pieces);
}

function kindsOf(protocol: 'rtsp' | 'http', pieces: readonly (string | Buffer)[]): string[] {
  const parts = split(
    pieces.map((bytes, at) => ({ at, bytes: Buffer.from(bytes) })),
    protocol,
  );
  const together = Buffer.concat(parts.map(({ bytes }) => bytes));
  assert.deepEqual(together, Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
  return parts.map(({ kind, name, at }) => `${kind} ${name} at ${at}`);
}

describe('split', () => {
  it('gives each message and frame the time of its last byte', () => {
    assert.deepEqual(kinds(CHALLENGE.slice(0, 9), CHALLENGE.slice(9) + REPLY, FRAME), [
      'response 401 at 1',
      'response 200 at 1',
      'frame  at 2',
    ]);
  });

  it('reads requests of RTSP and HTTP', () => {
    assert.deepEqual(kinds('MULTITRANS rtsp://x/multitrans RTSP/1.0\r\nCSeq: 0\r\n\r\n'), ['request multitrans at 0']);
    assert.deepEqual(kindsOf('http', ['POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}']), ['request post at 0']);
  });

  it('lets a body without length go on to the next beginning', () => {
    assert.deepEqual(kinds('RTSP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\n{"a":1}', FRAME), [
      'response 200 at 0',
      'frame  at 1',
    ]);
  });

  it('takes no part of a body for a frame or a message', () => {
    // As much behind the dollar as its length says.
    const body = `{"psk":"My$\\u0041${'a'.repeat(0x4141)}","of":"RTSP/"}`;
    for (const head of ['Transfer-Encoding: chunked', 'Content-Type: application/json', 'Content-Length: 99999']) {
      assert.deepEqual(kindsOf('http', [`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`, body]), ['response 200 at 1']);
      assert.deepEqual(kinds(`RTSP/1.0 200 OK\r\n${head}\r\n\r\n`, body), ['response 200 at 1']);
    }
  });

  it('knows no frames in HTTP', () => {
    assert.deepEqual(kindsOf('http', [FRAME]), ['noise  at 0']);
  });

  it('calls noise what is neither', () => {
    assert.deepEqual(kinds('garbage', REPLY, '$$'), ['noise  at 0', 'response 200 at 1', 'noise  at 2']);
    assert.deepEqual(kinds('RTSP/1.0 200 OK\r\nX: without an end'), ['noise  at 0']);
  });

  it('loses no byte of damaged ones', () => {
    for (const bytes of mutated(Buffer.concat([Buffer.from(CHALLENGE), FRAME, Buffer.from(REPLY)]))) kinds(bytes);
  });

  it('takes no longer than its bytes want', function () {
    // A quadratic search takes minutes.
    this.timeout(60_000);
    for (const bit of ['$', '$\0', '$\0\0\0', 'RTSP/', 'RTSP/1.0 200\n', 'HTTP/1.0 200 \n', '\n\n']) {
      const text = bit.repeat(Math.floor(1_000_000 / bit.length));
      kinds(text);
      kindsOf('http', [text]);
    }
  });
});
