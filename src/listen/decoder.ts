// Encoded sound in, mono samples out: what every decoder offers, and the one for G.711. AAC needs a process (aac/decoder.ts).
import { PcmReader } from '../sound/format.js';

export interface SoundDecoder {
  /** Samples at the track's clock rate come through `onSamples`, at once or later, in order. */
  decode(bytes: Buffer): void;
  /** Ends now; resolves when nothing is left of it. Idempotent, never rejects. */
  close(): Promise<void>;
}

export interface DecoderEvents {
  /** Mono samples of full scale ±1. */
  readonly onSamples: (samples: Float32Array) => void;
  /** The decoder is of no more use. */
  readonly onError: (error: Error) => void;
}

/** PCMA or PCMU; several channels are averaged. */
export function g711Decoder(
  encoding: 'alaw' | 'mulaw',
  format: { readonly sampleRate: number; readonly channels: number },
  { onSamples }: Pick<DecoderEvents, 'onSamples'>,
): SoundDecoder {
  const reader = new PcmReader({ encoding, sampleRate: format.sampleRate, channels: format.channels });
  return {
    decode: (bytes) => {
      const samples = reader.push(bytes);
      if (samples.length > 0) onSamples(samples);
    },
    close: () => Promise.resolve(),
  };
}
