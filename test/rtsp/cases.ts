// The case table of the RTSP wire: bytes as published or typed by hand, and what they mean. Read by the parser, serializer and fuzz tests.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HeaderList, RtspMessage } from '../../src/rtsp/message.js';

const CAMERAS = join(__dirname, '..', 'fixtures', 'cameras');

export interface WireCase {
  readonly name: string;
  readonly bytes: Buffer;
  readonly message: RtspMessage;
  /** Serialising the message gives exactly these bytes. */
  readonly canonical: boolean;
}

/** The bytes of one file under test/fixtures/cameras. */
export function fixture(path: string): Buffer {
  return readFileSync(join(CAMERAS, path));
}

/** Every message file under test/fixtures/cameras, as `<camera>/<file>`; what tells of the camera itself is JSON. Captures are played as a whole (test/capture/fixtures.test.ts). */
export function fixturePaths(): string[] {
  return readdirSync(CAMERAS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !existsSync(join(CAMERAS, entry.name, 'capture.json')))
    .flatMap(({ name }) => readdirSync(join(CAMERAS, name)).map((file) => `${name}/${file}`))
    .filter((path) => !path.endsWith('.json'))
    .sort();
}

export function request(method: string, uri: string, headers: HeaderList, body = ''): RtspMessage {
  return { kind: 'request', method, uri, headers, body: Buffer.from(body) };
}

export function response(status: number, reason: string, headers: HeaderList, body = ''): RtspMessage {
  return { kind: 'response', status, reason, headers, body: Buffer.from(body) };
}

export function interleaved(channel: number, payload: Buffer): RtspMessage {
  return { kind: 'interleaved', channel, payload };
}

const URI = 'rtsp://192.168.1.60/multitrans';
const UUID = ['X-Client-UUID', '6a0c3d1e-3a0f-4c0e-9a55-0d0f4b2f7c11'] as const;
const SESSION = ['Session', '7116520596809429228'] as const;
const JSON_TYPE = ['Content-Type', 'application/json'] as const;
const BASIC = ['WWW-Authenticate', 'Basic realm="TP-LINK IP-Camera"'] as const;
const DIGEST = [
  'WWW-Authenticate',
  'Digest realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07"',
] as const;
const DATE = ['Date', 'Sun, Apr 28 2024 06:49:17 GMT'] as const;
const V1 =
  'Digest username="admin", realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", ' +
  'uri="rtsp://192.168.1.60/multitrans", response="a0c5ca9ee922a01298e79071a2204d18"';

/** What each fixture file means, typed by hand. */
const FIXTURE_MESSAGES: Readonly<Record<string, RtspMessage>> = {
  'tl-ipc/1-request.rtsp': request('MULTITRANS', URI, [['CSeq', '0'], UUID]),
  'tl-ipc/2-response-401.rtsp': response(401, 'Unauthorized', [['CSeq', '0'], BASIC, DIGEST]),
  'tl-ipc/3-request-authorized.rtsp': request('MULTITRANS', URI, [['CSeq', '1'], ['Authorization', V1], UUID]),
  'tl-ipc/4-response-session.rtsp': response(200, 'OK', [['CSeq', '1'], SESSION]),
  'tl-ipc/5-request-talk.rtsp': request(
    'MULTITRANS',
    URI,
    [['CSeq', '2'], SESSION, JSON_TYPE, ['Content-Length', '82']],
    '{"type":"request","seq":0,"params":{"method":"get","talk":{"mode":"half_duplex"}}}',
  ),
  'tl-ipc/6-response-talk.rtsp': response(
    200,
    'OK',
    [['CSeq', '2'], SESSION, JSON_TYPE, ['Content-Length', '73']],
    '{"type":"response", "seq":0, "params":{"error_code":0, "session_id":"2"}}',
  ),
  'tl-ipc/7-frame.bin': interleaved(
    1,
    Buffer.concat([Buffer.from('808800010000000012345678', 'hex'), Buffer.alloc(1024, 0xd5)]),
  ),
  'tl-ipc/8-frame.bin': interleaved(
    1,
    Buffer.concat([Buffer.from('800800020000040012345678', 'hex'), Buffer.alloc(1024, 0xd5)]),
  ),
  'tl-ipc44aw-color/response-200-at-once.rtsp': response(200, 'OK', [['CSeq', '0'], SESSION]),
  'tl-ipc485ep-ai/response-401-digest-first.rtsp': response(401, 'Unauthorized', [['CSeq', '0'], DIGEST, BASIC]),
  'tl-ipc485ep-ai/response-401-digest-only.rtsp': response(401, 'Unauthorized', [['CSeq', '0'], DIGEST]),
  'tl-ipc48aw-plus/request.rtsp': request('MULTITRANS', 'rtsp://127.0.0.1/multitrans', [
    ['CSeq', '0'],
    ['Content-Length', '0'],
    ['X-Handshake', 'unused debug'],
  ]),
  'mediamtx-3116/response-401.rtsp': response(401, 'Unauthorized', [['CSeq', '2'], DATE, BASIC, DIGEST]),
  'mediamtx-3116/response-options.rtsp': response(200, 'OK', [
    ['CSeq', '1'],
    DATE,
    ['Public', 'OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, MULTITRANS'],
  ]),
  'vigi-c540s/response-400.rtsp': response(400, 'Bad Request', [['CSeq', '0']]),
  'vigi-c540v/response-401-sha256.rtsp': response(401, 'Unauthorized', [
    ['CSeq', '1'],
    ['WWW-Authenticate', 'Digest realm="TP-LINK IP-Camera", nonce="n7", algorithm="SHA-256", qop="auth"'],
  ]),
  'vigi-c540v/response-talk.rtsp': response(
    200,
    'OK',
    [['CSeq', '2'], JSON_TYPE, ['Content-Length', '73']],
    '{"type":"response", "seq":0, "params":{"error_code":0, "session_id":"0"}}',
  ),
};

function typed(name: string, bytes: string | Buffer, message: RtspMessage, canonical = false): WireCase {
  return { name, bytes: Buffer.from(bytes), message, canonical };
}

const TYPED: readonly WireCase[] = [
  typed('no headers', 'OPTIONS * RTSP/1.0\r\n\r\n', request('OPTIONS', '*', []), true),
  typed('method with an underscore', 'GET_PARAMETER * RTSP/1.0\r\n\r\n', request('GET_PARAMETER', '*', []), true),
  typed('empty reason', 'RTSP/1.0 200 \r\nCSeq: 1\r\n\r\n', response(200, '', [['CSeq', '1']]), true),
  typed('no reason', 'RTSP/1.0 503\r\nCSeq: 1\r\n\r\n', response(503, '', [['CSeq', '1']])),
  typed('version 1.1', 'RTSP/1.1 200 OK\r\n\r\n', response(200, 'OK', [])),
  typed('bare line feeds', 'RTSP/1.0 200 OK\nCSeq: 1\n\n', response(200, 'OK', [['CSeq', '1']])),
  typed(
    'line ends mixed',
    'RTSP/1.0 200 OK\nCSeq: 1\r\nContent-Length: 2\n\r\n{}',
    response(200, 'OK', [['CSeq', '1'], ['Content-Length', '2']], '{}'), // prettier-ignore
  ),
  typed(
    'blanks around the colon',
    'RTSP/1.0 200 OK\r\nCSeq:0\r\nSession : 12 \r\nX-Empty:\r\n\r\n',
    response(200, 'OK', [['CSeq', '0'], ['Session', '12'], ['X-Empty', '']]), // prettier-ignore
  ),
  typed(
    'folded header',
    'RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm="a",\r\n  nonce="b"\r\n\t, stale=true\r\nCSeq: 1\r\n\r\n',
    response(401, 'No', [['WWW-Authenticate', 'Digest realm="a", nonce="b" , stale=true'], ['CSeq', '1']]), // prettier-ignore
  ),
  typed(
    'colons and digits in values',
    'RTSP/1.0 401 200 OK\r\nDate: 06:49:17\r\nSession: 401200\r\n\r\n',
    response(401, '200 OK', [['Date', '06:49:17'], ['Session', '401200']]), // prettier-ignore
    true,
  ),
  typed(
    'lower-case header names',
    'RTSP/1.0 200 OK\r\ncseq: 1\r\ncontent-length: 2\r\n\r\nok',
    response(200, 'OK', [['cseq', '1'], ['content-length', '2']], 'ok'), // prettier-ignore
    true,
  ),
  typed(
    'Content-Length twice, the same',
    'RTSP/1.0 200 OK\r\nContent-Length: 2\r\nContent-Length: 02\r\n\r\nok',
    response(200, 'OK', [['Content-Length', '2'], ['Content-Length', '02']], 'ok'), // prettier-ignore
  ),
  typed(
    'a body that looks like messages',
    'RTSP/1.0 200 OK\r\nContent-Length: 29\r\n\r\n$\x01\x00\x04RTSP/1.0 500 No\r\n\r\n\r\n\r\n\r\n',
    response(200, 'OK', [['Content-Length', '29']], '$\x01\x00\x04RTSP/1.0 500 No\r\n\r\n\r\n\r\n\r\n'),
    true,
  ),
  typed(
    'UTF-8 in reason and value',
    'RTSP/1.0 454 \u4f1a\u8bdd\r\nServer: \u6444\u50cf\u673a\r\n\r\n',
    response(454, '\u4f1a\u8bdd', [['Server', '\u6444\u50cf\u673a']]),
    true,
  ),
  typed('empty frame', '$\x00\x00\x00', interleaved(0, Buffer.alloc(0)), true),
  typed(
    'frame of text',
    Buffer.from('24ff000352545350', 'hex').subarray(0, 7),
    interleaved(255, Buffer.from('RTS')),
    true,
  ),
  typed(
    'frame that holds line ends and dollars',
    Buffer.from('2401000624240d0a0d0a', 'hex'),
    interleaved(1, Buffer.from('24240d0a0d0a', 'hex')),
    true,
  ),
];

const NOT_CANONICAL = ['tl-ipc48aw-plus/request.rtsp'];

export const WIRE_CASES: readonly WireCase[] = [
  ...Object.entries(FIXTURE_MESSAGES).map(([path, message]) =>
    typed(path, fixture(path), message, !NOT_CANONICAL.includes(path)),
  ),
  ...TYPED,
];
