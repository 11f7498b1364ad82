// What a part of the HTTP talk holds, as far as a capture keeps it: the sound that we send, whole; of what the camera sends beside JSON nothing but its length. Pure.

const HEAD = /^--[^\r\n]{1,72}\r?\n(?:[^\r\n]{1,1024}\r?\n){0,32}\r?\n/;
/** Longer than every head that is looked at. */
const MAX_PART_HEAD_BYTES = 4_096;
const UNSEEN = 'x'.charCodeAt(0);

/** The head of what begins like a part, as latin1; blank for what does not. */
export function partHead(bytes: Buffer): string {
  return HEAD.exec(bytes.toString('latin1', 0, MAX_PART_HEAD_BYTES))?.[0] ?? '';
}

export function holdsSound(bytes: Buffer): boolean {
  return /^Content-Type:[ \t]*audio\//im.test(partHead(bytes));
}

/** The same length, with nothing to be seen or heard of the place where the camera is. */
export function withoutPicture(part: Buffer): Buffer {
  const at = partHead(part).length;
  return Buffer.concat([part.subarray(0, at), Buffer.alloc(part.length - at, UNSEEN)]);
}
