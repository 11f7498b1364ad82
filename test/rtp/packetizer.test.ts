// Packetizer: vectors V13a to V13f, wrapping counters, limits.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Packetizer, type PacketizerOptions } from '../../src/rtp/packetizer.js';
import { fixture } from '../rtsp/cases.js';

const OPTIONS: PacketizerOptions = { channel: 1, payloadType: 8, ssrc: 0x12345678, sequenceNumber: 1, timestamp: 0 };
const ARGUMENT = { name: 'TalkError', code: 'TALK_ERR_ARGUMENT' };

/** Channel, marker and payload type, sequence number, timestamp. */
function fields(frame: Buffer): [number, number, number, number] {
  return [frame.readUInt8(1), frame.readUInt8(5), frame.readUInt16BE(6), frame.readUInt32BE(8)];
}

describe('Packetizer', () => {
  // PROTOCOL.md V13: PCMA silence; first 16 bytes and SHA-256 of each whole frame.
  const vectors: readonly [id: string, channel: number, payloadBytes: number, frames: [string, string][]][] = [
    [
      'V13a, V13b',
      1,
      160,
      [
        ['240100ac808800010000000012345678', '597b5974cb79cf5598c35e4fd54dba56007805f3043b5d6bd10fcc2ec2bca904'],
        ['240100ac80080002000000a012345678', 'ced93a5bf75f58edb933de68997cc56d14e7090fdf7ba3994ac813196fed2590'],
      ],
    ],
    [
      'V13c, V13d',
      1,
      1024,
      [
        ['2401040c808800010000000012345678', '7f39909efa711aefbf0e628d0e42415dbb456e4ab3ddf2fc0f9b7b970716f1fa'],
        ['2401040c800800020000040012345678', 'ba38fff96bf6b2a3ca56c74914cbf70c094362a5adeb3321fa9cb6acabc67257'],
      ],
    ],
    [
      'V13e',
      1,
      2048,
      [['2401080c808800010000000012345678', 'ca9ec47be067f73a0810dfa0c1915423d71a92e8e31f6b2349b6f877fed537e8']],
    ],
    [
      'V13f',
      0,
      160,
      [['240000ac808800010000000012345678', 'd7d181c5f7ba807acb66de52485d44099d50a9b72587f7fc716e6d7bc3ce8fcf']],
    ],
  ];
  for (const [id, channel, payloadBytes, frames] of vectors) {
    it(`${id}: ${payloadBytes} bytes of silence on channel ${channel}`, () => {
      const packetizer = new Packetizer({ ...OPTIONS, channel });
      for (const [start, sha256] of frames) {
        const frame = packetizer.packetize(Buffer.alloc(payloadBytes, 0xd5));
        assert.equal(frame.length, payloadBytes + 16);
        assert.equal(frame.toString('hex', 0, 16), start);
        assert.equal(createHash('sha256').update(frame).digest('hex'), sha256);
      }
    });
  }

  it('makes the frames of the published conversation', () => {
    const packetizer = new Packetizer(OPTIONS);
    const silence = new Uint8Array(1024).fill(0xd5);
    assert.deepEqual(packetizer.packetize(silence), fixture('tl-ipc/7-frame.bin'));
    assert.deepEqual(packetizer.packetize(silence), fixture('tl-ipc/8-frame.bin'));
  });

  it('wraps sequence number and timestamp, marks the first packet only', () => {
    const packetizer = new Packetizer({
      ...OPTIONS,
      payloadType: 102,
      sequenceNumber: 65_535,
      timestamp: 2 ** 32 - 320,
    });
    const frames = [320, 320, 100, 320].map((bytes) => fields(packetizer.packetize(new Uint8Array(bytes))));
    assert.deepEqual(frames, [
      [1, 0xe6, 65_535, 4_294_966_976],
      [1, 0x66, 0, 0],
      [1, 0x66, 1, 320],
      [1, 0x66, 2, 420],
    ]);
  });

  it('keeps the marker away when the sequence number comes round', () => {
    const packetizer = new Packetizer(OPTIONS);
    const payload = new Uint8Array(1);
    for (let n = 0; n < 65_536; n++) packetizer.packetize(payload);
    assert.deepEqual(fields(packetizer.packetize(payload)), [1, 8, 1, 65_536]);
  });

  it('hands out a Buffer of its own each time', () => {
    const packetizer = new Packetizer(OPTIONS);
    const payload = Buffer.from([1, 2, 3]);
    const first = packetizer.packetize(payload);
    payload.fill(9);
    packetizer.packetize(payload);
    assert.deepEqual([...first.subarray(16)], [1, 2, 3]);
  });

  it('refuses payloads and numbers that do not fit by one', () => {
    const packetizer = new Packetizer(OPTIONS);
    assert.equal(packetizer.packetize(new Uint8Array(65_523)).readUInt16BE(2), 65_535);
    assert.throws(() => packetizer.packetize(new Uint8Array(65_524)), ARGUMENT);
    assert.throws(() => packetizer.packetize(new Uint8Array(0)), ARGUMENT);
    for (const wrong of [
      { channel: 256 },
      { payloadType: 128 },
      { sequenceNumber: 65_536 },
      { timestamp: 2 ** 32 },
      { ssrc: 2 ** 32 },
      { channel: -1 },
    ]) {
      assert.throws(() => new Packetizer({ ...OPTIONS, ...wrong }), ARGUMENT);
    }
  });
});
