// WAV files as their bytes, built here by hand: every sound that is read, every header that is refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isTalkError } from '../../src/errors.js';
import { PcmReader, type Encoding, type PcmFormat } from '../../src/sound/format.js';
import { mixWeights } from '../../src/sound/mix.js';
import { WavParser, type WavSound } from '../../src/sound/wav.js';

const EMPTY = Buffer.alloc(0);

function u16(...values: number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value & 255, value >>> 8]));
}

function u32(value: number): Buffer {
  return Buffer.from([value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]);
}

function chunk(id: string, content: Buffer, size = content.length): Buffer {
  return Buffer.concat([Buffer.from(id, 'latin1'), u32(size), content, Buffer.alloc(content.length % 2)]);
}

function fmt(tag: number, channels: number, rate: number, bits: number, frameBytes = (channels * bits) / 8): Buffer {
  return Buffer.concat([u16(tag, channels), u32(rate), u32(rate * frameBytes), u16(frameBytes, bits)]);
}

function extensible(tag: number, channels: number, rate: number, bits: number): Buffer {
  const guidTail = Buffer.from('000000001000800000aa00389b71', 'hex');
  return Buffer.concat([fmt(0xfffe, channels, rate, bits), u16(22, bits), u32(0), u16(tag), guidTail]);
}

function riff(chunks: Buffer[], options: { id?: string; size?: number } = {}): Buffer {
  const content = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  return Buffer.concat([Buffer.from(options.id ?? 'RIFF'), u32(options.size ?? content.length), content]);
}

const FMT_16 = chunk('fmt ', fmt(1, 1, 8000, 16));
/** 0.5, −0.5, 0.25 in s16le. */
const SOUND = Buffer.from('004000c00020', 'hex');

interface Parsed {
  readonly samples: number[];
  readonly parser: WavParser;
}

function parse(bytes: Buffer, pieceBytes = bytes.length): Parsed {
  const parser = new WavParser();
  const sounds: WavSound[] = [];
  for (let at = 0; at < bytes.length; at += Math.max(1, pieceBytes)) {
    sounds.push(...parser.push(bytes.subarray(at, at + Math.max(1, pieceBytes))));
  }
  sounds.push(...parser.end());
  const readers = new Map<number, PcmReader>();
  const samples = sounds.flatMap(({ part, format: { pcm }, bytes: sound }) => {
    // An MPEG stream: its bytes stand for its samples.
    if (pcm === undefined) return Array.from(sound);
    const reader = readers.get(part) ?? new PcmReader(pcm);
    readers.set(part, reader);
    return Array.from(reader.push(sound));
  });
  return { samples, parser };
}

function assertRefused(bytes: Buffer, message: RegExp): void {
  for (const pieceBytes of [bytes.length, 7, 1]) {
    assert.throws(() => parse(bytes, pieceBytes), { code: 'TALK_ERR_AUDIO', message });
  }
}

/** Tag and bits of each encoding and a frame of two different samples. */
const ENCODINGS: readonly [Encoding, tag: number, bits: number, samples: [hex: string, value: number][]][] = [
  [
    'u8',
    1,
    8,
    [
      ['c0', 0.5],
      ['40', -0.5],
    ],
  ],
  [
    's16le',
    1,
    16,
    [
      ['0040', 0.5],
      ['0080', -1],
    ],
  ],
  [
    's24le',
    1,
    24,
    [
      ['000040', 0.5],
      ['0000e0', -0.25],
    ],
  ],
  [
    's32le',
    1,
    32,
    [
      ['00000020', 0.25],
      ['00000080', -1],
    ],
  ],
  [
    'f32le',
    3,
    32,
    [
      ['0000003f', 0.5],
      ['000080be', -0.25],
    ],
  ],
  [
    'f64le',
    3,
    64,
    [
      ['000000000000e03f', 0.5],
      ['000000000000f0bf', -1],
    ],
  ],
  [
    'alaw',
    6,
    8,
    [
      ['80', 5504 / 32768],
      ['00', -5504 / 32768],
    ],
  ],
  [
    'mulaw',
    7,
    8,
    [
      ['00', -32124 / 32768],
      ['ff', 0],
    ],
  ],
];

/** What two channels and fewer say of themselves. */
function unmasked(format: PcmFormat | undefined): object {
  const { channelMask, ...rest } = format ?? {};
  assert.equal(
    channelMask,
    format?.channels === 6 ? 0x3f : format !== undefined && format.channels > 2 ? 0 : undefined,
  );
  return rest;
}

describe('audio/wav', () => {
  describe('reads', () => {
    for (const [encoding, tag, bits, samples] of ENCODINGS) {
      it(`${encoding} at every rate and with every number of channels, cut anywhere`, () => {
        // At 8 kHz and above five frames are too few to be judged as cancelling each other.
        for (const sampleRate of [8000, 11025, 44100, 48000, 384000]) {
          for (const channels of [1, 2, 3, 6, 32]) {
            const frames = [0, 1, 0, 0, 1];
            // The first channel carries the sample, the others its partner.
            const frame = (first: number): string =>
              Array.from({ length: channels }, (_, channel) => samples[channel === 0 ? first : 1 - first]?.[0]).join(
                '',
              );
            const sound = Buffer.from(frames.map(frame).join(''), 'hex');
            const expected = frames.map((first) => {
              const [own, other] = [samples[first]?.[1] ?? 9, samples[1 - first]?.[1] ?? 9];
              const weight = mixWeights(channels, channels === 6 ? 0x3f : 0)[0] ?? 9;
              return Math.fround(weight * own + (1 - weight) * other);
            });
            for (const format of [fmt, extensible]) {
              const bytes = riff([chunk('fmt ', format(tag, channels, sampleRate, bits)), chunk('data', sound)]);
              for (const pieceBytes of [bytes.length, 1, 3, 11, 45]) {
                const parsed = parse(bytes, pieceBytes);
                assert.deepEqual(unmasked(parsed.parser.format), { encoding, sampleRate, channels });
                assert.equal(parsed.parser.losses.seconds, 5 / sampleRate);
                assert.equal(parsed.samples.length, 5);
                for (const [i, sample] of parsed.samples.entries()) {
                  assert.ok(Math.abs(sample - (expected[i] ?? 9)) < 1e-7, `${sampleRate} Hz, ${channels} channels`);
                }
              }
            }
          }
        }
      });
    }

    it('past other chunks, odd ones with their padding', () => {
      const list = chunk('LIST', Buffer.from('INFOISFT\x05\0\0\0Sox..', 'latin1'));
      const odd = chunk('junk', Buffer.from('datax'));
      const bytes = riff([
        odd,
        chunk('JUNK', Buffer.alloc(28)),
        FMT_16,
        list,
        chunk('fact', u32(3)),
        chunk('data', SOUND),
        list,
      ]);
      for (let pieceBytes = 1; pieceBytes <= bytes.length; pieceBytes++) {
        assert.deepEqual(parse(bytes, pieceBytes).samples, [0.5, -0.5, 0.25]);
      }
    });

    it('a long fmt chunk', () => {
      const long = chunk('fmt ', Buffer.concat([fmt(1, 1, 8000, 16), Buffer.alloc(51)]));
      assert.deepEqual(parse(riff([long, chunk('data', SOUND)]), 5).samples, [0.5, -0.5, 0.25]);
    });

    it('RF64, with the length in ds64 or in data', () => {
      const ds64 = (bytes: number): Buffer =>
        chunk('ds64', Buffer.concat([u32(100), u32(0), u32(bytes), u32(0), u32(3), u32(0), u32(0)]));
      for (const id of ['RF64', 'BW64']) {
        const file = (dataBytes: number, size: number): Buffer =>
          riff([ds64(dataBytes), FMT_16, chunk('data', SOUND, size), chunk('LIST', SOUND)], { id, size: 0xffffffff });
        const { samples, parser } = parse(file(6, 0xffffffff), 3);
        assert.deepEqual(samples, [0.5, -0.5, 0.25]);
        assert.equal(parser.losses.seconds, 3 / 8000);
        assert.deepEqual(parse(file(99, 6)).samples, [0.5, -0.5, 0.25]);
      }
    });

    it('until the end when a pipe could not tell the length', () => {
      for (const size of [0, 0xffffffff, 0x7fffffff, 0x7ffff000, 0x80000000, 0xfffffff0]) {
        for (const riffSize of [size, Math.min(size + 36, 0xffffffff)]) {
          const { samples, parser } = parse(riff([FMT_16, chunk('data', SOUND, size)], { size: riffSize }), 5);
          assert.deepEqual(samples, [0.5, -0.5, 0.25], `size ${size}`);
          assert.deepEqual(parser.losses.warnings, []);
        }
      }
    });

    it('what there is when only the RIFF length is a placeholder', () => {
      for (const size of [0, 0xffffffff, 0x7fffffff]) {
        assert.deepEqual(parse(riff([FMT_16, chunk('data', SOUND, 60)], { size })).samples, [0.5, -0.5, 0.25]);
        const behind = riff([FMT_16, chunk('data', SOUND), chunk('LIST', SOUND)], { size });
        assert.deepEqual(parse(behind).samples, [0.5, -0.5, 0.25]);
      }
    });

    it('past any amount of other chunks', () => {
      const filler = chunk('JUNK', Buffer.alloc(300_000));
      const bytes = riff([...new Array<Buffer>(6).fill(filler), FMT_16, chunk('data', SOUND)]);
      assert.deepEqual(parse(bytes, 4096).samples, [0.5, -0.5, 0.25]);
    });

    it('fewer bits than bytes hold, from the upper ones, whatever the length of a frame is said to be', () => {
      for (const frameBytes of [0, 1, 2, 3, 4, 16, 65_535]) {
        const file = (bits: number, hex: string): Buffer =>
          riff([chunk('fmt ', fmt(1, 1, 8000, bits, frameBytes)), chunk('data', Buffer.from(hex, 'hex'))]);
        assert.deepEqual(parse(file(12, '004000c0')).samples, [0.5, -0.5]);
        assert.deepEqual(parse(file(20, '0000400000c0')).samples, [0.5, -0.5]);
        assert.deepEqual(parse(file(16, '004000c0')).samples, [0.5, -0.5]);
      }
    });

    it('RIFX, with everything in the other order', () => {
      const turned = (id: string, content: string): Buffer => {
        const bytes = Buffer.from(content, 'hex');
        const size = Buffer.alloc(4);
        size.writeUInt32BE(bytes.length);
        return Buffer.concat([Buffer.from(id), size, bytes]);
      };
      for (const [bits, sound] of [
        ['0010', '4000c0002000'],
        ['0018', '400000c00000200000'],
        ['0020', '40000000c000000020000000'],
      ] as const) {
        const content = [turned('fmt ', `0001000100001f4000003e800002${bits}`), turned('data', sound)];
        const bytes = Buffer.concat([Buffer.from('RIFX\0\0\0\x40WAVE', 'latin1'), ...content]);
        assert.equal(WavParser.sniff(bytes), 'wav');
        assert.deepEqual(parse(bytes, 5).samples, [0.5, -0.5, 0.25]);
      }
    });

    it('several in a row, however long each says it is, and two data chunks in one', () => {
      const sounds = [0.5, -0.5, 0.25];
      for (const size of [6, 0, 0xffffffff, 50, 6 + 44, 2_000_000_000]) {
        const wav = riff([FMT_16, chunk('data', SOUND, size)], { size: size === 6 ? 42 : 0xffffffff });
        for (const pieceBytes of [1000, 1, 7]) {
          for (const between of [EMPTY, Buffer.alloc(3), Buffer.from('\r\n--boundary\r\n')]) {
            const bytes = Buffer.concat([wav, size === 6 ? between : EMPTY, wav]);
            assert.deepEqual(parse(bytes, pieceBytes).samples, [...sounds, ...sounds], `size ${size}`);
          }
        }
      }
      const two = riff([FMT_16, chunk('data', SOUND), chunk('LIST', SOUND), chunk('data', SOUND)]);
      assert.deepEqual(parse(two, 5).samples, [...sounds, ...sounds]);
      const headerFirst = Buffer.concat([riff([FMT_16, chunk('data', EMPTY)]), riff([FMT_16, chunk('data', SOUND)])]);
      assert.deepEqual(parse(headerFirst, 5).samples, sounds);
    });

    it('behind tags, byte order marks and line ends', () => {
      const wav = riff([FMT_16, chunk('data', SOUND)]);
      const id3 = Buffer.from('ID3\x04\0\0\0\0\0\x05hello', 'latin1');
      for (const front of [
        id3,
        Buffer.from('\ufeff'),
        Buffer.from('\r\n'),
        Buffer.concat([id3, id3, Buffer.from('\ufeff')]),
      ]) {
        const bytes = Buffer.concat([front, wav]);
        assert.equal(WavParser.sniff(bytes), 'wav');
        assert.deepEqual(parse(bytes, 5).samples, [0.5, -0.5, 0.25]);
      }
    });

    it('odd chunks without their padding', () => {
      const odd = Buffer.concat([Buffer.from('note'), u32(3), Buffer.from('abc')]);
      const bytes = riff([odd, FMT_16, Buffer.concat([chunk('data', SOUND)]), chunk('LIST', SOUND)]);
      assert.deepEqual(parse(bytes, 5).samples, [0.5, -0.5, 0.25]);
    });

    it('whole frames only', () => {
      const odd = Buffer.concat([SOUND, Buffer.of(9)]);
      assert.deepEqual(parse(riff([FMT_16, chunk('data', odd)])).samples, [0.5, -0.5, 0.25]);
      // One byte less than announced is less than a frame.
      assert.deepEqual(parse(riff([FMT_16, chunk('data', SOUND, 7)])).samples, [0.5, -0.5, 0.25]);
    });

    it('a file of espeak-ng and ffmpeg', () => {
      const bytes = readFileSync(join(__dirname, '../fixtures/audio/speech-16k.wav'));
      const { samples, parser } = parse(bytes, 1000);
      assert.deepEqual(parser.format, { encoding: 's16le', sampleRate: 16000, channels: 1 });
      assert.equal(samples.length, 48_000);
      assert.equal(samples[30_000], bytes.readInt16LE(bytes.length - 2 * 18_000) / 32768);
    });
  });

  it('knows the format and the length as soon as the header is through', () => {
    const parser = new WavParser();
    parser.push(riff([FMT_16, chunk('data', EMPTY, 16_000)]).subarray(0, 43));
    assert.equal(parser.bytesLeft, undefined);
    parser.push(Buffer.of(0));
    assert.equal(parser.bytesLeft, 16_000);
    assert.deepEqual(parser.format, { encoding: 's16le', sampleRate: 8000, channels: 1 });
  });

  it('says what is missing', () => {
    const bytes = riff([FMT_16, chunk('data', Buffer.alloc(16_000))]);
    for (const [length, warned, refused] of [
      [16_000, undefined, false],
      [15_999, undefined, false],
      [15_998, /promises 1\.00 s, of which 2 bytes \(0\.00 s\) are missing/, false],
      [11_000, /5000 bytes \(0\.31 s\) are missing/, false],
      [10_600, /5400 bytes/, true],
      [4_000, /12000 bytes/, true],
      // A promise of a hundred times the file is none.
      [160, undefined, false],
    ] as const) {
      const { losses } = parse(bytes.subarray(0, 44 + length), 777).parser;
      assert.equal(losses.warnings.length, warned === undefined ? 0 : 1, `${length}`);
      assert.match(losses.warnings[0] ?? '', warned ?? /^$/);
      assert.equal(losses.refusal !== undefined, refused, `${length}`);
      if (refused) assert.match(losses.refusal ?? '', /^it ends after 0\.\d+ s of 1\.00 s: .*still being written$/);
    }
  });

  it('names what of it was passed over', () => {
    const wav = riff([FMT_16, chunk('data', SOUND)]);
    const odd = riff([chunk('fmt ', fmt(1, 0, 8000, 16)), chunk('data', SOUND)]);
    for (const [behind, warnings] of [
      [Buffer.alloc(5000), []],
      [Buffer.alloc(200, 0xfe), []],
      [Buffer.alloc(5000, 0xfe), [/^5000 bytes behind the sound/]],
      [chunk('LIST', Buffer.alloc(5000, 0xfe)), []],
      [Buffer.concat([odd, wav]), [/^1 of several WAVs in a row could not be read/]],
    ] as const) {
      const { samples, parser } = parse(Buffer.concat([wav, behind]), 100);
      assert.deepEqual(samples.slice(0, 3), [0.5, -0.5, 0.25]);
      assert.equal(samples.length, behind.includes('WAVE') ? 6 : 3);
      assert.equal(parser.losses.warnings.length, warnings.length, parser.losses.warnings.join());
      for (const [i, warning] of warnings.entries()) assert.match(parser.losses.warnings[i] ?? '', warning);
    }
  });

  describe('refuses', () => {
    it('a file that ends before its sound', () => {
      const bytes = riff([FMT_16, chunk('data', Buffer.alloc(16_000))]);
      for (const length of [12, 13, 20, 35, 36, 43, 44]) {
        assertRefused(bytes.subarray(0, length), /cut off or still being/);
      }
      for (const length of [0, 1, 11]) assertRefused(bytes.subarray(0, length), /ends before its header/);
    });

    it('a file without sound', () => {
      assertRefused(riff([FMT_16, chunk('data', EMPTY)]), /holds no sound/);
      assertRefused(riff([FMT_16, chunk('data', EMPTY, 0xffffffff)], { size: 0xffffffff }), /holds no sound/);
      assertRefused(riff([FMT_16, chunk('data', EMPTY), chunk('LIST', SOUND)]), /holds no sound/);
      assertRefused(riff([FMT_16, chunk('data', Buffer.of(1))]), /holds no sound/);
      assertRefused(riff([FMT_16]), /holds no sound/);
    });

    const sound = chunk('data', SOUND);
    const HOSTILE: readonly [name: string, bytes: Buffer, message: RegExp][] = [
      ['no RIFF', Buffer.from('RIFGxxxxWAVEfmt '), /ends before its header/],
      ['another RIFF', Buffer.from('RIFFxxxxAVI LIST'), /ends before its header/],
      ['a rate of 0', riff([chunk('fmt ', fmt(1, 1, 0, 16)), sound]), /sample rate is 0 Hz; 1000 to 384000/],
      ['a huge rate', riff([chunk('fmt ', fmt(1, 1, 0xffffffff, 16, 2)), sound]), /sample rate is 4294967295 Hz/],
      ['no channels', riff([chunk('fmt ', fmt(1, 0, 8000, 16)), sound]), /0 channels; 1 to 32/],
      ['33 channels', riff([chunk('fmt ', fmt(1, 33, 8000, 16)), sound]), /33 channels; 1 to 32/],
      ['65 bits', riff([chunk('fmt ', fmt(1, 1, 8000, 65, 2)), sound]), /65 bits per sample do not fit/],
      ['16-bit floats', riff([chunk('fmt ', fmt(3, 1, 8000, 16)), sound]), /16 bits per sample do not fit/],
      ['a short fmt', riff([chunk('fmt ', fmt(1, 1, 8000, 16).subarray(0, 14)), sound]), /14 bytes instead of 16/],
      [
        'a short extensible fmt',
        riff([chunk('fmt ', fmt(0xfffe, 1, 8000, 16)), sound]),
        /extensible format is too short/,
      ],
      ['data before fmt', riff([sound, FMT_16]), /sound comes before its format/],
      ['a chunk of gigabytes', riff([chunk('LIST', EMPTY, 0xf0000000), FMT_16, sound]), /before its data/],
      ['a fmt chunk of gigabytes', riff([chunk('fmt ', fmt(1, 1, 8000, 16), 0x70000000), sound]), /before its data/],
      [
        'ADPCM',
        riff([chunk('fmt ', fmt(2, 1, 8000, 4, 256)), sound]),
        /its sound is ADPCM \(Microsoft\), which needs ffmpeg/,
      ],
      ['an unknown codec', riff([chunk('fmt ', fmt(0x7777, 1, 8000, 0, 1)), sound]), /the codec 0x7777, which needs/],
      ['zeros behind the start', riff([Buffer.alloc(1000)]), /cut off or still being written/],
    ];
    for (const [name, bytes, message] of HOSTILE) it(name, () => assertRefused(bytes, message));
  });

  it('throws nothing but TALK_ERR_AUDIO, whatever comes', () => {
    const seed = riff([
      chunk('fmt ', extensible(1, 2, 8000, 16)),
      chunk('LIST', SOUND),
      chunk('data', Buffer.alloc(64, 1)),
    ]);
    const change = fc.tuple(fc.nat(seed.length - 1), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 8 }),
        fc.nat(seed.length),
        fc.integer({ min: 1, max: 50 }),
        (changes, length, piece) => {
          const bytes = Buffer.from(seed);
          for (const [at, byte] of changes) bytes[at] = byte;
          WavParser.sniff(bytes.subarray(0, length));
          try {
            const { samples } = parse(bytes.subarray(0, length), piece);
            assert.ok(samples.length > 0);
          } catch (error) {
            assert.ok(isTalkError(error) && error.code === 'TALK_ERR_AUDIO', String(error));
          }
        },
      ),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        WavParser.sniff(Buffer.from(noise));
        const parser = new WavParser();
        try {
          parser.push(Buffer.concat([Buffer.from('RIFFxxxxWAVE'), noise]));
        } catch (error) {
          assert.ok(isTalkError(error) && error.code === 'TALK_ERR_AUDIO', String(error));
        }
      }),
    );
  });

  describe('sniff', () => {
    it('knows what the parser reads', () => {
      for (const [, tag, bits] of ENCODINGS) {
        assert.equal(WavParser.sniff(riff([chunk('fmt ', fmt(tag, 1, 8000, bits))])), 'wav');
        assert.equal(
          WavParser.sniff(riff([chunk('JUNK', Buffer.alloc(27)), chunk('fmt ', extensible(tag, 1, 8000, bits))])),
          'wav',
        );
      }
      assert.equal(WavParser.sniff(riff([], { id: 'RF64' })), 'wav');
      assert.equal(WavParser.sniff(Buffer.from('RIFF\0\0\0\0WAVEfm', 'latin1')), 'wav');
    });

    it('knows what ffmpeg is to read', () => {
      for (const tag of [2, 0x11, 0x31, 0xff]) {
        assert.equal(WavParser.sniff(riff([chunk('fmt ', fmt(tag, 1, 8000, 4, 256))])), 'wav-other-codec');
        assert.equal(WavParser.sniff(riff([chunk('fmt ', extensible(tag, 1, 8000, 16))])), 'wav-other-codec');
      }
      const foreignGuid = extensible(1, 1, 8000, 16);
      foreignGuid[39] = 0;
      assert.equal(WavParser.sniff(riff([chunk('fmt ', foreignGuid)])), 'wav-other-codec');
    });

    it('knows what is no WAV', () => {
      for (const text of ['', 'RIFF', 'RIFF\0\0\0\0AVI LIST', 'OggS\0\0\0\0\0\0\0\0', 'ID3\x04\0\0\0\0\0\0\0\0WAVE']) {
        assert.equal(WavParser.sniff(Buffer.from(text, 'latin1')), undefined);
      }
    });
  });
});
