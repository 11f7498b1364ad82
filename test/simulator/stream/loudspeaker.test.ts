// What the loudspeaker plays at which moment, sample by sample: its buffer, its pauses, its speeds, its clipping, its end.
import assert from 'node:assert/strict';
import type { RecordedPacket } from '../../../src/simulator/talk/packet-rules.js';
import { Loudspeaker, type LoudspeakerOptions } from '../../../src/simulator/stream/loudspeaker.js';

function loudspeaker(options: Partial<LoudspeakerOptions> = {}): Loudspeaker {
  return new Loudspeaker({ bufferMs: 0, ...options });
}

function packet(at: number, payload: Buffer, payloadType = 8): RecordedPacket {
  return { at, channel: 1, payloadType, marker: false, sequenceNumber: 0, timestamp: 0, ssrc: 0, payload };
}

/** A-law codes of the first steps of table 1 of G.711: 0x95 is 2112, 0x94 is 2240, 0x80 is 5504, 0xaa is 32256. */
const SOUND = Buffer.from('9594', 'hex');

/** `count` samples of 8 kHz from `fromMs` on, as 16-bit numbers. */
function hear(speaker: Loudspeaker, fromMs: number, count: number, gain = 1): number[] {
  const samples = new Float32Array(count);
  speaker.addTo(samples, fromMs, 8_000, gain);
  return [...samples].map((sample) => sample * 32_768);
}

describe('simulator/stream-loudspeaker', () => {
  it('plays a packet when it arrives', () => {
    const speaker = loudspeaker();
    speaker.play(packet(1_000.25, SOUND));
    assert.deepEqual(hear(speaker, 1_000, 6), [0, 0, 2112, 2240, 0, 0]);
    assert.deepEqual(hear(speaker, 1_000.375, 3), [2240, 0, 0]);
    assert.deepEqual(hear(speaker, 999, 8), [0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('adds to what is there, by a gain', () => {
    const speaker = loudspeaker();
    speaker.play(packet(0, SOUND));
    const samples = Float32Array.of(0.5, 0.5, 0.5);
    speaker.addTo(samples, 0, 8_000, 0.5);
    assert.deepEqual([...samples], [0.5 + 1056 / 32_768, 0.5 + 1120 / 32_768, 0.5]);
  });

  it('waits with the first packet, lets the others follow it however late or early they come', () => {
    const speaker = loudspeaker({ bufferMs: 10 });
    speaker.play(packet(0, SOUND));
    speaker.play(packet(0.1, SOUND));
    speaker.play(packet(10.4, SOUND));
    assert.deepEqual(hear(speaker, 9.875, 8), [0, 2112, 2240, 2112, 2240, 2112, 2240, 0]);
  });

  it('waits anew after it ran dry', () => {
    const speaker = loudspeaker({ bufferMs: 1 });
    speaker.play(packet(0, SOUND));
    speaker.play(packet(1.375, SOUND));
    assert.deepEqual(hear(speaker, 1, 13), [2112, 2240, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2112, 2240]);
  });

  it('keeps place over hours of packets that are no whole milliseconds', () => {
    const speaker = loudspeaker();
    const start = 123_456.789;
    const pattern = Buffer.from([0x95, ...new Array<number>(28).fill(0xd5)]);
    const expected = Array.from({ length: 58 }, (_, i) => (i % 29 === 9 ? 2112 : 8));
    for (let n = 0; n < 200_000; n++) {
      speaker.play(packet(start + (n * 29) / 8 - (n === 0 ? 0 : 1), pattern));
      if (n % 1_000 === 999) assert.deepEqual(hear(speaker, start + ((n - 2) * 29 + 20) / 8, 58), expected);
    }
  });

  it('plays µ-law of 16 kHz: two of its samples are one of the microphone', () => {
    const speaker = loudspeaker();
    // 0xef is 132, 0xee is 148 (table 2 of G.711, 14 bits).
    speaker.play(packet(0, Buffer.from('efeeeeefefef', 'hex'), 102));
    assert.deepEqual(hear(speaker, 0, 4), [140, 140, 132, 0]);
  });

  it('plays twice as fast: half as long, two samples are one', () => {
    const speaker = loudspeaker({ speed: 2 });
    speaker.play(packet(0, Buffer.from('95949594', 'hex')));
    assert.deepEqual(hear(speaker, 0, 3), [2176, 2176, 0]);
  });
  it('plays 16 kHz sound as it is when its decoder has 16 kHz', () => {
    const speaker = loudspeaker({ speed: 2 });
    speaker.play(packet(0, Buffer.from('efeeeeefefef', 'hex'), 102));
    assert.deepEqual(hear(speaker, 0, 4), [140, 140, 132, 0]);
  });
  it('plays half as fast: twice as long, each sample twice', () => {
    const speaker = loudspeaker({ speed: 0.5 });
    speaker.play(packet(0, SOUND));
    assert.deepEqual(hear(speaker, 0, 5), [2112, 2112, 2240, 2240, 0]);
  });

  it('clips what is louder than it can play', () => {
    const speaker = loudspeaker({ overdriveDb: 20 });
    speaker.play(packet(0, Buffer.from('9580aa2a', 'hex')));
    const heard = hear(speaker, 0, 4, 0.5);
    assert.deepEqual(
      heard.map((sample) => Math.round(sample)),
      [10_560, 16_384, 16_384, -16_384],
    );
  });

  it('stops in the middle of a packet', () => {
    const speaker = loudspeaker();
    speaker.play(packet(0, Buffer.alloc(160, 0x95)));
    speaker.stop(0.25);
    speaker.stop(5);
    assert.deepEqual(hear(speaker, 0, 4), [2112, 2112, 0, 0]);
    assert.deepEqual(hear(speaker, 1, 2), [0, 0]);
  });

  it('does not play what no camera plays', () => {
    const speaker = loudspeaker();
    speaker.play(packet(0, SOUND, 0));
    assert.deepEqual(hear(speaker, 0, 2), [0, 0]);
  });

  it('loses what does not fit into its buffer', () => {
    const speaker = loudspeaker();
    // 300 packets of 10 ms at once: 2 s, and the one that is begun then.
    for (let n = 0; n < 300; n++) speaker.play(packet(0, Buffer.alloc(80, 0x95)));
    assert.deepEqual(hear(speaker, 2_009.75, 4), [2112, 2112, 0, 0]);
  });

  it('forgets what was played when told so', () => {
    const speaker = loudspeaker();
    speaker.play(packet(0, SOUND));
    speaker.play(packet(1_001, SOUND));
    speaker.forget(0.25);
    assert.deepEqual(hear(speaker, 0, 2), [2112, 2240]);
    speaker.forget(0.375);
    assert.deepEqual(hear(speaker, 0, 2), [0, 0]);
    assert.deepEqual(hear(speaker, 1_001, 2), [2112, 2240]);
  });

  describe('what is lost', () => {
    const steady = (bytes: number): Buffer => Buffer.alloc(bytes, 0x95);
    /** Where 2112 is heard, in samples from `fromMs` on: first, last, how many. */
    const span = (speaker: Loudspeaker, fromMs: number, count = 8_000): number[] => {
      const heard = hear(speaker, fromMs, count);
      return [heard.indexOf(2112), heard.lastIndexOf(2112), heard.filter((sample) => sample === 2112).length];
    };

    it('swallows the beginning from the first sound on, silence included, once', () => {
      const speaker = loudspeaker({ swallowedMs: 30, bufferMs: 10 });
      speaker.play(packet(0, Buffer.alloc(160, 0xd5)));
      speaker.play(packet(20, steady(160)));
      speaker.play(packet(500, steady(160)));
      // Awake from 40 on: half of the second packet, all of the third, which waits anew.
      assert.deepEqual(span(speaker, 0, 1_000), [320, 399, 80]);
      assert.deepEqual(span(speaker, 500), [80, 239, 160]);
    });
    it('swallows sound of 16 kHz and at another speed for as long', () => {
      const wide = loudspeaker({ swallowedMs: 5 });
      // 0xef is 132 in µ-law.
      wide.play(packet(0, Buffer.alloc(320, 0xef), 102));
      assert.deepEqual([hear(wide, 0, 160).indexOf(132), hear(wide, 0, 160).lastIndexOf(132)], [40, 159]);
      const fast = loudspeaker({ swallowedMs: 5, speed: 2 });
      fast.play(packet(0, steady(160)));
      assert.deepEqual(span(fast, 0), [40, 79, 40]);
    });

    it('drops the decoder’s buffer at the end: so much of what had come before, however long the whole wait', () => {
      for (const [bufferMs, waitMs] of [
        [0, 300],
        [300, 300],
        [900, 900],
      ] as const) {
        const speaker = loudspeaker({ bufferMs, droppedMs: 300 });
        for (let n = 0; n < 10; n++) speaker.play(packet(n * 100, steady(800)));
        speaker.stop(1_000);
        assert.deepEqual(span(speaker, 0, 20_000), [8 * waitMs, 8 * (waitMs + 700) - 1, 5_600], String(bufferMs));
        assert.equal(speaker.silentFrom, 700 + waitMs);
      }
    });
    it('loses nothing else with it when silence of that length came last', () => {
      const speaker = loudspeaker({ droppedMs: 300, bufferMs: 50 });
      speaker.play(packet(0, steady(1_600)));
      speaker.play(packet(200, Buffer.alloc(2_400, 0xd5)));
      speaker.stop(500);
      assert.deepEqual(span(speaker, 0), [2_400, 3_999, 1_600]);
    });
    it('drops nothing of what has come unless told so', () => {
      const speaker = loudspeaker({ bufferMs: 200 });
      speaker.play(packet(0, steady(1_600)));
      speaker.stop(150);
      assert.deepEqual(span(speaker, 0), [1_600, 2_799, 1_200]);
    });

    it('leaves a gap with packets that are too small or too large, and keeps the time of the others', () => {
      const speaker = loudspeaker({ gapsBelowBytes: 160, gapsAboveBytes: 320 });
      const sizes = [159, 160, 320, 321];
      const starts = [0, 159, 319, 639];
      for (const [n, bytes] of sizes.entries()) speaker.play(packet(n === 0 ? 0 : 1, steady(bytes)));
      const heard = hear(speaker, 0, 1_000);
      assert.deepEqual(
        starts.map((start, n) => heard.slice(start, start + (sizes[n] ?? 0)).filter((sample) => sample > 0).length),
        [79, 160, 320, 160],
      );
      assert.ok(heard.slice(639, 799).every((sample) => sample === 2112));
      assert.ok(heard.slice(799).every((sample) => sample === 0));
    });
  });
});
