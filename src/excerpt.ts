// How much of a text that somebody else wrote may stand in an error: one line of at most a hundred characters.
import { MAX_EXCERPT_CHARS } from './limits.js';

/** The text in one line, control characters as blanks; of one that is too long beginning and end, since a path's end tells more than its middle. */
export function excerpt(text: string, most: number = MAX_EXCERPT_CHARS): string {
  if (text.length <= most) return oneLine(text);
  const tail = Math.floor((most - 1) / 2);
  return `${oneLine(text.slice(0, most - 1 - tail))}…${oneLine(text.slice(text.length - tail))}`;
}

/** The text with a blank for each control character, line end and half of a character that was cut. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ');
}
