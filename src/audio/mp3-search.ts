// MP3 wherever it begins in a file or stream, and whether so much of it is there that it can be spoken.
import type { Clock } from '../clock.js';
import { isTalkError, TalkError } from '../errors.js';
import { MAX_LIVE_LEAD_BYTES } from '../limits.js';
import { isGoodPartMissing } from '../sound/missing.js';
import { Mp3Framer } from '../sound/mp3-frames.js';
import { decodeMp3, measureMp3, type Sound } from './mp3.js';
import type { StoredAudio } from './stored.js';

/** Sound that an MP3 header counts and nobody hears: the encoder's delay and the padding of the last frame; longest at 8 kHz. */
const PADDING_SECONDS = 0.3;
/** Frames that prove an MP3 behind something unknown: as sound they take about 0.2 s. */
const FRAMES_BEHIND_NOISE = 8;

/**
 * The samples of an MP3; false when there is none, or none that can be decoded. Throws TALK_ERR_AUDIO when a good part of it is missing, what `check` throws for its length
 * in s, or the signal's reason.
 */
export async function* decodeStoredMp3(
  stored: StoredAudio,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly clock: Clock;
    readonly warn?: ((warning: string) => void) | undefined;
    readonly check: (seconds: number) => void;
    /** Whether it begins like an MP3. */
    readonly isSure: boolean;
  },
): AsyncGenerator<Sound, boolean> {
  const { signal, clock, warn, check, isSure } = options;
  const mp3 = { signal, clock, warn, size: stored.size };
  const { frames, seconds, promisedSeconds, cutSeconds } = await measureMp3(stored.pieces(), mp3);
  if (isSure ? frames === 0 && cutSeconds === 0 : frames < FRAMES_BEHIND_NOISE) return false;
  if (isGoodPartMissing(promisedSeconds, seconds)) {
    const of = promisedSeconds > seconds ? ` of ${promisedSeconds.toFixed(2)} s` : '';
    throw new TalkError(
      'TALK_ERR_AUDIO',
      `The MP3 is cut off after ${seconds.toFixed(2)} s${of} or still being written`,
    );
  }
  check(seconds - PADDING_SECONDS);
  try {
    yield* decodeMp3(stored.pieces(), mp3);
    return true;
  } catch (error) {
    // What looks like frames, and none can be decoded: ffmpeg may know better.
    if (isTalkError(error) && error.code === 'TALK_ERR_AUDIO') return false;
    throw error;
  }
}

/** Looks at the growing beginning of a stream until an MP3 begins in it, or is not to be expected any more. */
export class Mp3Search {
  readonly #framer = new Mp3Framer();
  #seen = 0;

  get isFound(): boolean {
    return this.#framer.extent.frames > 0;
  }

  isOver(head: Buffer): boolean {
    this.#framer.push(head.subarray(this.#seen));
    this.#seen = head.length;
    return this.isFound || head.length >= MAX_LIVE_LEAD_BYTES;
  }
}
