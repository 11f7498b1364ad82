// The microphone's payloads: G.711 as typed from its tables, AAC as ffmpeg hears it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { Recording } from '../../../src/simulator/talk/recording.js';
import { AAC_BEEP, AAC_SILENCE } from '../../../src/simulator/stream/aac-frames.js';
import { microphoneEncoder } from '../../../src/simulator/stream/codec.js';
import { Microphone } from '../../../src/simulator/stream/microphone.js';

const hearing = (values: readonly number[], muteInHalfDuplex = false): Microphone =>
  new Microphone({ source: Int16Array.from(values), noiseDb: Number.NEGATIVE_INFINITY, muteInHalfDuplex });

/** ADTS: profile AAC-LC, 16 kHz, mono, no CRC. */
function adts(frame: Buffer): Buffer {
  const length = frame.length + 7;
  const head = Buffer.from('fff16040001ffc', 'hex');
  head[3] = 0x40 | (length >> 11);
  head[4] = (length >> 3) & 0xff;
  head[5] = ((length & 7) << 5) | 0x1f;
  return Buffer.concat([head, frame]);
}

describe('simulator/stream-codec', () => {
  it('pcma: 20 ms of A-law', () => {
    const encoder = microphoneEncoder('pcma', hearing([0, 2112, -5_504, 32_256]));
    assert.deepEqual(
      [encoder.payloadType, encoder.frameMs, encoder.timestampStep, encoder.marksEach],
      [8, 20, 160, false],
    );
    const payload = encoder.encode(0, 0);
    assert.equal(payload.length, 160);
    assert.equal(payload.toString('hex', 0, 5), 'd59500aad5');
    assert.deepEqual(encoder.encode(7, 140), payload);
  });

  it('pcmu: 20 ms of µ-law', () => {
    const encoder = microphoneEncoder('pcmu', hearing([0, 132, -132, 32_124]));
    assert.deepEqual(
      [encoder.payloadType, encoder.frameMs, encoder.timestampStep, encoder.marksEach],
      [0, 20, 160, false],
    );
    assert.equal(encoder.encode(0, 0).toString('hex', 0, 5), 'ffef6f80ff');
  });

  it('takes each packet from its own place in the source', () => {
    const source = Array.from({ length: 320 }, (_, i) => (i === 163 ? 2112 : 0));
    const encoder = microphoneEncoder('pcma', hearing(source));
    assert.equal(encoder.encode(0, 0).indexOf(0x95), -1);
    assert.equal(encoder.encode(1, 20).indexOf(0x95), 3);
  });

  describe('aac', () => {
    it('puts one frame behind its header', () => {
      const encoder = microphoneEncoder('aac', hearing([]));
      assert.deepEqual(
        [encoder.payloadType, encoder.frameMs, encoder.timestampStep, encoder.marksEach],
        [97, 64, 1024, true],
      );
      // 137 bytes: 137 × 8 = 0x0448.
      const first = encoder.encode(0, 0);
      assert.equal(first.toString('hex', 0, 4), '00100448');
      assert.equal(first.length, 4 + 137);
      assert.equal(encoder.encode(15, 960).toString('hex'), '0010002001182007');
      assert.deepEqual(encoder.encode(16, 1_024), first);
    });

    it('is silent while the microphone is muted', () => {
      const muted = hearing([], true);
      muted.talkOpened(new Recording({ number: 1, connection: 1, mode: 'half_duplex', acceptedAt: 0, openedAt: 100 }));
      const encoder = microphoneEncoder('aac', muted);
      assert.equal(encoder.encode(0, 36).length, 4 + 137);
      assert.equal(encoder.encode(0, 37).toString('hex'), '0010002001182007');
    });

    it('is a beep of 1 kHz, half of the time, without a seam', () => {
      const stream = Buffer.concat([...AAC_BEEP, ...AAC_BEEP, ...AAC_BEEP].map(adts));
      const args = ['-v', 'error', '-f', 'aac', '-i', '-', '-f', 's16le', '-ar', '16000', '-ac', '1', '-'];
      const { stdout, stderr } = spawnSync(ffmpegPath, args, { input: stream, timeout: 15_000 });
      assert.equal(stderr.toString(), '');
      const samples = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length / 2);
      assert.equal(samples.length, 3 * 16_384);
      // The last two periods: the decoder needs one frame to begin with.
      const second = samples.subarray(16_384, 32_768);
      assert.deepEqual(second.subarray(2_048), samples.subarray(32_768).subarray(2_048));
      const sounding = (from: number, count: number): number[] =>
        [...second.subarray(from, from + count)].map(Math.abs);
      const loud = Array.from({ length: 64 }, (_, i) => Math.max(...sounding(i * 256, 256)) > 5_000);
      const changes = loud.filter((is, i) => is !== loud.at(i - 1)).length;
      assert.equal(changes, 2);
      assert.ok(Math.abs(loud.filter(Boolean).length / 64 - 0.45) < 0.06);
      // 1 kHz: sixteen samples a turn.
      const from = 256 * (loud.findIndex((is, i) => is && loud.at(i - 1) === false) + 8);
      let crossings = 0;
      for (let i = from; i < from + 1_600; i++) if ((second[i] ?? 0) < 0 && (second[i + 1] ?? 0) >= 0) crossings += 1;
      assert.ok(Math.abs(crossings - 100) <= 1, String(crossings));
    });

    it('costs the package little', () => {
      const sizes = AAC_BEEP.map(({ length }) => length);
      assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 1_600);
      assert.equal(AAC_BEEP.filter((frame) => frame.equals(AAC_SILENCE)).length, 7);
    });
  });
});
