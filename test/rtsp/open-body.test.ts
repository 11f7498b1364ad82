// Bodies without Content-Length, as the parser reads them: the same in every cut, linear, bounded, and never at the cost of what follows.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RtspMessage } from '../../src/rtsp/message.js';
import { RtspParser } from '../../src/rtsp/parser.js';
import { interleaved, response } from './cases.js';

const JSON_TYPE = ['Content-Type', 'application/json'] as const;
const SDP_TYPE = ['Content-Type', 'application/sdp'] as const;
const BUSY = '{"type":"response", "params":{"error_code":-52411, "why":"a } in \\"a\\\\\\" string\\n$"}}';
const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=$ is no frame\r\nm=audio 0 RTP/AVP 8\r\n';
const RTP = Buffer.from('240100098008000100000001aa', 'hex');
const FRAME = interleaved(1, RTP.subarray(4));
const OK = 'RTSP/1.0 200 OK\r\n\r\n';

const head = ([name, value]: readonly [string, string]): string => `RTSP/1.0 200 OK\r\n${name}: ${value}\r\n\r\n`;
const said = (type: readonly [string, string], body: string): RtspMessage => response(200, 'OK', [type], body);

/** Reads the bytes whole, byte by byte and cut in two everywhere; says whether each parser still waits. */
function assertReads(text: string | Buffer, expected: readonly RtspMessage[], channels?: readonly number[]): void {
  const bytes = Buffer.from(text);
  const cuts = Array.from({ length: bytes.length }, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)]);
  for (const pieces of [...cuts, [...bytes].map((byte) => Buffer.of(byte))]) {
    const parser = new RtspParser();
    if (channels !== undefined) parser.expectRtp(channels);
    const messages = pieces.flatMap((piece) => parser.push(piece));
    assert.deepEqual([...messages, ...parser.endBody()], expected);
    assert.equal(parser.bufferedBytes, 0);
    assert.equal(parser.waitsForEnd, false);
  }
}

describe('a body without Content-Length', () => {
  it('of JSON ends with its last brace, whatever its strings hold', () => {
    const parser = new RtspParser();
    assert.deepEqual(parser.push(Buffer.from(head(JSON_TYPE) + BUSY)), [said(JSON_TYPE, BUSY)]);
    assertReads(head(JSON_TYPE) + BUSY, [said(JSON_TYPE, BUSY)]);
    assertReads(`${head(JSON_TYPE)}\r\n ${BUSY}\r\n${OK}`, [said(JSON_TYPE, `\r\n ${BUSY}`), response(200, 'OK', [])]);
  });

  for (const channels of [undefined, [0, 1]]) {
    it(`leaves the frames behind it alone, ${channels === undefined ? 'before' : 'after'} channels were agreed on`, () => {
      for (const [type, body] of [
        [JSON_TYPE, BUSY],
        [JSON_TYPE, ''],
        [SDP_TYPE, SDP],
        [SDP_TYPE, ''],
      ] as const) {
        const bytes = Buffer.concat([Buffer.from(head(type) + body), RTP, RTP, Buffer.from(OK)]);
        assertReads(bytes, [said(type, body), FRAME, FRAME, response(200, 'OK', [])], channels);
      }
    });
  }

  it('that is no JSON ends where a status line begins, or when told', () => {
    assertReads(head(SDP_TYPE) + SDP + OK, [said(SDP_TYPE, SDP), response(200, 'OK', [])]);
    const odd = `${SDP}a=RTSP/1.0 200\r\nRTSP-like`;
    assertReads(head(SDP_TYPE) + odd, [said(SDP_TYPE, odd)]);
  });

  it('of which nothing came, and JSON that breaks off, end when told', () => {
    assertReads(head(SDP_TYPE), [said(SDP_TYPE, '')]);
    assertReads(`${head(JSON_TYPE)}{"a":{"b":"c`, [said(JSON_TYPE, '{"a":{"b":"c')]);
  });

  it('is read of responses that tell of one, and of nothing else', () => {
    for (const text of [
      OK,
      'OPTIONS * RTSP/1.0\r\nContent-Type: application/json\r\n\r\n',
      `RTSP/1.0 200 OK\r\nContent-Type: a/b\r\nContent-Length: 0\r\n\r\n`,
    ]) {
      // prettier-ignore
      const parser = new RtspParser();
      assert.equal(parser.push(Buffer.from(text)).length, 1);
      assert.equal(parser.waitsForEnd, false);
      assert.deepEqual(parser.endBody(), []);
    }
  });

  for (const [name, filler] of [
    ['text', 'a'],
    ['line ends', '\n'],
    ['look-alikes of status lines', '\nRTSP/1'],
    ['look-alikes of frames', '\n$a'],
    ['JSON', '{'],
    ['a string', '{"\\"'],
  ] as const) {
    it(`is no longer than 65536 bytes: ${name}`, () => {
      const body = filler.repeat(80_000 / filler.length);
      for (const size of [1, 100, 80_000]) {
        const parser = new RtspParser();
        parser.push(Buffer.from(head(JSON_TYPE)));
        assert.throws(
          () => {
            for (let at = 0; at < body.length; at += size) parser.push(Buffer.from(body.slice(at, at + size)));
          },
          { code: 'TALK_ERR_PROTOCOL', message: /a body of more than 65536 bytes/ },
        );
      }
    });
  }

  it('means the same in one piece and byte by byte', () => {
    const words = ['{', '}', '"', '\\', '\n', '$', '\0', '\x01', 'RTSP/1.', 'RTSP/1.0 200 OK\r\n', 'Content-Type: a\r\n', '\r\n', 'v=0', '$\x01\0\x01a']; // prettier-ignore
    const outcome = (pieces: readonly Buffer[]): unknown => {
      const parser = new RtspParser();
      try {
        return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.endBody()];
      } catch (error) {
        return (error as Error).message;
      }
    };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 40 }), (drawn) => {
        const bytes = Buffer.from(head(JSON_TYPE) + drawn.join(''), 'latin1');
        assert.deepEqual(outcome([bytes]), outcome([...bytes].map((byte) => Buffer.of(byte))));
      }),
      { numRuns: 2_000 },
    );
  });
});
