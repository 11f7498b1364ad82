// Content by first bytes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describeText, isUnmistakable, sniff, type Content } from '../../src/sound/sniff.js';

const head = (name: string): Buffer => readFileSync(join(__dirname, '../fixtures/audio', name)).subarray(0, 4096);

/** Three packets. */
function transport(): Buffer {
  const bytes = Buffer.alloc(3 * 188, 0xff);
  for (const at of [0, 188, 376]) bytes[at] = 0x47;
  return bytes;
}

describe('sniff', () => {
  const cases: [name: string, bytes: Buffer, content: Content, unmistakable: boolean][] = [
    ['WAV', head('speech-16k.wav'), 'wav', true],
    ['WAV behind a line of text', Buffer.concat([Buffer.from('--part\r\n\r\n'), head('speech-16k.wav')]), 'wav', false],
    ['WAV behind a byte order mark', Buffer.concat([Buffer.from('\ufeff'), head('speech-16k.wav')]), 'wav', true],
    ['MP3', head('speech-24k.mp3'), 'mp3', true],
    ['Ogg', head('speech.ogg'), 'container', true],
    ['FLAC', head('speech.flac'), 'container', true],
    ['M4A', head('speech.m4a'), 'container', true],
    ['AMR', Buffer.from('#!AMR\n\x3c\x91'), 'container', true],
    ['WebM', Buffer.from('1a45dfa301000000', 'hex'), 'container', true],
    ['AIFF', Buffer.from('FORM\0\0\0\0AIFFCOMM'), 'container', true],
    ['AAC in ADTS, which raw audio may resemble', Buffer.from('fff15080000120fc', 'hex'), 'container', false],
    ['VOC', Buffer.from('Creative Voice File\x1a'), 'container', true],
    ['AVI', Buffer.from('RIFF\0\0\0\0AVI LIST'), 'container', true],
    ['MPEG-TS, which raw audio may resemble', transport(), 'container', false],
    ['AAC in LATM, likewise', Buffer.from('56e0010056e0', 'hex'), 'container', false],
    ['AC-3, likewise', Buffer.from('0b77aaaa', 'hex'), 'container', false],
    ['JPEG', head('picture.jpg'), 'foreign', false],
    ['PNG', Buffer.from('89504e470d0a1a0a', 'hex'), 'foreign', true],
    ['WebP', Buffer.from('RIFF\0\0\0\0WEBPVP8 '), 'foreign', true],
    ['HEIC', Buffer.from('\0\0\0\x18ftypheic'), 'foreign', true],
    ['PDF', Buffer.from('%PDF-1.7\n'), 'foreign', true],
    ['ZIP', Buffer.from('PK\x03\x04'), 'foreign', true],
    ['gzip', Buffer.from('1f8b0800', 'hex'), 'foreign', false],
    ['MIDI', Buffer.from('MThd\0\0\0\x06'), 'foreign', true],
    ['SILK', head('wechat.silk'), 'foreign', true],
    ['headerless A-law', head('speech-8k.alaw'), 'unknown', false],
    ['zeros', Buffer.alloc(4096), 'unknown', false],
    ['a web page', Buffer.from('<!doctype html>\n<p>ü'), 'text', false],
    ['letters that are not UTF-8', Buffer.from('\u00fcber d\u00fcnn', 'latin1'), 'unknown', false],
    ['text cut within a letter', Buffer.from('übel: ü').subarray(0, -1), 'text', false],
  ];
  for (const [name, bytes, content, unmistakable] of cases) {
    it(`calls ${name} ${content}`, () => {
      assert.equal(sniff(bytes), content);
      assert.equal(isUnmistakable(bytes), unmistakable);
    });
  }

  it('has an answer for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.ok(['wav', 'mp3', 'container', 'foreign', 'text', 'unknown'].includes(sniff(Buffer.from(bytes))));
      }),
    );
  });
});

describe('describeText', () => {
  for (const [text, kind] of [
    [' <html>', 'a web page or XML'],
    ['\ufeff{"error":1}', 'JSON'],
    ['#EXTM3U\n', 'a playlist'],
    ['Not found', 'plain text'],
  ] as const) {
    it(`calls ${JSON.stringify(text)} ${kind}`, () => assert.equal(describeText(Buffer.from(text)), kind));
  }
});
