// matchStartLine and parseHead: verdicts on whole, unfinished and impossible start lines.
import assert from 'node:assert/strict';
import { matchStartLine, parseHead, staysOpen, type LineMatch } from '../../src/rtsp/head.js';

describe('matchStartLine', () => {
  const cases: readonly [text: string, verdict: LineMatch][] = [
    ['RTSP/1.0 200 OK\r\n', 'whole'],
    ['RTSP/1.0 200\n', 'whole'],
    ['MULTITRANS rtsp://a/multitrans RTSP/1.0\r\n', 'whole'],
    ['M', 'partial'],
    ['RTSP', 'partial'],
    ['RTSP/1.0 20', 'partial'],
    ['RTSP/1.0 200', 'partial'],
    ['RTSP/1.0 200 OK\r', 'partial'],
    ['MULTITRANS ', 'partial'],
    ['MULTITRANS * RTSP/1.0', 'partial'],
    ['RTSP/1.0 200 O', 'open'],
    ['MULTITRANS rtsp:', 'open'],
    ['', 'no'],
    ['multitrans * RTSP/1.0\r\n', 'no'],
    ['MULTITRANS  * RTSP/1.0\r\n', 'no'],
    ['MULTITRANS * x RTSP/1.0\r\n', 'no'],
    ['MULTITRANS * RTSP/2.0\r\n', 'no'],
    ['MULTITRANS * HTTP/1.1\r\n', 'no'],
    ['MULTITRANS *\r\n', 'no'],
    ['RTSP/1.0 200OK\r\n', 'no'],
    ['RTSP/1.0 200 O\rK\n', 'no'],
  ];
  for (const [text, verdict] of cases) {
    it(`${JSON.stringify(text)}: ${verdict}`, () => {
      const bytes = Buffer.from(`ab${text}\n`);
      assert.equal(matchStartLine(bytes, 2, bytes.length - 1), verdict);
    });
  }

  it('takes methods of up to 32 characters', () => {
    const verdict = (letters: number): LineMatch => {
      const bytes = Buffer.from(`${'A'.repeat(letters)} * RTSP/1.0\r\n`);
      return matchStartLine(bytes, 0, bytes.length);
    };
    assert.equal(verdict(32), 'whole');
    assert.equal(verdict(33), 'no');
  });
});

describe('staysOpen', () => {
  const cases: readonly [open: string, more: string, stays: boolean][] = [
    ['RTSP/1.0 200 ', 'No such \u4f1a\u8bdd\t', true],
    ['RTSP/1.0 200 ', 'No\r', false],
    ['RTSP/1.0 200 ', 'N\0', false],
    ['OPTIONS r', 'tsp://a/b?c=d', true],
    ['OPTIONS r', 'tsp://a ', false],
    ['OPTIONS r', '\u4f1a', false],
  ];
  for (const [open, more, stays] of cases) {
    it(`${JSON.stringify(open)} then ${JSON.stringify(more)}: ${String(stays)}`, () => {
      const bytes = Buffer.from(`a${open}${more}\n`);
      assert.equal(matchStartLine(bytes, 1, open.length + 1), 'open');
      assert.equal(staysOpen(bytes, 1, open.length + 1, bytes.length - 1), stays);
    });
  }
});

describe('parseHead', () => {
  it('reads the status from its place only', () => {
    assert.deepEqual(parseHead(Buffer.from('RTSP/1.0 401 200 OK\r\nSession: 200\r\n\r\n')), {
      kind: 'response',
      status: 401,
      reason: '200 OK',
      headers: [['Session', '200']],
    });
  });

  it('reads a request', () => {
    assert.deepEqual(parseHead(Buffer.from('OPTIONS rtsp://a RTSP/1.0\nCSeq:1\n\n')), {
      kind: 'request',
      method: 'OPTIONS',
      uri: 'rtsp://a',
      headers: [['CSeq', '1']],
    });
  });
});
