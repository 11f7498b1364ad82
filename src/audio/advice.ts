// What to tell people who sent something else than a sound: what it is, and what leads on. Sentences; nothing is read or decoded here.
import { TalkError } from '../errors.js';
import type { Encoding } from '../sound/format.js';
import { foreignName } from '../sound/signatures.js';
import { describeText } from '../sound/sniff.js';
import { isBase64 } from './base64.js';

export const READ_ALOUD = 'To have words said, send them as msg.say, or choose a voice in the node';

export const BYTES_AS_TEXT =
  'The bytes of a sound came as text, which spoils them: let an http request node return a binary buffer, and a file in node a single Buffer object';

/** What a file is that is no sound. */
export type NoSound = 'archive' | 'notes' | 'silk' | 'page' | 'playlist' | 'text' | 'picture' | 'document' | 'other';

/** What it is and what becomes of it, by the beginning of its description. */
const NO_SOUNDS: ReadonlyArray<readonly [description: RegExp, kind: NoSound, wayOut?: string]> = [
  [/archive/, 'archive', 'Unpack it first'],
  [/^MIDI/, 'notes', 'It holds notes and no sound: turn it into WAV or MP3 first'],
  [
    /SILK/,
    'silk',
    'Neither this package nor ffmpeg reads it: convert it to WAV or MP3 first, for instance with silk-v3-decoder',
  ],
  [/^a web page/, 'page', 'A server answered with a page, perhaps an error or a log-in, instead of the sound'],
  [/^JSON/, 'text', 'If the sound stands in it as base64, send that property; otherwise it may tell what went wrong'],
  [/^a playlist/, 'playlist', 'Send the address of a sound that it names'],
  [/^base64/, 'text', 'Make a Buffer of it first, as Buffer.from(text, "base64") does in a function node'],
  [/^plain text/, 'text', READ_ALOUD],
  [/picture/, 'picture'],
  [/document/, 'document'],
];

/** An example of msg.format for samples of this encoding. */
export function formatExample(encoding: Encoding = 's16le'): string {
  return `{ "encoding": "${encoding}", "sampleRate": 16000, "channels": 1 }`;
}

/** The error for bytes that evidently are no sound. */
export function noAudio(head: Buffer): TalkError {
  const what = described(head);
  const wayOut = NO_SOUNDS.find(([description]) => description.test(what))?.[2];
  return new TalkError('TALK_ERR_AUDIO', `This is ${what}, not audio${wayOut === undefined ? '' : `. ${wayOut}`}`);
}

/** What they are, for those who say it in their own words. */
export function noSound(head: Buffer): NoSound {
  return NO_SOUNDS.find(([description]) => description.test(described(head)))?.[1] ?? 'other';
}

function described(head: Buffer): string {
  return foreignName(head) ?? (isBase64(head.toString('latin1')) ? 'base64 text' : describeText(head));
}

/** The error for bytes that nobody knows; `cause` is ffmpeg's when it was asked. */
export function unknownAudio(cause?: unknown): TalkError {
  const what = cause === undefined ? 'no sound file that is known here' : 'no audio that ffmpeg can read';
  return new TalkError(
    'TALK_ERR_AUDIO',
    `This is ${what}. If it is raw samples, as many speech services send, say so in msg.format, such as ${formatExample()}`,
    { cause },
  );
}
