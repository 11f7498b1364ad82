// What lies above the band of the camera is gone from it, whatever the container: tones through a real ffmpeg and through our own decoders.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { decode } from '../../src/audio/decode.js';
import { audioSources } from '../../src/audio/source.js';
import { monotonicClock } from '../../src/clock.js';
import { collect } from '../helpers/collect.js';

/** Peak of the tones, of full scale. */
const LEVEL = 0.5;
/** Encoders are asked for enough bits that the tone is pure. */
const CONTAINERS = {
  wav: ['-c:a', 'pcm_s16le', '-f', 'wav'],
  mp3: ['-c:a', 'libmp3lame', '-b:a', '160k', '-f', 'mp3'],
  flac: ['-c:a', 'flac', '-f', 'flac'],
  opus: ['-c:a', 'libopus', '-b:a', '192k', '-f', 'ogg'],
  m4a: ['-c:a', 'aac', '-b:a', '192k', '-f', 'ipod', '-movflags', 'frag_keyframe+empty_moov'],
  wavpack: ['-c:a', 'wavpack', '-f', 'wv'],
} as const;

function encoded(hertz: number, rate: number, channels: number, container: keyof typeof CONTAINERS): Buffer {
  const tone = `aevalsrc=${LEVEL}*sin(2*PI*${hertz}*t):d=1.5:s=${rate}`;
  const options = ['-v', 'error', '-f', 'lavfi', '-i', tone, '-ac', String(channels), ...CONTAINERS[container], '-'];
  return execFileSync(ffmpegPath, options);
}

/** RMS of the steady part against that of the tone, dB. */
async function heard(audio: Buffer | string, sampleRate = 8_000): Promise<number> {
  const [source] = audioSources(audio);
  assert.ok(source !== undefined);
  const options = { sampleRate, maxSeconds: 10, clock: monotonicClock, ffmpegPath };
  const samples = Float32Array.from((await collect(decode(source, options))).flatMap((piece) => [...piece]));
  const steady = samples.subarray(0.4 * sampleRate, -0.4 * sampleRate);
  const power = steady.reduce((sum, sample) => sum + sample * sample, 0) / steady.length;
  return 10 * Math.log10(power / (LEVEL ** 2 / 2) + 1e-12);
}

describe('no aliasing', () => {
  for (const name of ['tone-4300Hz-48k.flac', 'tone-4300Hz-48k.wav']) {
    it(`leaves nothing of ${name}`, async () => {
      const level = await heard(join(__dirname, '../fixtures/audio', name));
      assert.ok(level < -55, `${level} dB`);
    });
  }

  for (const container of ['wav', 'mp3', 'flac', 'opus', 'm4a', 'wavpack'] as const) {
    it(`keeps tones above 4 kHz out and those below 3.4 kHz in: ${container}`, async () => {
      const rates = container === 'opus' ? [48_000, 16_000] : [48_000, 44_100, 16_000];
      for (const rate of rates) {
        for (const hertz of [4_100, 4_311, 4_500, 5_200, 7_000]) {
          const level = await heard(encoded(hertz, rate, 1, container));
          assert.ok(level < -55, `${hertz} Hz of ${rate}: ${level} dB`);
        }
        for (const hertz of [440, 3_000, 3_400]) {
          const level = await heard(encoded(hertz, rate, 1, container));
          assert.ok(Math.abs(level) < 0.5, `${hertz} Hz of ${rate}: ${level} dB`);
        }
      }
    });

    it(`does so for two channels, and for the rate of 16 kHz: ${container}`, async () => {
      assert.ok((await heard(encoded(4_200, 48_000, 2, container))) < -55);
      assert.ok((await heard(encoded(8_300, 48_000, 2, container), 16_000)) < -55);
    });
  }
});
