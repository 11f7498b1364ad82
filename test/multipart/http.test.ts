// HttpResponseParser: what cameras answer, in every cut, every limit by one byte, garbage.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTalkError } from '../../src/errors.js';
import { HttpResponseParser, type HttpResponse } from '../../src/multipart/http.js';
import { MultipartParser } from '../../src/multipart/parser.js';
import { boundaryOf } from '../../src/multipart/part.js';

const PROTOCOL = { name: 'TalkError', code: 'TALK_ERR_PROTOCOL', retryable: false };
const MAX_HEAD_BYTES = 16_384;
const MAX_BODY_BYTES = 65_536;

type Plain = readonly [status: number, reason: string, headers: readonly (readonly string[])[], body: string];

/** All responses, and what is left behind the last. */
function readAll(pieces: readonly (Buffer | string)[]): { responses: Plain[]; rest: string } {
  const parser = new HttpResponseParser();
  const responses: Plain[] = [];
  let rest = '';
  for (const piece of pieces) {
    let left = Buffer.from(piece);
    if (responses.at(-1)?.[0] === 200) rest += left.toString('latin1');
    else {
      for (let response = parser.push(left); response !== undefined; response = parser.push(left)) {
        responses.push(plain(response));
        left = Buffer.from(response.rest);
        if (response.status === 200) rest = left.toString('latin1');
        if (response.status === 200 || left.length === 0) break;
      }
    }
  }
  return { responses, rest };
}

function plain({ status, reason, headers, body }: HttpResponse): Plain {
  return [status, reason, headers, body.toString('latin1')];
}

const byteByByte = (bytes: string): Buffer[] => [...Buffer.from(bytes, 'latin1')].map((byte) => Buffer.of(byte));

function assertRefused(bytes: string, message?: RegExp): void {
  const expected = message === undefined ? PROTOCOL : { ...PROTOCOL, message };
  assert.throws(() => readAll([bytes]), expected);
  assert.throws(() => readAll(byteByByte(bytes)), expected);
}

const DIGEST = 'Digest realm="TP-Link IP-Camera",algorithm="MD5",encrypt_type="3",qop="auth",nonce="96fa3da3bceda6441e098764e178ed07",opaque="64943214654649846565646421"'; // prettier-ignore
const CHALLENGE: Plain = [401, 'Unauthorized', [['Server', 'Streamd'], ['Content-Length', '0'], ['WWW-Authenticate', DIGEST], ['Connection', 'close']], '']; // prettier-ignore
const CHALLENGE_BYTES = `HTTP/1.0 401 Unauthorized\r\nServer: Streamd\r\nContent-Length: 0\r\nWWW-Authenticate: ${DIGEST}\r\nConnection: close\r\n\r\n`;
const OK_BYTES = 'HTTP/1.0 200 OK\r\nContent-Type: multipart/mixed;boundary=--device-stream-boundary--\r\n\r\n';
const OK: Plain = [200, 'OK', [['Content-Type', 'multipart/mixed;boundary=--device-stream-boundary--']], ''];

const CASES: readonly [name: string, bytes: string, responses: readonly Plain[], rest: string][] = [
  ['a challenge', CHALLENGE_BYTES, [CHALLENGE], ''],
  ['a challenge and its 200', CHALLENGE_BYTES + OK_BYTES, [CHALLENGE, OK], ''],
  [
    'a challenge with a body (PROTOCOL.md M2)',
    `HTTP/1.1 401 Unauthorized\r\nContent-Length: 14\r\n\r\nHTTP ERROR 401${OK_BYTES}`,
    [[401, 'Unauthorized', [['Content-Length', '14']], 'HTTP ERROR 401'], OK],
    '',
  ],
  [
    'a body that nobody announced before the next status line',
    `HTTP/1.1 401 Unauthorized\r\nX-Hb: 5\r\n\r\nHTTP ERROR 401${OK_BYTES}`,
    [[401, 'Unauthorized', [['X-Hb', '5']], ''], OK],
    '',
  ],
  ['a 200 and what is behind it', `${OK_BYTES}----device`, [OK], '----device'],
  [
    'a 200 of 16 bytes (PROTOCOL.md M3)',
    'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n0123456789abcdef--',
    [[200, 'OK', [['Content-Length', '16']], '']],
    '0123456789abcdef--',
  ],
  [
    'lower case, no blank behind the colon, line ends without CR, no reason',
    'HTTP/1.1 400\ncontent-length:2\nserver:\tx \n\n{}',
    [[400, '', [['content-length', '2'], ['server', 'x']], '{}']], // prettier-ignore
    '',
  ],
  [
    'a 503 with JSON',
    'HTTP/1.0 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{"error_code":-52405}',
    [[503, 'Service Unavailable', [['Content-Type', 'application/json'], ['Content-Length', '21']], '{"error_code":-52405}']], // prettier-ignore
    '',
  ],
  ['blank lines before', `\r\n\n\r\n${OK_BYTES}`, [OK], ''],
  ['interim responses', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 P\r\nA: b\r\n\r\n${OK_BYTES}`, [OK], ''],
  ['lines that are no headers', 'HTTP/1.0 403 No\r\nCont\r\n: x\r\nA: b\r\n\r\n', [[403, 'No', [['A', 'b']], '']], ''],
  ['a length that is none', 'HTTP/1.0 400 Bad\r\nContent-Length: -1\r\n\r\n', [[400, 'Bad', [['Content-Length', '-1']], '']], ''], // prettier-ignore
];

describe('HttpResponseParser', () => {
  for (const [name, bytes, responses, rest] of CASES) {
    it(`reads ${name}: whole, byte by byte and split at every byte`, () => {
      const expected = { responses, rest };
      assert.deepEqual(readAll([bytes]), expected);
      assert.deepEqual(readAll(byteByByte(bytes)), expected);
      for (let cut = 0; cut <= bytes.length; cut++) {
        assert.deepEqual(readAll([bytes.slice(0, cut), bytes.slice(cut)]), expected, `cut at ${cut}`);
      }
    });
  }

  it('hands on to the parts: junk, then the answer', () => {
    const stream = `${OK_BYTES.replace('\r\n\r\n', '\r\nContent-Length: 16\r\n\r\n')}0123456789abcdef----device-stream-boundary--\r\nContent-Length: 2\r\n\r\n{}\r\n`;
    for (let cut = 0; cut <= stream.length; cut++) {
      const http = new HttpResponseParser();
      let parts: MultipartParser | undefined;
      const bodies: string[] = [];
      for (const piece of [stream.slice(0, cut), stream.slice(cut)].map((text) => Buffer.from(text))) {
        const response = parts === undefined ? http.push(piece) : undefined;
        if (response !== undefined) parts = new MultipartParser(boundaryOf(response.headers));
        const more = parts?.push(response?.rest ?? piece) ?? [];
        bodies.push(...more.map(({ body }) => body.toString()));
      }
      assert.deepEqual(bodies, ['{}'], `cut at ${cut}`);
    }
  });

  it('gives what there is of a response whose end does not come', () => {
    const parser = new HttpResponseParser();
    assert.equal(parser.end(), undefined);
    assert.equal(parser.push(Buffer.from('HTTP/1.0 401 Unauthorized\r\nContent-Length: 14\r\n')), undefined);
    assert.equal(parser.end(), undefined);
    assert.equal(parser.push(Buffer.from('\r\nHTTP')), undefined);
    assert.equal(parser.bufferedBytes > 40, true);
    assert.deepEqual(plain(parser.end()!), [401, 'Unauthorized', [['Content-Length', '14']], 'HTTP']);
    assert.equal(parser.end(), undefined);
    assert.equal(parser.bufferedBytes, 0);
  });

  it('refuses at once what is no HTTP', () => {
    for (const bytes of ['RTSP/1.0 400 Bad Request', '\x15\x03\x01', '{"error_code":0}', 'http/1.0 200', '--']) {
      assertRefused(bytes, /does not speak HTTP: check the stream port$/);
    }
    for (const line of [
      'HTTP/2 200 OK',
      'HTTP/1.0 20',
      'HTTP/1.0 000 No',
      'HTTP/1.0200 OK',
      'HTTP/1.0 2000 OK',
      'HTTP',
    ])
      assertRefused(`${line}\r\n\r\n`, /does not speak HTTP: check the stream port$/);
  });

  it('refuses the same for ever', () => {
    const parser = new HttpResponseParser();
    assert.throws(() => parser.push(Buffer.from('x')), PROTOCOL);
    assert.throws(() => parser.push(Buffer.from(OK_BYTES)), PROTOCOL);
  });

  it('holds no more than it may, by one byte', () => {
    const start = 'HTTP/1.0 401 No\r\nX: ';
    const head = (bytes: number): string => `${start}${'x'.repeat(bytes - start.length - 4)}\r\n\r\n`;
    assert.equal(readAll([head(MAX_HEAD_BYTES)]).responses.length, 1);
    assertRefused(head(MAX_HEAD_BYTES + 1), /head of more than 16384 bytes$/);
    const lines = (count: number): string => `HTTP/1.0 401 No\r\n${'A: b\r\n'.repeat(count)}\r\n`;
    assert.equal(readAll([lines(64)]).responses.length, 1);
    assertRefused(lines(65));
    assert.equal(readAll([`${'\n'.repeat(MAX_HEAD_BYTES)}${OK_BYTES}`]).responses.length, 1);
    assertRefused('\n'.repeat(MAX_HEAD_BYTES + 1));
    const body = (bytes: number): string => `HTTP/1.0 401 No\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`;
    assert.equal(readAll([body(MAX_BODY_BYTES)]).responses.length, 1);
    assertRefused(body(MAX_BODY_BYTES + 1), /body of more than 65536 bytes$/);
    assertRefused(`HTTP/1.0 401 No\r\nContent-Length: ${'9'.repeat(400)}\r\n\r\n`);
  });

  it('throws nothing but errors of ours, whatever comes', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom('HTTP/1.0 ', 'HTTP/1.1 401 X\r\n', '200 OK', '\r\n', 'Content-Length: 3\r\n', 'HTTP', ...CASES.map(([, bytes]) => bytes)), // prettier-ignore
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          readAll(pieces.map((text) => Buffer.from(text, 'latin1')));
        } catch (error) {
          assert.ok(isTalkError(error) && error.code === 'TALK_ERR_PROTOCOL', String(error));
        }
      }),
    );
  });
});
