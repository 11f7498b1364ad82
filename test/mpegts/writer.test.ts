// The writer: the vectors byte for byte, every length, time and counters over days, what is refused; and that other programs read it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TransportStreamReader } from '../../src/mpegts/reader.js';
import { FrameWriter, streamTables, writePts } from '../../src/mpegts/writer.js';
import { serializePart } from '../../src/multipart/serialize.js';
import {
  FRAME_120_MS_SHA,
  FRAME_128_MS_SHA,
  FRAME_20_MS,
  FRAME_40_MS,
  FRAMES_20_MS_SHA,
  FRAMES_40_MS_SHA,
  sha256,
  silence,
  TABLES,
  TABLES_SHA,
  TIME_STAMPS,
  vendorGroup,
} from './vectors.js';

const ARGUMENT = { name: 'TalkError', code: 'TALK_ERR_ARGUMENT' };

describe('streamTables', () => {
  it('is what go2rtc and python-kasa send (PROTOCOL.md M12)', () => {
    assert.deepEqual(streamTables(), TABLES);
    assert.equal(sha256(streamTables()), TABLES_SHA);
  });
});

describe('FrameWriter', () => {
  it('gives frames of 20 ms, one packet each', () => {
    const writer = new FrameWriter();
    const first = writer.write(silence(160));
    assert.deepEqual(first, FRAME_20_MS);
    assert.deepEqual([first, writer.write(silence(160))].map(sha256), FRAMES_20_MS_SHA);
  });

  it('gives frames of 40 ms, two packets each', () => {
    const writer = new FrameWriter();
    const first = writer.write(silence(320));
    assert.deepEqual(first, FRAME_40_MS);
    assert.deepEqual([first, writer.write(silence(320))].map(sha256), FRAMES_40_MS_SHA);
  });

  it('gives frames of 120 and 128 ms, six packets each', () => {
    assert.equal(sha256(new FrameWriter().write(silence(960))), FRAME_120_MS_SHA);
    assert.equal(sha256(new FrameWriter().write(silence(1_024))), FRAME_128_MS_SHA);
  });

  it('fits every length into its packets, with nothing wrong', () => {
    const writer = new FrameWriter();
    const reader = new TransportStreamReader();
    assert.deepEqual(reader.read(streamTables()).faults, []);
    let samples = 0;
    for (let bytes = 1; bytes <= 1_460; bytes++) {
      const audio = Buffer.from(Array.from({ length: bytes }, (_, n) => (n * 7 + bytes) & 0xff));
      const written = writer.write(audio);
      assert.equal(written.length, 188 * Math.ceil((bytes + 14) / 184));
      const read = reader.read(written);
      assert.deepEqual(
        read,
        { audio, pts: Math.floor(samples * 11.25), streamType: 0x90, faults: [] },
        `${bytes} bytes`,
      );
      samples += bytes;
    }
  });

  it('fills a packet that lacks one byte with an empty adaptation field', () => {
    const [a, b, c, d, e, ...rest] = new FrameWriter().write(silence(169));
    assert.deepEqual([a, b, c, d, e, rest.length], [0x47, 0x41, 0x00, 0x30, 0x00, 183]);
    assert.deepEqual(rest.slice(0, 4), [0, 0, 1, 0xc0]);
  });

  it('takes views of any array, and shares no memory with them', () => {
    const bytes = new Uint8Array(400).fill(0xd5);
    const written = new FrameWriter().write(bytes.subarray(80, 400));
    bytes.fill(0);
    assert.deepEqual(written, FRAME_40_MS);
  });

  it('counts time beyond 33 bits and packets beyond 4, as the reader does', () => {
    const writer = new FrameWriter();
    const reader = new TransportStreamReader();
    reader.read(streamTables());
    const frame = silence(1_460);
    let last = 0;
    let wraps = 0;
    // 2^33 ticks are 26.5 hours: 522 979 frames. The last of them are read, and the first behind.
    for (let n = 0; n < 523_200; n++) {
      const written = writer.write(frame);
      if (n < 522_700) continue;
      const { pts = NaN, faults } = reader.read(written);
      assert.deepEqual(faults, []);
      assert.equal(pts, (n * 16_425) % 2 ** 33);
      if (pts < last) wraps++;
      last = pts;
    }
    assert.equal(wraps, 1);
  });

  it('refuses a frame that is empty or too long by one byte', () => {
    const writer = new FrameWriter();
    assert.throws(() => writer.write(silence(0)), ARGUMENT);
    assert.throws(() => writer.write(silence(1_461)), ARGUMENT);
    assert.deepEqual(writer.write(silence(160)), FRAME_20_MS, 'and counts nothing of it');
  });

  it('says the same sound at the same time, however it is cut', () => {
    const cuts = fc.array(fc.integer({ min: 160, max: 1_460 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(cuts, fc.integer(), (lengths, seed) => {
        const writer = new FrameWriter();
        const reader = new TransportStreamReader();
        reader.read(streamTables());
        let samples = 0;
        for (const length of lengths) {
          const audio = Buffer.from(Array.from({ length }, (_, n) => (n * seed) & 0xff));
          const read = reader.read(writer.write(audio));
          assert.deepEqual(read.audio, audio);
          assert.deepEqual(read.faults, []);
          assert.ok(Math.abs((read.pts ?? NaN) - samples * 11.25) < 1);
          samples += length;
        }
      }),
    );
  });
});

describe('writePts', () => {
  for (const [ticks, bytes] of TIME_STAMPS) {
    it(`of ${ticks}`, () => {
      const written = Buffer.alloc(7);
      writePts(written, 1, ticks);
      assert.equal(written.toString('hex'), `00${bytes}00`);
    });
  }
});

describe('a part of sound', () => {
  const headers = [['Content-Type', 'audio/mp2t'], ['X-If-Encrypt', '0'], ['X-Session-Id', '71']] as const; // prettier-ignore
  for (const [name, body, bytes, sha] of [
    ['the tables', streamTables(), 492, 'c7db7141882b4244cd91da51c90aa8fd843463310f91cc655f9df8359507af96'],
    [
      '20 ms',
      new FrameWriter().write(silence(160)),
      304,
      '65db2d4d2b63c7c320c0b0a06660afe9e8e842e59cffe2efd4fb4fff82b08f11',
    ],
    [
      '40 ms',
      new FrameWriter().write(silence(320)),
      492,
      '45ed80af50f5bccdb3394d36e6de0be50a5be6a34e1c988c4494402d3ca4ab2e',
    ],
    [
      'a group of the maker’s app',
      vendorGroup('2100010001'),
      1_621,
      'dc3da5fc635a156f2c163d13c3fd421579d0d68177e755eac4f7e684a1580338',
    ],
  ] as const) {
    it(`of ${name}`, () => {
      const part = serializePart({ headers, body });
      assert.equal(part.length, bytes);
      assert.equal(sha256(part), sha);
    });
  }
});
