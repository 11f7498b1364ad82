// What goes over the wire once talk is open: codec, rate, payload type, packet size and channel belong together and are chosen together.
import type { CameraOptions } from '../camera-options.js';
import type { PacketProfile, SampleFormat } from '../granted.js';

/** The dialects of MULTITRANS: `ipc` (TL-IPC, Mercury, FAST) opens in three messages, `vigi` in two. */
export type WireDialect = 'ipc' | 'vigi';

/** How the samples of a clip are coded; known before the camera is asked, so that decoding can start at once. */
export interface CodecProfile extends SampleFormat {
  /** RTP payload type. */
  readonly payloadType: number;
}

export interface TalkProfile extends CodecProfile, PacketProfile {
  /** Interleaved channel. */
  readonly channel: number;
}

// PCMA 8 kHz as payload type 8 is what every client but one sends; TL-IPC48AW-PLUS is fed µ-law 16 kHz as 102 (PROTOCOL.md P3, P4).
const CODECS: Readonly<Record<'pcma8k' | 'pcmu16k', CodecProfile>> = {
  pcma8k: { encoding: 'alaw', sampleRate: 8_000, payloadType: 8, silence: 0xd5 },
  pcmu16k: { encoding: 'mulaw', sampleRate: 16_000, payloadType: 102, silence: 0xff },
};

// TL-IPC48AW is choppy below 1024 bytes; VIGI clients send 160; the one µ-law client sends 320 (PROTOCOL.md P6).
const DEFAULT_PACKET_BYTES: Readonly<Record<WireDialect, number>> = { ipc: 1_024, vigi: 160 };
const PCMU16K_PACKET_BYTES = 320;
const CHANNEL: Readonly<Record<WireDialect, number>> = { ipc: 1, vigi: 0 };

export function codecProfile(camera: Pick<CameraOptions, 'codec'>): CodecProfile {
  return CODECS[camera.codec === 'auto' ? 'pcma8k' : camera.codec];
}

export function talkProfile(camera: Pick<CameraOptions, 'codec' | 'packetBytes'>, dialect: WireDialect): TalkProfile {
  const codec = codecProfile(camera);
  const defaultBytes = camera.codec === 'pcmu16k' ? PCMU16K_PACKET_BYTES : DEFAULT_PACKET_BYTES[dialect];
  const packetBytes = camera.packetBytes === 0 ? defaultBytes : camera.packetBytes;
  return { ...codec, channel: CHANNEL[dialect], packetBytes, frameMs: (packetBytes * 1_000) / codec.sampleRate };
}
