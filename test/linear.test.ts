// Every reader of foreign bytes and texts: what they say may be made to hurt, and still costs no more than its length.
import fc from 'fast-check';
import { assertLinear } from './helpers/linear.js';
import { attempted, READERS } from './helpers/readers.js';

const SPACE = [' ', '\t', '\r\n', '\n', '\0', '\u2028', '\u00a0'];
const SIGNS = ['"', "'", '\\', '=', ':', ';', ',', '.', '/', '@', '%', '-', '+', '*', '<', '{', '}', '[', ']', '$'];
const LETTERS = ['a', 'A', '0', '9', 'é'];

describe('work grows no faster than the input for', () => {
  for (const [name, { words, most, read }] of Object.entries(READERS)) {
    it(name, () => {
      const word = fc.oneof(fc.constantFrom(...words), fc.constantFrom(...words, ...SPACE, ...SIGNS, ...LETTERS));
      const run = fc.array(word, { minLength: 1, maxLength: 3 }).map((some) => some.join(''));
      fc.assert(
        fc.property(fc.array(word, { maxLength: 3 }), run, fc.array(word, { maxLength: 3 }), (before, often, after) => {
          const make = (size: number): string =>
            before.join('') + often.repeat(Math.ceil(size / often.length)) + after.join('');
          assertLinear(make, most, (text) => attempted(() => read(text)));
        }),
        { numRuns: 60 },
      );
    });
  }
});

describe('what once took minutes takes no longer than anything else:', () => {
  const CASES: Readonly<Record<string, readonly [reader: string, make: (size: number) => string]>> = {
    'an attribute of blanks with a line separator behind': [
      'a session description',
      (size) => `m=audio 0 RTP/AVP 8\r\na=x${' '.repeat(size)}:y\u2028z`,
    ],
    'garbage that looks like status lines': ['an RTSP stream', (size) => `?${'RTSP/1.0 200 '.repeat(size / 13)}`],
    'the same in pieces': ['an RTSP stream in pieces', (size) => `?${'RTSP/1.0 200 '.repeat(size / 13)}`],
    'look-alikes that an empty frame forgives': [
      'an RTSP stream',
      (size) => `?${'RTSP/1.0 200 '.repeat(4_000)}\x01$\0\0\0`.repeat(size / 52_000),
    ],
    'schemes without an address': ['a text in the log', (size) => 'a://'.repeat(size / 4)],
    'a key of blanks': ['a key', (size) => `A${' '.repeat(size)}!`],
    'filler of an MP3': ['an MP3', (size) => '\xff'.repeat(size)],
  };
  for (const [name, [reader, make]] of Object.entries(CASES)) {
    it(name, () => {
      const { most = 0, read = (): void => undefined } = READERS[reader] ?? {};
      assertLinear(make, most, (text) => attempted(() => read(text)));
    });
  }
});
