// StartLines and parseHead: verdicts on whole, unfinished and impossible start lines.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseHead, StartLines, type LineMatch } from '../../src/rtsp/head.js';

describe('StartLines', () => {
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
    ['RTSP/1.0 200 O', 'partial'],
    ['MULTITRANS rtsp:', 'partial'],
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
      assert.equal(new StartLines().match(bytes, 2, bytes.length - 1, 0), verdict);
    });
  }

  it('takes methods of up to 32 characters', () => {
    const verdict = (letters: number): LineMatch => {
      const bytes = Buffer.from(`${'A'.repeat(letters)} * RTSP/1.0\r\n`);
      return new StartLines().match(bytes, 0, bytes.length, 0);
    };
    assert.equal(verdict(32), 'whole');
    assert.equal(verdict(33), 'no');
  });

  it('says the same of every place of a stream, however its pieces are cut', () => {
    const piece = fc.constantFrom(
      'RTSP/1.0 200 ',
      'RTSP/1.0 404',
      'A ',
      'AB-C',
      '* ',
      'RTSP/1.1',
      '\r\n',
      '\n',
      '\x01',
      'x\u4f1a',
    );
    const verdicts = (bytes: Buffer, to: number, places: number[], lines?: StartLines): LineMatch[] =>
      places.map((from) => (lines ?? new StartLines()).match(bytes, from, to, 0));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(60), (pieces, cut) => {
        const bytes = Buffer.from(pieces.join(''));
        const places = [...bytes.keys()];
        const lines = new StartLines();
        for (const to of [Math.min(cut, bytes.length), bytes.length]) {
          const open = places.filter((place) => place < to);
          assert.deepEqual(verdicts(bytes, to, open.slice(0, 1), lines), verdicts(bytes, to, open.slice(0, 1)));
          if (to === bytes.length) assert.deepEqual(verdicts(bytes, to, open, lines), verdicts(bytes, to, open));
        }
      }),
    );
  });
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
