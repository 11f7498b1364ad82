// What the microphone hears: the loudspeaker later and quieter, noise, its own source; and when it hears nothing.
import assert from 'node:assert/strict';
import { Recording } from '../../../src/simulator/talk/recording.js';
import { Microphone, type MicrophoneOptions } from '../../../src/simulator/stream/microphone.js';

const CLEAN = { delayMs: 0, gainDb: 0, noiseDb: Number.NEGATIVE_INFINITY } as const;

function microphone(options: Partial<MicrophoneOptions> = {}): Microphone {
  return new Microphone({ ...CLEAN, ...options }, { bufferMs: 0 });
}

/** A talk that opens at 1000 ms and sends 20 ms of the code 0x95, which is 2112, at once. */
function talk(heardBy: Microphone, mode = 'full_duplex'): Recording {
  const recording = new Recording({ number: 1, connection: 1, mode, acceptedAt: 900, openedAt: 1_000 });
  heardBy.talkOpened(recording);
  const payload = Buffer.alloc(160, 0x95);
  const packet = { at: 1_000, channel: 1, payloadType: 8, marker: true, sequenceNumber: 0, timestamp: 0, ssrc: 0 };
  heardBy.heard(recording, { ...packet, payload });
  return recording;
}

/** As 16-bit numbers; noise of no level may leave a negative zero. */
const capture = (of: Microphone, fromMs: number, count: number, index = 0): number[] =>
  [...of.capture(fromMs, index, count)].map((sample) => Math.round(sample * 32_768) + 0);
const rms = (samples: Float32Array): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

describe('simulator/stream-microphone', () => {
  it('hears the loudspeaker later, to the sample', () => {
    const hearing = microphone({ delayMs: 37.5 });
    talk(hearing);
    const heard = capture(hearing, 1_000, 800);
    assert.equal(heard.indexOf(2112), 300);
    assert.equal(heard.lastIndexOf(2112), 459);
    assert.deepEqual([...new Set(heard)], [0, 2112]);
  });

  it('hears it at the same sample however the milliseconds are shared out', () => {
    for (let tenths = 0; tenths <= 500; tenths++) {
      const options = { ...CLEAN, delayMs: tenths / 10 };
      const hearing = new Microphone(options, { bufferMs: (500 - tenths) / 10 });
      talk(hearing);
      const heard = capture(hearing, 1_000, 800);
      assert.deepEqual([heard.indexOf(2112), heard.lastIndexOf(2112)], [400, 559], String(tenths));
    }
  });

  it('hears it quieter', () => {
    const hearing = microphone({ gainDb: -6.0206 });
    talk(hearing);
    assert.deepEqual(capture(hearing, 1_000, 2), [1056, 1056]);
  });
  it('does not hear it at all', () => {
    const hearing = microphone({ gainDb: Number.NEGATIVE_INFINITY });
    talk(hearing);
    assert.deepEqual(capture(hearing, 1_000, 2), [0, 0]);
  });

  it('hears it end with the talk', () => {
    const hearing = microphone();
    const recording = talk(hearing);
    hearing.talkEnded(recording, 1_010);
    hearing.talkEnded(new Recording({ ...recording.start, number: 9 }), 1_000);
    assert.deepEqual(capture(hearing, 1_009.75, 4), [2112, 2112, 0, 0]);
  });

  it('hears the end of one talk and the start of the next, and forgets what is long over', () => {
    const hearing = microphone({ delayMs: 500 });
    hearing.talkEnded(talk(hearing), 1_020);
    const start = { number: 2, connection: 2, mode: 'full_duplex', acceptedAt: 1_030, openedAt: 1_040 };
    const next = new Recording(start);
    hearing.talkOpened(next);
    const payload = Buffer.alloc(80, 0x94);
    const packet = { at: 1_040, channel: 1, payloadType: 8, marker: true, sequenceNumber: 0, timestamp: 0, ssrc: 0 };
    hearing.heard(next, { ...packet, payload });
    const heard = capture(hearing, 1_500, 480);
    assert.deepEqual([heard.indexOf(2112), heard.lastIndexOf(2112)], [0, 159]);
    assert.deepEqual([heard.indexOf(2240), heard.lastIndexOf(2240)], [320, 399]);
    hearing.talkOpened(new Recording({ ...start, number: 3, openedAt: 60_000 }));
    assert.deepEqual(capture(hearing, 1_500, 1), [0]);
  });

  describe('noise', () => {
    it('has its level, no pitch and no mean', () => {
      const noise = microphone({ noiseDb: -40 }).capture(0, 0, 80_000);
      assert.ok(Math.abs(20 * Math.log10(rms(noise)) + 40) < 0.1);
      const mean = noise.reduce((sum, sample) => sum + sample, 0) / noise.length;
      assert.ok(Math.abs(mean) < 0.0002);
      let product = 0;
      for (let i = 1; i < noise.length; i++) product += (noise[i] ?? 0) * (noise[i - 1] ?? 0);
      assert.ok(Math.abs(product / noise.length / rms(noise) ** 2) < 0.02);
    });
    it('is the same in each stream, whenever it begins and however it is cut', () => {
      const noise = microphone({ noiseDb: -40 }).capture(5, 160, 160);
      assert.deepEqual(microphone({ noiseDb: -40 }).capture(77_777, 0, 320).subarray(160), noise);
    });
  });

  describe('a source', () => {
    it('is heard from the start of the stream, again and again', () => {
      const hearing = microphone({ source: Int16Array.of(1, 2, 3) });
      assert.deepEqual(capture(hearing, 5_000, 7), [1, 2, 3, 1, 2, 3, 1]);
      assert.deepEqual(capture(hearing, 5_020, 4, 160), [2, 3, 1, 2]);
    });
    it('may be empty', () => assert.deepEqual(capture(microphone({ source: new Int16Array(0) }), 0, 2), [0, 0]));
    it('adds to the loudspeaker', () => {
      const hearing = microphone({ source: Int16Array.of(1_000) });
      talk(hearing);
      assert.deepEqual(capture(hearing, 999.875, 2), [1_000, 3_112]);
    });
  });

  describe('muted in half_duplex', () => {
    it('hears nothing at all from the open talk to its end', () => {
      const hearing = microphone({ muteInHalfDuplex: true, source: Int16Array.of(9) });
      const recording = talk(hearing, 'half_duplex');
      assert.deepEqual(capture(hearing, 999.75, 4), [9, 9, 0, 0]);
      assert.deepEqual(capture(hearing, 5_000, 2), [0, 0]);
      assert.deepEqual([hearing.isMuted(900, 1_000), hearing.isMuted(900, 1_000.1)], [false, true]);
      hearing.talkEnded(recording, 6_000);
      assert.deepEqual(capture(hearing, 5_999.75, 4), [0, 0, 9, 9]);
      assert.deepEqual([hearing.isMuted(5_999, 6_020), hearing.isMuted(6_000, 6_020)], [true, false]);
    });
    it('holds for no other mode, and not unless so told', () => {
      for (const [options, mode] of [
        [{ muteInHalfDuplex: true }, 'full_duplex'],
        [{ muteInHalfDuplex: true }, 'aec'],
        [{}, 'half_duplex'],
      ] as const) {
        const hearing = microphone(options);
        talk(hearing, mode);
        assert.deepEqual(capture(hearing, 1_000, 1), [2112]);
        assert.equal(hearing.isMuted(0, 9_999), false);
      }
    });
  });

  it('cancels the loudspeaker, and nothing else, in aec when so told', () => {
    const hearing = microphone({ cancelInAec: true, source: Int16Array.of(1_000) });
    talk(hearing, 'aec');
    assert.deepEqual(capture(hearing, 1_000, 1), [1_021]);
    const other = microphone({ cancelInAec: true });
    talk(other, 'full_duplex');
    assert.deepEqual(capture(other, 1_000, 1), [2112]);
  });

  it('has usual values', () => {
    const usual = new Microphone();
    assert.equal(usual.codec, 'pcma');
    talk(usual);
    // 100 ms of buffer, 20 ms of delay, −12 dB, over noise of −60 dB.
    const heard = usual.capture(1_100, 0, 480);
    const level = (from: number): number => 20 * Math.log10(rms(heard.subarray(from, from + 160)));
    assert.ok(Math.abs(level(0) + 60) < 1);
    assert.ok(Math.abs(level(160) - 20 * Math.log10(2112 / 32_768) + 12) < 0.5);
  });
});
