// The text of a message as the audio it means: a sound's name, a path, an address, or bytes written as text. Nothing is opened here.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TalkError } from '../errors.js';
import { MAX_SOURCE_BYTES } from '../limits.js';
import { isUnmistakable, sniff } from '../sound/sniff.js';
import { BYTES_AS_TEXT, READ_ALOUD, formatExample } from './advice.js';
import { hasAlphabet, isBase64 } from './base64.js';
import { soundNamed } from './own-sounds.js';

export const ACCEPTED = 'a Buffer, the path or http(s) URL of a sound file, a stream of Buffers, or an array of these';

/** Longest path of Linux; Windows has 32 767, which nobody types. */
const MAX_PATH_CHARS = 4_096;
/** Of a long text, so much tells what it is. */
const START_CHARS = 4_096;
/** The shortest base64 that is taken for a container of these first bytes; 48 bytes. */
const MIN_CONTAINER_CHARS = 64;
/** Four characters for three bytes, and the line ends of MIME. */
const MAX_BASE64_CHARS = MAX_SOURCE_BYTES * 1.4;

/** A name such as `ding.mp3`, also with folders. */
const SOUND_FILE =
  /^[^\r\n]*\S\.(?:aac|ac3|aif|aiff|alaw|amr|ape|au|caf|flac|g711a?|gsm|m4a|m4b|mka|mkv|mov|mp1|mp2|mp3|mp4|mpga|oga|ogg|opus|pcm|raw|snd|spx|tta|ulaw|w64|wav|wave|webm|wma|wv|3gp)$/i;

type Located =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'words'; readonly text: string }
  | Exclude<ReturnType<typeof soundNamed>, undefined>;

/**
 * `sound:NAME`, a path (also in quotation marks, or with a line end behind it; `~/` is the home folder), a `file:`, `http(s):` or `data:` address, or base64.
 * @param raw whether `msg.format` says what headerless bytes are
 * @param speaks whether somebody says what is none of these, and no path by its look
 */
export function located(text: string, { raw, words: speaks }: { raw: boolean; words: boolean }): Located {
  const words = unquoted(text);
  if (words === '') throw invalid(`${ACCEPTED}; the text is empty`);
  const sound = soundNamed(words);
  if (sound !== undefined) return sound;
  if (/^data:/i.test(words)) return { kind: 'bytes', bytes: dataBytes(words) };
  if (isBinary(text.slice(0, START_CHARS))) throw new TalkError('TALK_ERR_ARGUMENT', BYTES_AS_TEXT);
  const bytes = base64Bytes(words, raw);
  if (bytes !== undefined) return { kind: 'bytes', bytes };
  if (/^(?:\{\s*"|\[\s*(?:\d+\s*,|["{[]))/.test(words))
    throw invalid(`${ACCEPTED}; this text is JSON: put a json node in front`);
  if (/^<[!?a-z]/i.test(words) && words.endsWith('>')) throw invalid(`${ACCEPTED}; this text is a web page or XML`);
  const found = address(words);
  if (found !== undefined) return found;
  return speaks && !isPath(words) ? { kind: 'words', text: words } : { kind: 'file', path: path(words) };
}

export function invalid(expected: string): TalkError {
  return new TalkError('TALK_ERR_ARGUMENT', `Audio: expected ${expected}`);
}

/** Without blanks and line ends around it, as an exec node leaves them, and without the quotation marks of a shell. */
function unquoted(text: string): string {
  const words = text.trim();
  return (/^(["'])([^\r\n]*)\1$/.exec(words)?.[2] ?? words).trim();
}

function address(words: string): Located | undefined {
  // Two letters or more: `C:` is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(words)?.[1]?.toLowerCase() ?? /^(file|blob):/i.exec(words)?.[1];
  if (scheme === undefined) return undefined;
  if (scheme === 'http' || scheme === 'https') {
    if (!URL.canParse(words)) throw invalid(`a valid URL; this one after ${scheme}:// makes no sense`);
    return { kind: 'url', url: words };
  }
  if (scheme.toLowerCase() !== 'file') throw invalid(`${ACCEPTED}; ${scheme.slice(0, 20)}: addresses cannot be played`);
  try {
    if (/^file:\//i.test(words)) return { kind: 'file', path: fileURLToPath(words) };
  } catch {
    // The reason would repeat all of it.
  }
  throw invalid('a file: URL of this machine, such as file:///data/ding.mp3');
}

/** Absolute, in the home folder, beside the working folder, on a drive or a share, or with the ending of a sound file. */
function isPath(words: string): boolean {
  return /^(?:\/|~[/\\]|\.{1,2}[/\\]|[a-z]:[/\\]|\\\\)/i.test(words) || SOUND_FILE.test(words);
}

function path(words: string): string {
  if (words.length > MAX_PATH_CHARS) {
    throw invalid(`${ACCEPTED}; a text of ${words.length} characters is none of these. ${READ_ALOUD}`);
  }
  return /^~[/\\]/.test(words) ? join(homedir(), words.slice(2)) : words;
}

/** What a node makes of bytes that it takes for UTF-8 or Latin-1: control characters, and the sign for what is no character. */
function isBinary(start: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]/.test(start);
}

/** The bytes when the text is base64 of a file with a header, or of raw samples; undefined when it is something else. */
function base64Bytes(words: string, raw: boolean): Buffer | undefined {
  const start = words.slice(0, START_CHARS);
  if (start.length < MIN_CONTAINER_CHARS || !hasAlphabet(start)) return undefined;
  const head = Buffer.from(start, 'base64');
  const long = isBase64(words);
  const known = isUnmistakable(head) || (long && sniff(head) !== 'unknown');
  if ((!known && !long) || !hasAlphabet(words)) return undefined;
  if (words.length > MAX_BASE64_CHARS) throw tooLarge();
  if (known || raw) return Buffer.from(words, 'base64');
  throw invalid(
    `${ACCEPTED}; this text is base64, but of no sound file that is known here. If it holds raw samples, say so in msg.format, such as ${formatExample()}`,
  );
}

/** RFC 2397. Characters that are not percent-encoded stand for themselves. */
function dataBytes(address: string): Buffer {
  const comma = address.indexOf(',');
  if (comma < 0) throw invalid('a data: address with a comma before the data');
  if (address.length > 3 * MAX_SOURCE_BYTES) throw tooLarge();
  const isBase64Data = /;\s*base64\s*$/i.test(address.slice(Math.max(0, comma - 20), comma));
  const data = address.slice(comma + 1);
  const plain = data.includes('%')
    ? data.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : data;
  return Buffer.from(plain, isBase64Data ? 'base64' : 'latin1');
}

export function tooLarge(): TalkError {
  return new TalkError('TALK_ERR_SOURCE', `The audio is larger than ${MAX_SOURCE_BYTES} bytes`);
}
