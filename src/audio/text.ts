// The text of a message as the place where its audio is: a path or an address. Nothing is opened here.
import { fileURLToPath } from 'node:url';
import { TalkError } from '../errors.js';

export const ACCEPTED = 'a Buffer, the path or http(s) URL of a sound file, a stream of Buffers, or an array of these';

export function located(text: string): { kind: 'file'; path: string } | { kind: 'url'; url: string } {
  if (text.trim() === '') throw invalid(`${ACCEPTED}; the text is empty`);
  if (text.includes('\0')) throw invalid(`${ACCEPTED}; the path holds a zero character`);
  // Two letters or more: `C:` is a drive.
  const scheme =
    /^\s*([a-z][a-z0-9+.-]+):(?:\/\/)/i.exec(text)?.[1]?.toLowerCase() ?? /^\s*(data|blob):/i.exec(text)?.[1];
  if (scheme === undefined) return { kind: 'file', path: text };
  if (scheme === 'http' || scheme === 'https') {
    const url = text.trim();
    if (!URL.canParse(url)) throw invalid(`a valid URL; this one after ${scheme}:// makes no sense`);
    return { kind: 'url', url };
  }
  if (scheme !== 'file') throw invalid(`${ACCEPTED}; ${scheme}: addresses cannot be played`);
  try {
    return { kind: 'file', path: fileURLToPath(text.trim()) };
  } catch (cause) {
    throw new TalkError(
      'TALK_ERR_ARGUMENT',
      'Audio: expected a file: URL of this machine, such as file:///data/ding.mp3',
      { cause },
    );
  }
}

export function invalid(expected: string): TalkError {
  return new TalkError('TALK_ERR_ARGUMENT', `Audio: expected ${expected}`);
}
