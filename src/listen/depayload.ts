// RTP payloads to bytes that a decoder takes, by codec; and silence of a given length in the same coding. Pure.
import { ALAW_SILENCE, MULAW_SILENCE } from '../sound/g711.js';
import type { AudioTrack } from './audio-track.js';
import { AacDepayloader } from './aac/depayloader.js';
import type { Depayloader } from './encoded-sound.js';

export function createDepayloader({ codec, channels, clockRate }: AudioTrack): Depayloader {
  if (codec.name === 'AAC') return new AacDepayloader(codec.config, codec.framing, clockRate);
  const silence = codec.name === 'PCMA' ? ALAW_SILENCE : MULAW_SILENCE;
  return {
    read: ({ packet: { payload } }) => ({ bytes: payload, samples: Math.floor(payload.length / channels) }),
    silence: (samples) => ({ bytes: Buffer.alloc(samples * channels, silence), samples }),
  };
}
