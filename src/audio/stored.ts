// Audio whose size is known: a Buffer or a regular file, opened safely and read in pieces. What it holds is decided elsewhere.
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { MAX_SOURCE_BYTES } from '../limits.js';
import { allowedPath, type Allowed } from './allowed.js';
import { NoRoom } from './budget.js';
import type { FfmpegInput } from './ffmpeg.js';
import { SNIFF_BYTES } from '../sound/sniff.js';
import { READ_ALOUD } from './advice.js';

/** Sound files up to this size are read at once, larger ones piece by piece: 43 s of 48 kHz 16-bit mono. */
const WHOLE_FILE_BYTES = 4 * 1024 * 1024;
/** What opening words as if they were a path ends in. */
const MISSING = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];
/** One read from a large file. */
const READ_BYTES = 256 * 1024;
/** Bytes turned to samples in one step, well under a millisecond of work. */
const PIECE_BYTES = 16_384;

export interface StoredAudio {
  /** Bytes. */
  readonly size: number;
  readonly head: Buffer;
  /** All bytes from the beginning, in small pieces; may be called again. */
  pieces(): Iterable<Buffer> | AsyncIterable<Buffer>;
  /** SNIFF_BYTES from `offset`, less at the end. */
  at(offset: number): Promise<Buffer>;
  readonly ffmpegInput: FfmpegInput;
  close(): Promise<void>;
}

export function storedBytes(bytes: Buffer, ffmpegInput: FfmpegInput = { bytes }): StoredAudio {
  return {
    size: bytes.length,
    head: bytes.subarray(0, SNIFF_BYTES),
    pieces: () => cut(bytes),
    at: (offset) => Promise.resolve(bytes.subarray(offset, offset + SNIFF_BYTES)),
    ffmpegInput,
    close: () => Promise.resolve(),
  };
}

/** Bytes in blocks of one length, but for the last. */
export function storedBlocks(blocks: readonly Buffer[]): StoredAudio {
  const [first = Buffer.alloc(0), ...rest] = blocks;
  if (rest.length === 0) return storedBytes(first);
  return {
    size: blocks.reduce((sum, { length }) => sum + length, 0),
    head: first.subarray(0, SNIFF_BYTES),
    pieces: function* () {
      for (const block of blocks) yield* cut(block);
    },
    at: (offset) => {
      const index = Math.floor(offset / first.length);
      const bytes = Buffer.concat(blocks.slice(index, index + 2));
      return Promise.resolve(bytes.subarray(offset - index * first.length).subarray(0, SNIFF_BYTES));
    },
    ffmpegInput: { blocks },
    close: () => Promise.resolve(),
  };
}

/**
 * Opens a regular file of at most MAX_SOURCE_BYTES. Throws TALK_ERR_SOURCE that names the file and the reason, or what `take` throws.
 * @param take told how many bytes will be held
 */
export async function storedFile(
  path: string,
  allowed: Allowed = {},
  take: (bytes: number) => void = () => undefined,
): Promise<StoredAudio> {
  const real = await allowedPath(path, allowed);
  let file: FileHandle | undefined;
  try {
    // Not blocking: opening a named pipe would otherwise wait for its writer. Windows has no such flag, and ORs in nothing.
    file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (stats.isDirectory()) throw failed(path, 'is a folder, not a sound file');
    if (!stats.isFile()) throw failed(path, 'is not a regular file');
    if (stats.size > MAX_SOURCE_BYTES) throw failed(path, `is larger than ${MAX_SOURCE_BYTES} bytes`);
    take(stats.size <= WHOLE_FILE_BYTES ? stats.size : READ_BYTES);
    if (stats.size <= WHOLE_FILE_BYTES) return storedBytes(await readWhole(file, stats.size), { path: real });
    const opened = new LargeFile({ path, real }, file, stats.size, await readAt(file, 0, SNIFF_BYTES));
    file = undefined;
    return opened;
  } catch (error) {
    throw error instanceof TalkError || error instanceof NoRoom ? error : failed(path, reason(error), error);
  } finally {
    await file?.close();
  }
}

class LargeFile implements StoredAudio {
  readonly size: number;
  readonly head: Buffer;
  readonly ffmpegInput: FfmpegInput;
  readonly #path: string;
  readonly #file: FileHandle;

  constructor({ path, real }: { path: string; real: string }, file: FileHandle, size: number, head: Buffer) {
    this.size = size;
    this.head = head;
    this.ffmpegInput = { path: real };
    this.#path = path;
    this.#file = file;
  }

  async *pieces(): AsyncGenerator<Buffer> {
    for (let offset = 0; offset < this.size; offset += READ_BYTES) {
      yield* cut(await this.#read(() => readAt(this.#file, offset, Math.min(READ_BYTES, this.size - offset))));
    }
  }

  at(offset: number): Promise<Buffer> {
    return this.#read(() => readAt(this.#file, offset, SNIFF_BYTES));
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #read(read: () => Promise<Buffer>): Promise<Buffer> {
    try {
      return await read();
    } catch (error) {
      throw failed(this.#path, reason(error), error);
    }
  }
}

/** In pieces small enough to be decoded in one step. */
export function* cut(bytes: Buffer, pieceBytes = PIECE_BYTES): Generator<Buffer> {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) yield bytes.subarray(offset, offset + pieceBytes);
}

async function readWhole(file: FileHandle, size: number): Promise<Buffer> {
  return await readAt(file, 0, size);
}

/** `length` bytes from `offset`, less where the file ends. */
async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'does not exist',
    ENOTDIR: 'does not exist',
    EACCES: 'may not be read by this process',
    EPERM: 'may not be read by this process',
    ENXIO: 'is not a regular file',
    ENAMETOOLONG: 'has too long a name',
  };
  return known[code] ?? `cannot be read (${code})`;
}

/** The system's own error repeats the path, so only its code is the cause. */
function failed(path: string, what: string, error?: unknown): TalkError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const advice = mayBeWords(path) && MISSING.includes(String(code)) ? `. ${READ_ALOUD}` : '';
  const cause = code === undefined ? undefined : { code };
  return new TalkError('TALK_ERR_SOURCE', `The sound file ${excerpt(path)} ${what}${advice}`, { cause });
}

/** Whether somebody may have meant the words: the last part has no ending such as `.mp3`. */
function mayBeWords(path: string): boolean {
  return !/\.[a-z]\w{1,4}\s*$/i.test(basename(path));
}
