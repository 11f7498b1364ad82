// MP3 files as their frame headers, typed by hand, and real ones cut at every byte; every one in pieces too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Mp3Extent } from '../../src/sound/mp3-extent.js';
import { Mp3Framer, sniffMp3 } from '../../src/sound/mp3-frames.js';

/** Header, bytes of the frame, samples per frame, rate, channels: ISO 11172-3 and 13818-3, layer III, then II. */
const KINDS: readonly [name: string, header: string, bytes: number, samples: number, rate: number, channels: number][] =
  [
    ['MPEG 1, 128 kbit/s, 44.1 kHz, stereo', 'fffb9000', 417, 1152, 44100, 2],
    ['MPEG 1, 128 kbit/s, 44.1 kHz, padded', 'fffb9200', 418, 1152, 44100, 2],
    ['MPEG 1, 320 kbit/s, 32 kHz, joint stereo', 'fffbe840', 1440, 1152, 32000, 2],
    ['MPEG 1, 64 kbit/s, 48 kHz, mono, checksum', 'fffa54c0', 192, 1152, 48000, 1],
    ['MPEG 2, 32 kbit/s, 24 kHz, mono', 'fff344c0', 96, 576, 24000, 1],
    ['MPEG 2, 160 kbit/s, 16 kHz, two channels', 'fff3e880', 720, 576, 16000, 2],
    ['MPEG 2.5, 8 kbit/s, 8 kHz, mono', 'ffe318c0', 72, 576, 8000, 1],
    ['layer II, MPEG 1, 64 kbit/s, 48 kHz, mono', 'fffd44c0', 192, 1152, 48000, 1],
    ['layer II, MPEG 1, 384 kbit/s, 32 kHz, stereo', 'fffde800', 1728, 1152, 32000, 2],
    ['layer II, MPEG 2, 160 kbit/s, 22.05 kHz, stereo', 'fff5e000', 1044, 1152, 22050, 2],
  ];

function frame(header: string, bytes: number): Buffer {
  // No sound from before: the first bits behind header and checksum.
  const content = Buffer.alloc(bytes, 0x55).fill(0, 4, 8);
  Buffer.from(header, 'hex').copy(content);
  return content;
}

function frames(count: number, header = 'fffb9000', bytes = 417): Buffer {
  return Buffer.concat(new Array<Buffer>(count).fill(frame(header, bytes)));
}

/** Frames of free format: the bit rate is not told, and only the distance of the headers is their length. */
function freeFrames(count: number, bytes: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, i) =>
      frame(i % 3 === 0 ? 'fffb0200' : 'fffb0000', bytes + (i % 3 === 0 ? 1 : 0)),
    ),
  );
}

/** The first frame of a file with a Xing header; undefined counts are left out. */
function xingFrame(id: string, counts: { frames?: number; bytes?: number }): Buffer {
  const content = frame('fffb9000', 417).fill(0, 4);
  const numbers = [counts.frames, counts.bytes].filter((count) => count !== undefined);
  content.write(id, 36, 'latin1');
  content.writeUInt32BE((counts.frames === undefined ? 0 : 1) | (counts.bytes === undefined ? 0 : 2), 40);
  numbers.forEach((number, i) => content.writeUInt32BE(number, 44 + 4 * i));
  return content;
}

const ID3V2 = Buffer.concat([Buffer.from('49443303000000000114', 'hex'), Buffer.alloc(148, 0xff)]);
const ID3V2_WITH_FOOTER = Buffer.concat([Buffer.from('4944330400100000000a', 'hex'), Buffer.alloc(20, 1)]);
const ID3V1 = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125, 0x20)]);
/** A header of 32 bytes, 20 bytes, and a footer like the header: it counts itself and the 20. */
const [APE_HEADER, APE_FOOTER] = ['a0', '80'].map((flags) =>
  Buffer.concat([
    Buffer.from('APETAGEX'),
    Buffer.from(`d00700003400000001000000000000${flags}`, 'hex'),
    Buffer.alloc(8),
  ]),
) as [Buffer, Buffer];
const APE = Buffer.concat([APE_HEADER, Buffer.alloc(20, 0x41), APE_FOOTER]);

const LYRICS3 = Buffer.from('LYRICSBEGININD0000200LYR00020[00:01]All of \xff\xfb it000050LYRICS200', 'latin1');

function fixture(name: string): Buffer {
  return readFileSync(join(__dirname, '../fixtures/audio', name));
}

interface Found extends Mp3Extent {
  /** Hz and bytes of each part. */
  readonly parts: readonly (readonly [sampleRate: number, bytes: number])[];
  /** All frames after each other. */
  readonly bytes: Buffer;
}

/** What is found in a whole file, after a look that pieces of it give the same. */
function find(file: Buffer, pieceBytes: readonly number[] = [7, 1000]): Found {
  const whole = findIn(file, file.length + 1);
  for (const length of pieceBytes) assert.deepEqual(findIn(file, length), whole, `in pieces of ${length}`);
  return whole;
}

function findIn(file: Buffer, pieceBytes: number): Found {
  const framer = new Mp3Framer(file.length);
  const runs = [];
  for (let at = 0; at < file.length; at += pieceBytes) runs.push(...framer.push(file.subarray(at, at + pieceBytes)));
  runs.push(...framer.end());
  const parts = new Map<number, [number, number]>();
  for (const { part, sampleRate, bytes } of runs)
    parts.set(part, [sampleRate, (parts.get(part)?.[1] ?? 0) + bytes.length]);
  return { ...framer.extent, parts: [...parts.values()], bytes: Buffer.concat(runs.map(({ bytes }) => bytes)) };
}

describe('sound/mp3-frames', () => {
  for (const [name, header, bytes, samples, sampleRate, channels] of KINDS) {
    it(`walks ${name}`, () => {
      const file = frames(10, header, bytes);
      assert.ok(sniffMp3(file.subarray(0, 2 * bytes + 4)));
      const found = find(file);
      assert.ok(Math.abs(found.seconds - (10 * samples) / sampleRate) < 1e-9);
      assert.deepEqual(found.parts, [[sampleRate, file.length]]);
      assert.deepEqual([found.frames, found.skippedBytes, found.cutSeconds], [10, 0, 0]);
      assert.equal(found.promisedSeconds, found.seconds);
      const framer = new Mp3Framer();
      assert.deepEqual([...new Set(framer.push(file).map((run) => run.channels))], [channels]);
    });
  }

  it('walks free format, whose length only the headers tell', () => {
    for (const length of [200, 417, 1500, 2881]) {
      const file = freeFrames(8, length);
      assert.equal(find(Buffer.concat([ID3V2, file])).bytes.equals(file), true, `${length}`);
      assert.equal(find(Buffer.concat([file.subarray(0, 5 * length + 2), Buffer.alloc(50, 1), file])).frames, 13);
    }
    assert.equal(find(freeFrames(2, 417)).frames, 2);
    // Headers at odd distances are none.
    const odd = Buffer.concat([1, 2, 3, 4].map((n) => frame('fffb0000', 300 + 11 * n)));
    assert.equal(find(odd).frames, 0);
  });

  describe('leaves out', () => {
    const audio = frames(5);
    const noise = Buffer.from('00fffb900000ffffff9000fff1', 'hex');
    /** Name, bytes, and how many of them are told when they stand before, between and behind the sound. */
    const FOREIGN: readonly [name: string, bytes: Buffer, before: number, between: number, behind: number][] = [
      ['nothing', Buffer.alloc(0), 0, 0, 0],
      ['an ID3v2 tag', ID3V2, 0, 0, 0],
      ['two ID3v2 tags, one with a footer', Buffer.concat([ID3V2, ID3V2_WITH_FOOTER]), 0, 0, 0],
      ['an ID3v2 tag and padding', Buffer.concat([ID3V2, Buffer.alloc(99)]), 0, 0, 0],
      ['an ID3v1 tag', ID3V1, 0, 0, 0],
      ['an APE tag', APE, 0, 0, 0],
      ['an APE tag without a header', APE.subarray(32), 0, 0, 0],
      ['APE and ID3v1 tags', Buffer.concat([APE, ID3V1]), 0, 0, 0],
      ['Lyrics3', LYRICS3, 0, 0, 0],
      ['Lyrics3 and an ID3v1 tag', Buffer.concat([LYRICS3, ID3V1]), 0, 0, 0],
      ['1000 zeros', Buffer.alloc(1000), 1000, 1000, 0],
      ['100 000 zeros', Buffer.alloc(100_000), 100_000, 100_000, 0],
      ['three letters', Buffer.from('xyz'), 3, 3, 0],
      ['noise', noise, 13, 13, 13],
      ['a piece of a frame', frame('fffb9000', 417).subarray(100), 317, 317, 317],
      ['2000 bytes that are all 0xff', Buffer.alloc(2000, 0xff), 2000, 2000, 2000],
      ['a web page', Buffer.from('<p>Not found</p>'.repeat(1000)), 16_000, 16_000, 16_000],
    ];
    for (const [name, bytes, before, between, behind] of FOREIGN) {
      it(`${name}, and says how much`, () => {
        const places = [
          [Buffer.concat([bytes, audio, audio]), before],
          [Buffer.concat([audio, bytes, audio]), between],
          [Buffer.concat([audio, audio, bytes]), behind],
        ] as const;
        for (const [file, told] of places) {
          const found = find(file, [97]);
          assert.ok(found.bytes.equals(Buffer.concat([audio, audio])), `${found.bytes.length} bytes`);
          assert.equal(found.skippedBytes, told);
          assert.equal(found.cutSeconds, 0);
        }
      });
    }

    it('a frame that lost bytes or whose header is damaged, and no other', () => {
      const sound = Buffer.concat([1, 2, 3, 4, 5, 6].map((n) => frame('fffb9000', 417).fill(n, 8)));
      const third = 2 * 417;
      const left = Buffer.concat([sound.subarray(0, third), sound.subarray(third + 417)]);
      for (let lost = 1; lost < 417; lost += 5) {
        for (const at of [third, third + 4, third + 200, third + 417 - lost]) {
          if (at + lost > third + 417) continue;
          const { bytes, skippedBytes } = find(
            Buffer.concat([sound.subarray(0, at), sound.subarray(at + lost)]),
            [300],
          );
          assert.ok(bytes.equals(left), `${lost} lost at ${at}`);
          assert.equal(skippedBytes, 417 - lost);
        }
      }
      const damaged = Buffer.from(sound);
      damaged[third] = 0;
      assert.ok(find(damaged).bytes.equals(left));
      // One frame that says stereo among mono ones is a damaged header, not a part of its own.
      const odd = Buffer.concat([frames(3, 'fff344c0', 96), frame('fff34480', 96), frames(3, 'fff344c0', 96)]);
      assert.deepEqual([find(odd).frames, find(odd).parts.length], [6, 1]);
    });

    it('a tag that says it is longer than the file', () => {
      const tag = Buffer.from('4944330300000000700a', 'hex');
      const { bytes, skippedBytes } = find(Buffer.concat([tag, audio]));
      assert.ok(bytes.equals(audio));
      assert.equal(skippedBytes, 10);
    });
  });

  it('begins a part with another rate, channel count or layer, and with each header that counts', () => {
    const file = Buffer.concat([
      frames(5),
      Buffer.from('ffff00ff'),
      frames(5),
      frames(4, 'fff344c0', 96),
      frames(4, 'fff34480', 96),
      ID3V2,
      frames(4, 'fff544c0', 192),
      xingFrame('Info', { frames: 3 }),
      frames(3),
      xingFrame('Xing', {}),
      frames(1),
    ]);
    const found = find(file);
    const rates = [44100, 24000, 24000, 24000, 44100, 44100];
    const lengths = [4170, 384, 384, 4 * 192, 4 * 417, 2 * 417];
    assert.deepEqual(
      found.parts,
      rates.map((rate, i) => [rate, lengths[i]]),
    );
    assert.equal(found.frames, 26);
    assert.ok(
      Math.abs(found.seconds - (14 * 1152 + 8 * 576 * (44100 / 24000) + 4 * 1152 * (44100 / 24000)) / 44100) < 1e-9,
    );
  });

  it('begins a part where a frame needs others that are lost', () => {
    const { parts } = find(fixture('mp3-plain.mp3'), []);
    assert.equal(parts.length, 1);
    const whole = fixture('mp3-plain.mp3');
    // Frames of 144 bytes in the middle of a word: the sound of each begins in the one before.
    const without = find(Buffer.concat([whole.subarray(0, 20 * 144), whole.subarray(22 * 144 + 50)]));
    assert.deepEqual(without.parts, [
      [24000, 2880],
      [24000, 27 * 144],
    ]);
    // Foreign bytes between two frames take nothing away.
    for (const foreign of [Buffer.alloc(2000), Buffer.alloc(500, 3), ID3V1]) {
      const padded = find(Buffer.concat([whole.subarray(0, 2880), foreign, whole.subarray(2880)]));
      assert.deepEqual(padded.parts, [[24000, 7200]]);
    }
  });

  it('tells an unfinished last frame from stray bytes', () => {
    const file = frames(3);
    for (let length = 2 * 417 + 1; length < file.length; length++) {
      const found = find(file.subarray(0, length), []);
      const cut = length < 2 * 417 + 4 ? 0 : 1152 / 44100;
      assert.deepEqual([found.frames, found.cutSeconds, found.bytes.length], [2, cut, 834], `${length} bytes`);
      assert.equal(found.skippedBytes, 0);
    }
    const tagged = find(Buffer.concat([ID3V2, file.subarray(0, 400)]));
    assert.deepEqual([tagged.frames, tagged.seconds, tagged.cutSeconds], [0, 0, 1152 / 44100]);
  });

  it('gives a frame as soon as it is whole', () => {
    const framer = new Mp3Framer();
    const given = [0, 1, 2, 3].map(() =>
      framer.push(frame('fffb9000', 417)).reduce((sum, run) => sum + run.bytes.length, 0),
    );
    // Two headers prove that it is sound.
    assert.deepEqual(given, [0, 834, 417, 417]);
  });

  describe('believes the Xing header', () => {
    const promised = (file: Buffer): number => Math.round((find(file).promisedSeconds / 1152) * 44100);
    for (const id of ['Xing', 'Info']) {
      it(`${id}, which is no sound itself`, () => {
        const found = find(Buffer.concat([xingFrame(id, { frames: 9, bytes: 10 * 417 }), frames(9)]));
        assert.deepEqual([found.frames, found.bytes.length], [9, 4170]);
        assert.equal(found.promisedSeconds, found.seconds);
        assert.ok(Math.abs(found.seconds - (9 * 1152) / 44100) < 1e-9);
      });
    }

    it('about missing frames, but for one', () => {
      const file = (announced: number): Buffer => Buffer.concat([xingFrame('Info', { frames: announced }), frames(9)]);
      for (const announced of [0, 1, 9, 10]) assert.equal(promised(file(announced)), 9);
      for (const announced of [11, 12, 100]) assert.equal(promised(file(announced)), announced);
    });

    it('about missing bytes, where it counts no frames', () => {
      const file = (bytes: number): Buffer => Buffer.concat([ID3V2, xingFrame('Xing', { bytes }), frames(9), ID3V1]);
      for (const bytes of [0, 4170, 4170 + 417]) assert.equal(promised(file(bytes)), 9);
      assert.equal(promised(file(2 * 4170)), 19);
      // Some writers count the tags among the bytes: the frames are all there.
      assert.equal(promised(Buffer.concat([ID3V2, xingFrame('Xing', { frames: 9, bytes: 100_000 }), frames(9)])), 9);
    });

    it('not when the count cannot be true', () => {
      const file = (announced: number, bytes?: number): Buffer =>
        Buffer.concat([xingFrame('Info', { frames: announced, ...(bytes !== undefined && { bytes }) }), frames(9)]);
      assert.equal(promised(file(1_000_000)), 9);
      assert.equal(promised(file(0xffffffff)), 9);
      assert.equal(promised(file(1000)), 9);
      assert.equal(promised(file(1000, 4170)), 9);
      // The beginning of a long file: both counts agree.
      assert.equal(promised(file(1000, 1001 * 417)), 1000);
    });

    it('of each part by itself', () => {
      const part = (announced: number, there: number): Buffer =>
        Buffer.concat([xingFrame('Info', { frames: announced }), frames(there)]);
      assert.equal(promised(Buffer.concat([part(5, 5), part(9, 5), part(5, 5), part(20, 2)])), 5 + 9 + 5 + 20);
    });

    it('in its form by Fraunhofer', () => {
      const vbri = frame('fffb9000', 417).fill(0, 4);
      vbri.write('VBRI', 36, 'latin1');
      vbri.writeUInt32BE(4170, 46);
      vbri.writeUInt32BE(9, 50);
      assert.equal(find(Buffer.concat([vbri, frames(9)])).frames, 9);
      assert.equal(promised(Buffer.concat([vbri, frames(7)])), 9);
    });
  });

  describe('real files', () => {
    it('have the length their makers say', () => {
      const tts = find(fixture('speech-24k.mp3'));
      assert.deepEqual([tts.frames, Math.round(tts.seconds * 1000), tts.parts], [211, 5064, [[24000, 20448]]]);
      const tagged = find(fixture('speech-44k-stereo.mp3'));
      assert.deepEqual([tagged.frames, Math.round(tagged.seconds * 1000), tagged.parts], [78, 2038, [[44100, 16508]]]);
      for (const { skippedBytes, promisedSeconds, seconds } of [tts, tagged]) {
        assert.deepEqual([skippedBytes, promisedSeconds], [0, seconds]);
      }
    });

    it('are found to be cut, wherever that is', () => {
      const whole = fixture('speech-24k.mp3');
      // The Info frame of 192 bytes, the next header, and one frame of tolerance at the end.
      for (let length = 196; length < whole.length - 2 * 96; length += 7) {
        const { promisedSeconds } = find(whole.subarray(0, length), []);
        assert.equal(Math.round(promisedSeconds * 1000), 5064, `${length} bytes`);
      }
    });
  });

  it('takes nothing else for an MP3', () => {
    const others: [string, Buffer][] = [
      ['nothing', Buffer.alloc(0)],
      ['zeros', Buffer.alloc(5000)],
      ['only sync bits', Buffer.alloc(5000, 0xff)],
      ['text', Buffer.from('This is a text file that somebody renamed to announcement.mp3.\n'.repeat(50))],
      ['a web page', Buffer.from('<!DOCTYPE html><html><head><title>404 Not Found</title></head></html>')],
      ['one frame header', frame('fffb9000', 417).subarray(0, 400)],
      ['AAC in ADTS', Buffer.concat(new Array<Buffer>(20).fill(frame('fff15080', 100)))],
      ['layer I', frames(10, 'ffff9000', 417)],
      ['a reserved bit rate', frames(10, 'fffbf000', 417)],
      ['a reserved sample rate', frames(10, 'fffb9c00', 417)],
      ['a reserved version', frames(10, 'ffeb9000', 417)],
      ['FLAC behind an ID3v2 tag', Buffer.concat([ID3V2, fixture('speech.flac')])],
      [
        'AAC behind an ID3v2 tag',
        Buffer.concat([ID3V2, Buffer.concat(new Array<Buffer>(20).fill(frame('fff15080', 100)))]),
      ],
      ...['speech-16k.wav', 'speech-8k.alaw', 'speech.ogg', 'speech.m4a', 'speech.flac'].map(
        (name): [string, Buffer] => [name, fixture(name)],
      ),
    ];
    for (const [name, bytes] of others) {
      assert.equal(sniffMp3(bytes), false, name);
      assert.deepEqual([find(bytes).frames, find(bytes).cutSeconds], [0, 0], name);
    }
  });

  it('takes an ID3v2 tag larger than what is seen for an MP3', () => {
    assert.equal(sniffMp3(ID3V2.subarray(0, 100)), true);
    assert.equal(find(ID3V2.subarray(0, 100)).frames, 0);
    // Sizes have seven bits per byte, and 0xff is no version.
    assert.equal(sniffMp3(Buffer.from('49443303000000000180', 'hex')), false);
    assert.equal(sniffMp3(Buffer.from('494433ff000000000101', 'hex')), false);
  });

  it('lives through hostile bytes', () => {
    const pieces = fc.constantFrom(
      frames(2),
      frames(2, 'fff344c0', 96),
      xingFrame('Xing', { frames: 0xffffffff, bytes: 0xffffffff }),
      ID3V2,
      ID3V2.subarray(0, 9),
      ID3V1,
      APE,
      APE.subarray(40),
      Buffer.from('fffb'),
      Buffer.alloc(300, 0xff),
      Buffer.alloc(300),
    );
    const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, noise), { maxLength: 12 }), fc.nat(400), (parts, cut) => {
        const file = Buffer.concat(parts);
        const bytes = file.subarray(0, Math.max(0, file.length - cut));
        sniffMp3(bytes);
        const found = find(bytes, [1 + (cut % 50)]);
        assert.ok(found.seconds >= 0 && found.promisedSeconds >= found.seconds);
        assert.ok(found.frames * 72 <= bytes.length && found.skippedBytes + found.bytes.length <= bytes.length);
      }),
      { numRuns: 500 },
    );
  });
});
