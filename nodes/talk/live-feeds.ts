// The talkspurts that messages are feeding: which of them a piece goes on with, or that it begins one, also after one that failed.
import {
  beginsFile,
  cameraKey,
  LIVE_GAP_MS,
  monotonicClock,
  type AudioFormat,
  type CameraOptions,
  type Clock,
  type TalkError,
  type TalkErrorCode,
} from '../../src/index.js';
import { LiveFeed } from './live-feed.js';
import { LiveTrouble } from './live-trouble.js';
import { isSameFormat, type LiveChunk } from './request.js';

interface Fed {
  readonly id: string;
  readonly cameras: string;
  readonly format: AudioFormat | undefined;
  readonly feed: LiveFeed;
  readonly trouble: LiveTrouble;
}

/** A talkspurt that has begun. */
export interface Begun {
  readonly feed: LiveFeed;
  readonly format: AudioFormat | undefined;
  /** Whether it goes on with one that has failed. */
  readonly goesOn: boolean;
  /** It has failed. What to tell of that; undefined when it was told a moment ago. */
  readonly failed: (failure: TalkError) => TalkError | undefined;
}

export interface LiveFeedsDeps {
  /** A piece came that is not said, because its talkspurt has failed. */
  readonly onLeftOut?: (code: TalkErrorCode) => void;
  /** What was lost without a word so far. */
  readonly onLoss?: (sentence: string) => void;
  readonly clock?: Clock;
}

export class LiveFeeds {
  readonly #fed = new Set<Fed>();
  /** Pieces that were refused before they could begin anything, by their id. */
  readonly #refused = new Map<string, { readonly trouble: LiveTrouble; latest: number }>();
  readonly #deps: LiveFeedsDeps;
  readonly #clock: Clock;

  constructor(deps: LiveFeedsDeps = {}) {
    this.#deps = deps;
    this.#clock = deps.clock ?? monotonicClock;
  }

  /**
   * Hands a piece to the talkspurt that it goes on with: same id, same cameras, same format, no file of its own. Otherwise false,
   * and the talkspurt before it on these cameras ends; false also when that has failed and it is time to begin anew.
   * What only ends is for whichever talkspurt has the id.
   */
  goesOn(chunk: LiveChunk, cameras: readonly CameraOptions[], msg: unknown): boolean {
    const alike = [...this.#fed].filter(({ id }) => id === chunk.id);
    const same = alike.find((fed) => fed.cameras === keysOf(cameras));
    const fed = chunk.bytes === undefined ? (same ?? alike.at(-1)) : same;
    if (fed === undefined) return false;
    const { bytes, format } = chunk;
    if (bytes !== undefined && (beginsFile(bytes) || (format !== undefined && !isSameFormat(format, fed.format)))) {
      this.#end(fed);
      return false;
    }
    const { trouble } = fed;
    if (bytes !== undefined && trouble.code !== undefined) {
      if (trouble.mayBegin) return false;
      trouble.leaveOut();
      this.#deps.onLeftOut?.(trouble.code);
    }
    fed.feed.push(chunk, msg);
    if (chunk.last) this.#forget(fed);
    return true;
  }

  /** A talkspurt that begins with this piece. */
  begin(chunk: LiveChunk, cameras: readonly CameraOptions[], msg: unknown): Begun {
    const key = keysOf(cameras);
    const before = [...this.#fed].find(({ id, cameras: theirs }) => id === chunk.id && theirs === key);
    // It goes on with one that has failed.
    if (before !== undefined) this.#fed.delete(before);
    before?.feed.end();
    const trouble = before?.trouble ?? new LiveTrouble(this.#clock);
    trouble.begins();
    const format = chunk.format ?? before?.format;
    const feed = new LiveFeed(msg, this.#clock, this.#deps.onLoss);
    const fed = { id: chunk.id, cameras: key, format, feed, trouble };
    this.#fed.add(fed);
    void feed.finished.then(() => this.#forget(fed));
    feed.push(chunk, msg);
    if (chunk.last) this.#forget(fed);
    return {
      feed,
      format,
      goesOn: before !== undefined,
      failed: (failure) => {
        const told = trouble.failed(failure);
        // Nobody would tell it later.
        return told ?? (this.#fed.has(fed) ? undefined : failure);
      },
    };
  }

  /** A piece was refused before it could begin anything. What to tell of it; undefined when that was told a moment ago. */
  refused(id: string, failure: TalkError): TalkError | undefined {
    const now = this.#clock.now();
    for (const [known, { latest }] of this.#refused) if (now - latest > LIVE_GAP_MS) this.#refused.delete(known);
    const refused = this.#refused.get(id) ?? { trouble: new LiveTrouble(this.#clock), latest: now };
    refused.latest = now;
    this.#refused.set(id, refused);
    const told = refused.trouble.failed(failure);
    if (told === undefined) this.#deps.onLeftOut?.(failure.code);
    return told;
  }

  end(): void {
    for (const fed of this.#fed) this.#end(fed);
  }

  #end(fed: Fed): void {
    this.#forget(fed);
    fed.feed.end();
  }

  #forget(fed: Fed): void {
    if (!this.#fed.delete(fed)) return;
    const rest = fed.trouble.rest();
    if (rest !== undefined) this.#deps.onLoss?.(rest);
  }
}

function keysOf(cameras: readonly CameraOptions[]): string {
  return cameras.map(cameraKey).sort().join(' ');
}
