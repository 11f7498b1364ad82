// Sounds as files, for whoever keeps or shows them: whether bytes are a sound, what a browser calls them, and a built-in one as a WAV.
import { TalkError } from '../errors.js';
import { toS16 } from '../sound/s16.js';
import { SNIFF_BYTES, sniff } from '../sound/sniff.js';
import { chime, type ChimeName } from '../sound/tone.js';
import { s16Wav } from '../sound/wav-write.js';
import { noAudio, unknownAudio } from './advice.js';

/** Of a built-in sound as a file, Hz: more than a camera plays. */
const FILE_RATE = 16_000;

/** Throws TALK_ERR_AUDIO for what is evidently no sound file, by its first bytes; whether the rest is whole shows when it is said. */
export function checkSound(bytes: Buffer): void {
  if (bytes.length === 0) throw new TalkError('TALK_ERR_AUDIO', 'The audio is empty');
  const head = bytes.subarray(0, SNIFF_BYTES);
  const content = sniff(head);
  if (content === 'foreign' || content === 'text') throw noAudio(head);
  if (content === 'unknown') throw unknownAudio();
}

/** The media type of WAV and MP3; of others the one that says nothing, and the browser looks for itself. */
export function soundType(bytes: Buffer): string {
  const content = sniff(bytes.subarray(0, SNIFF_BYTES));
  return content === 'wav' ? 'audio/wav' : content === 'mp3' ? 'audio/mpeg' : 'application/octet-stream';
}

export function builtInSound(name: ChimeName): Buffer {
  return s16Wav(FILE_RATE, toS16(chime(name, FILE_RATE)));
}
