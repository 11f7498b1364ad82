// RtspParser: the case table in every cut, resynchronisation, every limit by one byte, hostile bytes.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTalkError } from '../../src/errors.js';
import type { RtspMessage } from '../../src/rtsp/message.js';
import { RtspParser, type RtspLimits } from '../../src/rtsp/parser.js';
import { fixturePaths, interleaved, request, response, WIRE_CASES } from './cases.js';

const OK = 'RTSP/1.0 200 OK\r\n\r\n';
const OK_MESSAGE = response(200, 'OK', []);
/** The largest interleaved frame with its header. */
const MAX_FRAME_BYTES = 65_539;
const PROTOCOL = { name: 'TalkError', code: 'TALK_ERR_PROTOCOL', retryable: false };

function parse(pieces: readonly (Buffer | string)[], limits?: Partial<RtspLimits>): RtspMessage[] {
  const parser = new RtspParser(limits);
  const messages = pieces.flatMap((piece) => parser.push(Buffer.from(piece)));
  assert.equal(parser.bufferedBytes, 0, 'bytes of another message');
  return messages;
}

function byteByByte(bytes: Buffer | string): Buffer[] {
  return [...Buffer.from(bytes)].map((byte) => Buffer.of(byte));
}

/** Both ways to feed the same bytes must fail alike. */
function assertRefused(bytes: Buffer | string, limits?: Partial<RtspLimits>, message?: RegExp): void {
  const expected = message === undefined ? PROTOCOL : { ...PROTOCOL, message };
  assert.throws(() => parse([bytes], limits), expected);
  assert.throws(() => parse(byteByByte(bytes), limits), expected);
}

function assertParsed(bytes: Buffer | string, expected: readonly RtspMessage[], limits?: Partial<RtspLimits>): void {
  assert.deepEqual(parse([bytes], limits), expected);
  assert.deepEqual(parse(byteByByte(bytes), limits), expected);
}

describe('RtspParser', () => {
  it('has a case for every fixture', () => {
    const names = new Set(WIRE_CASES.map(({ name }) => name));
    assert.deepEqual(fixturePaths().filter((path) => !names.has(path)), []); // prettier-ignore
  });

  for (const { name, bytes, message } of WIRE_CASES) {
    describe(name, () => {
      it('parses whole, byte by byte and split at every byte', () => {
        assertParsed(bytes, [message]);
        for (let cut = 0; cut <= bytes.length; cut++) {
          assert.deepEqual(parse([bytes.subarray(0, cut), bytes.subarray(cut)]), [message], `cut at ${cut}`);
        }
      });

      it('is not over before its last byte', () => {
        for (let cut = 1; cut < bytes.length; cut++) {
          const parser = new RtspParser();
          assert.deepEqual(parser.push(bytes.subarray(0, cut)), []);
          assert.equal(parser.bufferedBytes, cut);
        }
      });

      it('parses glued to every other case', () => {
        for (const other of WIRE_CASES) {
          assert.deepEqual(parse([Buffer.concat([bytes, other.bytes])]), [message, other.message], other.name);
        }
      });
    });
  }

  it('parses all cases glued, cut anywhere', () => {
    const stream = Buffer.concat(WIRE_CASES.map(({ bytes }) => bytes));
    const expected = WIRE_CASES.map(({ message }) => message);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 40 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
        assert.deepEqual(parse(edges.slice(1).map((edge, n) => stream.subarray(edges[n], edge))), expected);
      }),
    );
  });

  it('hands out bytes of its own', () => {
    const chunk = Buffer.from('$\x01\x00\x02ab$\x01\x00\x04cd');
    const parser = new RtspParser();
    const [first] = parser.push(chunk);
    chunk.fill(0);
    const [second] = parser.push(Buffer.from('ef'));
    for (let n = 0; n < 100; n++) parser.push(Buffer.from('$\x01\x00\x02zz'));
    assert.deepEqual([first, second], [interleaved(1, Buffer.from('ab')), interleaved(1, Buffer.from('cdef'))]);
  });

  it('holds nothing after a whole message', () => {
    const parser = new RtspParser();
    parser.push(Buffer.from(`${OK}$\x01\x00\x02ab`));
    assert.equal(parser.bufferedBytes, 0);
  });

  describe('resynchronises', () => {
    const cases: readonly [name: string, bytes: string, expected: RtspMessage[]][] = [
      ['stray line ends', `\r\n\n\r${OK}\r\n\r\n${OK}\r\n`, [OK_MESSAGE, OK_MESSAGE]],
      ['text before a response', `{"type":"notification"}${OK}`, [OK_MESSAGE]],
      ['text with upper-case words', `ERROR Talk is BUSY, see RTSP.${OK}`, [OK_MESSAGE]],
      ['a word glued to a status line', `XRTSP/1.0 200 OK\r\n\r\n`, [OK_MESSAGE]],
      ['text before a request', 'ok!OPTIONS * RTSP/1.0\r\n\r\n', [request('OPTIONS', '*', [])]],
      ['text that ends like a request line', `"rtsp://x" RTSP/1.0\r\n${OK}`, [OK_MESSAGE]],
      ['a body without Content-Length', `${OK}{"type":"response"}\r\n${OK}`, [OK_MESSAGE, OK_MESSAGE]],
      ['bytes between frames', '$\x01\x00\x01a\x00\x01\x02$\x01\x00\x01b', [interleaved(1, Buffer.from('a')), interleaved(1, Buffer.from('b'))]], // prettier-ignore
      ['a price in the text', `pay $5 or $x or $\r\n now${OK}`, [OK_MESSAGE]],
      ['a status line without a status inside the text', `see RTSP/1.0 for more\r\n${OK}`, [OK_MESSAGE]],
      ['an HTTP line inside the text', `see HTTP/1.1 for more\r\n${OK}`, [OK_MESSAGE]],
      ['a method too long to be one', `${'A'.repeat(33)} * RTSP/1.0\r\n\r\n`, [request('A'.repeat(32), '*', [])]],
    ];
    for (const [name, bytes, expected] of cases) {
      it(`after ${name}`, () => assertParsed(Buffer.from(bytes, 'latin1'), expected));
    }

    it('takes any channel in step, a low one only after garbage', () => {
      assertParsed(Buffer.from('$\xc8\x00\x01a', 'latin1'), [interleaved(200, Buffer.from('a'))]);
      assertParsed(Buffer.from('?$\x07\x00\x01a', 'latin1'), [interleaved(7, Buffer.from('a'))]);
      assertParsed(Buffer.from('?$\x08\x00\x01a', 'latin1'), []);
    });

    it('takes RTP of the agreed channels alone for a frame, once there are any', () => {
      const rtp = (channel: number, mark: string): Buffer =>
        Buffer.from(`$${String.fromCharCode(channel)}\0\x0d\x80${mark.repeat(12)}`, 'latin1');
      const read = (pieces: readonly Buffer[]): string[] => {
        const parser = new RtspParser();
        parser.expectRtp([0, 1]);
        const frames = pieces.flatMap((piece) => parser.push(piece));
        return frames.map((frame) =>
          frame.kind === 'interleaved' ? frame.payload.toString('latin1', 12) : frame.kind,
        );
      };
      const agreed = (bytes: Buffer): string[] => {
        assert.deepEqual(read(byteByByte(bytes)), read([bytes]));
        return read([bytes]);
      };
      for (const stray of [
        ...['$\x05\xff\xff', '$\0\xff\xff', '$\0\0\0', '$$$', '\x80\x08$\0', '$\0\x40\x01\x80', '?$\x02\0\x0d\x80', ''],
      ]) {
        const bytes = Buffer.concat([rtp(0, 'a'), Buffer.from(stray, 'latin1'), rtp(1, 'b'), rtp(0, 'c')]);
        assert.deepEqual(agreed(bytes), ['a', 'b', 'c'], JSON.stringify(stray));
      }
      const mixed = Buffer.concat([rtp(2, 'v'), rtp(0, 'a'), Buffer.from(OK), rtp(0, 'b')]);
      assert.deepEqual(agreed(mixed), ['v', 'a', 'response', 'b']);
    });

    it('does not hold back a frame behind what could be a request', () => {
      const parser = new RtspParser();
      assert.deepEqual(parser.push(Buffer.from('?TALK busy')), []);
      assert.deepEqual(parser.push(Buffer.from('$\x01\x00\x01a')), [interleaved(1, Buffer.from('a'))]);
    });

    it('waits quietly for the rest of what may be a message', () => {
      for (const begun of ['?TALK', '?RTSP/1.0 200 OK\r\nCSeq: 1']) {
        assert.deepEqual(new RtspParser().push(Buffer.from(begun)), []);
      }
    });
  });

  describe('passes over a line among the headers that is none, not the answer:', () => {
    for (const [name, line] of [
      ['no colon', 'Server Arecont'],
      ['no name', ': 1'],
      ['a blank inside the name', 'C Seq: 1'],
      ['a continuation of nothing', ' CSeq: 1'],
      ['NUL', 'X: \0'],
      ['a lone CR', 'X: 1\r2'],
      ['a name of other letters', '\u4f1a: 1'],
    ] as const) {
      it(name, () => {
        const answer = `RTSP/1.0 200 OK\r\n${line}\r\nSession: 7\r\nContent-Length: 2\r\n\r\nok`;
        const headers = [['Session', '7'], ['Content-Length', '2']] as const; // prettier-ignore
        assertParsed(answer, [response(200, 'OK', headers, 'ok')]);
      });
    }
  });

  describe('refuses', () => {
    const cases: readonly [name: string, bytes: string, message: RegExp][] = [
      ['a status that is no number', 'RTSP/1.0 OK\r\n\r\n', /status line/],
      ['a status of four digits', 'RTSP/1.0 2000 OK\r\n\r\n', /status line/],
      ['a status of 0', 'RTSP/1.0 000 OK\r\n\r\n', /status line/],
      ['another version', 'RTSP/2.0 200 OK\r\n\r\n', /status line/],
      ['a control character in the reason', 'RTSP/1.0 200 O\0K\r\n\r\n', /status line/],
      ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', /RTSP port/],
      ['a length that is negative', 'RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n', /no length/],
      ['a length in words', 'RTSP/1.0 200 OK\r\nContent-Length: two\r\n\r\n', /no length/],
      ['a length of hex digits', 'RTSP/1.0 200 OK\r\nContent-Length: 0x2\r\n\r\nok', /no length/],
      ['an empty length', 'RTSP/1.0 200 OK\r\nContent-Length:\r\n\r\n', /no length/],
      ['lengths that differ', 'RTSP/1.0 200 OK\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\nab', /contradict/],
      [
        'a second length that is none',
        'RTSP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: x\r\n\r\na',
        /contradict/,
      ],
    ];
    for (const [name, bytes, message] of cases) it(name, () => assertRefused(bytes, {}, message));

    it('with the same error ever after, and forgets what it held', () => {
      const parser = new RtspParser();
      let first: unknown;
      assert.throws(
        () => parser.push(Buffer.from('RTSP/1.0 200 OK\r\nContent-Length: secret\r\n\r\n')),
        (error) => {
          first = error;
          return isTalkError(error) && !error.message.includes('secret');
        },
      );
      assert.equal(parser.bufferedBytes, 0);
      assert.throws(
        () => parser.push(Buffer.from(OK)),
        (error) => error === first,
      );
    });
  });

  describe('limits', () => {
    const line = (bytes: number, start: string, end = ''): string =>
      start + 'x'.repeat(bytes - start.length - end.length) + end;

    it('a header line', () => {
      const head = (bytes: number): string => `RTSP/1.0 200 OK\r\n${line(bytes, 'X: ')}\r\n\r\n`;
      assert.equal(parse([head(100)], { maxLineBytes: 100 }).length, 1);
      assert.equal(parse(byteByByte(head(100)), { maxLineBytes: 100 }).length, 1);
      assertRefused(head(101), { maxLineBytes: 100 }, /line of more than 100 bytes/);
    });

    it('a status line', () => {
      const head = (bytes: number): string => `${line(bytes, 'RTSP/1.0 200 ')}\r\n\r\n`;
      assertParsed(head(100), [response(200, 'x'.repeat(87), [])], { maxLineBytes: 100 });
      assertRefused(head(101), { maxLineBytes: 100 }, /line of more than 100 bytes/);
      assertRefused(head(5000), { maxLineBytes: 100 }, /line of more than 100 bytes/);
    });

    it('a request line', () => {
      const head = (bytes: number): string => `${line(bytes, 'OPTIONS ', ' RTSP/1.0')}\n\n`;
      assertParsed(head(100), [request('OPTIONS', 'x'.repeat(83), [])], { maxLineBytes: 100 });
      assertRefused(head(101), { maxLineBytes: 100 }, /line of more than 100 bytes/);
      assertRefused(head(5000), { maxLineBytes: 100 }, /line of more than 100 bytes/);
    });

    it('a head', () => {
      const head = `RTSP/1.0 200 OK\r\n${'X: y\r\n'.repeat(10)}\r\n`;
      assert.equal(parse([head], { maxHeadBytes: 79 }).length, 1);
      assert.equal(parse(byteByByte(head), { maxHeadBytes: 79 }).length, 1);
      assertRefused(head, { maxHeadBytes: 78 }, /head of more than 78 bytes/);
    });

    it('the number of headers', () => {
      const head = (headers: number): string => `RTSP/1.0 200 OK\r\n${'X: y\r\n'.repeat(headers)}\r\n`;
      assert.equal(parse([head(64)]).length, 1);
      assertRefused(head(65), {}, /more than 64 headers/);
      assertRefused(`RTSP/1.0 200 OK\r\nX: y\r\n${' z\r\n'.repeat(64)}\r\n`, {}, /more than 64 headers/);
    });

    it('a body', () => {
      const whole = (bytes: number): string =>
        `RTSP/1.0 200 OK\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`;
      assert.equal(parse([whole(65_536)]).length, 1);
      assertRefused(whole(65_537), {}, /body of 65537 bytes/);
      assertRefused('RTSP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n', {}, /no length/);
    });

    it('garbage, counted anew after each message', () => {
      const garbage = '?'.repeat(100);
      assertParsed(`${garbage}${OK}${garbage}${OK}${garbage}`, [OK_MESSAGE, OK_MESSAGE], { maxGarbageBytes: 100 });
      assertRefused(`${garbage}?${OK}`, { maxGarbageBytes: 100 }, /more than 100 bytes that are no RTSP/);
      assertRefused('\r\n'.repeat(51), { maxGarbageBytes: 100 }, /more than 100 bytes that are no RTSP/);
    });

    it('an endless header costs no more than the limit', () => {
      for (const [start, piece, limit] of [
        ['RTSP/1.0 200 OK\r\nX: ', 'a', 4_096 + 17 + 1],
        ['RTSP/1.0 200 OK\r\n', 'X: 1\r\n ', 16_384],
        ['RTSP/1.0 200 ', 'a', 4_096 + 1],
        ['MULTITRANS ', 'a', 4_096 + 1],
      ] as const) {
        const parser = new RtspParser({ maxHeaders: Infinity });
        parser.push(Buffer.from(start));
        let most = 0;
        assert.throws(() => {
          for (let n = 0; n < 2 * limit; n++) {
            parser.push(Buffer.from(piece));
            most = Math.max(most, parser.bufferedBytes);
          }
        }, PROTOCOL);
        assert.ok(most <= limit, `${most} bytes held of ${limit}`);
      }
    });
  });

  describe('hostile bytes', () => {
    const limits: RtspLimits = {
      maxLineBytes: 64,
      maxHeadBytes: 200,
      maxHeaders: 8,
      maxBodyBytes: 100,
      maxGarbageBytes: 300,
    };
    const fragments = [
      ...['RTSP/1.0 ', '200', ' OK', '\r\n', '\n', '\r', ' ', ':', '$', '\0', 'OPTIONS', ' * ', 'Content-Length: '],
      ...['9', '$\x01\x00\x05', '$\x01\xff\xff', 'X: y\r\n', 'Session', '"', '\xff'],
    ];
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.array(fc.constantFrom(...fragments), { maxLength: 30 }).map((words) => Buffer.from(words.join(''), 'latin1')),
      fc.constantFrom(...WIRE_CASES.map(({ bytes }) => bytes)),
      fc
        .tuple(fc.constantFrom(...WIRE_CASES.map(({ bytes }) => bytes)), fc.nat(), fc.nat(255))
        .map(([bytes, at, byte]) => {
          const damaged = Buffer.from(bytes);
          damaged[at % damaged.length] = byte;
          return damaged;
        }),
    );

    it('throw nothing but TalkError and are never held beyond the limits', () => {
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 20 }), fc.boolean(), (pieces, small) => {
          const parser = new RtspParser(small ? limits : {});
          const bound = small ? MAX_FRAME_BYTES : 16_384 + 65_536;
          try {
            for (const bytes of pieces) {
              parser.push(bytes);
              assert.ok(parser.bufferedBytes < bound);
            }
          } catch (error) {
            if (!isTalkError(error) || error.code !== 'TALK_ERR_PROTOCOL' || error.cause !== undefined) throw error;
          }
        }),
        { numRuns: 2_000 },
      );
    });

    it('mean the same in one piece and byte by byte', () => {
      const outcome = (pieces: readonly Buffer[]): unknown => {
        const parser = new RtspParser(limits);
        const messages: RtspMessage[] = [];
        try {
          for (const bytes of pieces) messages.push(...parser.push(bytes));
        } catch (error) {
          return isTalkError(error) ? 'refused' : error;
        }
        return messages;
      };
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
          const bytes = Buffer.concat(pieces);
          assert.deepEqual(outcome([bytes]), outcome(byteByByte(bytes)));
        }),
        { numRuns: 1_000 },
      );
    });
  });

  it('takes a megabyte in single bytes', () => {
    const body = Buffer.alloc(65_000, '$');
    const message = Buffer.concat([Buffer.from('RTSP/1.0 200 OK\r\nContent-Length: 65000\r\n\r\n'), body]);
    const frame = Buffer.concat([Buffer.from('2401fde8', 'hex'), body]);
    const line = Buffer.from(`${'RTSP/1.0 200 '.padEnd(4_096, ' ')}\r\n\r\n`);
    for (const [bytes, count] of [
      [message, 16],
      [frame, 16],
      [line, 256],
    ] as const) {
      // prettier-ignore
      const parser = new RtspParser();
      let parsed = 0;
      for (let n = 0; n < count; n++) {
        for (let at = 0; at < bytes.length; at++) parsed += parser.push(bytes.subarray(at, at + 1)).length;
      }
      assert.equal(parsed, count);
    }
  });
});
