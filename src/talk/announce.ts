// One announcement on one or more cameras: prepared once per codec, begun together. Each camera's turn is its line's business.
import { setMaxListeners } from 'node:events';
import type { Allowed } from '../audio/allowed.js';
import type { PreparedCache } from '../audio/cache.js';
import type { Memory } from '../audio/memory.js';
import { prepare, type Prepared } from '../audio/prepare.js';
import { discardSources, type PreparedSource } from '../audio/source.js';
import type { CameraOptions } from '../camera-options.js';
import { abortReason } from '../abort.js';
import type { Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { codecProfile } from '../multitrans/profile.js';
import type { Line } from './line.js';
import type { FilledSpeakOptions } from './options.js';
import { isRepeated } from './repeat.js';
import type { TalkOutcome } from './states.js';
import { unison } from './unison.js';

export interface AnnounceDeps {
  readonly clock: Clock;
  readonly cache: PreparedCache;
  /** What waiting clips may hold. */
  readonly memory: Memory;
  readonly ffmpegPath?: string | undefined;
  readonly allowed?: Allowed | undefined;
  /** A camera's line; throws what keeps it from being used. */
  readonly lineOf: (camera: CameraOptions) => Line;
}

/**
 * Resolves when every camera is done, one result per camera in their order; failures of single cameras are rejections in the result.
 * Rejects at once with TALK_ERR_ARGUMENT for live sound in several codecs or repeated, with what `lineOf` throws, with TALK_ERR_QUEUE_FULL when messages that wait
 * have brought too much, or with the reason of an aborted signal.
 */
export async function announce(
  cameras: readonly CameraOptions[],
  sources: readonly PreparedSource[],
  options: FilledSpeakOptions,
  deps: AnnounceDeps,
): Promise<PromiseSettledResult<TalkOutcome>[]> {
  const { lines, dismiss } = admitted(cameras, sources, options, deps);
  const unneeded = new AbortController();
  const clipFor = preparations(sources, options, deps, unneeded.signal);
  // One listener per camera is no leak, however many cameras there are.
  const signal = options.signal === undefined ? undefined : AbortSignal.any([options.signal]);
  if (signal !== undefined) setMaxListeners(0, signal);
  // Alone, a camera has nobody to wait for.
  const members = cameras.length > 1 ? unison(deps.clock, cameras.length) : [];
  try {
    return await Promise.allSettled(
      lines.map(({ camera, line }, index) => {
        const member = members[index];
        const preparation = clipFor(camera);
        const hold = preparation.clip.hold();
        const spoken = line.speak({
          ...options,
          camera,
          clip: preparation.clip,
          hold,
          signal,
          preparation,
          unison: member,
          onState: (state) => options.onState?.(state, index),
        });
        return spoken.finally(() => {
          hold.end();
          member?.leave();
        });
      }),
    );
  } finally {
    // Ends decoding that nobody waits for.
    unneeded.abort();
    dismiss();
  }
}

/** The cameras' lines, and what takes the message off the memory's books. */
function admitted(
  cameras: readonly CameraOptions[],
  sources: readonly PreparedSource[],
  { signal, repeat }: FilledSpeakOptions,
  { lineOf, memory }: AnnounceDeps,
): { lines: { camera: CameraOptions; line: Line }[]; dismiss: () => void } {
  try {
    if (signal?.aborted === true) throw abortReason(signal);
    const codecs = new Set(cameras.map((camera) => codecProfile(camera).encoding));
    if (codecs.size > 1 && sources.some(({ kind }) => kind === 'live')) {
      const why = 'Live audio cannot go to cameras with different codecs at once; send one message for each codec';
      throw new TalkError('TALK_ERR_ARGUMENT', why);
    }
    if (isRepeated(repeat) && sources.some(({ kind }) => kind === 'live')) {
      const why = 'Live audio cannot be repeated; send a whole clip, or set repeat to 1';
      throw new TalkError('TALK_ERR_ARGUMENT', why);
    }
    return { lines: cameras.map((camera) => ({ camera, line: lineOf(camera) })), dismiss: memory.admit(sources) };
  } catch (error) {
    discardSources(sources);
    throw error;
  }
}

/** Prepares the sources once for each codec, with the first camera that asks. */
function preparations(
  sources: readonly PreparedSource[],
  { gain, normalize, maxSeconds, streamTimeoutSeconds }: FilledSpeakOptions,
  { clock, cache, memory, ffmpegPath, allowed }: AnnounceDeps,
  signal: AbortSignal,
): (camera: CameraOptions) => Prepared {
  const prepared = new Map<string, Prepared>();
  return (camera) => {
    const { encoding, sampleRate } = codecProfile(camera);
    const known = prepared.get(encoding);
    if (known !== undefined) return known;
    const made = prepare(sources, {
      encoding,
      sampleRate,
      gainDb: gain,
      normalize,
      maxSeconds,
      streamTimeoutMs: streamTimeoutSeconds * 1_000,
      ffmpegPath,
      allowed,
      signal,
      clock,
      cache,
      memory,
    });
    prepared.set(encoding, made);
    return made;
  };
}
