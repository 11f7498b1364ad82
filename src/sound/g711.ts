// G.711: samples to A-law and µ-law bytes and back, by table. No framing, no resampling.

/** What a decoder plays as the smallest positive A-law value; the usual filler of a silent line. */
export const ALAW_SILENCE = 0xd5;
/** Positive zero of µ-law. */
export const MULAW_SILENCE = 0xff;

/** One code per 16-bit sample; the sample −32768 comes first. */
type EncodeTable = Uint8Array;

let alawCodes: EncodeTable | undefined;
let mulawCodes: EncodeTable | undefined;
const alawSamples = Int16Array.from({ length: 256 }, (_, code) => alawSample(code));
const mulawSamples = Int16Array.from({ length: 256 }, (_, code) => mulawSample(code));

/** Samples of full scale ±1 to A-law, one byte each. Louder samples are clipped; what is not a number is silence. */
export function encodeAlaw(samples: Float32Array): Buffer {
  alawCodes ??= encodeTable(alawCode, 16);
  return encode(samples, alawCodes);
}

/** Samples of full scale ±1 to µ-law, one byte each. Louder samples are clipped; what is not a number is silence. */
export function encodeMulaw(samples: Float32Array): Buffer {
  mulawCodes ??= encodeTable(mulawCode, 4);
  return encode(samples, mulawCodes);
}

/** A-law bytes to 16-bit samples. */
export function decodeAlaw(bytes: Uint8Array): Int16Array {
  return decode(bytes, alawSamples);
}

/** µ-law bytes to 16-bit samples. */
export function decodeMulaw(bytes: Uint8Array): Int16Array {
  return decode(bytes, mulawSamples);
}

function encode(samples: Float32Array, table: EncodeTable): Buffer {
  const codes = Buffer.allocUnsafe(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] ?? 0;
    // 32768 moves the range to 0..65535, a half more makes the truncation a rounding.
    const position = sample * 32768 + 32768.5;
    let index = 32768;
    if (position >= 65535) index = 65535;
    else if (position >= 0) index = position | 0;
    else if (sample < 0) index = 0;
    codes[i] = table[index] ?? 0;
  }
  return codes;
}

function decode(bytes: Uint8Array, table: Int16Array): Int16Array {
  const samples = new Int16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) samples[i] = table[bytes[i] ?? 0] ?? 0;
  return samples;
}

/** `width` neighbouring samples share a code everywhere. */
function encodeTable(code: (sample: number) => number, width: number): EncodeTable {
  const table = new Uint8Array(65536);
  for (let i = 0; i < 65536; i += width) table.fill(code(i - 32768), i, i + width);
  return table;
}

/** A-law (G.711 table 1): sign, three bits of segment, four bits of step, even bits inverted. */
function alawCode(sample: number): number {
  const steps = (sample < 0 ? ~sample : sample) >> 4;
  const segment = Math.max(0, 28 - Math.clz32(steps));
  const code = segment === 0 ? steps : (segment << 4) | ((steps >> (segment - 1)) & 15);
  return code ^ (sample < 0 ? 0x55 : 0xd5);
}

/** µ-law (G.711 table 2): 14 bits with a bias of 33, all bits inverted. */
function mulawCode(sample: number): number {
  const level = sample >> 2;
  // The biased magnitude has 13 bits; what is louder is clipped.
  const biased = Math.min(Math.abs(level) + 33, 8191);
  const segment = 26 - Math.clz32(biased);
  const code = (segment << 4) | ((biased >> (segment + 1)) & 15);
  return code ^ (sample < 0 ? 0x7f : 0xff);
}

function alawSample(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 15) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 256) << (segment - 1);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
}

function mulawSample(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80) === 0 ? magnitude : -magnitude;
}
