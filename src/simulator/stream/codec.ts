// The microphone's sound as payloads of RTP packets: G.711 from what it hears, AAC from the generated frames (RFC 3640). No time, no packets.
import { encodeAlaw, encodeMulaw } from '../../sound/g711.js';
import { MICROPHONE_FRAME_MS } from '../limits.js';
import { AAC_BEEP, AAC_SILENCE } from './aac-frames.js';
import { MICROPHONE_RATE } from './microphone.js';
import type { Microphone } from './microphone.js';
import { AUDIO_FORMATS } from './sdp.js';
import type { TrackEncoder } from './source.js';
import type { MicrophoneCodec } from './traits.js';

const G711_SAMPLES = (MICROPHONE_RATE * MICROPHONE_FRAME_MS) / 1_000;
const AAC_RATE = 16_000;
const AAC_SAMPLES = 1_024;

export function microphoneEncoder(codec: MicrophoneCodec, microphone: Microphone): TrackEncoder {
  const { payloadType } = AUDIO_FORMATS[codec];
  if (codec === 'aac') return aacEncoder(payloadType, microphone);
  const encode = codec === 'pcma' ? encodeAlaw : encodeMulaw;
  return {
    payloadType,
    frameMs: MICROPHONE_FRAME_MS,
    timestampStep: G711_SAMPLES,
    marksEach: false,
    encode: (index, fromMs) => encode(microphone.capture(fromMs, index * G711_SAMPLES, G711_SAMPLES)),
  };
}

function aacEncoder(payloadType: number, microphone: Microphone): TrackEncoder {
  const frameMs = (AAC_SAMPLES * 1_000) / AAC_RATE;
  return {
    payloadType,
    frameMs,
    timestampStep: AAC_SAMPLES,
    marksEach: true,
    encode: (index, fromMs) => {
      const muted = microphone.isMuted(fromMs, fromMs + frameMs);
      const frame = (muted ? undefined : AAC_BEEP[index % AAC_BEEP.length]) ?? AAC_SILENCE;
      // 16 bits of headers follow: 13 bits of size, 3 bits of index (mode AAC-hbr).
      const head = Buffer.alloc(4);
      head.writeUInt16BE(16, 0);
      head.writeUInt16BE(frame.length << 3, 2);
      return Buffer.concat([head, frame]);
    },
  };
}
