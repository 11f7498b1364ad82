// What msg.format may say, and headerless bytes read as mono samples.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PcmReader, bytesPerFrame, parseFormat, type AudioFormat, type Encoding } from '../../src/sound/format.js';
import { isTalkError } from '../../src/errors.js';

/** Two samples of each encoding, typed by hand, and what they are. */
const SAMPLES: readonly [Encoding, hex: string, values: number[]][] = [
  ['alaw', 'd500', [8 / 32768, -5504 / 32768]],
  ['mulaw', 'ff00', [0, -32124 / 32768]],
  ['u8', '8000', [0, -1]],
  ['s16le', 'ff7f0080', [32767 / 32768, -1]],
  ['s24le', '000040ffffff', [0.5, -1 / 8388608]],
  ['s32le', '00000040000000c0', [0.5, -0.5]],
  ['f32le', '0000003f000080bf', [0.5, -1]],
  ['f64le', '000000000000e03f000000000000f0bf', [0.5, -1]],
];

function read(format: AudioFormat, bytes: Uint8Array, cuts: readonly number[] = []): number[] {
  const reader = new PcmReader(format);
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).flatMap((edge, i) => [...reader.push(bytes.subarray(edges[i], edge))]);
}

describe('audio/format', () => {
  describe('parseFormat', () => {
    it('takes the three names for 8000 Hz mono', () => {
      for (const encoding of ['alaw', 'mulaw', 's16le'] as const) {
        assert.deepEqual(parseFormat(encoding), { encoding, sampleRate: 8000, channels: 1 });
      }
    });

    it('takes what users write for them', () => {
      const names: Record<string, Encoding> = {
        PCMA: 'alaw',
        'A-law': 'alaw',
        G711a: 'alaw',
        pcm_alaw: 'alaw',
        pcmu: 'mulaw',
        ulaw: 'mulaw',
        'mu-law': 'mulaw',
        '\u00b5-law': 'mulaw',
        '\u03bc-law': 'mulaw',
        pcm: 's16le',
        S16LE: 's16le',
        pcm_s16le: 's16le',
        'linear 16': 's16le',
        float32: 'f32le',
        pcm_s24le: 's24le',
        u8: 'u8',
      };
      for (const [name, encoding] of Object.entries(names)) assert.equal(parseFormat(name).encoding, encoding, name);
    });

    it('takes an object, with defaults and numbers as text', () => {
      assert.deepEqual(parseFormat({ encoding: 's16le' }), { encoding: 's16le', sampleRate: 8000, channels: 1 });
      assert.deepEqual(parseFormat({ encoding: 'pcm', sampleRate: '16000', channels: ' 2 ' }), {
        encoding: 's16le',
        sampleRate: 16000,
        channels: 2,
      });
      const format = { encoding: 'f64le', sampleRate: 384000, channels: 32 };
      assert.deepEqual(parseFormat(format), format);
      assert.equal(parseFormat({ encoding: 'u8', sampleRate: 1000 }).sampleRate, 1000);
    });

    it('says which part is wrong and what was expected', () => {
      const cases: [unknown, RegExp][] = [
        [undefined, /^format: expected "alaw", "mulaw", "s16le" or \{.*\}, not undefined$/],
        [null, /^format: .*not null$/],
        [8000, /^format: .*not 8000$/],
        [['alaw'], /^format: .*not an array$/],
        ['mp3', /^format\.encoding: expected one of alaw, mulaw.*not "mp3"$/],
        ['', /^format\.encoding: .*not ""$/],
        ['s16be', /^format\.encoding: /],
        [{}, /^format\.encoding: .*not undefined$/],
        [{ encoding: {} }, /^format\.encoding: .*not a value of type object$/],
        [{ encoding: 'toString' }, /^format\.encoding: /],
        [{ encoding: 'alaw', sampleRate: 999 }, /^format\.sampleRate: .*from 1000 to 384000, not 999$/],
        [{ encoding: 'alaw', sampleRate: 384001 }, /^format\.sampleRate: /],
        [{ encoding: 'alaw', sampleRate: 8000.5 }, /^format\.sampleRate: /],
        [{ encoding: 'alaw', sampleRate: '8 kHz' }, /^format\.sampleRate: .*not "8 kHz"$/],
        [{ encoding: 'alaw', sampleRate: '' }, /^format\.sampleRate: /],
        [{ encoding: 'alaw', sampleRate: NaN }, /^format\.sampleRate: /],
        [{ encoding: 'alaw', channels: 0 }, /^format\.channels: expected a whole number from 1 to 32, not 0$/],
        [{ encoding: 'alaw', channels: 33 }, /^format\.channels: /],
        [{ encoding: 'alaw', channels: true }, /^format\.channels: .*not true$/],
      ];
      for (const [value, message] of cases) {
        assert.throws(() => parseFormat(value), { code: 'TALK_ERR_ARGUMENT', message }, String(message));
      }
      assert.throws(
        () => parseFormat('x'.repeat(1000)),
        (error) => error instanceof Error && error.message.length < 200,
      );
    });

    it('throws nothing else, whatever comes', () => {
      fc.assert(
        fc.property(fc.anything(), (value) => {
          try {
            bytesPerFrame(parseFormat(value));
          } catch (error) {
            assert.ok(isTalkError(error) && error.code === 'TALK_ERR_ARGUMENT');
          }
        }),
      );
    });
  });

  it('counts the bytes of a frame', () => {
    assert.equal(bytesPerFrame({ encoding: 'alaw', sampleRate: 8000, channels: 1 }), 1);
    assert.equal(bytesPerFrame({ encoding: 's24le', sampleRate: 8000, channels: 6 }), 18);
    assert.equal(bytesPerFrame({ encoding: 'f64le', sampleRate: 8000, channels: 32 }), 256);
  });

  describe('PcmReader', () => {
    for (const [encoding, hex, values] of SAMPLES) {
      it(`reads ${encoding}`, () => {
        const expected = values.map(Math.fround);
        assert.deepEqual(read({ encoding, sampleRate: 8000, channels: 1 }, Buffer.from(hex, 'hex')), expected);
      });

      it(`averages two channels of ${encoding}, wherever the bytes are cut`, () => {
        const bytes = Buffer.from(hex.repeat(3), 'hex');
        const [left = 0, right = 0] = values.map(Math.fround);
        const average = Math.fround((left + right) / 2);
        for (let cut = 0; cut <= bytes.length; cut++) {
          const samples = read({ encoding, sampleRate: 8000, channels: 2 }, bytes, [cut, cut + 1]);
          assert.deepEqual(samples, [average, average, average], `cut at ${cut}`);
        }
      });
    }

    it('keeps an odd byte for the next push', () => {
      const reader = new PcmReader({ encoding: 's16le', sampleRate: 8000, channels: 2 });
      assert.deepEqual([...reader.push(Uint8Array.of(0))], []);
      assert.deepEqual([...reader.push(Uint8Array.of(0x40, 0))], []);
      assert.deepEqual([...reader.push(Uint8Array.of(0x20, 9))], [0.375]);
      assert.deepEqual([...reader.push(new Uint8Array(0))], []);
      assert.deepEqual([...reader.push(Uint8Array.of(0, 9, 0))], [9 / 32_768]);
    });

    it('takes damaged floats for silence and bounds the loud ones', () => {
      const view = new DataView(new ArrayBuffer(20));
      [NaN, Infinity, -Infinity, 1e30, -1e30].forEach((value, i) => view.setFloat32(4 * i, value, true));
      const samples = read({ encoding: 'f32le', sampleRate: 8000, channels: 1 }, new Uint8Array(view.buffer));
      assert.deepEqual(samples, [0, 0, 0, 64, -64]);
    });

    it('gives the same samples for any split of long sound with many channels', () => {
      const bytes = Uint8Array.from({ length: 2 * 5 * 3001 + 3 }, (_, i) => (i * 37) ^ (i >> 3));
      const format: AudioFormat = { encoding: 's16le', sampleRate: 8000, channels: 5 };
      const whole = read(format, bytes);
      assert.equal(whole.length, 3001);
      const view = new DataView(bytes.buffer);
      for (const frame of [0, 818, 819, 820, 3000]) {
        const channels = [0, 1, 2, 3, 4].map((channel) => view.getInt16(2 * (5 * frame + channel), true) / 32768);
        const average = channels.reduce((sum, sample) => sum + sample, 0) / 5;
        assert.ok(Math.abs((whole[frame] ?? 9) - average) < 1e-7, `frame ${frame}`);
      }
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length), { maxLength: 6 }), (cuts) => {
          assert.deepEqual(read(format, bytes, cuts), whole);
        }),
        { numRuns: 25 },
      );
    });
  });
});
