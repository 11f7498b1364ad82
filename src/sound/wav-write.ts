// WAV files and their headers, written: 16-bit PCM or G.711. wav.ts reads.
import { bytesPerFrame } from './format.js';
import { int16Bytes } from './s16.js';
import { TAG_ALAW, TAG_MULAW, TAG_PCM } from './wav-format.js';

/** A whole 16-bit mono WAV file. */
export function serializeWav({ sampleRate }: { sampleRate: number; channels: 1 }, samples: Int16Array): Buffer {
  return s16Wav(sampleRate, int16Bytes(samples));
}

/** The same of s16le bytes. */
export function s16Wav(sampleRate: number, pcm: Buffer): Buffer {
  return Buffer.concat([wavHeader({ sampleRate, channels: 1, bytes: pcm.length, encoding: 's16le' }), pcm]);
}

/**
 * The header for `bytes` bytes of sound (0xFFFFFFFF when not known yet): 44 bytes of PCM, 58 of G.711.
 * An odd number of bytes is to be followed by a zero byte.
 */
export function wavHeader(options: {
  sampleRate: number;
  channels: number;
  bytes: number;
  encoding: 's16le' | 'alaw' | 'mulaw';
}): Buffer {
  const { sampleRate, channels, bytes, encoding } = options;
  const pcm = encoding === 's16le';
  const frameBytes = bytesPerFrame({ encoding, sampleRate, channels });
  const header = Buffer.alloc(pcm ? 44 : 58);
  header.write('RIFF', 0);
  header.writeUInt32LE(Math.min(header.length - 8 + bytes + (bytes % 2), 0xffffffff), 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(pcm ? 16 : 18, 16);
  header.writeUInt16LE(pcm ? TAG_PCM : encoding === 'alaw' ? TAG_ALAW : TAG_MULAW, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * frameBytes, 28);
  header.writeUInt16LE(frameBytes, 32);
  header.writeUInt16LE((frameBytes / channels) * 8, 34);
  if (!pcm) {
    // Every format but PCM says how long its extension is (0) and how many samples there are.
    header.write('fact', 38);
    header.writeUInt32LE(4, 42);
    header.writeUInt32LE(Math.floor(bytes / frameBytes), 46);
  }
  header.write('data', header.length - 8);
  header.writeUInt32LE(bytes, header.length - 4);
  return header;
}
