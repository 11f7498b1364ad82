// The rules for packets, each broken by one packet that is otherwise right.
import assert from 'node:assert/strict';
import { PacketRules, type PacketRulesOptions, type RecordedPacket } from '../../../src/simulator/talk/packet-rules.js';

const IPC: PacketRulesOptions = { channel: 1, payloadTypes: [8, 102], maxAheadMs: 250, maxGapMs: 250 };

/** Packet `n` (0 = first) of a faultless stream of 1024 bytes each 128 ms; counters wrap at packet 2. */
function packet(n: number, change: Partial<RecordedPacket> = {}): RecordedPacket {
  return {
    at: 5_000 + n * 128,
    channel: 1,
    payloadType: 8,
    marker: n === 0,
    sequenceNumber: (65_534 + n) % 65_536,
    timestamp: (4_294_965_248 + n * 1_024) % 4_294_967_296,
    ssrc: 0x12345678,
    payload: Buffer.alloc(1_024, 0xd5),
    ...change,
  };
}

function judge(packets: RecordedPacket[], options = IPC): { violations: string[]; warnings: string[] } {
  const rules = new PacketRules(options);
  const complaints = packets.map((one) => rules.check(one));
  return {
    violations: complaints.flatMap(({ violations }) => violations),
    warnings: complaints.flatMap(({ warnings }) => warnings),
  };
}

const stream = (changes: Record<number, Partial<RecordedPacket>>, packets = 5): RecordedPacket[] =>
  Array.from({ length: packets }, (_, n) => packet(n, changes[n]));

describe('simulator/packet-rules', () => {
  it('has nothing against a faultless stream whose counters wrap', () => {
    assert.deepEqual(judge(stream({}, 50)), { violations: [], warnings: [] });
  });

  const cases: [what: string, packets: RecordedPacket[], violations: string[]][] = [
    [
      'wrong channel, named once',
      stream({ 0: { channel: 0 }, 1: { channel: 0 } }),
      ['packet 1: channel 0 instead of 1'],
    ],
    ['channel that changes', stream({ 3: { channel: 2 } }), ['packet 4: channel 2 instead of 1']],
    ['wrong payload type', [packet(0, { payloadType: 0 })], ['packet 1: payload type 0 instead of 8 or 102']],
    ['payload type that changes', stream({ 1: { payloadType: 0 } }, 2), ['packet 2: payload type 0 after 8']],
    ['SSRC that changes', stream({ 4: { ssrc: 1 } }), ['packet 5: SSRC changed']],
    [
      'lost packet',
      [packet(0), packet(1), packet(3, { at: packet(2).at })],
      ['packet 3: sequence number 1 instead of 0', 'packet 3: timestamp 1024 instead of 0'],
    ],
    [
      'sequence number that stands still',
      stream({ 4: { sequenceNumber: 1 } }),
      ['packet 5: sequence number 1 instead of 2'],
    ],
    [
      'timestamp in milliseconds',
      stream({ 1: { timestamp: 4_294_965_376 } }, 2),
      ['packet 2: timestamp 4294965376 instead of 4294966272'],
    ],
    [
      'too large a packet',
      [packet(0, { payload: Buffer.alloc(2_049) })],
      ['packet 1: payload of 2049 bytes, more than 2048'],
    ],
    ['gap', stream({ 4: { at: packet(4).at + 251 } }), ['packet 5: gap of 251 ms']],
  ];
  for (const [what, packets, violations] of cases) {
    it(`names a ${what}`, () => assert.deepEqual(judge(packets), { violations, warnings: [] }));
  }

  it('allows a burst of a quarter of a second and not a millisecond more', () => {
    const burst = (n: number, at: number): RecordedPacket => packet(n, { at });
    assert.deepEqual(judge([burst(0, 5_000), burst(1, 5_000), burst(2, 5_006)]).violations, []);
    assert.deepEqual(judge([burst(0, 5_000), burst(1, 5_000), burst(2, 5_005)]).violations, [
      'packet 3: 251 ms ahead of real time',
    ]);
  });

  it('names a flood when it begins, and the next one', () => {
    const at = [0, 0, 0, 0, 512, 640, 640, 640];
    const packets = at.map((ms, n) => packet(n, { at: 5_000 + ms }));
    assert.deepEqual(judge(packets).violations, [
      'packet 3: 256 ms ahead of real time',
      'packet 8: 256 ms ahead of real time',
    ]);
  });

  it('calls a flood after a pause a flood too, although it is behind the first packet', () => {
    const packets = [0, 128, 2_000, 2_000, 2_000].map((ms, n) => packet(n, { at: 5_000 + ms }));
    assert.deepEqual(judge(packets).violations, ['packet 3: gap of 1744 ms', 'packet 5: 256 ms ahead of real time']);
  });

  it('counts 16 kHz µ-law at twice the speed', () => {
    const small = (n: number, at: number): RecordedPacket =>
      packet(n, { at, payloadType: 102, payload: Buffer.alloc(320), timestamp: n * 320 });
    const paced = Array.from({ length: 100 }, (_, n) => small(n, n * 20));
    assert.deepEqual(judge(paced).violations, []);
    const burst = Array.from({ length: 15 }, (_, n) => small(n, 0));
    assert.deepEqual(judge(burst).violations, ['packet 14: 260 ms ahead of real time']);
  });

  describe('only warns of sizes that cameras have been seen to play', () => {
    /** Payloads of these sizes, each when the sound before it is over, all counters right. */
    const sized = (sizes: readonly number[], at: (n: number, samples: number) => number): RecordedPacket[] => {
      let samples = 0;
      return sizes.map((size, n) => {
        const one = packet(n, { at: at(n, samples), timestamp: samples, payload: Buffer.alloc(size, 0xd5) });
        samples += size;
        return one;
      });
    };
    const paced = (_: number, samples: number): number => samples / 8;

    for (const size of [192, 256, 352, 512, 588, 1_000, 1_460, 1_536]) {
      it(`${size} bytes`, () => {
        assert.deepEqual(judge(sized([size, size, size], paced)), {
          violations: [],
          warnings: [`packet 1: payload of ${size} bytes, not one of 160, 320, 1024, 2048`],
        });
      });
    }
    for (const size of [160, 320, 1_024, 2_048]) {
      it(`not of ${size} bytes`, () => {
        assert.deepEqual(judge(sized([size, size, size], paced)), { violations: [], warnings: [] });
      });
    }

    it('a short last packet', () => {
      assert.deepEqual(judge(stream({ 4: { payload: Buffer.alloc(512) } })), {
        violations: [],
        warnings: ['packet 5: payload of 512 bytes after 1024'],
      });
    });

    it('what hass-tplink-ipc sends of an MP3: sizes that change, lead-in in bursts', () => {
      const sizes = [1_460, 588, 352, ...Array.from({ length: 50 }, () => 192)];
      const bursts = (n: number, samples: number): number => (n < 2 ? 0 : n === 2 ? 256 : samples / 8);
      assert.deepEqual(judge(sized(sizes, bursts)), {
        violations: [],
        warnings: [
          'packet 1: payload of 1460 bytes, not one of 160, 320, 1024, 2048',
          'packet 2: payload of 588 bytes after 1460',
        ],
      });
    });

    it('what it sends of an 8 kHz WAV: a quarter of a second in two packets, again and again', () => {
      const sizes = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? 1_460 : 588));
      const bursts = (n: number): number => Math.floor(n / 2) * 256;
      assert.deepEqual(judge(sized(sizes, bursts)).violations, []);
    });
  });

  it('only warns of markers, which no camera has been seen to mind', () => {
    assert.deepEqual(judge(stream({ 0: { marker: false }, 2: { marker: true } })), {
      violations: [],
      warnings: ['packet 1: marker not set on the first packet', 'packet 3: marker set'],
    });
  });
});
