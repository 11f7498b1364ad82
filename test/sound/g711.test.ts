// G.711 against the reference vectors (V14) and against the recommendation's formula written out in full.
import assert from 'node:assert/strict';
import { ALAW_SILENCE, MULAW_SILENCE, decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from '../../src/sound/g711.js';

const PCM = [0, 1, -1, 8, -8, 100, -100, 1000, -1000, 10000, -10000, 32767, -32768];
const ALL_SAMPLES = Int16Array.from({ length: 65536 }, (_, i) => i - 32768);
const ALL_CODES = Uint8Array.from({ length: 256 }, (_, i) => i);

function floats(samples: Iterable<number>): Float32Array {
  return Float32Array.from(samples, (sample) => sample / 32768);
}

/** 13 bits: sign and 12 of magnitude; the segments double from 32 on. */
function referenceAlaw(sample: number): number {
  let magnitude = sample >> 3;
  const mask = magnitude >= 0 ? 0xd5 : 0x55;
  if (magnitude < 0) magnitude = -magnitude - 1;
  const ends = [0x1f, 0x3f, 0x7f, 0xff, 0x1ff, 0x3ff, 0x7ff, 0xfff];
  const segment = ends.findIndex((end) => magnitude <= end);
  const step = segment < 2 ? (magnitude >> 1) & 0xf : (magnitude >> segment) & 0xf;
  return ((segment << 4) | step) ^ mask;
}

/** 14 bits with a bias of 33; the segments double from 64 on. */
function referenceMulaw(sample: number): number {
  const level = sample >> 2;
  const mask = level < 0 ? 0x7f : 0xff;
  const biased = Math.min(Math.abs(level) + 33, 0x1fff);
  const ends = [0x3f, 0x7f, 0xff, 0x1ff, 0x3ff, 0x7ff, 0xfff, 0x1fff];
  const segment = ends.findIndex((end) => biased <= end);
  return ((segment << 4) | ((biased >> (segment + 1)) & 0xf)) ^ mask;
}

describe('audio/g711', () => {
  it('encodes the reference vectors', () => {
    assert.equal(encodeAlaw(floats(PCM)).toString('hex'), 'd5d555d555d353fa7ab636aa2a');
    assert.equal(encodeMulaw(floats(PCM)).toString('hex'), 'ffff7efe7ef272ce4e9c1c8000');
  });

  it('decodes the reference anchors', () => {
    assert.deepEqual([...decodeAlaw(Uint8Array.of(0xd5, 0x55, 0x80, 0x00))], [8, -8, 5504, -5504]);
    assert.deepEqual([...decodeMulaw(Uint8Array.of(0xff, 0x7f, 0x00, 0x80))], [0, 0, -32124, 32124]);
  });

  it('encodes all 65536 samples as the formula does', () => {
    assert.deepEqual([...encodeAlaw(floats(ALL_SAMPLES))], Array.from(ALL_SAMPLES, referenceAlaw));
    assert.deepEqual([...encodeMulaw(floats(ALL_SAMPLES))], Array.from(ALL_SAMPLES, referenceMulaw));
  });

  it('gives back every code that was decoded', () => {
    assert.deepEqual([...encodeAlaw(floats(decodeAlaw(ALL_CODES)))], [...ALL_CODES]);
    // Negative zero of µ-law is zero and becomes the positive one.
    const expected = Array.from(ALL_CODES, (code) => (code === 0x7f ? 0xff : code));
    assert.deepEqual([...encodeMulaw(floats(decodeMulaw(ALL_CODES)))], expected);
  });

  it('is off by at most half a step', () => {
    const alaw = decodeAlaw(encodeAlaw(floats(ALL_SAMPLES)));
    const mulaw = decodeMulaw(encodeMulaw(floats(ALL_SAMPLES)));
    for (const [i, sample] of ALL_SAMPLES.entries()) {
      // A step of the segment is a sixteenth of its lower bound; 8 is half of the smallest A-law step.
      const magnitude = Math.abs(sample);
      assert.ok(Math.abs((alaw[i] ?? 0) - sample) <= Math.max(8, magnitude / 32 + 1), `A-law ${sample}`);
      assert.ok(Math.abs((mulaw[i] ?? 0) - sample) <= (magnitude + 132) / 32 + 8, `µ-law ${sample}`);
    }
  });

  it('rounds to the nearest sample, clips what is too loud and takes no number for silence', () => {
    const odd = Float32Array.of(1, 1.5, Infinity, -1, -1.5, -Infinity, NaN, 0.9 / 32768, 15.4 / 32768, 15.6 / 32768);
    assert.deepEqual([...encodeAlaw(odd)], [0xaa, 0xaa, 0xaa, 0x2a, 0x2a, 0x2a, 0xd5, 0xd5, 0xd5, 0xd4]);
    assert.deepEqual([...encodeMulaw(odd.subarray(0, 7))], [0x80, 0x80, 0x80, 0, 0, 0, 0xff]);
  });

  it('knows its silence', () => {
    assert.deepEqual([...encodeAlaw(new Float32Array(2))], [ALAW_SILENCE, ALAW_SILENCE]);
    assert.deepEqual([...encodeMulaw(new Float32Array(2))], [MULAW_SILENCE, MULAW_SILENCE]);
    assert.equal(encodeAlaw(new Float32Array(0)).length, 0);
  });
});
