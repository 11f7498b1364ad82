// Encoded sound made softer code by code: the level is the wanted one, silence stays silence.
import assert from 'node:assert/strict';
import { ALAW_SILENCE, decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw, MULAW_SILENCE } from '../../src/sound/g711.js';
import { power, powerDb } from '../../src/sound/levels.js';
import { softerCodes } from '../../src/sound/softer.js';

const CODECS = {
  alaw: { encode: encodeAlaw, decode: decodeAlaw, silence: ALAW_SILENCE },
  mulaw: { encode: encodeMulaw, decode: decodeMulaw, silence: MULAW_SILENCE },
} as const;

for (const [name, { encode, decode, silence }] of Object.entries(CODECS)) {
  describe(`softer ${name}`, () => {
    const codes = (gainDb: number): Uint8Array => softerCodes(name as 'alaw' | 'mulaw', gainDb);
    const levelDb = (bytes: Uint8Array): number =>
      powerDb(power(Float32Array.from(decode(bytes), (sample) => sample / 32_768)));

    for (const gainDb of [-1, -6.5, -12, -20, -40]) {
      for (const amplitude of [1, 0.3, 0.1]) {
        it(`a tone of ${amplitude} by ${gainDb} dB`, () => {
          const tone = encode(Float32Array.from({ length: 8_000 }, (_, i) => amplitude * Math.sin(i * 0.31)));
          const made = levelDb(tone.map((code) => codes(gainDb)[code] ?? 0)) - levelDb(tone);
          assert.ok(Math.abs(made - gainDb) < 1, `${made} dB`);
        });
      }
    }

    it('0 dB changes nothing, silence stays, signs stay', () => {
      assert.deepEqual(
        [...codes(0)].map((code) => decode(Uint8Array.of(code))[0]),
        [...decode(Uint8Array.from({ length: 256 }, (_, i) => i))],
      );
      assert.equal(codes(-12)[silence], silence);
      for (let code = 0; code < 256; code++) {
        const [before = 0] = decode(Uint8Array.of(code));
        const [after = 0] = decode(Uint8Array.of(codes(-12)[code] ?? 0));
        assert.ok(before * after >= 0 && Math.abs(after) <= Math.abs(before), `${code}: ${before} ${after}`);
      }
    });
  });
}
