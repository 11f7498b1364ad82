// WAV: a streaming parser to mono samples. Codecs beyond PCM, float and G.711 are only recognised; wav-write.ts writes.
import { MAX_WAV_HEAD_BYTES } from '../limits.js';
import { PcmReader, bytesPerFrame, type AudioFormat } from './format.js';
import { MAX_FORMAT_BYTES, codecTag, isPlayableTag, parseFormatChunk, wavError } from './wav-format.js';

/** The part of `ds64` with the sizes of RIFF and data (EBU Tech 3306). */
const DS64_BYTES = 16;
/** Programs that write to a pipe announce 0 or some number from here up; a true size like this would be 2 GiB of sound. */
const MIN_PLACEHOLDER_BYTES = 0x7fff0000;

const NO_SAMPLES = new Float32Array(0);

interface Chunk {
  readonly id: string;
  readonly size: number;
}

/** Turns the bytes of a WAV file, however split, into mono samples of full scale ±1. */
export class WavParser {
  /** Header bytes not understood yet; at most one chunk header and one `fmt ` chunk. */
  #head: Buffer = Buffer.alloc(0);
  #headBytes = 0;
  #riffBytes: number | undefined;
  #ds64DataBytes: number | undefined;
  #chunk: Chunk | undefined;
  /** Bytes of an uninteresting chunk, with its padding, still to come. */
  #skip = 0;
  #format: AudioFormat | undefined;
  #reader: PcmReader | undefined;
  /** Undefined: the data go on until the end of the file. */
  #announcedBytes: number | undefined;
  #soundBytes = 0;

  /** What a buffer holds by its first bytes (a few hundred suffice); undefined when it is no WAV. */
  static sniff(head: Buffer): 'wav' | 'wav-other-codec' | undefined {
    if (head.length < 12 || head.toString('latin1', 8, 12) !== 'WAVE') return undefined;
    const riff = head.toString('latin1', 0, 4);
    if (riff === 'RIFX') return 'wav-other-codec';
    if (!isRiff(riff)) return undefined;
    for (let at = 12; at + 8 <= head.length;) {
      const size = head.readUInt32LE(at + 4);
      if (head.toString('latin1', at, at + 4) === 'fmt ') {
        const tag = codecTag(head.subarray(at + 8, at + 8 + Math.min(size, MAX_FORMAT_BYTES)));
        return tag === undefined || isPlayableTag(tag) ? 'wav' : 'wav-other-codec';
      }
      at += 8 + size + (size % 2);
    }
    return 'wav';
  }

  /** Known once the header is through. */
  get format(): AudioFormat | undefined {
    return this.#format;
  }

  /** Length by the header; undefined before the data and for files that do not tell. */
  get announcedSeconds(): number | undefined {
    if (this.#format === undefined || this.#announcedBytes === undefined) return undefined;
    return this.#announcedBytes / bytesPerFrame(this.#format) / this.#format.sampleRate;
  }

  /**
   * The samples that are complete with these bytes.
   * @throws TALK_ERR_AUDIO when the header makes no sense or names a codec that only ffmpeg knows
   */
  push(chunk: Buffer): Float32Array {
    if (this.#reader !== undefined) return this.#readSound(this.#reader, chunk);
    this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const reader = this.#readHead();
    if (reader === undefined) return NO_SAMPLES;
    const sound = this.#head;
    this.#head = Buffer.alloc(0);
    return this.#readSound(reader, sound);
  }

  /** @throws TALK_ERR_AUDIO when the file ended before the sound it announced, or without any */
  end(): void {
    if (this.#riffBytes === undefined) throw wavError('it ends before its header does');
    if (this.#format === undefined || this.#reader === undefined) {
      throw wavError('it holds no sound: it ends before its data, is cut off or still being written');
    }
    const frameBytes = bytesPerFrame(this.#format);
    const missing = (this.#announcedBytes ?? 0) - this.#soundBytes;
    if (missing >= frameBytes && !isPlaceholder(this.#riffBytes)) {
      const seconds = (bytes: number): string => (bytes / frameBytes / (this.#format?.sampleRate ?? 1)).toFixed(2);
      throw wavError(
        `${missing} of ${this.#announcedBytes ?? 0} bytes of sound are missing ` +
          `(it ends after ${seconds(this.#soundBytes)} s of ${seconds(this.#soundBytes + missing)} s): ` +
          'the file is cut off or still being written',
      );
    }
    if (this.#soundBytes < frameBytes) throw wavError('it holds no sound');
  }

  #readSound(reader: PcmReader, bytes: Buffer): Float32Array {
    const wanted = (this.#announcedBytes ?? Infinity) - this.#soundBytes;
    const sound = bytes.length > wanted ? bytes.subarray(0, wanted) : bytes;
    this.#soundBytes += sound.length;
    return reader.push(sound);
  }

  /** The reader of the sound once the header is through; `#head` then begins with sound. */
  #readHead(): PcmReader | undefined {
    let more = true;
    while (more && this.#reader === undefined) more = this.#readHeadPart();
    return this.#reader;
  }

  /** Takes one step through the header; false when more bytes are needed for it. */
  #readHeadPart(): boolean {
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, this.#head.length);
      this.#skip -= skipped;
      this.#take(skipped);
      return this.#skip === 0;
    }
    if (this.#riffBytes === undefined) return this.#readRiff();
    if (this.#chunk === undefined) return this.#readChunkHeader();
    return this.#readChunk(this.#chunk);
  }

  #readRiff(): boolean {
    if (this.#head.length < 12) return false;
    if (!isRiff(this.#head.toString('latin1', 0, 4)) || this.#head.toString('latin1', 8, 12) !== 'WAVE') {
      throw wavError('it does not begin like one');
    }
    this.#riffBytes = this.#head.readUInt32LE(4);
    this.#take(12);
    return true;
  }

  #readChunkHeader(): boolean {
    if (this.#head.length < 8) return false;
    const id = this.#head.toString('latin1', 0, 4);
    const size = this.#head.readUInt32LE(4);
    this.#take(8);
    if (id === 'data') {
      this.#startSound(size);
      return true;
    }
    if (this.#headBytes + size > MAX_WAV_HEAD_BYTES) {
      throw wavError(
        `its part ${shownId(id)} of ${size} bytes leaves no sound within the first ${MAX_WAV_HEAD_BYTES} bytes`,
      );
    }
    this.#chunk = { id, size };
    return true;
  }

  /** Reads what matters of a chunk and leaves the rest of it to be skipped. */
  #readChunk({ id, size }: Chunk): boolean {
    const read = Math.min(size, id === 'fmt ' ? MAX_FORMAT_BYTES : id === 'ds64' ? DS64_BYTES : 0);
    if (this.#head.length < read) return false;
    const content = this.#head.subarray(0, read);
    if (id === 'fmt ') this.#format = parseFormatChunk(content);
    if (id === 'ds64' && read === DS64_BYTES) this.#ds64DataBytes = Number(content.readBigUInt64LE(8));
    this.#take(read);
    this.#skip = size - read + (size % 2);
    this.#chunk = undefined;
    return true;
  }

  #startSound(size: number): void {
    if (this.#format === undefined) throw wavError('its sound comes before its format');
    const bytes = size === 0xffffffff && this.#ds64DataBytes !== undefined ? this.#ds64DataBytes : size;
    // An empty data chunk is a placeholder too, unless the RIFF size counts something behind it.
    const riffEnd = (this.#riffBytes ?? 0) + 8;
    const empty = bytes === 0 && !isPlaceholder(riffEnd - 8) && riffEnd > this.#headBytes + 1;
    if (empty || !isPlaceholder(bytes)) this.#announcedBytes = bytes;
    this.#reader = new PcmReader(this.#format);
  }

  #take(bytes: number): void {
    this.#head = this.#head.subarray(bytes);
    this.#headBytes += bytes;
    if (this.#headBytes > MAX_WAV_HEAD_BYTES) {
      throw wavError(`there is no sound within its first ${MAX_WAV_HEAD_BYTES} bytes`);
    }
  }
}

function isRiff(id: string): boolean {
  return id === 'RIFF' || id === 'RF64' || id === 'BW64';
}

function isPlaceholder(bytes: number): boolean {
  return bytes === 0 || bytes >= MIN_PLACEHOLDER_BYTES;
}

function shownId(id: string): string {
  return JSON.stringify(id.replace(/[^\x20-\x7e]/g, '?'));
}
