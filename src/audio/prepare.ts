// One announcement from its sources to an encoded Clip: decode, level, limit, encode, append, in the background. Nothing is sent here.
import { abortReason, onAbort } from '../abort.js';
import type { Clock } from '../clock.js';
import { TalkError, toTalkError } from '../errors.js';
import type { Allowed } from './allowed.js';
import { sourcesKey, type PreparedCache } from './cache.js';
import { yielding } from './yielding.js';
import { Clip } from '../sound/clip.js';
import { decode, type DecodeOptions } from './decode.js';
import { encodeAlaw, encodeMulaw } from '../sound/g711.js';
import { Limiter, SpeechLevel } from '../sound/gain.js';
import { factorOfDb } from '../sound/levels.js';
import { MAX_BRIDGE_BYTES, MAX_LIVE_DELAY_MS } from '../limits.js';
import { inRoom, type Memory } from './memory.js';
import { discardSources, isBridge, type PreparedSource } from './source.js';

export interface PrepareOptions {
  readonly encoding: 'alaw' | 'mulaw';
  /** Hz. */
  readonly sampleRate: number;
  /** dB; with 0 and without `normalize` the samples stay as they are. */
  readonly gainDb: number;
  /** Brings quiet speech up before the gain, each piece by itself; chimes and live audio stay as they are. */
  readonly normalize: boolean;
  /** Longest announcement, s; of a bridge what may wait to be heard. */
  readonly maxSeconds: number;
  /** A live source without a byte for so long has ended, ms. */
  readonly streamTimeoutMs?: number | undefined;
  readonly ffmpegPath?: string | undefined;
  readonly allowed?: Allowed | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
  readonly cache?: PreparedCache | undefined;
  /** What the clip and what is held for it count to; it then counts until the signal aborts. */
  readonly memory?: Memory | undefined;
}

export interface Prepared {
  readonly clip: Clip;
  /** Whether the clip came from the cache; settled when its first byte is there. */
  readonly cached: boolean;
  /** What was missing or skipped, a sentence each; complete when the clip has ended. */
  readonly warnings: readonly string[];
}

/**
 * Starts preparing; the clip fills while it is read. Never throws: whatever goes wrong, and the signal, becomes the clip's failure.
 * Streams among the sources are ended in any case.
 */
export function prepare(sources: readonly PreparedSource[], options: PrepareOptions): Prepared {
  const { signal } = options;
  const clip = new Clip({
    live: sources.some(({ kind }) => kind === 'live'),
    mostBytes: sources.some(isBridge) ? mostBridgeBytes(options) : undefined,
  });
  const preparation = { clip, cached: false, warnings: [] };
  const fail = (error: unknown): void => {
    clip.fail(toTalkError(error, signal?.aborted === true ? 'TALK_ERR_ABORTED' : 'TALK_ERR_AUDIO', FAILED));
  };
  const ignore = onAbort(signal, () => fail(abortReason(signal)));
  fillInTurn(preparation, sources, options)
    .catch(fail)
    .finally(() => {
      ignore();
      discardSources(sources);
    });
  return preparation;
}

const FAILED = 'The audio could not be prepared';

interface Preparation extends Prepared {
  cached: boolean;
  readonly warnings: string[];
}

async function fillInTurn(
  preparation: Preparation,
  sources: readonly PreparedSource[],
  options: PrepareOptions,
): Promise<void> {
  const end = await options.memory?.ahead.enter(preparation.clip, options.signal);
  try {
    await fill(preparation, sources, options);
  } finally {
    end?.();
  }
}

async function fill(
  preparation: Preparation,
  sources: readonly PreparedSource[],
  options: PrepareOptions,
): Promise<void> {
  const { clip, warnings } = preparation;
  const { cache, encoding, sampleRate, gainDb, normalize, maxSeconds } = options;
  const content = cache === undefined ? undefined : await sourcesKey(sources, options);
  const key = `${encoding} ${sampleRate} ${gainDb} ${normalize}\n${content ?? ''}`;
  const known = content === undefined ? undefined : cache?.get(key);
  if (known !== undefined && known.bytes.length <= maxSeconds * sampleRate) {
    preparation.cached = true;
    warnings.push(...known.warnings);
    clip.append(known.bytes);
    clip.end();
    return;
  }
  const encode = encoding === 'alaw' ? encodeAlaw : encodeMulaw;
  const warn = (warning: string): void => {
    if (!warnings.includes(warning)) warnings.push(warning);
  };
  const onLive = (): void => clip.beginLive(options.clock.now());
  for await (const samples of limited(sources, { ...options, clip, warn, onLive })) clip.append(encode(samples));
  if (clip.available === 0) throw new TalkError('TALK_ERR_AUDIO', 'The audio holds no sound');
  clip.end();
  if (clip.live) return;
  const whole = clip.read(0, clip.available);
  if (content !== undefined && Buffer.isBuffer(whole)) cache?.set(key, { bytes: whole, warnings });
}

/** What of a bridge may wait to be heard, bytes. */
function mostBridgeBytes({ maxSeconds, sampleRate }: PrepareOptions): number {
  return Math.min(Math.max(maxSeconds, MAX_LIVE_DELAY_MS / 1_000) * sampleRate, MAX_BRIDGE_BYTES);
}

interface Details extends PrepareOptions, Pick<DecodeOptions, 'warn'> {
  readonly clip: Clip;
  /** The first live sound is there. */
  readonly onLive: () => void;
}

/** All sources after each other through one limiter, if anything is to be made louder or softer. */
async function* limited(sources: readonly PreparedSource[], options: Details): AsyncGenerator<Float32Array> {
  const { gainDb, normalize, sampleRate } = options;
  if (gainDb === 0 && !normalize) {
    yield* joined(sources, options);
    return;
  }
  const limiter = new Limiter({ gain: factorOfDb(gainDb), sampleRate });
  for await (const samples of joined(sources, options)) yield limiter.push(samples);
  yield limiter.flush();
}

async function* joined(sources: readonly PreparedSource[], options: Details): AsyncGenerator<Float32Array> {
  let elapsedSeconds = 0;
  for (const source of sources) {
    const piece = (given: Pick<DecodeOptions, 'share' | 'signal'>): AsyncIterable<Float32Array> =>
      decodeLevel(source, { ...options, ...given, elapsedSeconds });
    const { memory, clip, signal } = options;
    const sound =
      memory === undefined
        ? piece({ signal })
        : inRoom(memory, clip, signal, (share, given) => piece({ share, signal: given }));
    for await (const samples of sound) {
      if (source.kind === 'live') options.onLive();
      if (!isBridge(source)) elapsedSeconds += samples.length / options.sampleRate;
      yield samples;
    }
  }
}

/** One piece, at its level. */
function decodeLevel(
  source: PreparedSource,
  options: DecodeOptions & { normalize: boolean },
): AsyncIterable<Float32Array> {
  const piece = decode(source, { ...options, atOnce: options.normalize });
  const still = !options.normalize || source.kind === 'chime' || source.kind === 'live';
  return still ? piece : normalized(piece, options);
}

/** The factor depends on all samples, so nothing comes before the last one is decoded. */
async function* normalized(piece: AsyncIterable<Float32Array>, options: DecodeOptions): AsyncGenerator<Float32Array> {
  const parts: Float32Array[] = [];
  const level = new SpeechLevel();
  for await (const samples of piece) {
    options.share?.take(samples.byteLength);
    level.push(samples);
    parts.push(samples);
  }
  const factor = level.factor();
  const giveWay = yielding(options.clock, options.signal);
  for (const part of parts) {
    await giveWay();
    yield part.map((sample) => sample * factor);
  }
}
