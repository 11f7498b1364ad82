// RTP payloads to bytes that a decoder takes, by codec; and silence of a given length in the same coding. Pure.
import { ALAW_SILENCE, MULAW_SILENCE } from '../audio/g711.js';
import type { AudioTrack } from './audio-track.js';
import { AacDepayloader } from './aac.js';
import type { OrderedPacket } from './reorder.js';

/** Encoded sound and how long it plays, in samples at the track's clock rate. */
export interface EncodedSound {
  readonly bytes: Buffer;
  readonly samples: number;
}

export interface Depayloader {
  /** What this packet completes. Throws TALK_ERR_PROTOCOL for a payload that makes no sense. */
  read(ordered: OrderedPacket): EncodedSound;
  /** Silence of about so many samples. */
  silence(samples: number): EncodedSound;
}

export function createDepayloader({ codec, channels, clockRate }: AudioTrack): Depayloader {
  if (codec.name === 'AAC') return new AacDepayloader(codec.config, codec.framing, clockRate);
  const silence = codec.name === 'PCMA' ? ALAW_SILENCE : MULAW_SILENCE;
  return {
    read: ({ packet: { payload } }) => ({ bytes: payload, samples: Math.floor(payload.length / channels) }),
    silence: (samples) => ({ bytes: Buffer.alloc(samples * channels, silence), samples }),
  };
}
