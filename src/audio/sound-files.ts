// Sounds as files, for whoever keeps or shows them: what bytes are that are no sound, what a browser calls them, and a built-in one as a WAV.
import { toS16 } from '../sound/s16.js';
import { SNIFF_BYTES, sniff } from '../sound/sniff.js';
import { chime, type ChimeName } from '../sound/tone.js';
import { s16Wav } from '../sound/wav-write.js';
import { noSound, type NoSound } from './advice.js';

/** Of a built-in sound as a file, Hz: more than a camera plays. */
const FILE_RATE = 16_000;

/** What bytes are that evidently are no sound file, by the first of them; undefined for a sound. Whether the rest is whole shows when it is said. */
export function unlikeSound(bytes: Buffer): NoSound | 'empty' | 'unknown' | undefined {
  if (bytes.length === 0) return 'empty';
  const head = bytes.subarray(0, SNIFF_BYTES);
  const content = sniff(head);
  if (content === 'unknown') return content;
  return content === 'foreign' || content === 'text' ? noSound(head) : undefined;
}

/** The media type of WAV and MP3; of others the one that says nothing, and the browser looks for itself. */
export function soundType(bytes: Buffer): string {
  const content = sniff(bytes.subarray(0, SNIFF_BYTES));
  return content === 'wav' ? 'audio/wav' : content === 'mp3' ? 'audio/mpeg' : 'application/octet-stream';
}

export function builtInSound(name: ChimeName): Buffer {
  return s16Wav(FILE_RATE, toS16(chime(name, FILE_RATE)));
}
