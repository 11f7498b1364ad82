// Does once, ahead of time, what the first clip would wait for: decoders loaded, compiled and used, ffmpeg found.
import type { Clock } from '../clock.js';
import { logger } from '../logger.js';
import { warmUpFfmpeg } from './ffmpeg-run.js';
import { findFfmpeg } from './ffmpeg-path.js';
import { prepare } from './prepare.js';

const log = logger('warm-up');

/** Enough frames for the resampler and the encoder to be compiled too. */
const FRAMES = 60;
/** MPEG-2 layer III, 48 kbit/s, 24 kHz, mono: 144 bytes and 24 ms each. Nothing but zeros after the header is silence. */
const FRAME_BYTES = 144;
const FRAME_HEADER = [0xff, 0xf3, 0x64, 0xc4];

/** Never rejects: whatever is missing is reported by the clip that needs it. */
export async function warmUpAudio(options: { ffmpegPath?: string | undefined; clock: Clock }): Promise<void> {
  const mp3 = Buffer.alloc(FRAMES * FRAME_BYTES);
  for (let offset = 0; offset < mp3.length; offset += FRAME_BYTES) mp3.set(FRAME_HEADER, offset);
  const { clip } = prepare([{ kind: 'bytes', bytes: mp3 }], {
    ...options,
    encoding: 'alaw',
    sampleRate: 8_000,
    gainDb: 0,
    normalize: true,
    maxSeconds: 10,
  });
  const warmed = await Promise.allSettled([clip.ready(Infinity), findFfmpeg(options.ffmpegPath), warmUpFfmpeg()]);
  for (const each of warmed) if (each.status === 'rejected') log('not warm: %s', each.reason);
}
