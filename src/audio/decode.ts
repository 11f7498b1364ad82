// AudioSource to mono samples at one rate: chooses raw, WAV, MP3 or ffmpeg by content. Gain, encoding and caching come later.
import { abortReason, onAbort, throwIfAborted, unlessAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import { isTalkError, TalkError, type TalkErrorCode } from '../errors.js';
import { FFMPEG_TIMEOUT_MS, SOURCE_EXTRA_MS, STREAM_TIMEOUT_MS } from '../limits.js';
import type { Allowed } from './allowed.js';
import { noAudio, unknownAudio } from './advice.js';
import { decodeArriving } from './arriving.js';
import type { Share } from './budget.js';
import { openDownload } from './fetch.js';
import { decodeWithFfmpeg, findFfmpeg, type FfmpegInput } from './ffmpeg.js';
import { bytesPerFrame, type AudioFormat } from '../sound/format.js';
import { peekChunks, pullChunks } from './live.js';
import { decodeMp3, type Sound } from './mp3.js';
import { decodeStoredMp3, Mp3Search } from './mp3-search.js';
import { pathOf } from './own-sounds.js';
import { checkWav, decodeRaw, decodeWav } from './pcm.js';
import { Resampler } from '../sound/resample.js';
import { contentName, isUnmistakable, sniff, SNIFF_BYTES } from '../sound/sniff.js';
import { WavParser } from '../sound/wav.js';
import { behindTags } from '../sound/wav-find.js';
import { isBridge, type LentBytes, type PreparedSource } from './source.js';
import { isStreamable } from './streamable.js';
import { storedBytes, storedFile, type StoredAudio } from './stored.js';
import { decodeWords } from './words.js';
import { chime } from '../sound/tone.js';

export interface DecodeOptions {
  /** Of the samples that come out, Hz. */
  readonly sampleRate: number;
  /** Longest announcement, s. */
  readonly maxSeconds: number;
  /** How much of `maxSeconds` earlier pieces have used, s. */
  readonly elapsedSeconds?: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
  readonly ffmpegPath?: string | undefined;
  readonly allowed?: Allowed | undefined;
  /** A live source without a byte for so long has ended, ms; STREAM_TIMEOUT_MS by default. */
  readonly streamTimeoutMs?: number | undefined;
  /** Whether nothing is heard before everything is decoded: then a clip from an address is fetched first. */
  readonly atOnce?: boolean | undefined;
  /** Of the memory, for encoded bytes that are held. */
  readonly share?: Share | undefined;
  /** Told what was missing or skipped, a full sentence each. */
  readonly warn?: ((warning: string) => void) | undefined;
}

/** The header of a WAV up to its codec; with a declared format nothing more is worth waiting for. */
const LIVE_HEAD_BYTES = 64;
const LIVE_FORMAT_NEEDED =
  'Live audio needs msg.format, such as "alaw" or { "encoding": "s16le", "sampleRate": 16000, "channels": 1 }, unless it starts like a WAV, ' +
  'an MP3 or another known container';

/**
 * The samples of one source, in pieces of at most some hundred milliseconds of work each; the event loop turns between them.
 * Throws TALK_ERR_SOURCE (not allowed, missing, unreadable, too large, longer than the limit), TALK_ERR_AUDIO (no audio, damaged, cut off),
 * TALK_ERR_FFMPEG, TALK_ERR_VOICE, TALK_ERR_ARGUMENT (live audio without a format), NoRoom of the share, or the signal's reason.
 * What a header tells is checked before the first samples come. A bridge may go on for ever.
 */
export async function* decode(source: PreparedSource, given: DecodeOptions): AsyncGenerator<Float32Array> {
  const options = isBridge(source) ? { ...given, maxSeconds: Infinity } : given;
  const { sampleRate, maxSeconds, elapsedSeconds = 0, signal } = options;
  let left = (maxSeconds - elapsedSeconds) * sampleRate;
  const counted = (samples: Float32Array): Float32Array => {
    left -= samples.length;
    if (left < 0) throw tooLong(options, source.kind === 'say' ? 'TALK_ERR_VOICE' : undefined);
    return samples;
  };
  throwIfAborted(signal);
  if (source.kind === 'chime') {
    yield counted(chime(source.name, sampleRate));
    return;
  }
  let resampler: Resampler | undefined;
  let fromRate = 0;
  for await (const sound of decodeAny(source, options)) {
    throwIfAborted(signal);
    if (resampler === undefined || sound.sampleRate !== fromRate) {
      if (resampler !== undefined) yield counted(resampler.flush());
      fromRate = sound.sampleRate;
      resampler = new Resampler(fromRate, sampleRate);
    }
    const samples = resampler.push(sound.samples);
    if (samples.length > 0) yield counted(samples);
  }
  if (resampler !== undefined) yield counted(resampler.flush());
}

type Encoded = Exclude<PreparedSource, { kind: 'chime' }>;

async function* decodeAny(source: Encoded, options: DecodeOptions): AsyncGenerator<Sound> {
  if (source.kind === 'live') {
    yield* decodeLive(source.chunks, source.format, options);
    return;
  }
  if (source.kind === 'url') {
    yield* decodeUrl(source.url, source.format, options);
    return;
  }
  if (source.kind === 'say') {
    const decoders = {
      chunks: (chunks: AsyncGenerator<Buffer>, format?: AudioFormat) => decodeChunks(chunks, format, options),
      url: (url: string) => decodeUrl(url, undefined, options),
    };
    yield* decodeWords(source, decoders, options);
    return;
  }
  const { allowed, share } = options;
  const stored =
    source.kind === 'bytes'
      ? storedBytes(await bytesOf(source.bytes, options))
      : await storedFile(await pathOf(source, allowed?.sounds), allowed, (bytes) => share?.take(bytes));
  try {
    yield* decodeStored(stored, source.format, options);
  } finally {
    await stored.close();
  }
}

async function bytesOf(bytes: Uint8Array | LentBytes, { share, signal }: DecodeOptions): Promise<Buffer> {
  if ('load' in bytes) share?.take(bytes.length);
  const held = 'load' in bytes ? await unlessAborted(bytes.load(), signal) : bytes;
  return Buffer.from(held.buffer, held.byteOffset, held.byteLength);
}

async function* decodeUrl(url: string, format: AudioFormat | undefined, options: DecodeOptions): AsyncGenerator<Sound> {
  const { signal, clock, maxSeconds, elapsedSeconds = 0, warn, allowed, share } = options;
  const download = await openDownload(url, { allowed, signal, clock, totalMs: longestMs(options) });
  const decoders = {
    whole: (stored: StoredAudio) => decodeStored(stored, format, options),
    isEnough: (head: Buffer) => isEnough(head, format !== undefined),
    arriving: (head: Buffer, size: number | undefined) =>
      options.atOnce === true || !isStreamable(head, size, format)
        ? undefined
        : (chunks: AsyncGenerator<Buffer>) => decodeChunks(chunks, format, options),
  };
  try {
    yield* decodeArriving(download, decoders, { clock, signal, maxSeconds: maxSeconds - elapsedSeconds, share, warn });
  } finally {
    download.close();
  }
}

async function* decodeStored(
  stored: StoredAudio,
  format: AudioFormat | undefined,
  options: DecodeOptions,
): AsyncGenerator<Sound> {
  if (stored.size === 0) throw new TalkError('TALK_ERR_AUDIO', 'The audio is empty');
  if (format !== undefined && !isUnmistakable(stored.head)) {
    checkLength(stored.size / bytesPerFrame(format) / format.sampleRate, options);
    yield* decodeRaw(stored.pieces(), format, options);
    return;
  }
  const check = (seconds: number): void => checkLength(seconds, options);
  const content = (await isWavBehindTag(stored)) ? 'wav' : sniff(stored.head);
  switch (content) {
    case 'wav':
      yield* decodeStoredWav(stored, options);
      return;
    case 'foreign':
      throw noAudio(stored.head);
    case 'container':
      yield* decodeByFfmpeg(stored.ffmpegInput, options, contentName(stored.head));
      return;
    case 'text':
      if (yield* decodeStoredMp3(stored, { ...options, check, isSure: false })) return;
      throw noAudio(stored.head);
    case 'mp3':
    case 'unknown':
      if (yield* decodeStoredMp3(stored, { ...options, check, isSure: content === 'mp3' })) return;
      yield* decodeUnknown(stored, options);
  }
}

/** Whether a WAV follows a tag that is longer than what is sniffed. */
async function isWavBehindTag(stored: StoredAudio): Promise<boolean> {
  const start = behindTags(stored.head);
  return start > stored.head.length && WavParser.sniff(await stored.at(start)) === 'wav';
}

async function* decodeStoredWav(stored: StoredAudio, options: DecodeOptions): AsyncGenerator<Sound> {
  const checked = await checkWav(stored, options);
  if (typeof checked === 'number') {
    checkLength(checked, options);
    yield* decodeWav(stored.pieces(), options);
  } else {
    yield* decodeUnknown(stored, options, checked);
  }
}

/**
 * ffmpeg may know what is not known here; without it, installing it would rarely help.
 * @param refusal what our own reader says of it
 */
async function* decodeUnknown(stored: StoredAudio, options: DecodeOptions, refusal?: TalkError): AsyncGenerator<Sound> {
  if ((await findFfmpeg(options.ffmpegPath)) === undefined) throw refusal ?? unknownAudio();
  let heard = false;
  try {
    for await (const sound of decodeByFfmpeg(stored.ffmpegInput, options)) {
      heard = true;
      yield sound;
    }
  } catch (error) {
    if (heard || !isTalkError(error)) throw error;
    if (error.code === 'TALK_ERR_AUDIO') throw refusal ?? unknownAudio(error);
    throw error.code === 'TALK_ERR_FFMPEG' && refusal !== undefined ? refusal : error;
  }
}

/** A stream that takes too long has ended: with an error before its first sound, with a warning after it. */
async function* decodeLive(
  chunks: AsyncIterable<unknown>,
  format: AudioFormat | undefined,
  options: DecodeOptions,
): AsyncGenerator<Sound> {
  const { signal, clock, streamTimeoutMs = STREAM_TIMEOUT_MS } = options;
  // A decoder that ends before the stream must not wait for its next chunk.
  const stop = new AbortController();
  const ignore = onAbort(signal, () => stop.abort(abortReason(signal)));
  const givenUp: { why?: string } = {};
  const pulled = pullChunks(chunks, stop.signal, {
    clock,
    idleMs: streamTimeoutMs,
    totalMs: longestMs(options),
    onGivenUp: (why) => (givenUp.why = why),
    mostBytes: options.maxSeconds === Infinity ? Infinity : undefined,
  });
  // That the rest is missing is told once.
  const warn = (warning: string): void => {
    if (givenUp.why === undefined) options.warn?.(warning);
  };
  let heard = false;
  try {
    for await (const sound of decodeChunks(pulled, format, { ...options, warn })) {
      heard = true;
      yield sound;
    }
  } catch (error) {
    if (givenUp.why === undefined || signal?.aborted === true) throw error;
  } finally {
    ignore();
    stop.abort();
    await pulled.return(undefined).catch(() => undefined);
  }
  if (givenUp.why === undefined) return;
  if (!heard) throw new TalkError('TALK_ERR_SOURCE', givenUp.why);
  options.warn?.(`${givenUp.why}; the clip ended there`);
}

async function* decodeChunks(
  chunks: AsyncGenerator<Buffer>,
  format: AudioFormat | undefined,
  options: DecodeOptions,
): AsyncGenerator<Sound> {
  const { signal, clock, warn } = options;
  let live = await peekChunks(chunks, (head) => isEnough(head, format !== undefined));
  if (live.head.length === 0) return;
  let content = format === undefined || isUnmistakable(live.head) ? sniff(live.head) : 'raw';
  if (content === 'unknown') {
    const search = new Mp3Search();
    live = await peekChunks(live.chunks, (head) => search.isOver(head));
    if (search.isFound) content = 'mp3';
  }
  if (format !== undefined && content === 'raw') yield* decodeRaw(live.chunks, format, options);
  else if (content === 'wav') yield* decodeWav(live.chunks, options);
  else if (content === 'mp3') yield* decodeMp3(live.chunks, { signal, clock, warn });
  else if (content === 'container') yield* decodeByFfmpeg({ chunks: live.chunks }, options, contentName(live.head));
  else if (content === 'text' || content === 'foreign') throw noAudio(live.head);
  else throw new TalkError('TALK_ERR_ARGUMENT', LIVE_FORMAT_NEEDED);
}

/** Whether these first bytes of live audio tell what it is. */
function isEnough(head: Buffer, declared: boolean): boolean {
  if (head.length >= SNIFF_BYTES) return true;
  if (declared) return head.length >= LIVE_HEAD_BYTES;
  return head.length >= LIVE_HEAD_BYTES && !['text', 'unknown'].includes(sniff(head));
}

/** @param content what it is, for people; undefined when that is not known */
async function* decodeByFfmpeg(input: FfmpegInput, options: DecodeOptions, content?: string): AsyncGenerator<Sound> {
  const { sampleRate } = options;
  const timeoutMs = 'chunks' in input ? longestMs(options) + FFMPEG_TIMEOUT_MS : FFMPEG_TIMEOUT_MS;
  for await (const samples of decodeWithFfmpeg(input, { ...options, content, timeoutMs }))
    yield { samples, sampleRate };
}

/** How long a source may take that delivers little by little, ms. */
function longestMs({ maxSeconds }: DecodeOptions): number {
  return maxSeconds * 1_000 + SOURCE_EXTRA_MS;
}

function checkLength(seconds: number | undefined, options: DecodeOptions): void {
  if ((seconds ?? 0) > options.maxSeconds - (options.elapsedSeconds ?? 0)) throw tooLong(options);
}

function tooLong({ maxSeconds }: DecodeOptions, code: TalkErrorCode = 'TALK_ERR_SOURCE'): TalkError {
  return new TalkError(code, `The audio is longer than the limit of ${maxSeconds} s`);
}
