// Tags in and around MP3 files: ID3, APE, Lyrics3. Only how long they are; what they say is not read.

export interface Tag {
  /** Bytes from where it was found. */
  readonly length: number;
  /** Bytes of it that stand before: an APE footer without a header ends its tag. */
  readonly before: number;
  /** Text of unknown length follows. */
  readonly open: boolean;
}

/** How each tag begins, and the bytes needed to tell its length. */
const TAGS: ReadonlyArray<readonly [id: string, head: number, read: (bytes: Buffer) => Tag | undefined]> = [
  ['ID3', 10, (head) => id3v2(head, 10)],
  // The footer of an ID3v2.4 tag at the end of a file
  ['3DI', 10, () => tag(10)],
  ['TAG', 4, (head) => tag(head[3] === 0x2b ? ID3V1_ENHANCED_BYTES : ID3V1_BYTES)],
  ['APETAGEX', 32, ape],
  ['LYRICSBEGIN', 11, () => ({ length: 11, before: 0, open: true })],
];

const ID3V1_BYTES = 128;
const ID3V1_ENHANCED_BYTES = 227;
const APE_FOOTER_BYTES = 32;

/** How an APE tag begins, or its footer. */
export const APE_ID = 'APETAGEX';

/** The tag at `at`: 'none', or undefined when the bytes end before that is known. */
export function tagAt(bytes: Buffer, at: number): Tag | 'none' | undefined {
  if (bytes[at] === 0xff) return 'none';
  for (const [id, headBytes, read] of TAGS) {
    const seen = bytes.toString('latin1', at, at + id.length);
    if (!id.startsWith(seen)) continue;
    if (at + headBytes > bytes.length) return undefined;
    return read(bytes.subarray(at, at + headBytes)) ?? 'none';
  }
  return 'none';
}

function tag(length: number, before = 0): Tag {
  return { length, before, open: false };
}

function id3v2(head: Buffer, headBytes: number): Tag | undefined {
  const size = head.subarray(6, headBytes);
  if (head[3] === 0xff || size.some((byte) => byte >= 0x80)) return undefined;
  const footer = ((head[5] ?? 0) & 0x10) === 0 ? 0 : headBytes;
  return tag(headBytes + size.reduce((sum, byte) => sum * 128 + byte, 0) + footer);
}

/** Its size counts the footer and not the header. */
function ape(head: Buffer): Tag {
  const size = head.readUInt32LE(12);
  const isHeader = (head.readUInt32LE(20) & 0x20000000) !== 0;
  return isHeader ? tag(APE_FOOTER_BYTES + size) : tag(APE_FOOTER_BYTES, Math.max(0, size - APE_FOOTER_BYTES));
}
