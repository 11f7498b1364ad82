// Encoded sound made softer as it is: one code for each code. For what is prepared once and said at several volumes.
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.js';
import { factorOfDb } from './levels.js';

/** What each A-law or µ-law byte becomes. @param gainDb 0 or less */
export function softerCodes(encoding: 'alaw' | 'mulaw', gainDb: number): Uint8Array {
  const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
  const factor = factorOfDb(gainDb) / 32_768;
  const samples = Float32Array.from(encoding === 'alaw' ? decodeAlaw(codes) : decodeMulaw(codes), (s) => s * factor);
  return encoding === 'alaw' ? encodeAlaw(samples) : encodeMulaw(samples);
}
