// Sound as the HTTP talk carries it: A-law in MPEG-TS, a frame in each part, the tables in a part of their own before the first. Encrypted where that is wanted.
import type { CameraOptions } from '../camera-options.js';
import type { PacketProfile } from '../granted.js';
import { FrameWriter, streamTables } from '../mpegts/writer.js';
import { partSerializer } from '../multipart/serialize.js';
import { partCipher, type KeySource } from './encrypt.js';

const SAMPLE_RATE = 8_000;
const ALAW_SILENCE = 0xd5;

/** What goes into the parts beside sound. */
export interface PackerOptions extends KeySource {
  readonly sessionId: string;
}

/** A-law, whatever the camera's microphone is coded in (PROTOCOL.md H10). */
export function streamProfile({ packetMs }: Pick<CameraOptions, 'packetMs'>): PacketProfile {
  const packetBytes = (packetMs * SAMPLE_RATE) / 1_000;
  return { encoding: 'alaw', sampleRate: SAMPLE_RATE, silence: ALAW_SILENCE, packetBytes, frameMs: packetMs };
}

/** Turns payloads of one session into bytes for the socket. Throws TALK_ERR_UNSUPPORTED where it cannot be encrypted. */
export function streamPacker(
  { encrypt }: Pick<CameraOptions, 'encrypt'>,
  options: PackerOptions,
): (payload: Uint8Array) => Buffer {
  const cipher = encrypt ? partCipher(options) : undefined;
  const serialize = partSerializer([
    ['Content-Type', 'audio/mp2t'],
    ['X-If-Encrypt', cipher === undefined ? '0' : '1'],
    ['X-Session-Id', options.sessionId],
  ]);
  const part = (body: Buffer): Buffer => serialize(cipher?.(body) ?? body);
  const frames = new FrameWriter();
  let begun = false;
  return (payload) => {
    const frame = part(frames.write(payload));
    if (begun) return frame;
    begun = true;
    return Buffer.concat([part(streamTables()), frame]);
  };
}
