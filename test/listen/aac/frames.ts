// AAC made by a real ffmpeg: ADTS frames, and the RTP payloads a camera would make of them.
import { execFileSync } from 'node:child_process';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';

/** ADTS frames of a tone, made by ffmpeg. */
export function toneFrames(sampleRate: number, channels: number, seconds: number, hz = 1_000): Buffer[] {
  const bytes = execFileSync(
    ffmpegPath,
    [
      '-loglevel',
      'error',
      '-f',
      'lavfi',
      '-i',
      `sine=frequency=${hz}:sample_rate=${sampleRate}:duration=${seconds}`,
    ].concat(['-ac', String(channels), '-c:a', 'aac', '-b:a', '48k', '-f', 'adts', '-']),
  );
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += frames.at(-1)?.length ?? Infinity) {
    frames.push(bytes.subarray(at, at + ((bytes.readUInt32BE(at + 2) >> 5) & 0x1fff)));
  }
  return frames;
}

/** One unit in AAC-hbr (RFC 3640 section 3.3.6): 16 bits of headers, 13 of size, 3 of index. */
export function hbrPayload(adts: Buffer): Buffer {
  const unit = adts.subarray(7);
  return Buffer.concat([Buffer.from([0, 16, unit.length >> 5, (unit.length & 31) << 3]), unit]);
}
