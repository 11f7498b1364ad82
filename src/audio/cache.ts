// Prepared audio kept for the next time, bounded in bytes, and the keys it is found by. Nothing is decoded here.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Clock } from '../clock.js';
import { CACHE_BYTES } from '../limits.js';
import { voiceKey } from '../voice/voice.js';
import type { Allowed } from './allowed.js';
import { pathOf, type FileSource } from './own-sounds.js';
import { yielding } from './yielding.js';
import type { PreparedSource } from './source.js';

/** Bytes hashed in one step: about 0.2 ms. */
const HASH_STEP_BYTES = 128 * 1024;

/** A clip that was prepared before. */
export interface CachedClip {
  /** Shared: nobody may write to it. */
  readonly bytes: Buffer;
  /** What was missing or skipped, told again each time the clip is said. */
  readonly warnings: readonly string[];
}

/** Byte-bounded, least recently used out first. */
export class PreparedCache {
  readonly #clips = new Map<string, CachedClip>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = CACHE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): CachedClip | undefined {
    const clip = this.#clips.get(key);
    if (clip === undefined) return undefined;
    this.#clips.delete(key);
    this.#clips.set(key, clip);
    return clip;
  }

  /** Keeps a copy, unless it alone is larger than the cache. */
  set(key: string, { bytes, warnings }: CachedClip): void {
    this.#remove(key);
    if (bytes.length > this.#maxBytes) return;
    // Memory of its own: a short copy from Node.js's pool would keep all that stands beside it there, twice as much as is counted here.
    const copy = Buffer.allocUnsafeSlow(bytes.length);
    copy.set(bytes);
    this.#clips.set(key, { bytes: copy, warnings: [...warnings] });
    this.#bytes += bytes.length;
    for (const oldest of this.#clips.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    this.#bytes -= this.#clips.get(key)?.bytes.length ?? 0;
    this.#clips.delete(key);
  }
}

/**
 * What identifies the sound of these sources: the content of bytes, words and their voice; path, size, times and inode of files, so that they need not be read.
 * Undefined when one of them may sound different next time (URL, live), is not here (lent bytes), or a file cannot be asked.
 */
export async function sourcesKey(
  sources: readonly PreparedSource[],
  options: { clock: Clock; signal?: AbortSignal | undefined; allowed?: Allowed | undefined },
): Promise<string | undefined> {
  if (sources.some(({ kind }) => kind === 'url' || kind === 'live')) return undefined;
  const giveWay = yielding(options.clock, options.signal);
  const parts: string[] = [];
  for (const source of sources) {
    const format = 'format' in source ? JSON.stringify(source.format) : '';
    if (source.kind === 'chime') parts.push(`chime ${source.name}`);
    if (source.kind === 'say') parts.push(`say ${voiceKey(source.text, source.voice)}`);
    if (source.kind === 'bytes') {
      if ('load' in source.bytes) return undefined;
      parts.push(`bytes ${await hash(source.bytes, giveWay)} ${format}`);
    }
    if (source.kind === 'file' || source.kind === 'sound') {
      const file = await fileKey(source, options.allowed?.sounds);
      if (file === undefined) return undefined;
      parts.push(`file ${file} ${format}`);
    }
  }
  return parts.join('\n');
}

async function hash(bytes: Uint8Array, giveWay: () => Promise<void>): Promise<string> {
  const sha = createHash('sha256');
  for (let offset = 0; offset < bytes.length; offset += HASH_STEP_BYTES) {
    await giveWay();
    sha.update(bytes.subarray(offset, offset + HASH_STEP_BYTES));
  }
  return sha.digest('base64');
}

async function fileKey(source: FileSource, sounds: string | undefined): Promise<string | undefined> {
  try {
    const path = await pathOf(source, sounds);
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [JSON.stringify(resolve(path)), dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return undefined;
  }
}
