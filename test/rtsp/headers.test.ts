// Header values: look-up, Session, Public, Content-Length.
import assert from 'node:assert/strict';
import { headerValue, headerValues, parseContentLength, parsePublic, parseSession } from '../../src/rtsp/headers.js';
import type { HeaderList } from '../../src/rtsp/message.js';

const HEADERS: HeaderList = [
  ['CSeq', '1'],
  ['WWW-Authenticate', 'Basic realm="a"'],
  ['www-authenticate', 'Digest realm="b"'],
  ['X-Empty', ''],
];

describe('headerValue and headerValues', () => {
  it('compare names without case and keep the order', () => {
    assert.equal(headerValue(HEADERS, 'cseq'), '1');
    assert.equal(headerValue(HEADERS, 'WWW-AUTHENTICATE'), 'Basic realm="a"');
    assert.deepEqual(headerValues(HEADERS, 'Www-Authenticate'), ['Basic realm="a"', 'Digest realm="b"']);
  });

  it('tell an empty value from a missing header', () => {
    assert.equal(headerValue(HEADERS, 'X-Empty'), '');
    assert.equal(headerValue(HEADERS, 'Session'), undefined);
    assert.deepEqual(headerValues(HEADERS, 'Session'), []);
  });
});

describe('parseSession', () => {
  const cases: readonly [value: string, session: ReturnType<typeof parseSession>][] = [
    ['7116520596809429228', { id: '7116520596809429228' }],
    [' 1A2b ', { id: '1A2b' }],
    ['12;timeout=60', { id: '12', timeoutSeconds: 60 }],
    ['12 ; x=1 ; Timeout = "60" ', { id: '12', timeoutSeconds: 60 }],
    ['12;timeout=soon', { id: '12' }],
    ['12;timeout=0', { id: '12', timeoutSeconds: 0 }],
    ['12;', { id: '12' }],
    ['', { id: '' }],
  ];
  for (const [value, session] of cases) it(JSON.stringify(value), () => assert.deepEqual(parseSession(value), session));
});

describe('parsePublic', () => {
  it('splits at commas', () => {
    assert.deepEqual(parsePublic('OPTIONS, DESCRIBE,MULTITRANS ,, '), ['OPTIONS', 'DESCRIBE', 'MULTITRANS']);
    assert.deepEqual(parsePublic(''), []);
  });
});

describe('parseContentLength', () => {
  it('is 0 without the header, bounded with it', () => {
    assert.equal(parseContentLength(HEADERS, 10), 0);
    assert.equal(parseContentLength([['content-length', '10']], 10), 10);
    assert.throws(() => parseContentLength([['Content-Length', '11']], 10), { code: 'TALK_ERR_PROTOCOL' });
  });
});
