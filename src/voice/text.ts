// What is to be said, before an engine gets it: checked, cleaned, cut at sentences, and its language. Pure.
import { TalkError } from '../errors.js';
import { MAX_SAY_CHARS } from '../limits.js';

/** A piece for an engine: a neural one makes about a second of sound in a tenth to a whole second, and this is some twenty seconds. */
const MAX_PIECE_CHARS = 300;
const SENTENCES = new Intl.Segmenter(undefined, { granularity: 'sentence' });
/** Something that can be said. */
const WORDS = /[\p{L}\p{N}\p{S}]/u;

/**
 * The text as an engine gets it, without control characters.
 * @throws TALK_ERR_ARGUMENT when nothing is left, TALK_ERR_VOICE when it is too long
 */
export function spokenText(text: string): string {
  if (text.length > MAX_SAY_CHARS) {
    throw new TalkError(
      'TALK_ERR_VOICE',
      `The text to say has ${text.length} characters; ${MAX_SAY_CHARS} are the limit`,
    );
  }
  const words = text.replace(/[^\P{C}\n\u200c\u200d]/gu, ' ').trim();
  if (!WORDS.test(words)) throw new TalkError('TALK_ERR_ARGUMENT', 'The text to say holds no words');
  return words;
}

/** The text in pieces that are whole sentences; the first alone, so that it can be spoken while the next is made. */
export function piecesOf(text: string): string[] {
  if (text.length <= MAX_PIECE_CHARS) return [text];
  const pieces: string[] = [];
  let piece = '';
  for (const sentence of sentencesOf(text)) {
    const together = piece === '' ? sentence : `${piece} ${sentence}`;
    if (piece !== '' && (pieces.length === 0 || together.length > MAX_PIECE_CHARS)) {
      pieces.push(piece);
      piece = sentence;
    } else {
      piece = together;
    }
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}

function sentencesOf(text: string): string[] {
  return Array.from(SENTENCES.segment(text), ({ segment }) => segment.trim())
    .filter((sentence) => WORDS.test(sentence))
    .flatMap(cut);
}

/** A sentence without an end, at blanks or commas. */
function cut(sentence: string): string[] {
  const parts: string[] = [];
  let rest = sentence;
  while (rest.length > MAX_PIECE_CHARS) {
    const head = rest.slice(0, MAX_PIECE_CHARS);
    const blank = Math.max(
      head.lastIndexOf(' '),
      head.lastIndexOf('，'),
      head.lastIndexOf(','),
      head.lastIndexOf('、'),
    );
    const at = blank > MAX_PIECE_CHARS / 2 ? blank + 1 : wholeCharacters(head);
    parts.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trim();
  }
  if (rest !== '') parts.push(rest);
  return parts;
}

/** Where to cut so that no character of two halves is cut. */
function wholeCharacters(head: string): number {
  return /[\ud800-\udbff]$/.test(head) ? head.length - 1 : head.length;
}

/**
 * The language of a text for an engine: the configured one, else `cmn` for Han characters, else the machine's.
 * @param environment in which LC_ALL, LC_MESSAGES and LANG say how the machine speaks
 */
export function languageOf(
  text: string,
  configured: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (configured !== '') return configured;
  if (/\p{Script=Han}/u.test(text) && !/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'cmn';
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  const machine = [LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== '') ?? '';
  const name = machine.split(/[.@]/, 1)[0]?.replaceAll('_', '-') ?? '';
  return /^[a-z]{2,3}(?:-\w+)*$/i.test(name) ? name : 'en';
}

/** espeak-ng's name of a language: it knows Chinese as Mandarin or Cantonese. */
export function espeakVoice(language: string): string {
  if (/^(?:yue|zh-(?:hk|mo|yue))\b/i.test(language)) return 'yue';
  if (/^(?:zh|cmn)\b/i.test(language)) return 'cmn';
  return language.toLowerCase();
}
