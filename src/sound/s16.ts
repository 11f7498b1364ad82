// Samples as 16 bits, little endian. Reading them, and other encodings, are format.ts's.

/** Samples of full scale ±1 as s16le; louder ones are clipped. */
export function toS16(samples: Float32Array): Buffer {
  return int16Bytes(samples.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)))));
}

/** 16-bit numbers as s16le. */
export function int16Bytes(samples: Int16Array | Float32Array): Buffer {
  const pcm = Buffer.allocUnsafe(samples.length * 2);
  for (let i = 0; i < samples.length; i++) pcm.writeInt16LE(samples[i] ?? 0, 2 * i);
  return pcm;
}
