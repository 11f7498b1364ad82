// Where a WAV begins: at the start of a file, behind tags, and in the middle of other bytes. Its chunks are walked in wav.ts.
import { tagAt } from './mp3-tags.js';

/** RIFF or its like, a size, WAVE. */
export const RIFF_BYTES = 12;
const RIFF_IDS: readonly string[] = ['RIFF', 'RIFX', 'RF64', 'BW64'];
/** A byte order mark and line ends that editors and servers put in front. */
const STRAY = /^(?:\xef\xbb\xbf|[\r\n])+/;

/** Whether a WAV begins at `at`: true, false, or undefined while there are too few bytes to tell. */
export function isRiffAt(bytes: Buffer, at: number): boolean | undefined {
  const seen = bytes.toString('latin1', at, at + RIFF_BYTES);
  const may = RIFF_IDS.some((id) => id.startsWith(seen.slice(0, 4))) && 'WAVE'.startsWith(seen.slice(8));
  return may && seen.length < RIFF_BYTES ? undefined : may;
}

/** The first place from `from` where a WAV begins, or may begin when more bytes have come; the end when there is none. */
export function findRiff(bytes: Buffer, from = 0): number {
  for (let wave = bytes.indexOf('WAVE', from + 8); wave >= 0; wave = bytes.indexOf('WAVE', wave + 1)) {
    if (isRiffAt(bytes, wave - 8) === true) return wave - 8;
  }
  for (let at = Math.max(from, bytes.length - RIFF_BYTES + 1); at < bytes.length; at++) {
    if (isRiffAt(bytes, at) === undefined) return at;
  }
  return bytes.length;
}

/** The offset behind tags, byte order marks and line ends; beyond the end when a tag goes on there. */
export function behindTags(head: Buffer): number {
  let at = 0;
  for (let before = -1; at > before;) {
    before = at;
    at += STRAY.exec(head.toString('latin1', at, at + 16))?.[0].length ?? 0;
    const tag = tagAt(head, at);
    if (tag !== 'none') at += tag?.length ?? 0;
  }
  return at;
}
