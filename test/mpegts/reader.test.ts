// The strict reader: sound and times of the vectors, and that it notices every single thing that can be wrong.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TransportStreamReader, type StreamFaultKind } from '../../src/mpegts/reader.js';
import {
  FRAME_20_MS,
  FRAME_40_MS,
  sha256,
  silence,
  TABLES,
  TABLES_WITH_CLOCK,
  TIME_STAMPS,
  vendorGroup,
  VENDOR_GROUPS_SHA,
} from './vectors.js';

/** A copy with other bytes from `at` on. */
function changed(bytes: Buffer, at: number, hex: string): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(Buffer.from(hex, 'hex'), at);
  return copy;
}

function kinds(parts: readonly Buffer[], reader = new TransportStreamReader()): StreamFaultKind[] {
  return parts.flatMap((part) => reader.read(part).faults.map(({ kind }) => kind));
}

/** The second frame of a stream: what counts on has counted on. */
const NEXT_20_MS = changed(changed(FRAME_20_MS, 3, '31'), 23, '2100010e11');
const NEXT_40_MS = changed(changed(changed(FRAME_40_MS, 3, '12'), 13, '2100011c21'), 191, '33');

describe('TransportStreamReader', () => {
  it('reads tables and frames', () => {
    const reader = new TransportStreamReader();
    assert.deepEqual(reader.read(TABLES), { audio: Buffer.alloc(0), pts: undefined, streamType: 0x90, faults: [] });
    assert.deepEqual(reader.read(FRAME_40_MS), { audio: silence(320), pts: 0, streamType: 0x90, faults: [] });
    assert.deepEqual(reader.read(NEXT_40_MS), { audio: silence(320), pts: 3_600, streamType: 0x90, faults: [] });
  });

  it('reads several frames of one part, and tables before them', () => {
    const { audio, pts, faults } = new TransportStreamReader().read(Buffer.concat([TABLES, FRAME_20_MS, NEXT_20_MS]));
    assert.deepEqual([audio.length, pts, faults], [320, 0, []]);
  });

  for (const [ticks, bytes] of TIME_STAMPS) {
    it(`reads the time stamp ${ticks}`, () => {
      const reader = new TransportStreamReader();
      const { pts, faults } = reader.read(Buffer.concat([TABLES, changed(FRAME_20_MS, 23, bytes)]));
      assert.deepEqual([pts, faults], [ticks, []]);
    });
  }

  it('takes a step across the end of 33 bits', () => {
    const last = changed(FRAME_20_MS, 23, '2ffffff1f1');
    const behind = changed(NEXT_20_MS, 23, '2100010001');
    assert.deepEqual(kinds([TABLES, last, behind]), []);
  });

  for (const [name, kind, parts] of [
    ['tables with a clock', undefined, [TABLES_WITH_CLOCK, FRAME_20_MS]],
    ['null packets', undefined, [TABLES, changed(silence(188), 0, '471fff10'), FRAME_20_MS]],
    ['a clock in an adaptation field', undefined, [TABLES, changed(FRAME_20_MS, 5, '10000000007e00')]],
    ['a packet without payload, which is not counted', undefined, [TABLES, FRAME_20_MS, changed(Buffer.alloc(188, 0xff), 0, '47010020b700'), NEXT_20_MS]], // prettier-ignore
    ['nothing', 'ts_size', [TABLES, Buffer.alloc(0)]],
    ['a byte too few', 'ts_size', [TABLES, FRAME_20_MS.subarray(0, 187)]],
    ['a byte too many', 'ts_size', [TABLES, Buffer.concat([FRAME_20_MS, Buffer.of(0x47)])]],
    ['another sync byte', 'ts_sync', [TABLES, changed(FRAME_20_MS, 0, '48'), FRAME_20_MS]],
    ['the error bit', 'ts_header', [TABLES, changed(FRAME_20_MS, 1, 'c1')]],
    ['scrambling', 'ts_header', [TABLES, changed(FRAME_20_MS, 3, 'b0')]],
    ['neither adaptation nor payload', 'ts_header', [TABLES, changed(FRAME_20_MS, 3, '00')]],
    ['an adaptation field as long as the packet', 'ts_header', [TABLES, changed(FRAME_20_MS, 4, 'b7')]],
    ['a field of an adaptation field', 'ts_header', [TABLES, changed(FRAME_20_MS, 5, '02')]],
    ['a clock without room', 'ts_header', [TABLES, changed(changed(FRAME_40_MS, 191, '310510'), 8, '0164')]],
    ['an adaptation field filled with 00', 'ts_stuffing', [TABLES, changed(FRAME_20_MS, 13, '00')]],
    ['a table filled with 00', 'ts_stuffing', [changed(TABLES, 187, '00'), FRAME_20_MS]],
    ['another one, too', 'ts_stuffing', [changed(TABLES, 375, '00'), FRAME_20_MS]],
    ['a counter that stands', 'ts_continuity', [TABLES, FRAME_20_MS, changed(NEXT_20_MS, 3, '30')]],
    ['a counter that leaps', 'ts_continuity', [TABLES, FRAME_20_MS, changed(NEXT_20_MS, 3, '32')]],
    ['a counter that leaps within a part', 'ts_continuity', [TABLES, changed(FRAME_40_MS, 191, '32')]],
    ['a counter of tables that stands', 'ts_continuity', [TABLES, TABLES]],
    ['a packet in no table', 'ts_pid', [TABLES, changed(FRAME_20_MS, 2, '01')]],
    ['a PAT that is none', 'psi', [TABLES, changed(TABLES, 3, '11000042').subarray(0, 188)]],
    ['a table that goes on', 'psi', [TABLES, changed(TABLES, 1, '00001100').subarray(0, 188)]],
    ['a section longer than its packet', 'psi', [TABLES, changed(TABLES, 3, '110000b0b5').subarray(0, 188)]],
    ['a section shorter than its head', 'psi', [TABLES, changed(TABLES, 3, '110000b008').subarray(0, 188)]],
    ['a pointer out of the packet', 'psi', [TABLES, changed(TABLES, 3, '11b8').subarray(0, 188)]],
    ['a wrong CRC', 'psi_crc', [changed(TABLES, 17, '2ab104b3'), FRAME_20_MS]],
    ['a wrong CRC of the other table', 'psi_crc', [changed(TABLES, 188 + 22, '00000000'), FRAME_20_MS]],
    ['sound before the tables', 'pes_without_psi', [FRAME_20_MS]],
    ['sound before the second table', 'pes_without_psi', [TABLES.subarray(0, 188), FRAME_20_MS]],
    ['no start code', 'pes_header', [TABLES, changed(FRAME_20_MS, 16, '02')]],
    ['another stream id', 'pes_header', [TABLES, changed(FRAME_20_MS, 17, 'bd')]],
    ['other flags', 'pes_header', [TABLES, changed(FRAME_20_MS, 20, '84')]],
    ['no time', 'pes_header', [TABLES, changed(FRAME_20_MS, 21, '00')]],
    ['a time without marker bits', 'pes_header', [TABLES, changed(FRAME_20_MS, 23, '2000010001')]],
    ['a time without its second marker bit', 'pes_header', [TABLES, changed(FRAME_20_MS, 23, '2100000001')]],
    ['a time without its third marker bit', 'pes_header', [TABLES, changed(FRAME_20_MS, 23, '2100010000')]],
    ['a length of 8 too low', 'pes_length', [TABLES, changed(FRAME_20_MS, 18, '00a0')]],
    ['no length', 'pes_length', [TABLES, changed(FRAME_20_MS, 18, '0000')]],
    ['a length that another frame cuts short', 'pes_length', [TABLES, Buffer.concat([changed(FRAME_20_MS, 18, '00a9'), NEXT_20_MS])]], // prettier-ignore
    ['half a frame', 'pes_across_parts', [TABLES, FRAME_40_MS.subarray(0, 188)]],
    ['the other half alone', 'pes_across_parts', [TABLES, FRAME_40_MS.subarray(188)]],
    ['a time that stands', 'pts_step', [TABLES, FRAME_20_MS, changed(NEXT_20_MS, 23, '2100010001')]],
    ['time of 8 kHz', 'pts_step', [TABLES, FRAME_20_MS, changed(NEXT_20_MS, 23, '2100010141')]],
    ['time that goes back', 'pts_step', [TABLES, changed(FRAME_20_MS, 23, '2100010e11'), changed(NEXT_20_MS, 23, '2100010001')]], // prettier-ignore
    ['a step two ticks too long', 'pts_step', [TABLES, FRAME_20_MS, changed(NEXT_20_MS, 23, '2100010e15')]],
  ] as const) {
    it(`${kind === undefined ? 'takes' : `says ${kind} of`} ${name}`, () => {
      assert.deepEqual(kinds(parts), kind === undefined ? [] : [kind]);
    });
  }

  it('says the stream type, and that it is another one', () => {
    const reader = new TransportStreamReader();
    assert.deepEqual(kinds([changed(TABLES, 188 + 17, '06')], reader), ['psi_crc', 'stream_type']);
    assert.equal(reader.read(FRAME_20_MS).streamType, 6);
  });

  it('lets a rounded time be', () => {
    const oneTick = changed(NEXT_20_MS, 23, '2100010e13');
    assert.deepEqual(kinds([TABLES, FRAME_20_MS, oneTick]), []);
  });

  it('hears what a camera hears in spite of faults, across parts as well', () => {
    const reader = new TransportStreamReader();
    reader.read(changed(TABLES, 17, '00000000'));
    const halves = [FRAME_40_MS.subarray(0, 188), FRAME_40_MS.subarray(188)].map((half) => reader.read(half));
    assert.deepEqual(Buffer.concat(halves.map(({ audio }) => audio)), silence(320));
    assert.deepEqual(halves.map(({ pts }) => pts), [0, undefined]); // prettier-ignore
    assert.deepEqual(kinds([NEXT_40_MS], reader), [], 'and counts on');
  });

  it('tells each kind once for a part, in few words', () => {
    const { faults } = new TransportStreamReader().read(Buffer.concat(Array<Buffer>(50).fill(FRAME_20_MS)));
    assert.deepEqual(faults.map(({ kind }) => kind), ['pes_without_psi', 'ts_continuity']); // prettier-ignore
    assert.ok(faults.every(({ text }) => text.length < 100));
  });

  describe('a group of the maker’s app', () => {
    for (const [pts, sha] of VENDOR_GROUPS_SHA) {
      it(`is heard, PTS ${pts}: its CRCs and its length are wrong`, () => {
        const group = vendorGroup(pts);
        assert.equal(group.length, 1_504);
        assert.equal(sha256(group), sha);
        const { audio, faults } = new TransportStreamReader().read(group);
        assert.deepEqual(audio, silence(960));
        assert.deepEqual(faults.map(({ kind }) => kind), ['psi_crc', 'pes_length']); // prettier-ignore
      });
    }

    it('counts tables and sound from 0 again', () => {
      const reader = new TransportStreamReader();
      reader.read(vendorGroup('2100010001'));
      assert.deepEqual(kinds([vendorGroup('2100015461')], reader), ['ts_continuity', 'psi_crc', 'pes_length']);
    });
  });

  it('reads what is cut at every byte, and goes on with the next part', () => {
    const group = Buffer.concat([TABLES, FRAME_40_MS]);
    for (let cut = 0; cut <= group.length; cut++) {
      const reader = new TransportStreamReader();
      const heads = [group.subarray(0, cut), group.subarray(cut)].map((part) => reader.read(part));
      const whole = cut % 188 === 0;
      assert.equal(heads.every(({ faults }) => faults.every(({ kind }) => kind !== 'ts_size')), whole && cut > 0 && cut < group.length); // prettier-ignore
      const after = new TransportStreamReader();
      after.read(group.subarray(0, cut));
      after.read(TABLES);
      assert.deepEqual(after.read(FRAME_40_MS).audio, silence(320));
    }
  });

  it('takes any bytes', () => {
    const packet = fc.oneof(
      fc.constantFrom(
        TABLES.subarray(0, 188),
        TABLES.subarray(188),
        FRAME_20_MS,
        FRAME_40_MS,
        vendorGroup('2100010001'),
      ),
      fc.uint8Array({ minLength: 187, maxLength: 188 }).map((bytes) => Buffer.from(bytes)),
    );
    const spoilt = fc
      .tuple(packet, fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 4 }))
      .map(([bytes, changes]) => changes.reduce((copy, [at, byte]) => changed(copy, at, Buffer.of(byte).toString('hex')), bytes)); // prettier-ignore
    fc.assert(
      fc.property(fc.array(fc.array(spoilt, { maxLength: 6 }), { maxLength: 4 }), (parts) => {
        const reader = new TransportStreamReader();
        for (const packets of parts) {
          const part = Buffer.concat(packets);
          const { audio, faults } = reader.read(part);
          assert.ok(audio.length <= part.length);
          assert.equal(new Set(faults.map(({ kind }) => kind)).size, faults.length);
        }
      }),
    );
  });
});
