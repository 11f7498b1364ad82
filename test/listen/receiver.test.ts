// SoundReceiver: frames to samples, loss to silence, what is not sound left aside.
import assert from 'node:assert/strict';
import { decodeAlaw } from '../../src/sound/g711.js';
import { g711Decoder } from '../../src/listen/decoder.js';
import type { ListenGrant } from '../../src/listen/dialogue.js';
import { SoundReceiver } from '../../src/listen/receiver.js';
import { rtpBytes, type PacketParts } from './packets.js';
import { pcma } from './sound-camera.js';

const GRANT: ListenGrant = {
  track: { uri: 'rtsp://cam/track2', payloadType: 8, clockRate: 8_000, channels: 1, codec: { name: 'PCMA' } },
  channels: { rtp: 4, rtcp: 5 },
  keepAliveMs: 30_000,
  login: 'md5',
};

describe('SoundReceiver', () => {
  let heard: number[];
  let times: number[];
  let receiver: SoundReceiver;
  let now: number;

  beforeEach(() => {
    heard = [];
    times = [];
    now = 1_000;
    receiver = new SoundReceiver(
      GRANT,
      (events) => g711Decoder('alaw', { sampleRate: 8_000, channels: 1 }, events),
      ({ samples, sampleRate, heardAt }) => {
        assert.equal(sampleRate, 8_000);
        heard.push(...samples.map((sample) => sample * 32_768));
        times.push(heardAt);
      },
    );
  });

  const take = (parts: PacketParts, channel = 4): void =>
    receiver.take({ kind: 'interleaved', channel, payload: rtpBytes(parts) }, (now += 20));
  /** The first sample of each 20 ms. */
  const shown = (): number[] => heard.filter((_, index) => index % 160 === 0);
  const level = (code: number): number => decodeAlaw(Buffer.of(0x80 + code))[0] ?? 0;

  it('plays what comes, each sample with its time', () => {
    pcma(3, 10).forEach((parts) => take(parts));
    assert.deepEqual(shown(), [level(10), level(11), level(12)]);
    assert.equal(heard.length, 480);
    assert.deepEqual(times.map(Math.round), [1_000, 1_020, 1_040]);
    assert.equal(receiver.lastAt, 1_060);
    assert.deepEqual(receiver.stats, { packets: 3, lost: 0, late: 0, foreign: 0, malformed: 0, filledMs: 0 });
  });

  it('puts packets back in order', () => {
    const [a, b, c, d] = pcma(4) as [PacketParts, PacketParts, PacketParts, PacketParts];
    for (const parts of [a, c, b, d]) take(parts);
    assert.deepEqual(shown(), [0, 1, 2, 3].map(level));
    assert.equal(receiver.stats.filledMs, 0);
  });

  it('keeps the time of what is lost, as silence', () => {
    const packets = pcma(10);
    for (const [index, parts] of packets.entries()) {
      if (index !== 2 && index !== 3) take(parts);
      else now += 20;
    }
    const quiet = level(0x55);
    assert.deepEqual(shown(), [level(0), level(1), quiet, quiet, ...[4, 5, 6, 7, 8, 9].map(level)]);
    assert.equal(heard.length, 1_600);
    assert.equal(receiver.stats.lost, 2);
    assert.equal(receiver.stats.filledMs, 40);
    // What was held back has its own time all the same.
    assert.equal(Math.round((times.at(-1) ?? 0) - (times[0] ?? 0)), 180);
  });

  it('leaves aside what is not its sound', () => {
    const [first, second] = pcma(2) as [PacketParts, PacketParts];
    take(first, 5);
    take({ ...first, payloadType: 13 });
    receiver.take({ kind: 'interleaved', channel: 4, payload: Buffer.from('8008', 'hex') }, now);
    receiver.take({ kind: 'interleaved', channel: 4, payload: Buffer.alloc(0) }, now);
    assert.equal(receiver.lastAt, undefined);
    take(second);
    assert.deepEqual(shown(), [level(1)]);
    assert.deepEqual(receiver.stats, { packets: 1, lost: 0, late: 0, foreign: 1, malformed: 2, filledMs: 0 });
  });

  it('begins anew when the camera does', () => {
    take({ sequenceNumber: 7, timestamp: 999_999, payload: Buffer.alloc(160, 0x81) });
    now += 500;
    take({ sequenceNumber: 40_000, timestamp: 5, ssrc: 9, payload: Buffer.alloc(160, 0x82) });
    assert.deepEqual(shown(), [level(1), level(2)]);
    assert.deepEqual(times.map(Math.round), [1_000, 1_520]);
    assert.equal(receiver.stats.filledMs, 0);
  });

  for (const [name, step] of [
    ['sound faster than real time', 1],
    ['packets from the future, each 2999 sequence numbers ahead', 2_999],
  ] as const) {
    it(`plays no more than can be heard of ${name}`, () => {
      const flood = (packets: number, ms: number): number => {
        for (let n = 0; n < packets; n++, sequenceNumber = (sequenceNumber + step) & 0xffff) {
          const payload = rtpBytes({
            sequenceNumber,
            timestamp: (sequenceNumber * 160) >>> 0,
            payload: Buffer.alloc(160, 0x81),
          });
          receiver.take({ kind: 'interleaved', channel: 4, payload }, (now += ms / packets));
        }
        return heard.length / 8_000;
      };
      let sequenceNumber = 0;
      assert.ok(flood(5_000, 0) < 13);
      assert.ok(flood(5_000, 10_000) < 13 + 12);
      assert.ok(receiver.stats.malformed > 1_000);
    });
  }

  it('plays all of a camera whose clock is fast, and of a network that holds up', () => {
    for (const [index, parts] of pcma(3_000).entries()) {
      const arrivedAt = 19.8 * Math.max(index, index > 1_000 && index < 1_400 ? 1_400 : 0);
      receiver.take({ kind: 'interleaved', channel: 4, payload: rtpBytes(parts) }, arrivedAt);
    }
    assert.equal(heard.length, 480_000);
    assert.equal(receiver.stats.malformed, 0);
  });

  it('decodes ten minutes at 50 packets a second in a moment, without loss', () => {
    const samples = new Map<number, number>();
    let count = 0;
    const long = new SoundReceiver(
      GRANT,
      (events) => g711Decoder('alaw', { sampleRate: 8_000, channels: 1 }, events),
      (sound) => {
        count += sound.samples.length;
        samples.set(count, sound.heardAt);
      },
    );
    const payload = Buffer.alloc(160, 0x90);
    for (let index = 0; index < 30_000; index++) {
      const bytes = rtpBytes({
        sequenceNumber: (index + 60_000) & 0xffff,
        timestamp: index * 160 + 0xffff_0000,
        payload,
      });
      long.take({ kind: 'interleaved', channel: 4, payload: bytes }, 20 * (index + 1));
    }
    assert.equal(count, 30_000 * 160);
    assert.deepEqual(long.stats, { packets: 30_000, lost: 0, late: 0, foreign: 0, malformed: 0, filledMs: 0 });
    assert.ok(Math.abs((samples.get(count) ?? 0) - 29_999 * 20) < 1);
  });
});
