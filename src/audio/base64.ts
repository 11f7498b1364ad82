// Base64 as speech services answer it: whether a text is that, and the bytes in it. What they hold is decided elsewhere.

/** A path of so many characters without a dot or a blank is none: a sound of this length lasts 12 ms at the least. */
const MIN_CHARS = 256;
/** Enough to see that it is none. */
const LOOKED_AT_CHARS = 8_192;

/** Whether a text can be nothing else; of a long one the beginning is looked at. */
export function isBase64(text: string): boolean {
  const start = text.slice(0, LOOKED_AT_CHARS);
  return (
    start.length >= MIN_CHARS && hasAlphabet(start) && /[A-Z]/.test(start) && /[a-z]/.test(start) && /\d/.test(start)
  );
}

/** Letters and digits, the two signs of either alphabet, line ends (RFC 4648, 4 and 5; RFC 2045, 6.8). */
export function hasAlphabet(text: string): boolean {
  return !/[^A-Za-z0-9+/_\-\r\n]/.test(text.trim().replace(/={1,2}$/, ''));
}
