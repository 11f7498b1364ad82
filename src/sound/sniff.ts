// What bytes are, by their first few kilobytes and never by a file name. Pure; nothing is decoded here.
import { sniffMp3 } from './mp3-frames.js';
import { containerName, foreignName, hasSignature } from './signatures.js';
import { WavParser } from './wav.js';
import { findRiff, RIFF_BYTES } from './wav-find.js';

/** `container`: something only ffmpeg reads. `foreign` and `text`: evidently no audio. */
export type Content = 'wav' | 'mp3' | 'container' | 'foreign' | 'text' | 'unknown';

/** So much of the beginning is enough for every answer. */
export const SNIFF_BYTES = 4_096;

/** What `head`, the first SNIFF_BYTES or all there is, belongs to. */
export function sniff(head: Buffer): Content {
  const wav = WavParser.sniff(head);
  if (wav !== undefined) return wav === 'wav' ? 'wav' : 'container';
  if (foreignName(head) !== undefined) return 'foreign';
  if (containerName(head) !== undefined) return 'container';
  if (sniffMp3(head)) return 'mp3';
  // A WAV behind some other bytes, such as what a server put in front.
  if (findRiff(head) + RIFF_BYTES <= head.length) return 'wav';
  return isText(head) ? 'text' : 'unknown';
}

/** What people call what only ffmpeg reads; undefined when that is not known. */
export function contentName(head: Buffer): string | undefined {
  return WavParser.sniff(head) === undefined
    ? containerName(head)
    : `A WAV that holds ${WavParser.codecName(head) ?? 'another codec'}`;
}

/** Whether these bytes can only be a file with a header, even if somebody says that they are raw audio. */
export function isUnmistakable(head: Buffer): boolean {
  return WavParser.sniff(head) !== undefined || hasSignature(head) || sniffMp3(head);
}

/** What kind of text it is, for the error message. */
export function describeText(head: Buffer): string {
  const text = head.toString('utf8').replace('\ufeff', '').trimStart();
  if (text.startsWith('<')) return 'a web page or XML';
  if (text.startsWith('{') || text.startsWith('["') || text.startsWith('[{')) return 'JSON';
  if (/^(#EXTM3U|\[playlist\]|ffconcat)/i.test(text)) return 'a playlist';
  return 'plain text';
}

/** UTF-8 without control characters; a character cut off at the end counts. */
function isText(head: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    // eslint-disable-next-line no-control-regex
    return !/[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text);
  } catch {
    return false;
  }
}
