// aacDecoder with a real ffmpeg: sound comes at once, to the sample; our silent units are silent; every end.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { monotonicClock } from '../../../src/clock.js';
import { adtsFrame, plainAacConfig, silentUnit, type AacConfig } from '../../../src/listen/aac/config.js';
import { aacDecoder } from '../../../src/listen/aac/decoder.js';
import type { SoundDecoder } from '../../../src/listen/decoder.js';
import { isTalkError } from '../../../src/errors.js';
import { eventually } from '../../helpers/collect.js';
import { toneFrames } from './frames.js';

const rms = (samples: readonly number[]): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

describe('aacDecoder', () => {
  let heard: number[] = [];
  let errors: Error[] = [];
  let decoder: SoundDecoder | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'tplink-talk-test-'));

  function open(config: AacConfig, sampleRate = config.sampleRate, path = ffmpegPath): SoundDecoder {
    heard = [];
    errors = [];
    decoder = aacDecoder(
      { config, sampleRate, clock: monotonicClock, ffmpegPath: path },
      { onSamples: (samples) => heard.push(...samples), onError: (error) => errors.push(error) },
    );
    return decoder;
  }

  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  afterEach(async () => {
    await decoder?.close();
    await eventually(() => !process.getActiveResourcesInfo().includes('ProcessWrap'), 'the end of ffmpeg');
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [sampleRate, channels] of [
    [16_000, 1],
    [8_000, 1],
    [48_000, 2],
  ] as const) {
    it(`gives each unit's samples as soon as it comes: ${sampleRate} Hz, ${channels} channels`, async () => {
      const frames = toneFrames(sampleRate, channels, 1.5);
      const opened = open(plainAacConfig(sampleRate, channels));
      for (const [index, frame] of frames.slice(0, 5).entries()) {
        opened.decode(frame);
        // One unit may wait in ffmpeg for the next one's header.
        await eventually(() => heard.length >= 1_024 * index, `unit ${index}`);
      }
      for (const frame of frames.slice(5)) opened.decode(frame);
      await eventually(() => heard.length >= 1_024 * (frames.length - 1), 'all units');
      assert.ok(heard.length <= 1_024 * frames.length);
      // ffmpeg's sine is an eighth of full scale, and it takes 3 dB off when it makes two channels of one.
      const level = rms(heard.slice(4_096, 12_288)) * Math.sqrt(channels);
      assert.ok(Math.abs(level - 0.125 / Math.SQRT2) < 0.01, String(level));
      assert.deepEqual(errors, []);
    });
  }

  for (const channels of [1, 2]) {
    it(`takes our silent unit of ${channels} channels for silence between sound`, async () => {
      const config = plainAacConfig(16_000, channels);
      const frames = toneFrames(16_000, channels, 1);
      const opened = open(config);
      const silence = adtsFrame(config, silentUnit(config));
      for (const frame of [...frames.slice(0, 6), silence, silence, silence, silence, ...frames.slice(6, 12)])
        opened.decode(frame);
      await eventually(() => heard.length >= 15 * 1_024, 'the sound');
      assert.ok(rms(heard.slice(3 * 1_024, 6 * 1_024)) > 0.05);
      assert.equal(rms(heard.slice(7 * 1_024, 10 * 1_024)), 0);
      assert.ok(rms(heard.slice(12 * 1_024, 15 * 1_024)) > 0.05);
      assert.deepEqual(errors, []);
    });
  }

  it('goes on after a unit that is damaged', async () => {
    const frames = toneFrames(16_000, 1, 1);
    const opened = open(plainAacConfig(16_000, 1));
    const damaged = Buffer.from(frames[5] ?? []);
    damaged.fill(0xa5, 12);
    for (const frame of [...frames.slice(0, 5), damaged, ...frames.slice(6)]) opened.decode(frame);
    await eventually(() => heard.length >= (frames.length - 3) * 1_024, 'the sound behind it');
    assert.deepEqual(errors, []);
  });

  it('leaves no process behind when it is closed at once, and says nothing', async () => {
    const opened = open(plainAacConfig(16_000, 1));
    await opened.close();
    await opened.close();
    opened.decode(Buffer.alloc(100));
    assert.deepEqual([heard.length, errors.length], [0, 0]);
  });

  for (const [name, script] of [
    ['dies', 'head -c 4000 > /dev/null; exit 3'],
    ['ends', 'head -c 4000 > /dev/null; head -c 2000 /dev/zero; exit 0'],
  ] as const) {
    it(`says once that ffmpeg ${name}`, async () => {
      const path = join(folder, name);
      writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const opened = open(plainAacConfig(16_000, 1), 16_000, path);
      for (let n = 0; n < 20; n++) opened.decode(Buffer.alloc(1_000, 1));
      await eventually(() => errors.length > 0, 'the error');
      await decoder?.close();
      assert.equal(errors.length, 1);
      assert.ok(isTalkError(errors[0]) && /^TALK_ERR_(FFMPEG|AUDIO)$/.test(errors[0].code), String(errors[0]));
    });
  }

  it('says that there is no ffmpeg', async () => {
    open(plainAacConfig(16_000, 1), 16_000, join(folder, 'nothing-here'));
    await eventually(() => errors.length > 0, 'the error');
    assert.ok(isTalkError(errors[0]) && errors[0].code === 'TALK_ERR_FFMPEG' && /needs ffmpeg/.test(errors[0].message));
  });

  it('gives up on an ffmpeg that does not keep up, with what waits bounded', async () => {
    const path = join(folder, 'stuck');
    writeFileSync(path, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    const opened = open(plainAacConfig(16_000, 1), 16_000, path);
    for (let n = 0; n < 2_000 && errors.length === 0; n++) {
      opened.decode(Buffer.alloc(1_000, 1));
      if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(errors.length, 1);
    assert.ok(isTalkError(errors[0]) && /does not keep up/.test(errors[0].message));
  });
});
