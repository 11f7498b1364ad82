// MP3 files as their frame headers, typed by hand, and real ones cut at every byte.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { scanMp3, sniffMp3 } from '../../src/sound/mp3-frames.js';

/** Header, bytes of the frame, samples per frame, rate, channels: ISO 11172-3 and 13818-3. */
const KINDS: readonly [name: string, header: string, bytes: number, samples: number, rate: number, channels: number][] =
  [
    ['MPEG 1, 128 kbit/s, 44.1 kHz, stereo', 'fffb9000', 417, 1152, 44100, 2],
    ['MPEG 1, 128 kbit/s, 44.1 kHz, padded', 'fffb9200', 418, 1152, 44100, 2],
    ['MPEG 1, 320 kbit/s, 32 kHz, joint stereo', 'fffbe840', 1440, 1152, 32000, 2],
    ['MPEG 1, 64 kbit/s, 48 kHz, mono, checksum', 'fffa54c0', 192, 1152, 48000, 1],
    ['MPEG 2, 32 kbit/s, 24 kHz, mono', 'fff344c0', 96, 576, 24000, 1],
    ['MPEG 2, 160 kbit/s, 16 kHz, two channels', 'fff3e880', 720, 576, 16000, 2],
    ['MPEG 2.5, 8 kbit/s, 8 kHz, mono', 'ffe318c0', 72, 576, 8000, 1],
  ];

function frame(header: string, bytes: number): Buffer {
  const content = Buffer.alloc(bytes, 0x55);
  Buffer.from(header, 'hex').copy(content);
  return content;
}

function frames(count: number, header = 'fffb9000', bytes = 417): Buffer {
  return Buffer.concat(new Array<Buffer>(count).fill(frame(header, bytes)));
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
/** A footer of 32 bytes that counts itself and 20 bytes before it, behind a header of 32 bytes. */
const APE = Buffer.concat([
  Buffer.alloc(32 + 20, 0x41),
  Buffer.from('APETAGEX'),
  Buffer.from('d0070000340000000100000000000080', 'hex'),
  Buffer.alloc(8),
]);

function fixture(name: string): Buffer {
  return readFileSync(join(__dirname, '../fixtures/audio', name));
}

describe('audio/mp3-frames', () => {
  for (const [name, header, bytes, samples, sampleRate, channels] of KINDS) {
    it(`walks ${name}`, () => {
      const file = frames(10, header, bytes);
      assert.ok(sniffMp3(file.subarray(0, bytes + 4)));
      const extent = scanMp3(file);
      assert.ok(extent);
      assert.ok(Math.abs(extent.seconds - (10 * samples) / sampleRate) < 1e-9);
      assert.deepEqual(
        { ...extent, seconds: 0 },
        { frames: 10, sampleRate, channels, seconds: 0, audioStart: 0, audioEnd: 10 * bytes, truncated: false },
      );
    });
  }

  it('is not misled by tags, zeros and noise around the frames', () => {
    const audio = frames(5);
    const noise = Buffer.from('00fffb900000ffffff9000fff1', 'hex');
    const befores = [
      Buffer.alloc(0),
      ID3V2,
      Buffer.concat([ID3V2, ID3V2_WITH_FOOTER]),
      Buffer.concat([ID3V2, Buffer.alloc(99)]),
    ];
    for (const before of [...befores, noise, frame('fffb9000', 417).subarray(100)]) {
      for (const after of [
        Buffer.alloc(0),
        ID3V1,
        APE,
        Buffer.concat([APE, ID3V1]),
        Buffer.alloc(1000),
        Buffer.from('xyz'),
      ]) {
        const file = Buffer.concat([before, audio, after]);
        assert.ok(sniffMp3(file));
        const { frames: count, audioStart, audioEnd, truncated } = scanMp3(file) ?? {};
        assert.deepEqual(
          { count, audioStart, audioEnd, truncated },
          { count: 5, audioStart: before.length, audioEnd: before.length + audio.length, truncated: false },
        );
      }
    }
  });

  it('walks on behind noise in the middle and behind a change of the rate', () => {
    const file = Buffer.concat([frames(5), Buffer.from('ffff00ff'), frames(5), frames(4, 'fff344c0', 96)]);
    const extent = scanMp3(file);
    assert.equal(extent?.frames, 14);
    assert.equal(extent.sampleRate, 44100);
    assert.equal(extent.truncated, false);
    assert.ok(Math.abs(extent.seconds - (10 * 1152) / 44100 - (4 * 576) / 24000) < 1e-9);
  });

  it('sees that the last frame is cut', () => {
    const file = frames(3);
    for (let length = 2 * 417 + 1; length < file.length; length++) {
      const extent = scanMp3(file.subarray(0, length));
      assert.deepEqual([extent?.frames, extent?.truncated, extent?.audioEnd], [2, true, 2 * 417], `${length} bytes`);
    }
    assert.equal(scanMp3(Buffer.concat([file.subarray(0, 1000), ID3V1]))?.truncated, true);
    assert.deepEqual(scanMp3(Buffer.concat([ID3V2, file.subarray(0, 400)])), {
      frames: 0,
      sampleRate: 44100,
      channels: 2,
      seconds: 0,
      audioStart: 158,
      audioEnd: 158,
      truncated: true,
    });
  });

  describe('believes the Xing header', () => {
    for (const id of ['Xing', 'Info']) {
      it(`${id}, which is no sound itself`, () => {
        const extent = scanMp3(Buffer.concat([xingFrame(id, { frames: 9, bytes: 10 * 417 }), frames(9)]));
        assert.deepEqual([extent?.frames, extent?.truncated, extent?.audioEnd], [9, false, 4170]);
        assert.ok(Math.abs((extent?.seconds ?? 0) - (9 * 1152) / 44100) < 1e-9);
      });
    }

    it('about missing frames, but for one', () => {
      const file = (announced: number): Buffer => Buffer.concat([xingFrame('Info', { frames: announced }), frames(9)]);
      assert.deepEqual(
        [0, 1, 9, 10].map((announced) => scanMp3(file(announced))?.truncated),
        [false, false, false, false],
      );
      assert.deepEqual(
        [11, 1000].map((announced) => scanMp3(file(announced))?.truncated),
        [true, true],
      );
    });

    it('about missing bytes, where it counts no frames', () => {
      const file = (bytes: number): Buffer => Buffer.concat([ID3V2, xingFrame('Xing', { bytes }), frames(9), ID3V1]);
      assert.deepEqual(
        [0, 4170, 4170 + 417].map((bytes) => scanMp3(file(bytes))?.truncated),
        [false, false, false],
      );
      assert.equal(scanMp3(file(4170 + 418))?.truncated, true);
      // Some writers count the tags among the bytes: the frames are all there.
      const counted = Buffer.concat([ID3V2, xingFrame('Xing', { frames: 9, bytes: 100_000 }), frames(9)]);
      assert.equal(scanMp3(counted)?.truncated, false);
    });

    it('in its form by Fraunhofer', () => {
      const vbri = frame('fffb9000', 417).fill(0, 4);
      vbri.write('VBRI', 36, 'latin1');
      vbri.writeUInt32BE(4170, 46);
      vbri.writeUInt32BE(9, 50);
      assert.deepEqual(
        [scanMp3(Buffer.concat([vbri, frames(9)]))].map((extent) => [extent?.frames, extent?.truncated]),
        [[9, false]],
      );
      assert.equal(scanMp3(Buffer.concat([vbri, frames(7)]))?.truncated, true);
    });
  });

  describe('real files', () => {
    it('have the length their makers say', () => {
      const tts = scanMp3(fixture('speech-24k.mp3'));
      assert.deepEqual(tts && { ...tts, seconds: Math.round(tts.seconds * 1000) }, {
        frames: 211,
        sampleRate: 24000,
        channels: 1,
        seconds: 5064,
        audioStart: 0,
        audioEnd: 20448,
        truncated: false,
      });
      const tagged = scanMp3(fixture('speech-44k-stereo.mp3'));
      assert.deepEqual(tagged && { ...tagged, seconds: Math.round(tagged.seconds * 1000) }, {
        frames: 78,
        sampleRate: 44100,
        channels: 2,
        seconds: 2038,
        audioStart: 44,
        audioEnd: 16552,
        truncated: false,
      });
    });

    it('are found to be cut, wherever that is', () => {
      const whole = fixture('speech-24k.mp3');
      // The Info frame of 192 bytes, the next header, and one frame of tolerance at the end.
      for (let length = 196; length < whole.length - 96; length++) {
        assert.equal(scanMp3(whole.subarray(0, length))?.truncated, true, `${length} bytes`);
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
      ['layer II', frames(10, 'fffd9000', 417)],
      ['layer I', frames(10, 'ffff9000', 417)],
      ['free format', frames(10, 'fffb0000', 417)],
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
      assert.equal(scanMp3(bytes), undefined, name);
    }
  });

  it('takes an ID3v2 tag larger than what is seen for an MP3', () => {
    assert.equal(sniffMp3(ID3V2.subarray(0, 100)), true);
    assert.equal(scanMp3(ID3V2.subarray(0, 100)), undefined);
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
        const extent = scanMp3(bytes);
        if (extent === undefined) return;
        assert.ok(0 <= extent.audioStart && extent.audioStart <= extent.audioEnd && extent.audioEnd <= bytes.length);
        assert.ok(extent.frames >= 0 && extent.seconds >= 0 && extent.frames * 72 <= bytes.length);
      }),
      { numRuns: 500 },
    );
  });
});
