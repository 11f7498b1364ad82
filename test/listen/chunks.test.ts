// Chunker: exact lengths whatever the pieces, times.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Chunker, toWav } from '../../src/listen/chunks.js';
import { toS16 } from '../../src/sound/s16.js';
import { pieces } from './sounds.js';

describe('toWav', () => {
  it('puts the header of 16-bit mono in front', () =>
    assert.equal(
      toWav({ pcm: Buffer.from('01020304', 'hex'), sampleRate: 8_000 }).toString('hex'),
      '52494646' +
        '28000000' +
        '57415645' +
        '666d7420' +
        '10000000' +
        '0100' +
        '0100' +
        '401f0000' +
        '803e0000' +
        '0200' +
        '1000' +
        '64617461' +
        '04000000' +
        '01020304',
    ));
});

describe('Chunker', () => {
  it('cuts 100 ms out of 20 ms packets', () => {
    const chunker = new Chunker(8_000, 100);
    const sound = pieces(new Float32Array(1_680).fill(0.25), 8_000, [160], 5_000);
    const chunks = sound.map((piece) => chunker.push(piece).length);
    assert.deepEqual(chunks, [0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
  });

  it('says when each chunk was heard', () => {
    const chunker = new Chunker(8_000, 30);
    const chunks = pieces(new Float32Array(800), 8_000, [160, 333], 5_000).flatMap((piece) => chunker.push(piece));
    assert.deepEqual(
      chunks.map(({ startedAt }) => Math.round(startedAt * 1_000) / 1_000),
      [5_000, 5_030, 5_060],
    );
    assert.ok(chunks.every(({ sampleRate, pcm }) => sampleRate === 8_000 && pcm.length === 480));
  });

  it('keeps every sample and every length, whatever the pieces', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(8_000, 11_025, 16_000, 44_100),
        fc.integer({ min: 10, max: 200 }),
        fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 6 }),
        fc.nat(20_000),
        (sampleRate, chunkMs, lengths, count) => {
          const samples = Float32Array.from({ length: count }, (_, i) => (i % 30_011) / 32_768);
          const chunker = new Chunker(sampleRate, chunkMs);
          const chunks = pieces(samples, sampleRate, lengths).flatMap((piece) => chunker.push(piece));
          const pcm = Buffer.concat(chunks.map((chunk) => chunk.pcm));
          assert.ok(pcm.equals(toS16(samples).subarray(0, pcm.length)));
          chunks.reduce((end, chunk, index) => {
            const exact = ((index + 1) * chunkMs * sampleRate) / 1_000;
            assert.ok(Math.abs(end + chunk.pcm.length / 2 - exact) <= 0.5);
            return end + chunk.pcm.length / 2;
          }, 0);
          assert.ok(count - pcm.length / 2 < (chunkMs * sampleRate) / 1_000 + 1);
        },
      ),
    );
  });
});
