// Pieces of sound by their bytes: which of them begin a file, which are a whole WAV.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beginsFile, wholeWav } from '../../src/sound/pieces.js';
import { wav } from '../helpers/marked-clips.js';

const file = (name: string): Buffer => readFileSync(join(__dirname, '../fixtures/audio', name));

/** The offsets of all pages of an Ogg. */
function pagesOf(ogg: Buffer): number[] {
  const pages: number[] = [];
  for (let at = ogg.indexOf('OggS'); at >= 0; at = ogg.indexOf('OggS', at + 4)) pages.push(at);
  return pages;
}

/** The second frame behind `at`, found by the header of the first. */
function laterFrame(mp3: Buffer): Buffer {
  const first = mp3.indexOf(0xff);
  const sync = mp3.subarray(first, first + 2);
  return mp3.subarray(mp3.indexOf(sync, mp3.indexOf(sync, first + 100) + 100));
}

describe('beginsFile', () => {
  const ogg = file('speech.ogg');
  const [, second = 0] = pagesOf(ogg);
  const mp3 = file('speech-24k.mp3');
  const bare = laterFrame(mp3);
  const rows: [name: string, piece: Uint8Array, expected: boolean][] = [
    ['a WAV', file('speech-16k.wav'), true],
    ['the beginning of one', file('speech-16k.wav').subarray(0, 64), true],
    ['its middle', file('speech-16k.wav').subarray(4_000, 8_000), false],
    ['FLAC', file('speech.flac'), true],
    ['M4A', file('speech.m4a'), true],
    ['the first page of an Ogg', ogg, true],
    ['a later page', ogg.subarray(second), false],
    ['MP3 behind a tag', Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), bare]), true],
    ['MP3 with an Info frame', mp3.subarray(mp3.indexOf(0xff)), true],
    ['MP3 from a frame in the middle', bare, false],
    ['raw A-law', Buffer.alloc(800, 0xa1), false],
    ['nothing', Buffer.alloc(0), false],
  ];
  for (const [name, piece, expected] of rows) {
    it(`${name}: ${expected}`, () => assert.equal(beginsFile(piece), expected));
  }
});

describe('wholeWav', () => {
  it('gives format and sound', () => {
    const whole = wav(100, 16_000);
    const found = wholeWav(new Uint8Array(whole));
    assert.deepEqual(found?.format, { encoding: 's16le', sampleRate: 16_000, channels: 1 });
    assert.deepEqual(found.sound, whole.subarray(44));
    // More behind the sound is no part of it.
    assert.equal(wholeWav(Buffer.concat([whole, Buffer.from('LIST\x02\0\0\0ab')]))?.sound.length, 3_200);
  });

  it('knows none in what is cut, endless, empty, broken or no WAV', () => {
    const endless = wav(100);
    endless.writeUInt32LE(0xffffffff, 40);
    const broken = wav(100);
    broken.writeUInt16LE(77, 34);
    const rows = [wav(100).subarray(0, -1), wav(100).subarray(0, 40), endless, wav(0), broken, Buffer.alloc(100)];
    for (const bytes of rows) assert.equal(wholeWav(bytes), undefined);
  });
});
