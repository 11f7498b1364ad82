// WAV files, one or several in a row, as they come: where their sound is and what it is made of. wav-write.ts writes.
import { MAX_SOURCE_BYTES } from '../limits.js';
import type { PcmFormat } from './format.js';
import { WavLosses } from './wav-losses.js';
import { RIFF_BYTES, behindTags, findRiff, isRiffAt } from './wav-find.js';
import {
  MAX_FORMAT_BYTES,
  codecName,
  codecTag,
  isPlayableTag,
  parseFormatChunk,
  wavError,
  type WavFormat,
} from './wav-format.js';

/** The part of `ds64` with the sizes of RIFF and data (EBU Tech 3306). */
const DS64_BYTES = 16;
/** Chunks that stand around the sound; by them it is known whether an odd chunk was padded and an empty one is empty. */
const KNOWN_CHUNKS: readonly string[] = (
  'fmt |data|LIST|fact|bext|iXML|axml|chna|cart|levl|mext|minf|elm1|regn|umid|link|_PMX|JUNK|junk|PAD |FLLR|id3 |ID3 |' +
  'cue |plst|smpl|inst|acid|DISP|PEAK|afsp'
).split('|');

/** Bytes of sound and what they are. `part` counts the stretches; each begins with a whole frame. */
export interface WavSound {
  readonly part: number;
  readonly format: WavFormat;
  readonly bytes: Buffer;
}

type Place =
  | { readonly at: 'anything' }
  | { readonly at: 'chunk'; readonly odd: boolean }
  | { readonly at: 'content'; readonly id: string; readonly size: number }
  | { readonly at: 'skip'; left: number; readonly odd: boolean }
  | { readonly at: 'empty data' }
  | { readonly at: 'sound'; left: number; readonly odd: boolean };

/** Finds the sound in bytes that come however split. What stands before, between and behind is passed over. */
export class WavParser {
  #bytes: Buffer = Buffer.alloc(0);
  #place: Place = { at: 'anything' };
  #bigEndian = false;
  #riffIsKnown = false;
  #ds64DataBytes: number | undefined;
  #format: WavFormat | undefined;
  #anyRiff = false;
  #part = -1;
  readonly #losses = new WavLosses();
  #found: WavSound[] = [];

  /** What a buffer holds by its first bytes (a few hundred suffice); undefined when it is no WAV. */
  static sniff(head: Buffer): 'wav' | 'wav-other-codec' | undefined {
    const start = behindTags(head);
    if (isRiffAt(head, start) !== true) return undefined;
    const tag = sniffCodec(head.subarray(start));
    return tag === undefined || isPlayableTag(tag) ? 'wav' : 'wav-other-codec';
  }

  /** What the sound of a WAV that only ffmpeg reads is called, by its first bytes. */
  static codecName(head: Buffer): string | undefined {
    const tag = sniffCodec(head.subarray(behindTags(head)));
    return tag === undefined ? undefined : codecName(tag);
  }

  /** Of PCM, once its header is through. */
  get format(): PcmFormat | undefined {
    return this.#format?.pcm;
  }

  /** Bytes of this stretch of sound that are still to come by the header; undefined outside of sound and when nobody knows. */
  get bytesLeft(): number | undefined {
    return this.#place.at === 'sound' && Number.isFinite(this.#place.left) ? this.#place.left : undefined;
  }

  /** Of sound with this stretch to its end by the header; undefined as `bytesLeft` is. */
  get announcedSeconds(): number | undefined {
    return this.bytesLeft === undefined ? undefined : this.#losses.seconds + this.#losses.secondsOf(this.bytesLeft);
  }

  /** What is missing and was passed over; complete after `end`. */
  get losses(): WavLosses {
    return this.#losses;
  }

  /**
   * The sound in these bytes.
   * @throws TALK_ERR_AUDIO when the header of the first WAV makes no sense or names a codec that only ffmpeg knows
   */
  push(chunk: Buffer): WavSound[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    while (this.#step());
    return this.#found.splice(0);
  }

  /** What was held back. @throws TALK_ERR_AUDIO when there was no sound at all */
  end(): WavSound[] {
    if (this.#place.at === 'empty data') this.#startSound(Infinity);
    if (this.#place.at === 'sound') {
      this.#give(Math.min(this.#bytes.length, this.#place.left));
      this.#losses.endPart();
    }
    if (this.#place.at === 'anything') this.#losses.skip(this.#bytes);
    if (!this.#losses.anySound) {
      if (!this.#anyRiff) throw wavError('it ends before its header does');
      throw wavError('it holds no sound: it ends before its data, is cut off or still being written');
    }
    return this.#found.splice(0);
  }

  /** Takes one step; false when more bytes are needed for it. */
  #step(): boolean {
    const place = this.#place;
    switch (place.at) {
      case 'anything':
        return this.#seek();
      case 'chunk':
        return this.#readChunkHeader(place.odd);
      case 'content':
        return this.#readContent(place.id, place.size);
      case 'skip':
        return this.#skip(place);
      case 'empty data':
        return this.#readEmpty();
      case 'sound':
        return this.#readSound(place);
    }
  }

  #seek(): boolean {
    const found = findRiff(this.#bytes);
    this.#losses.skip(this.#bytes.subarray(0, found));
    this.#take(found);
    return this.#bytes.length >= RIFF_BYTES && this.#readRiff();
  }

  #readRiff(): boolean {
    this.#bigEndian = this.#bytes.toString('latin1', 0, 4) === 'RIFX';
    const size = this.#u32(4);
    this.#riffIsKnown = size > 0 && size <= MAX_SOURCE_BYTES;
    this.#ds64DataBytes = undefined;
    this.#format = undefined;
    this.#anyRiff = true;
    this.#take(RIFF_BYTES);
    this.#place = { at: 'chunk', odd: false };
    return true;
  }

  /** @param odd whether the chunk before had an odd length, which a byte should have followed */
  #readChunkHeader(odd: boolean): boolean {
    if (this.#bytes.length < (odd ? 4 : 8)) return false;
    const id = this.#bytes.toString('latin1', 0, 4);
    if (odd) {
      if (!KNOWN_CHUNKS.includes(id) && isRiffAt(this.#bytes, 0) === false) this.#take(1);
      this.#place = { at: 'chunk', odd: false };
      return true;
    }
    const begins = isRiffAt(this.#bytes, 0);
    if (begins === undefined) return false;
    // Behind the sound anything may come: what does not look like a chunk is none.
    if (begins || (this.#losses.anySound && !/^[A-Za-z][\w -]{3}$/.test(id))) {
      this.#place = { at: 'anything' };
      return true;
    }
    const size = this.#u32(4);
    this.#take(8);
    if (id === 'data') this.#readDataHeader(size);
    else this.#place = { at: 'content', id, size };
    return true;
  }

  /** Reads what matters of a chunk and leaves the rest of it to be skipped. */
  #readContent(id: string, size: number): boolean {
    const read = Math.min(size, id === 'fmt ' ? MAX_FORMAT_BYTES : id === 'ds64' ? DS64_BYTES : 0);
    if (this.#bytes.length < read) return false;
    const content = this.#bytes.subarray(0, read);
    this.#place = { at: 'skip', left: size - read, odd: size % 2 === 1 };
    this.#take(read);
    if (id === 'fmt ') this.#tryFirst(() => (this.#format = parseFormatChunk(content, this.#bigEndian)));
    if (id === 'ds64' && read === DS64_BYTES) this.#ds64DataBytes = Number(content.readBigUInt64LE(8));
    return true;
  }

  #skip(place: { left: number; readonly odd: boolean }): boolean {
    // Behind the sound a size may be anything as well.
    const limit = Math.min(place.left, this.#bytes.length);
    const skipped = this.#losses.anySound ? Math.min(limit, findRiff(this.#bytes)) : limit;
    place.left -= skipped;
    this.#take(skipped);
    if (this.#losses.anySound && isRiffAt(this.#bytes, 0) === true) this.#place = { at: 'anything' };
    else if (place.left > 0) return false;
    else this.#place = { at: 'chunk', odd: place.odd };
    return true;
  }

  #readDataHeader(size: number): void {
    if (this.#format === undefined) {
      this.#tryFirst(() => {
        throw wavError('its sound comes before its format');
      });
      return;
    }
    const bytes = size === 0xffffffff && this.#ds64DataBytes !== undefined ? this.#ds64DataBytes : size;
    if (bytes === 0) this.#place = { at: 'empty data' };
    else this.#startSound(bytes > MAX_SOURCE_BYTES ? Infinity : bytes);
  }

  /** Programs that write to a pipe leave 0 where the length should be. Only where a chunk follows the data are empty. */
  #readEmpty(): boolean {
    if (this.#bytes.length < 4) return false;
    if (KNOWN_CHUNKS.includes(this.#bytes.toString('latin1', 0, 4))) this.#place = { at: 'chunk', odd: false };
    else this.#startSound(Infinity);
    return true;
  }

  #startSound(bytes: number): void {
    if (this.#format === undefined) return;
    this.#part++;
    this.#losses.startPart(this.#format, Number.isFinite(bytes) && this.#riffIsKnown ? bytes : undefined);
    this.#place = { at: 'sound', left: bytes, odd: bytes % 2 === 1 };
  }

  #readSound(place: { left: number; readonly odd: boolean }): boolean {
    this.#give(Math.min(place.left, findRiff(this.#bytes)));
    const next = isRiffAt(this.#bytes, 0);
    if (place.left > 0 && (this.#bytes.length === 0 || next !== true)) return false;
    this.#losses.endPart();
    this.#place = next === true ? { at: 'anything' } : { at: 'chunk', odd: place.odd };
    return true;
  }

  #give(length: number): void {
    if (length === 0 || this.#place.at !== 'sound' || this.#format === undefined) return;
    const bytes = this.#bytes.subarray(0, length);
    this.#place.left -= length;
    this.#losses.hear(length);
    this.#found.push({ part: this.#part, format: this.#format, bytes });
    this.#take(length);
  }

  /** What is wrong with the first WAV is an error; a later one is passed over. */
  #tryFirst(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!this.#losses.anySound) throw error;
      this.#losses.skipWav();
      this.#place = { at: 'anything' };
    }
  }

  #take(bytes: number): void {
    this.#bytes = this.#bytes.subarray(bytes);
  }

  #u32(at: number): number {
    return this.#bigEndian ? this.#bytes.readUInt32BE(at) : this.#bytes.readUInt32LE(at);
  }
}

/** The codec of a WAV by its first bytes; undefined when they do not reach so far. */
function sniffCodec(wav: Buffer): number | undefined {
  const bigEndian = wav.toString('latin1', 0, 4) === 'RIFX';
  for (let at = RIFF_BYTES; at + 8 <= wav.length;) {
    const size = bigEndian ? wav.readUInt32BE(at + 4) : wav.readUInt32LE(at + 4);
    if (wav.toString('latin1', at, at + 4) === 'fmt ') {
      return codecTag(wav.subarray(at + 8, at + 8 + Math.min(size, MAX_FORMAT_BYTES)), bigEndian);
    }
    at += 8 + size + (size % 2);
  }
  return undefined;
}
