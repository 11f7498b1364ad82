// What bytes are, by their first few kilobytes and never by a file name. Pure; nothing is decoded here.
import { sniffMp3 } from './mp3-frames.js';
import { WavParser } from './wav.js';

/** `container`: something only ffmpeg reads. `text`: evidently no audio. */
export type Content = 'wav' | 'mp3' | 'container' | 'text' | 'unknown';

/** So much of the beginning is enough for every answer. */
export const SNIFF_BYTES = 4_096;

/** First bytes of containers that ffmpeg reads, and where they stand. */
const SIGNATURES: ReadonlyArray<readonly [offset: number, text: string]> = [
  [0, 'OggS'],
  [0, 'fLaC'],
  [4, 'ftyp'],
  [0, '#!AMR'],
  // Matroska and WebM (EBML)
  [0, '\x1a\x45\xdf\xa3'],
  [0, 'caff'],
  [0, '.snd'],
  [0, 'wvpk'],
  [0, 'MAC '],
  [0, 'TTA1'],
  // Windows Media (ASF)
  [0, '\x30\x26\xb2\x75'],
];

/** What `head`, the first SNIFF_BYTES or all there is, belongs to. */
export function sniff(head: Buffer): Content {
  const wav = WavParser.sniff(head);
  if (wav !== undefined) return wav === 'wav' ? 'wav' : 'container';
  if (hasSignature(head) || isAdts(head) || isAiff(head)) return 'container';
  if (sniffMp3(head)) return 'mp3';
  return isText(head) ? 'text' : 'unknown';
}

/** Whether these bytes can only be a file with a header, even if somebody says that they are raw audio. */
export function isUnmistakable(head: Buffer): boolean {
  return WavParser.sniff(head) !== undefined || hasSignature(head) || isAiff(head) || sniffMp3(head);
}

/** What kind of text it is, for the error message. */
export function describeText(head: Buffer): string {
  const text = head.toString('utf8').replace('\ufeff', '').trimStart();
  if (text.startsWith('<')) return 'a web page or XML';
  if (text.startsWith('{') || text.startsWith('["') || text.startsWith('[{')) return 'JSON';
  if (/^(#EXTM3U|\[playlist\]|ffconcat)/i.test(text)) return 'a playlist';
  return 'plain text';
}

function hasSignature(head: Buffer): boolean {
  return SIGNATURES.some(([offset, text]) => startsWith(head, offset, text));
}

function startsWith(head: Buffer, offset: number, text: string): boolean {
  return head.toString('latin1', offset, offset + text.length) === text;
}

function isAiff(head: Buffer): boolean {
  return startsWith(head, 0, 'FORM') && startsWith(head, 8, 'AIF');
}

/** AAC frames: twelve bits of sync like MPEG audio, but layer 0, which MPEG audio does not have. */
function isAdts(head: Buffer): boolean {
  return head[0] === 0xff && ((head[1] ?? 0) & 0xf6) === 0xf0;
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
