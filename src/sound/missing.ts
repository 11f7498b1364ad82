// When audio that is not whole is spoken as far as it goes, and when it is refused. One rule for every format.

/** Less than this may be missing whatever the length, s: a word. */
const SMALL_SECONDS = 1;
/** Of the promised length: more than this, and more than SMALL_SECONDS, is a message that may have lost its sense. */
const SMALL_PART = 1 / 10;
/** Of the promised length: more than this is refused however short it is. */
const LARGE_PART = 1 / 3;

/** Whether a good part of the sound is missing. Both in s: what was promised, and how much of it is there. */
export function isGoodPartMissing(promisedSeconds: number, thereSeconds: number): boolean {
  if (thereSeconds <= 0) return true;
  const missing = promisedSeconds - thereSeconds;
  return (missing > promisedSeconds * SMALL_PART && missing > SMALL_SECONDS) || missing > promisedSeconds * LARGE_PART;
}
