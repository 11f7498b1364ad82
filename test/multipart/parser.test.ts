// MultipartParser: the camera's parts in every cut, what is passed over, every limit by one byte, hostile bytes.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTalkError } from '../../src/errors.js';
import { MultipartParser, type MultipartLimits } from '../../src/multipart/parser.js';
import { announcedBytes, boundaryOf, DEVICE_BOUNDARY } from '../../src/multipart/part.js';

const PROTOCOL = { name: 'TalkError', code: 'TALK_ERR_PROTOCOL', retryable: false };
const D = '----device-stream-boundary--\r\n';

type Plain = readonly [headers: readonly (readonly string[])[], body: string];

function parse(pieces: readonly (Buffer | string)[], limits?: Partial<MultipartLimits>, boundary?: string): Plain[] {
  const parser = new MultipartParser(boundary, limits);
  const parts = pieces.flatMap((piece) =>
    parser.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece),
  );
  return parts.map(({ headers, body }) => [headers, body.toString('latin1')]);
}

const byteByByte = (bytes: string): Buffer[] => [...Buffer.from(bytes, 'latin1')].map((byte) => Buffer.of(byte));

function assertParsed(
  bytes: string,
  expected: readonly Plain[],
  limits?: Partial<MultipartLimits>,
  name?: string,
): void {
  assert.deepEqual(parse([bytes], limits, name), expected);
  assert.deepEqual(parse(byteByByte(bytes), limits, name), expected);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assert.deepEqual(parse([bytes.slice(0, cut), bytes.slice(cut)], limits, name), expected, `cut at ${cut}`);
  }
}

function assertRefused(bytes: string, limits: Partial<MultipartLimits>, message: RegExp): void {
  assert.throws(() => parse([bytes], limits), { ...PROTOCOL, message });
  assert.throws(() => parse(byteByByte(bytes), limits), { ...PROTOCOL, message });
}

const REPLY = '{"type":"response", "seq":3, "params":{"error_code":0, "session_id":"71"}}';
const REPLY_HEADERS = [['Content-Type', 'application/json'], ['X-If-Encrypt', '0'], ['Content-Length', '74']]; // prettier-ignore
const REPLY_BYTES = `${D}Content-Type: application/json\r\nX-If-Encrypt: 0\r\nContent-Length: 74\r\n\r\n${REPLY}\r\n`;
const REPLY_PART: Plain = [REPLY_HEADERS, REPLY];
/** A part of one header. */
const small = (body: string): string => `${D}Content-Length: ${body.length}\r\n\r\n${body}`;
const smallPart = (body: string): Plain => [[['Content-Length', String(body.length)]], body];

const CASES: readonly [name: string, bytes: string, parts: readonly Plain[]][] = [
  ['the talk reply', REPLY_BYTES, [REPLY_PART]],
  ['two parts', REPLY_BYTES + REPLY_BYTES, [REPLY_PART, REPLY_PART]],
  ['parts without a line end behind the body', small('a') + small('b'), [smallPart('a'), smallPart('b')]],
  ['parts with two line ends behind the body', `${small('a')}\r\n\r\n${small('b')}`, [smallPart('a'), smallPart('b')]],
  ['line ends without CR', REPLY_BYTES.replaceAll('\r', ''), [REPLY_PART]],
  [
    'names in any case, colons without a blank',
    `${D}content-type:image/jpeg\r\nCONTENT-LENGTH:2\r\n\r\nab`,
    [[[['content-type', 'image/jpeg'], ['CONTENT-LENGTH', '2']], 'ab']], // prettier-ignore
  ],
  ['an empty body', small('') + small('a'), [smallPart(''), smallPart('a')]],
  ['a body that holds parts', small(`x\r\n${small('y')}`) + small('z'), [smallPart(`x\r\n${small('y')}`), smallPart('z')]], // prettier-ignore
  ['any bytes', small('\0\xff\r\n--\x80'), [smallPart('\0\xff\r\n--\x80')]],
  ['the same length twice', `${D}Content-Length: 1\r\ncontent-length: 01\r\n\r\na`, [[[['Content-Length', '1'], ['content-length', '01']], 'a']]], // prettier-ignore
  ['junk before the first delimiter (PROTOCOL.md M3)', `0123456789abcdef${small('a')}`, [smallPart('a')]],
  ['junk between parts', `${small('a')}----device-\r\n--x-${small('b')}`, [smallPart('a'), smallPart('b')]],
  ['a hyphen before the delimiter', `-${small('a')}---${small('b')}`, [smallPart('a'), smallPart('b')]],
  ['a delimiter with a closing mark', `${small('a')}\r\n----device-stream-boundary----\r\n${small('b')}`, [smallPart('a'), smallPart('b')]], // prettier-ignore
  ['blanks behind the delimiter', small('a').replace('--\r\n', '-- \t\r\n'), [smallPart('a')]],
  ['a head that broke off in a line (PROTOCOL.md M9)', `${D}Content-Length: 3\r\nCont${REPLY_BYTES}`, [REPLY_PART]],
  ['a head that broke off behind a line', `${D}Content-Length: 3\r\n${REPLY_BYTES}`, [REPLY_PART]],
  ['delimiters alone', `${D}${D}${D}${REPLY_BYTES}`, [REPLY_PART]],
  ['lines that are no headers', `${D}junk\r\n: x\r\nContent-Length: 1\r\n\r\na`, [[[['Content-Length', '1']], 'a']]],
  ['a length too short', `${D}Content-Length: 1\r\n\r\nabc${small('d')}`, [[[['Content-Length', '1']], 'a'], smallPart('d')]], // prettier-ignore
  ['a head alone', `${D}Content-Length: 1\r\n\r\n`, []],
  ['nothing', '', []],
];

/** Parts that are passed over up to the next delimiter. */
const LENGTHS = ['', 'Content-Length:\r\n', 'Content-Length: -1\r\n', 'Content-Length: +1\r\n', 'Content-Length: 1.0\r\n', 'Content-Length: 0x1\r\n', 'Content-Length: one\r\n', 'Content-Length: 1\r\nContent-Length: 2\r\n', 'Content-Length: 1\r\nContent-Length: x\r\n', 'Content-Length: 1, 1\r\n']; // prettier-ignore

describe('MultipartParser', () => {
  for (const [name, bytes, parts] of CASES) {
    it(`reads ${name}: whole, byte by byte and split at every byte`, () => assertParsed(bytes, parts));
  }

  for (const lines of LENGTHS) {
    it(`passes over a part with ${JSON.stringify(lines)} for a length`, () => {
      assertParsed(`${small('a')}${D}X: y\r\n${lines}\r\nbcd\r\n${small('e')}`, [smallPart('a'), smallPart('e')]);
    });
  }

  it('swallows what a length too large takes in, and finds back', () => {
    const long = `${D}Content-Length: ${small('b').length}\r\n\r\na`;
    const [first, second, ...more] = parse([`${long}${small('b')}${small('c')}`]);
    assert.equal(first?.[1].length, small('b').length);
    assert.deepEqual([second, ...more], [smallPart('c')]);
  });

  it('goes by the boundary of the response', () => {
    const bytes = small('a').replace(D, '--x.y\r\n');
    assertParsed(bytes, [smallPart('a')], undefined, 'x.y');
    assertParsed(`${small('b')}${bytes}`, [smallPart('a')], undefined, 'x.y');
    assertParsed(bytes, []);
  });

  it('parses many parts cut anywhere', () => {
    const all = CASES.filter(([name]) => name !== 'a head alone');
    const stream = all.map(([, bytes]) => bytes).join('');
    const expected = all.flatMap(([, , parts]) => parts);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 40 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
        assert.deepEqual(parse(edges.slice(1).map((edge, n) => stream.slice(edges[n], edge))), expected);
      }),
    );
  });

  it('hands out bytes of its own', () => {
    const chunk = Buffer.from(`${small('ab')}${small('cdef').slice(0, -2)}`);
    const parser = new MultipartParser();
    const [first] = parser.push(chunk);
    chunk.fill(0);
    const [second] = parser.push(Buffer.from('ef'));
    parser.push(Buffer.from(small('zzzz')));
    assert.deepEqual([first?.body.toString(), second?.body.toString()], ['ab', 'cdef']);
  });

  describe('tells a status line that came instead of a part (PROTOCOL.md M10)', () => {
    const answer = 'HTTP/1.0 400 Bad Request\r\nServer: Streamd\r\nContent-Length: 0\r\n\r\n';
    for (const [name, bytes, status] of [
      ['at first', answer, 400],
      ['behind a part', `${REPLY_BYTES}${answer}`, 400],
      ['behind junk', `0123456789abcdef${answer}`, 400],
      ['not yet', 'HTTP/1.0 40', undefined],
      ['inside a part', small(answer), undefined],
      ['before a part', `${answer}${REPLY_BYTES}`, undefined],
      ['beyond what is kept', ' '.repeat(300) + answer, undefined],
    ] as const) {
      it(name, () => {
        for (const pieces of [[Buffer.from(bytes)], byteByByte(bytes)]) {
          const parser = new MultipartParser();
          for (const piece of pieces) parser.push(piece);
          assert.equal(parser.strayStatus, status);
        }
      });
    }
  });

  describe('limits', () => {
    const MOST = 16_384;

    it('a head, which is passed over when it is too long by one byte', () => {
      const head = (bytes: number): string => {
        const [before, behind] = ['\r\nX: ', '\r\nContent-Length: 1\r\n\r\n'];
        return `${D.trimEnd()}${before}${'x'.repeat(bytes - before.length - behind.length)}${behind}a`;
      };
      assert.equal(parse([head(MOST)]).length, 1);
      assert.deepEqual(parse([head(MOST + 1) + small('b')]), [smallPart('b')]);
      assert.deepEqual(parse(byteByByte(head(MOST + 1) + small('b'))), [smallPart('b')]);
    });

    it('the number of headers', () => {
      const head = (lines: number): string => `${D}${'A: b\r\n'.repeat(lines - 1)}Content-Length: 1\r\n\r\na`;
      assert.equal(parse([head(64)]).length, 1);
      assert.deepEqual(parse([head(65) + small('b')]), [smallPart('b')]);
    });

    it('finds a delimiter across the end of a head that is too long', () => {
      for (let before = MOST - 40; before <= MOST + 4; before++) {
        assert.deepEqual(parse([`${D}${'x'.repeat(before)}${small('b')}`]), [smallPart('b')], String(before));
      }
    });

    it('a body, which is passed over when it is too long by one byte', () => {
      assertParsed(`${small('abc')}${small('abcd')}\r\n${small('e')}`, [smallPart('abc'), smallPart('e')], {
        maxPartBytes: 3,
      });
    });

    it('a body that is passed over', () => {
      const limits = { maxPartBytes: 3, maxPassedPartBytes: 5 };
      assertParsed(`${small('abcde')}${small('f')}`, [smallPart('f')], limits);
      assertRefused(small('abcdef'), limits, /announced a part of more than 5 bytes$/);
      const endless = `${D}Content-Length: ${'9'.repeat(400)}\r\n\r\n`;
      assertRefused(endless, {}, /announced a part of more than 16777216 bytes$/);
    });

    it('what is in no body, counted anew behind each', () => {
      const around = `${'x'.repeat(30)}${D}Content-Length: 1\r\n\r\n`.length;
      const bytes = `${'x'.repeat(30)}${small('a')}`;
      assertParsed(bytes + bytes, [smallPart('a'), smallPart('a')], { maxBetweenBytes: around });
      assertRefused(bytes, { maxBetweenBytes: around - 1 }, /^The peer sent more than \d+ bytes that are in no part$/);
      assertRefused(`${D}X: y\r\n\r\n`.repeat(4), { maxBetweenBytes: 100 }, /in no part$/);
      assertRefused(D.repeat(4), { maxBetweenBytes: 100 }, /in no part$/);
      assert.deepEqual(parse(['x'.repeat(1_048_576)]), []);
      assertRefused('x'.repeat(1_048_577), {}, /^The peer sent more than 1048576 bytes that are in no part$/);
    });

    it('holds what came of a part, not what was announced, and nothing of one that is too large', () => {
      const parser = new MultipartParser();
      parser.push(Buffer.from(`${D}Content-Length: 1048576\r\n\r\nabc`));
      assert.equal(parser.bufferedBytes, 3);
      const large = new MultipartParser();
      large.push(Buffer.from(`${D}Content-Length: 16777216\r\n\r\nabc`));
      const chunk = Buffer.alloc(65_536);
      for (let bytes = 3; bytes + chunk.length < 16_777_216; bytes += chunk.length) {
        assert.deepEqual(large.push(chunk), []);
        assert.equal(large.bufferedBytes, 0);
      }
    });

    it('takes the largest part in one piece and in small ones', () => {
      const body = 'x'.repeat(1_048_576);
      const bytes = Buffer.from(small(body));
      const parser = new MultipartParser();
      const read = [];
      for (let at = 0; at < bytes.length; at += 1_000) read.push(...parser.push(bytes.subarray(at, at + 1_000)));
      assert.deepEqual(read, new MultipartParser().push(bytes));
      assert.equal(read[0]?.body.length, body.length);
    });

    it('refuses the same for ever, and holds nothing', () => {
      const parser = new MultipartParser(DEVICE_BOUNDARY, { maxBetweenBytes: 10 });
      assert.throws(() => parser.push(Buffer.from('x'.repeat(11))), PROTOCOL);
      assert.throws(() => parser.push(Buffer.from(small('a'))), PROTOCOL);
      assert.equal(parser.bufferedBytes, 0);
    });
  });

  describe('hostile bytes', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom(D, D.trimEnd(), '--', '\r\n', '\r\n\r\n', 'Content-Length: 3\r\n', 'Content-Length: 99\r\n', ...CASES.map(([, bytes]) => bytes)), // prettier-ignore
    );
    const limits = { maxPartBytes: 50, maxPassedPartBytes: 200, maxBetweenBytes: 400 };

    it('throw nothing but errors of ours, are never held beyond the limits, and mean the same byte by byte', () => {
      const attempt = (pieces: readonly Buffer[]): unknown => {
        const parser = new MultipartParser(DEVICE_BOUNDARY, limits);
        const parts: unknown[] = [];
        try {
          for (const bytes of pieces) {
            parts.push(...parser.push(bytes));
            assert.ok(parser.bufferedBytes <= 400);
          }
        } catch (error) {
          assert.ok(isTalkError(error) && error.code === 'TALK_ERR_PROTOCOL', String(error));
          return error.message;
        }
        return parts;
      };
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
          assert.deepEqual(attempt(byteByByte(pieces.join(''))), attempt([Buffer.from(pieces.join(''), 'latin1')]));
        }),
      );
    });
  });
});

describe('boundaryOf', () => {
  for (const [type, boundary] of [
    ['multipart/mixed;boundary=--device-stream-boundary--', '--device-stream-boundary--'],
    ['multipart/mixed; boundary=abc', 'abc'],
    ['Multipart/Mixed ; charset=x ;\tBOUNDARY = "a b"; y=z', 'a b'],
    ['multipart/mixed; boundary=a;b', 'a'],
    ['multipart/mixed; boundary=', DEVICE_BOUNDARY],
    ['multipart/mixed; boundary=""', DEVICE_BOUNDARY],
    ['multipart/mixed', DEVICE_BOUNDARY],
    [`multipart/mixed; boundary=${'a'.repeat(70)}`, 'a'.repeat(70)],
    [`multipart/mixed; boundary=${'a'.repeat(71)}`, DEVICE_BOUNDARY],
  ] as const) {
    it(`of ${type.slice(0, 60)}`, () => assert.equal(boundaryOf([['content-type', type]]), boundary));
  }

  it('is the usual one without a type', () => assert.equal(boundaryOf([]), '--device-stream-boundary--'));
});

describe('announcedBytes', () => {
  it('is a whole number that all headers agree on', () => {
    for (const [values, bytes] of [
      [['0'], 0],
      [['74'], 74],
      [['74', '074'], 74],
      [['74', '75'], undefined],
      [['-1'], undefined],
      [['x', 'y'], undefined],
      [[''], undefined],
      [[], undefined],
      [['9'.repeat(400)], Infinity],
    ] as const) {
      assert.equal(announcedBytes(values.map((value) => ['content-LENGTH', value])), bytes, values.join());
    }
  });
});
