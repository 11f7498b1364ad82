// The frames of an MP3 file, walked by their headers: is it one, how long is it, is it whole. Nothing is decoded here.
import { announcedExtent, frameHeader, isAlike, type AnnouncedExtent, type FrameHeader } from './mp3-header.js';

export interface Mp3Extent {
  /** Frames of sound; the frame that holds the Xing, Info or VBRI header is not one. */
  readonly frames: number;
  /** Of the first frame. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly seconds: number;
  /** Byte offsets of the first frame and behind the last one. */
  readonly audioStart: number;
  readonly audioEnd: number;
  /** The last frame is cut, or the file's own header counts more frames or bytes than there are. */
  readonly truncated: boolean;
}

/** Foreign bytes passed over before the first frame. Streams cut anywhere begin within a frame of at most 1441 bytes. */
const MAX_LEADING_BYTES = 65_536;
/** A sniffer sees little, so a frame that is not at the very start must have two more behind it. */
const FRAMES_AFTER_NOISE = 3;
const FRAMES_AT_START = 2;
/** Sizes of tags at the end of a file. */
const ID3V1_BYTES = 128;
const APE_FOOTER_BYTES = 32;

/** True for the first bytes (a few KiB) of an MP3: an ID3v2 tag before it, or two frames in a row. Layers I and II and AAC are false. */
export function sniffMp3(head: Buffer): boolean {
  const start = skipId3v2(head, 0);
  if (start > 0) {
    const sound = skipZeros(head, start);
    return sound + 4 > head.length || frameHeader(head, sound) !== undefined || findFrame(head, sound) !== undefined;
  }
  return countFrames(head, 0, FRAMES_AT_START) || findFrame(head, 0) !== undefined;
}

/** Walks all frames. Undefined when there is no layer III sound of a fixed bit rate in it: a case for ffmpeg. */
export function scanMp3(bytes: Buffer): Mp3Extent | undefined {
  const end = soundEnd(bytes);
  const file = bytes.subarray(0, end);
  const tagEnd = skipId3v2(file, 0);
  const begin = skipZeros(file, tagEnd);
  // Behind a tag a single header is proof enough.
  const framesNeeded = tagEnd > 0 ? 1 : FRAMES_AT_START;
  const audioStart = countFrames(file, begin, framesNeeded) ? begin : findFrame(file, begin);
  const first = audioStart === undefined ? undefined : frameHeader(file, audioStart);
  if (audioStart === undefined || first === undefined) return undefined;

  let frames = 0;
  let seconds = 0;
  let cut = false;
  let header: FrameHeader = first;
  let audioEnd = audioStart;
  for (let at: number | undefined = audioStart; at !== undefined;) {
    const next = frameHeader(file, at);
    if (next !== undefined && (isAlike(next, header) || countFrames(file, at, FRAMES_AT_START))) {
      cut = at + next.length > end;
      if (cut) break;
      header = next;
      frames++;
      seconds += next.samples / next.sampleRate;
      at += next.length;
      audioEnd = at;
    } else {
      cut = isHeaderStart(file, at);
      at = cut ? undefined : findFrame(file, at + 1, end);
    }
  }

  const announced = announcedExtent(file, audioStart, first);
  if (announced !== undefined && frames > 0) {
    frames--;
    seconds -= first.samples / first.sampleRate;
  }
  const { sampleRate, channels } = first;
  const truncated = cut || lacks(announced, frames, end - audioStart, first.length);
  return { frames, sampleRate, channels, seconds: Math.max(0, seconds), audioStart, audioEnd, truncated };
}

/** Whether `count` frames of one kind follow each other from `at`; the end of the bytes is as good as a header. */
function countFrames(bytes: Buffer, at: number, count: number): boolean {
  const first = frameHeader(bytes, at);
  let header = first;
  for (let seen = 1; header !== undefined && first !== undefined; seen++) {
    if (!isAlike(header, first)) return false;
    if (seen === count) return true;
    at += header.length;
    if (at === bytes.length) return true;
    header = frameHeader(bytes, at);
  }
  return false;
}

/** The first place from `from` where frames begin after something else. */
function findFrame(bytes: Buffer, from: number, last = from + MAX_LEADING_BYTES): number | undefined {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at < last; at = bytes.indexOf(0xff, at + 1)) {
    if (countFrames(bytes, at, FRAMES_AFTER_NOISE)) return at;
  }
  return undefined;
}

/** One to three bytes at the very end that can only be a header cut short. */
function isHeaderStart(bytes: Buffer, at: number): boolean {
  const left = bytes.length - at;
  return left > 0 && left < 4 && bytes[at] === 0xff && (left === 1 || ((bytes[at + 1] ?? 0) & 0xe6) === 0xe2);
}

/** The count of frames decides where it is told: some writers count their tags as bytes of sound. One frame is tolerated. */
function lacks(announced: AnnouncedExtent | undefined, frames: number, bytes: number, frameBytes: number): boolean {
  if (announced === undefined) return false;
  if (announced.frames > 0) return announced.frames > frames + 1;
  return announced.bytes > bytes + frameBytes;
}

/** The offset behind all ID3v2 tags at `at`. */
function skipId3v2(bytes: Buffer, at: number): number {
  while (at + 10 <= bytes.length && bytes.toString('latin1', at, at + 3) === 'ID3') {
    const size = bytes.subarray(at + 6, at + 10);
    if ((bytes[at + 3] ?? 0) === 0xff || size.some((byte) => byte >= 0x80)) break;
    const footer = ((bytes[at + 5] ?? 0) & 0x10) === 0 ? 0 : 10;
    at += 10 + size.reduce((sum, byte) => sum * 128 + byte, 0) + footer;
  }
  return at;
}

function skipZeros(bytes: Buffer, at: number): number {
  while (bytes[at] === 0) at++;
  return at;
}

/** Where sound can end at most: before zeros and tags of ID3v1 and APE. */
function soundEnd(bytes: Buffer): number {
  let end = bytes.length;
  if (end >= ID3V1_BYTES && bytes.toString('latin1', end - ID3V1_BYTES, end - ID3V1_BYTES + 3) === 'TAG') {
    end -= ID3V1_BYTES;
  }
  if (end >= APE_FOOTER_BYTES && bytes.toString('latin1', end - APE_FOOTER_BYTES, end - 24) === 'APETAGEX') {
    const footer = end - APE_FOOTER_BYTES;
    const hasHeader = (bytes.readUInt32LE(footer + 20) & 0x80000000) !== 0;
    const size = bytes.readUInt32LE(footer + 12) + (hasHeader ? APE_FOOTER_BYTES : 0);
    if (size <= end) end -= size;
  }
  return end;
}
