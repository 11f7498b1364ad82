// Sound that comes piece by piece: does a piece begin a file of its own, and is it a whole WAV. By its bytes alone; nothing is decoded here.
import { bytesPerFrame, type AudioFormat } from './format.js';
import { isUnmistakable, SNIFF_BYTES } from './sniff.js';
import { WavParser } from './wav.js';

/** Where the Xing, Info or VBRI header stands in the first frame of an MP3: behind the side information, whose size depends on version and channels. */
const INFO_OFFSETS = [13, 21, 36];

/** Whether these bytes begin a file. False for what goes on: a raw piece, a frame of MP3, a page of Ogg, a block of WavPack in the middle. */
export function beginsFile(piece: Uint8Array): boolean {
  const head = bufferOf(piece).subarray(0, SNIFF_BYTES);
  if (!isUnmistakable(head)) return false;
  switch (head.toString('latin1', 0, 4)) {
    case 'OggS':
      // The flag of the first page (RFC 3533).
      return ((head[5] ?? 0) & 2) !== 0;
    case 'wvpk':
      // The index of the first sample (WavPack 4 and 5 file format).
      return head.length >= 20 && head.readUInt32LE(16) === 0;
  }
  return head[0] !== 0xff || INFO_OFFSETS.some((at) => /^(Xing|Info|VBRI)$/.test(head.toString('latin1', at, at + 4)));
}

/** A WAV that holds all that its header promises: what it is, and its bytes of sound. Undefined for everything else. */
export function wholeWav(piece: Uint8Array): { format: AudioFormat; sound: Buffer } | undefined {
  const bytes = bufferOf(piece);
  if (WavParser.sniff(bytes.subarray(0, SNIFF_BYTES)) !== 'wav') return undefined;
  const dataAt = chunkAt(bytes, 'data');
  if (dataAt === undefined) return undefined;
  const size = bytes.readUInt32LE(dataAt - 4);
  const sound = bytes.subarray(dataAt, dataAt + size);
  const format = formatOf(bytes.subarray(0, dataAt));
  if (format === undefined || size < bytesPerFrame(format) || sound.length < size) return undefined;
  return { format, sound };
}

function formatOf(head: Buffer): AudioFormat | undefined {
  const parser = new WavParser();
  try {
    parser.push(head);
    return parser.format;
  } catch {
    return undefined;
  }
}

/** The offset of a chunk's content. */
function chunkAt(bytes: Buffer, id: string): number | undefined {
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32LE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === id) return at + 8;
    at += 8 + size + (size % 2);
  }
  return undefined;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
