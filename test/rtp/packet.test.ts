// parseRtp and serializeRtp: one case table both ways, dropped parts, nonsense.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { isTalkError } from '../../src/errors.js';
import { parseRtp, serializeRtp, type RtpPacket } from '../../src/rtp/packet.js';
import { serializeInterleaved } from '../../src/rtsp/serialize.js';

const PROTOCOL = { name: 'TalkError', code: 'TALK_ERR_PROTOCOL' };
const PACKET: RtpPacket = {
  payloadType: 8,
  marker: true,
  sequenceNumber: 1,
  timestamp: 0,
  ssrc: 0x12345678,
  payload: Buffer.from('d5d5', 'hex'),
};

/** `plain`: serialising gives the bytes back. */
const CASES: readonly [name: string, hex: string, packet: RtpPacket, plain: boolean][] = [
  ['PCMA with marker', '808800010000000012345678d5d5', PACKET, true],
  ['PT 102 without marker', '806600000000000012345678ff', { ...PACKET, payloadType: 102, marker: false, sequenceNumber: 0, payload: Buffer.of(0xff) }, true], // prettier-ignore
  ['every field at its most', '80fffffffffffffeffffffff00', { payloadType: 127, marker: true, sequenceNumber: 65_535, timestamp: 4_294_967_294, ssrc: 4_294_967_295, payload: Buffer.of(0) }, true], // prettier-ignore
  ['no payload', '808800010000000012345678', { ...PACKET, payload: Buffer.alloc(0) }, true],
  ['two contributing sources', '828800010000000012345678aaaaaaaabbbbbbbbd5d5', PACKET, false],
  ['an extension of one word', '908800010000000012345678bede0001aabbccddd5d5', PACKET, false],
  ['an empty extension', '908800010000000012345678bede0000d5d5', PACKET, false],
  ['padding', 'a08800010000000012345678d5d5000003', PACKET, false],
  ['padding only', 'a0880001000000001234567801', { ...PACKET, payload: Buffer.alloc(0) }, false],
  ['all of these', 'b18800010000000012345678aaaaaaaabede0001aabbccddd5d50002', PACKET, false],
];

describe('parseRtp', () => {
  for (const [name, hex, packet] of CASES) {
    it(`reads ${name}`, () => assert.deepEqual(parseRtp(Buffer.from(hex, 'hex')), packet));
  }

  const nonsense: readonly [name: string, hex: string][] = [
    ['nothing', ''],
    ['a header short by one byte', '8088000100000000123456'],
    ['version 1', '408800010000000012345678d5'],
    ['version 3', 'c08800010000000012345678d5'],
    ['contributing sources short by one byte', '8188000100000000123456780000aa'],
    ['an extension header short by one byte', '908800010000000012345678bede00'],
    ['an extension short by one byte', '908800010000000012345678bede0001aabbcc'],
    ['padding of 0', 'a08800010000000012345678d500'],
    ['padding longer by one byte than the payload', 'a08800010000000012345678d503'],
    ['padding without a byte', 'a08800010000000012345678'],
  ];
  for (const [name, hex] of nonsense) {
    it(`refuses ${name}`, () => assert.throws(() => parseRtp(Buffer.from(hex, 'hex')), PROTOCOL));
  }

  it('throws nothing but TalkError', () => {
    const seeds = CASES.map(([, hex]) => Buffer.from(hex, 'hex'));
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat(255), fc.nat(30))
      .map(([seed, at, byte, length]) => {
        const bytes = Buffer.from(seed.subarray(0, length));
        if (bytes.length > 0) bytes[at % bytes.length] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(
        fc.oneof(
          damaged,
          fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          try {
            assert.ok(parseRtp(bytes).payload.length <= bytes.length - 12);
          } catch (error) {
            if (!isTalkError(error)) throw error;
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

describe('serializeRtp', () => {
  for (const [name, hex, packet, plain] of CASES) {
    if (plain) it(`writes ${name}`, () => assert.equal(serializeRtp(packet).toString('hex'), hex));
  }

  it('V13g: µ-law in an interleaved frame without marker', () => {
    const payload = serializeRtp({
      payloadType: 102,
      marker: false,
      sequenceNumber: 0,
      timestamp: 0,
      ssrc: 0x12345678,
      payload: Buffer.alloc(320, 0xff),
    });
    const frame = serializeInterleaved({ channel: 1, payload });
    assert.equal(frame.toString('hex', 0, 16), '2401014c806600000000000012345678');
    assert.equal(
      createHash('sha256').update(frame).digest('hex'),
      'c6b322ebcf94666a6b9aa2093b2297f91f409feb503fe6507875599d40fc6910',
    );
  });

  it('refuses a number that does not fit its field by one', () => {
    for (const wrong of [
      { payloadType: 128 },
      { sequenceNumber: 65_536 },
      { timestamp: 2 ** 32 },
      { ssrc: 2 ** 32 },
      { ssrc: -1 },
      { timestamp: 0.5 },
    ]) {
      assert.throws(() => serializeRtp({ ...PACKET, ...wrong }), { name: 'TalkError', code: 'TALK_ERR_ARGUMENT' });
    }
  });
});
