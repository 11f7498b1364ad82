// The whole frames of an MP3, picked out of whatever stands around and between them as the bytes come. Nothing is decoded here.
import { Mp3Tally, type Mp3Extent } from './mp3-extent.js';
import { announcedExtent, frameHeader, freeFrameBytes, isAlike, type FrameHeader } from './mp3-header.js';
import { frameInside, isFollowed, isSound, type Before, type Place } from './mp3-proof.js';
import { continues, type Frame } from './mp3-reservoir.js';
import { APE_ID, tagAt, type Tag } from './mp3-tags.js';

/** Whole frames in a row. */
export interface Mp3Run {
  /**
   * Each part wants a decoder of its own. Another rate, channel count or layer begins one, a Xing, Info or VBRI header, and a frame that needs
   * others before it that are lost.
   */
  readonly part: number;
  /** Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Whether there is more in it than such a header. */
  readonly hasSound: boolean;
  /** Of frames in free format without their padding, 0 for others. */
  readonly freeBytes: number;
  readonly bytes: Buffer;
}

/** Free format is looked for at so many places, as looking costs. */
const FREE_TRIES = 3;

/** True for the first bytes (a few KiB) of an MP3: a tag and nothing behind it yet, or enough frames in a row. AAC and layer I are false. */
export function sniffMp3(head: Buffer): boolean {
  const framer = new Mp3Framer();
  framer.push(head);
  if (framer.isBehindTag) return true;
  framer.end();
  return framer.extent.frames > 0 || framer.extent.cutSeconds > 0;
}

/** Takes the bytes as they come; what is no sound costs no memory. */
export class Mp3Framer {
  readonly #size: number;
  readonly #tally = new Mp3Tally();
  /** Bytes that are not decided yet begin at `#at`; `#offset` is where all of these stand in the source. */
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #offset = 0;
  /** Where the next APE tag begins; Infinity for none in these bytes. */
  #apeAt = -1;
  #final = false;
  #before: Before = 'start';
  #last: Frame | undefined;
  #freeBytes = 0;
  #freeTries = FREE_TRIES;
  #tag: Tag | undefined;
  #tagLeft = 0;
  /** Since the last frame or tag. */
  #foreignBytes = 0;
  #zeroBytes = 0;
  #runs: Mp3Run[] = [];
  #runStart: number | undefined;
  #runHasSound = false;
  #part = -1;

  /** `size` is that of the source, bytes; a tag that goes beyond is not believed. */
  constructor(size = Number.POSITIVE_INFINITY) {
    this.#size = size;
  }

  /** Of what has come; final behind `end`. */
  get extent(): Mp3Extent {
    return this.#tally.extent;
  }

  /** Whether a tag and its padding are all that has come. */
  get isBehindTag(): boolean {
    return this.#part < 0 && this.#before === 'tag' && this.#bytes.length - this.#at < 4;
  }

  /** The frames that are whole now; they may lie in the memory of `chunk`. */
  push(chunk: Buffer): Mp3Run[] {
    const rest = this.#bytes.subarray(this.#at);
    this.#offset += this.#at;
    this.#bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.#at = 0;
    this.#apeAt = -1;
    while (this.#at < this.#bytes.length && this.#step());
    this.#closeRun();
    return this.#runs.splice(0);
  }

  /** The frames that could not be told before: the source has ended. */
  end(): Mp3Run[] {
    this.#final = true;
    const runs = this.push(Buffer.alloc(0));
    // Less than a header is not worth a word.
    if (this.#foreignBytes < 4) this.#foreignBytes = 0;
    this.#endGap(true);
    return runs;
  }

  /** Goes on by a tag, padding, a frame or foreign bytes; false when more bytes are needed. */
  #step(): boolean {
    if (this.#tagLeft > 0) {
      const length = Math.min(this.#tagLeft, this.#bytes.length - this.#at);
      this.#tagLeft -= length;
      this.#at += length;
      return true;
    }
    if (this.#before === 'foreign') return this.#search();
    const tag = tagAt(this.#bytes, this.#at);
    if (tag === undefined && !this.#final) return false;
    if (tag !== undefined && tag !== 'none' && this.#offset + this.#at + tag.length <= this.#size) {
      this.#enterTag(tag);
      return true;
    }
    if (this.#skipZeros()) return true;
    if (!this.#knowsFreeFormat()) return false;
    const sound = isSound(this.#place(), this.#before, this.#last?.header);
    if (sound !== false) return sound === true && this.#takeFrame();
    this.#closeRun();
    this.#foreignBytes++;
    this.#at++;
    this.#before = 'foreign';
    return true;
  }

  #place(at = this.#at): Place {
    return { bytes: this.#bytes, at, final: this.#final, freeBytes: this.#freeBytes };
  }

  #enterTag(tag: Tag): void {
    this.#closeRun();
    this.#foreignBytes = Math.max(0, this.#foreignBytes - tag.before);
    this.#endGap(true);
    this.#tag = tag;
    this.#tagLeft = tag.length;
    this.#before = tag.open ? 'foreign' : 'tag';
  }

  #skipZeros(): boolean {
    let end = this.#at;
    while (this.#bytes[end] === 0) end++;
    if (end === this.#at) return false;
    this.#closeRun();
    this.#zeroBytes += end - this.#at;
    this.#at = end;
    if (this.#before === 'frame') this.#before = 'start';
    return true;
  }

  /** Finds the length of frames in free format, if these are some; false when more bytes are needed for that. */
  #knowsFreeFormat(): boolean {
    if (this.#freeBytes > 0 || this.#freeTries === 0) return true;
    const freeBytes = freeFrameBytes(this.#bytes, this.#at);
    if (freeBytes === undefined && !this.#final) return false;
    this.#freeBytes = freeBytes ?? 0;
    this.#freeTries--;
    return true;
  }

  /** Over foreign bytes to the next frame, or to an APE tag. */
  #search(): boolean {
    const bytes = this.#bytes;
    // With the last bytes a tag or header may begin.
    let end = this.#final ? bytes.length : Math.max(this.#at, bytes.length - APE_ID.length + 1);
    const isTag = this.#nextApe() < end;
    if (isTag) end = this.#apeAt;
    let sound: boolean | undefined = false;
    for (let at = bytes.indexOf(0xff, this.#at); at >= 0 && at < end; at = bytes.indexOf(0xff, at + 1)) {
      if (at + 4 <= bytes.length && frameHeader(bytes, at, this.#freeBytes) === undefined) continue;
      sound = isSound(this.#place(at), 'foreign', this.#last?.header);
      if (sound !== false) end = at;
    }
    this.#closeRun();
    this.#foreignBytes += end - this.#at;
    this.#at = end;
    if (!isTag || end < this.#apeAt) return sound === true && this.#takeFrame();
    this.#before = 'start';
    return true;
  }

  /** Looked for once, however often a search stops on the way there. */
  #nextApe(): number {
    if (this.#apeAt < this.#at) {
      const at = this.#bytes.indexOf(APE_ID, this.#at, 'latin1');
      this.#apeAt = at < 0 ? Infinity : at;
    }
    return this.#apeAt;
  }

  /** The frame that is here, unless the next one begins inside it: then bytes of it are lost, and it is no use. */
  #takeFrame(): boolean {
    const header = frameHeader(this.#bytes, this.#at, this.#freeBytes);
    if (header === undefined) return false;
    const next = this.#at + header.length;
    // One that ends with the chunk is not held back: it may be the last of a sentence, with a pause behind it.
    const isWhole = next === this.#bytes.length || isFollowed(this.#place(), header);
    const inside = isWhole === false ? frameInside(this.#place(), header) : 0;
    if (isWhole === undefined || inside === undefined) return false;
    if (inside > 0) {
      this.#closeRun();
      this.#foreignBytes += inside - this.#at;
      this.#at = inside;
      this.#before = 'start';
    } else if (next > this.#bytes.length) {
      this.#closeRun();
      this.#endGap(false);
      this.#tally.cutSeconds = header.samples / header.sampleRate;
      this.#at = this.#bytes.length;
    } else {
      this.#addFrame(header);
    }
    return true;
  }

  #addFrame(header: FrameHeader): void {
    this.#endGap(false);
    const frame = { header, bytes: this.#bytes.subarray(this.#at, this.#at + header.length) };
    const announced = announcedExtent(frame.bytes, header);
    if (announced !== undefined || !this.#goesOn(frame)) {
      this.#closeRun();
      this.#part++;
    }
    if (announced === undefined) this.#tally.addFrame(header);
    else this.#tally.addCount(header, announced);
    this.#last = frame;
    this.#runStart ??= this.#at;
    this.#runHasSound ||= announced === undefined;
    this.#at += header.length;
    this.#before = 'frame';
  }

  #goesOn(frame: Frame): boolean {
    if (this.#last === undefined || !isAlike(this.#last.header, frame.header)) return false;
    return this.#before === 'frame' || continues(this.#last, frame);
  }

  #closeRun(): void {
    if (this.#runStart === undefined || this.#last === undefined) return;
    const { sampleRate, channels, free } = this.#last.header;
    this.#runs.push({
      part: this.#part,
      sampleRate,
      channels,
      hasSound: this.#runHasSound,
      freeBytes: free ? this.#freeBytes : 0,
      bytes: this.#bytes.subarray(this.#runStart, this.#at),
    });
    this.#runStart = undefined;
    this.#runHasSound = false;
  }

  /** Counts what lies between two frames. Zeros behind a tag or before one, and the text of Lyrics3, belong there. */
  #endGap(isPadding: boolean): void {
    const zeros = this.#foreignBytes === 0 && (isPadding || this.#tag !== undefined) ? 0 : this.#zeroBytes;
    if (this.#tag?.open !== true) this.#tally.skippedBytes += this.#foreignBytes + zeros;
    this.#foreignBytes = this.#zeroBytes = 0;
    this.#tag = undefined;
  }
}
