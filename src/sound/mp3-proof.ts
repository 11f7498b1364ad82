// Whether bytes that look like a frame header are one: by the headers that follow it. Pure looking; nothing is consumed here.
import { frameHeader, isAlike, type FrameHeader } from './mp3-header.js';
import { tagAt } from './mp3-tags.js';

/** What the bytes before a place were. */
export type Before = 'start' | 'frame' | 'tag' | 'foreign';

/** What is known at a place. */
export interface Place {
  readonly bytes: Buffer;
  readonly at: number;
  /** No more bytes will come. */
  readonly final: boolean;
  /** Of frames in free format; 0: not known. */
  readonly freeBytes: number;
}

/** Headers in a row that prove sound, for layer III and II: quiet µ-law may look like layer II. */
const PROOF: Readonly<Record<Before, readonly [layer3: number, layer2: number]>> = {
  start: [2, 3],
  frame: [2, 2],
  tag: [1, 2],
  foreign: [3, 5],
};
/** The same for frames like those before. */
const PROOF_ALIKE: Readonly<Record<Before, number>> = { start: 2, frame: 1, tag: 1, foreign: 2 };

/** Whether frames begin here, `kind` being the frame before; undefined when the bytes end before that is known. */
export function isSound(place: Place, before: Before, kind: FrameHeader | undefined): boolean | undefined {
  const { bytes, final, freeBytes } = place;
  const first = frameHeader(bytes, place.at, freeBytes);
  const isKnown = first !== undefined && kind !== undefined && isAlike(first, kind);
  const needed = isKnown ? PROOF_ALIKE[before] : PROOF[before][first?.layer === 2 ? 1 : 0];
  for (let seen = 0, at = place.at; seen < needed; seen++) {
    if (at + 4 > bytes.length) {
      if (!final) return undefined;
      // The end is as good as one header; a single frame must reach it exactly.
      const isExact = at === bytes.length && (isKnown || before !== 'foreign');
      return seen >= Math.max(2, needed - 1) || (seen === 1 && isExact);
    }
    const header = frameHeader(bytes, at, freeBytes);
    if (header === undefined || first === undefined || !isAlike(header, first)) return false;
    at += header.length;
  }
  return true;
}

/** Whether a frame of the same kind or a tag follows the one that is here; undefined when the bytes end before that is known. */
export function isFollowed({ bytes, at, final, freeBytes }: Place, header: FrameHeader): boolean | undefined {
  const next = at + header.length;
  if (next + 4 > bytes.length) return final ? false : undefined;
  const following = frameHeader(bytes, next, freeBytes);
  if (following !== undefined && isAlike(following, header)) return true;
  const tag = tagAt(bytes, next);
  return tag === undefined && !final ? undefined : tag !== 'none' && tag !== undefined;
}

/** Where another frame of the same kind begins within the one that is here: bytes of it are lost. 0 when none does, undefined as above. */
export function frameInside({ bytes, at, final, freeBytes }: Place, header: FrameHeader): number | undefined {
  const end = Math.min(at + header.length, bytes.length);
  for (
    let inside = bytes.indexOf(0xff, at + 4);
    inside >= 0 && inside < end;
    inside = bytes.indexOf(0xff, inside + 1)
  ) {
    const first = frameHeader(bytes, inside, freeBytes);
    if (first === undefined || !isAlike(first, header)) continue;
    const next = inside + first.length;
    if (next === bytes.length) return inside;
    if (next + 4 > bytes.length && !final) return undefined;
    const second = frameHeader(bytes, next, freeBytes);
    if (second !== undefined && isAlike(second, header)) return inside;
  }
  return 0;
}
