// What can be decoded while it comes, by its first bytes. How it is decoded is decided elsewhere.
import type { AudioFormat } from '../sound/format.js';
import { isGoodPartMissing } from '../sound/missing.js';
import { isUnmistakable, sniff } from '../sound/sniff.js';
import { WavParser } from '../sound/wav.js';
import { isCredible } from '../sound/wav-losses.js';
import { isMp4 } from './ffmpeg.js';

/**
 * Whether the rest need not be there to decode the beginning. False for a WAV of which a good part is missing: that is refused.
 * @param size of the whole, bytes; undefined when nobody knows
 * @param format of headerless audio
 */
export function isStreamable(head: Buffer, size: number | undefined, format: AudioFormat | undefined): boolean {
  if (format !== undefined && !isUnmistakable(head)) return true;
  switch (sniff(head)) {
    case 'wav':
      return size === undefined || !isCutOff(head, size);
    case 'mp3':
      return true;
    case 'container':
      // Its index may stand at the end.
      return !isMp4(head);
    default:
      return false;
  }
}

function isCutOff(head: Buffer, size: number): boolean {
  const parser = new WavParser();
  try {
    parser.push(head);
  } catch {
    return true;
  }
  const { announcedSeconds: promised, losses } = parser;
  if (promised === undefined) return false;
  const there = losses.secondsOf(size);
  return isCredible(promised, there) && isGoodPartMissing(promised, there);
}
