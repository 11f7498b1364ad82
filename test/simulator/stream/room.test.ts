// Who hears what in a room: two cameras, echo, noise, and a phone that records.
import assert from 'node:assert/strict';
import { Microphone } from '../../../src/simulator/stream/microphone.js';
import { Phone } from '../../../src/simulator/stream/phone.js';
import { Room, type RoomOptions } from '../../../src/simulator/stream/room.js';
import { Recording } from '../../../src/simulator/talk/recording.js';

const CLEAN = { delayMs: 0, gainDb: 0, noiseDb: Number.NEGATIVE_INFINITY } as const;
const AT_ONCE = { bufferMs: 0 } as const;

/** A talk that opens at 1000 ms. */
function talk(by: Microphone, mode = 'full_duplex'): Recording {
  const recording = new Recording({ number: 1, connection: 1, mode, acceptedAt: 900, openedAt: 1_000 });
  by.talkOpened(recording);
  return recording;
}

/** `bytes` times 2112. */
function play(by: Microphone, recording: Recording, at: number, bytes = 160): void {
  const packet = { at, channel: 1, payloadType: 8, marker: true, sequenceNumber: 0, timestamp: 0, ssrc: 0 };
  by.heard(recording, { ...packet, payload: Buffer.alloc(bytes, 0x95) });
}

const capture = (of: Microphone, fromMs: number, count: number): number[] =>
  [...of.capture(fromMs, 0, count)].map((sample) => Math.round(sample * 32_768) + 0);
const level = (samples: Float32Array): number =>
  10 * Math.log10(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);

describe('simulator/stream-room', () => {
  describe('two cameras', () => {
    function two(room: Partial<RoomOptions> = {}): readonly [Microphone, Microphone] {
      const camera = new Microphone(
        { ...CLEAN, muteInHalfDuplex: true, cancelInAec: true },
        { ...AT_ONCE, swallowedMs: 5 },
        room,
      );
      return [camera, new Microphone({ ...CLEAN, delayMs: 30, gainDb: -6.0206 }, {}, {}, camera.room)];
    }

    it('hear each other, each as far away and as loud as it is told', () => {
      const [camera, ear] = two();
      play(camera, talk(camera), 1_000);
      const heard = capture(ear, 1_000, 800);
      assert.deepEqual([heard.indexOf(1056), heard.lastIndexOf(1056)], [280, 399]);
      play(ear, talk(ear), 3_000);
      const back = capture(camera, 3_000, 1_600);
      assert.deepEqual([back.indexOf(2112), back.lastIndexOf(2112)], [800, 959]);
    });
    it('are not deaf while the other’s microphone is muted or cancels', () => {
      for (const mode of ['half_duplex', 'aec']) {
        const [camera, ear] = two();
        play(camera, talk(camera, mode), 1_000);
        assert.ok(Math.max(...capture(camera, 1_000, 800)) <= 21, mode);
        assert.equal(Math.max(...capture(ear, 1_000, 800)), 1056, mode);
        assert.deepEqual([camera.isMuted(1_000, 1_020), ear.isMuted(1_000, 1_020)], [mode === 'half_duplex', false]);
      }
    });
    it('share the noise and the echo of the room, whoever brought them', () => {
      const [camera, ear] = two({ noiseDb: -30 });
      for (const one of [camera, ear]) assert.ok(Math.abs(level(one.capture(0, 0, 16_000)) + 30) < 0.1);
      new Microphone({}, {}, { noiseDb: -20 }, camera.room);
      assert.ok(Math.abs(level(camera.capture(0, 0, 16_000)) + 20) < 0.1);
    });
    it('of two rooms do not', () => {
      const [camera] = two({ noiseDb: -30 });
      const other = new Microphone(CLEAN);
      play(camera, talk(camera), 1_000);
      assert.deepEqual(new Set(capture(other, 1_000, 800)), new Set([0]));
    });
  });

  describe('noise', () => {
    it('adds to that of the microphone as noise does: both at −40 dB are −37', () => {
      const both = new Microphone({ ...CLEAN, noiseDb: -40 }, {}, { noiseDb: -40 }).capture(0, 0, 80_000);
      assert.ok(Math.abs(level(both) + 36.99) < 0.1);
    });
    it('is the same in each stream, whenever it begins', () => {
      const noise = (at: number): Float32Array => new Microphone(CLEAN, {}, { noiseDb: -30 }).capture(at, 160, 160);
      assert.deepEqual(noise(5), noise(77_777));
    });
  });

  describe('echo', () => {
    /** What is heard of one sample in 400 ms. */
    function answer(): number[] {
      const hearing = new Microphone(CLEAN, AT_ONCE, { echo: true });
      play(hearing, talk(hearing), 1_000, 1);
      return capture(hearing, 1_000, 3_200);
    }

    it('leaves what comes straight as it is, and nothing before it', () => {
      const heard = answer();
      assert.equal(heard[0], 2112);
      assert.equal(
        heard.findIndex((sample, n) => n > 0 && sample !== 0),
        88,
      );
    });
    it('is a late reflection, a quarter as loud, and a tail that fades', () => {
      const heard = answer();
      assert.equal(heard[960], Math.round(2112 * 10 ** (-12 / 20)));
      const energy = (fromMs: number, toMs: number): number =>
        heard
          .slice(8 * fromMs, 8 * toMs)
          .reduce((sum, sample, n) => sum + (8 * fromMs + n === 960 ? 0 : sample ** 2), 0);
      assert.ok(energy(1, 50) > 4 * energy(50, 150) && energy(50, 150) > 4 * energy(150, 272));
      assert.ok(energy(150, 272) > 0);
      assert.equal(energy(272, 400), 0);
    });
    it('goes on after the talk, and is still there for a stream that is late', () => {
      const hearing = new Microphone({ ...CLEAN, delayMs: 500 }, AT_ONCE, { echo: true });
      const recording = talk(hearing);
      play(hearing, recording, 1_000);
      hearing.talkEnded(recording, 1_010);
      play(hearing, talk(hearing), 3_000, 1);
      const heard = capture(hearing, 1_500, 3_200);
      assert.equal(heard[0], 2112);
      assert.ok(Math.max(...heard.slice(80 + 8 * 115)) > 500);
    });
  });

  describe('a phone', () => {
    const read = (wav: Buffer): { readonly rate: number; readonly samples: number[] } => {
      assert.deepEqual([wav.toString('latin1', 0, 4), wav.toString('latin1', 36, 40)], ['RIFF', 'data']);
      assert.deepEqual([wav.readUInt16LE(22), wav.readUInt16LE(34), wav.readUInt32LE(40)], [1, 16, wav.length - 44]);
      const bytes = new Uint8Array(wav.subarray(44));
      return { rate: wav.readUInt32LE(24), samples: [...new Int16Array(bytes.buffer)] };
    };

    it('records everything from when it began to when it is stopped', () => {
      const camera = new Microphone(CLEAN, AT_ONCE);
      let now = 900;
      const phone = new Phone(camera.room, () => now, { ...CLEAN, sampleRate: 16_000, delayMs: 10 });
      const recording = talk(camera);
      for (const at of [1_000, 9_000]) play(camera, recording, at);
      camera.talkEnded(recording, 9_500);
      const next = talk(camera);
      play(camera, next, 60_000);
      now = 61_000;
      const wav = phone.stop();
      const { rate, samples } = read(wav);
      assert.deepEqual([rate, samples.length], [16_000, 16 * 60_100]);
      for (const at of [1_000, 9_000, 60_000]) {
        const first = 16 * (at + 10 - 900);
        assert.deepEqual(new Set(samples.slice(first, first + 320)), new Set([2112]), String(at));
        assert.deepEqual([samples[first - 1], samples[first + 320]], [0, 0]);
      }
      now = 99_000;
      assert.equal(phone.stop(), wav);
    });
    it('hears the talk that was going on when it began', () => {
      const camera = new Microphone(CLEAN, { bufferMs: 50, swallowedMs: 10 });
      play(camera, talk(camera), 1_000);
      let now = 1_020;
      const phone = new Phone(camera.room, () => now, { ...CLEAN, sampleRate: 8_000 });
      now = 1_100;
      const { samples } = read(phone.stop());
      assert.deepEqual([samples.indexOf(2112), samples.lastIndexOf(2112)], [320, 399]);
    });
    it('stops by itself after five minutes', () => {
      const camera = new Microphone(CLEAN, AT_ONCE);
      let now = 1_000;
      const phone = new Phone(camera.room, () => now, { ...CLEAN, sampleRate: 8_000 });
      const recording = talk(camera);
      play(camera, recording, 1_000);
      now = 400_000;
      play(camera, recording, now);
      now = 500_000;
      const { samples } = read(phone.stop());
      assert.equal(samples.length, 8 * 300_000);
      assert.equal(samples.lastIndexOf(2112), 159);
    });
    it('has the room’s noise and echo, and its own noise', () => {
      const room = new Room();
      room.moveIn({ noiseDb: -20 }, 0);
      let now = 0;
      const phone = new Phone(room, () => now, {});
      now = 5_000;
      const { samples } = read(phone.stop());
      assert.ok(Math.abs(level(Float32Array.from(samples, (sample) => sample / 32_768)) + 20) < 0.1);
    });
  });
});
