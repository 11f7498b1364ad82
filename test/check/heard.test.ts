// HeardSounds: a stretch in one piece, its start by the least delayed piece, breaks, high rates, and no more than 10 s kept.
import assert from 'node:assert/strict';
import { HeardSounds } from '../../src/check/heard.js';
import { pieces, tone } from '../listen/sounds.js';

const heard = (sounds: ReturnType<typeof pieces>): HeardSounds => {
  const all = new HeardSounds();
  for (const sound of sounds) all.add(sound);
  return all;
};

describe('HeardSounds', () => {
  it('says when it has begun', async () => {
    const sounds = new HeardSounds();
    let begun = false;
    void sounds.begun.then(() => (begun = true));
    await Promise.resolve();
    assert.equal(begun, false);
    sounds.add({ samples: new Float32Array(8), sampleRate: 8_000, heardAt: 5 });
    await sounds.begun;
  });

  it('gives whole pieces that touch the stretch, without a seam', () => {
    const sound = Float32Array.from({ length: 1_600 }, (_, i) => i / 1_600);
    const { samples, sampleRate, startedAt } = heard(pieces(sound, 8_000, [160], 1_000)).between(1_030, 1_090);
    assert.deepEqual([sampleRate, startedAt, samples.length], [8_000, 1_020, 640]);
    assert.deepEqual(samples, sound.subarray(160, 800));
  });

  it('takes the time of the piece that was held up least', () => {
    const late = [30, 12, 40, 25];
    const sounds = pieces(new Float32Array(640), 8_000, [160], 1_000);
    const all = heard(sounds.map((sound, i) => ({ ...sound, heardAt: sound.heardAt + (late[i] ?? 0) })));
    assert.equal(all.between(0, 9_999).startedAt, 1_012);
  });

  it('keeps the place of what comes after a break', () => {
    const sound = new Float32Array(160).fill(0.5);
    const at = (heardAt: number): { samples: Float32Array; sampleRate: number; heardAt: number } => {
      return { samples: sound, sampleRate: 8_000, heardAt };
    };
    const { samples, startedAt } = heard([at(0), at(20), at(2_040)]).between(0, 9_999);
    assert.equal(startedAt, 0);
    assert.equal(samples.length, 16_320 + 160);
    assert.deepEqual([samples[319], samples[320], samples[16_319], samples[16_320]], [0.5, 0, 0, 0.5]);
  });

  it('lowers 48 kHz to 16 kHz', () => {
    const { samples, sampleRate } = heard(pieces(tone(48_000, 0.5, 1_000, 48_000), 48_000, [1_024])).between(0, 9_999);
    assert.deepEqual([sampleRate, samples.length], [16_000, 16_000]);
    const wanted = tone(16_000, 0.5, 1_000, 16_000);
    assert.ok(wanted.slice(200, -200).every((sample, i) => Math.abs(sample - (samples[200 + i] ?? 0)) < 0.01));
  });

  it('forgets what is older than 10 s', () => {
    const all = heard(pieces(new Float32Array(8_000 * 25), 8_000, [800]));
    assert.equal(all.between(0, 99_999).samples.length, 80_000);
  });

  it('is empty when nothing was heard', () => {
    assert.equal(new HeardSounds().between(0, 100).samples.length, 0);
  });
});
