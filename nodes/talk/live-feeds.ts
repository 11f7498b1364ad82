// The talkspurts that messages are feeding: which of them a piece goes on with, or that it begins one.
import { beginsFile, cameraKey, type AudioFormat, type CameraOptions } from '../../src/index.js';
import { LiveFeed } from './live-feed.js';
import { isSameFormat, type LiveChunk } from './request.js';

interface Fed {
  readonly id: string;
  readonly cameras: string;
  readonly format: AudioFormat | undefined;
  readonly feed: LiveFeed;
}

export class LiveFeeds {
  readonly #fed = new Set<Fed>();

  /**
   * Hands a piece to the talkspurt that it goes on with: same id, same cameras, same format, no file of its own. Otherwise false,
   * and the talkspurt before it on these cameras ends. What only ends is for whichever talkspurt has the id.
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
    fed.feed.push(chunk, msg);
    if (chunk.last) this.#fed.delete(fed);
    return true;
  }

  /** A talkspurt that begins with this piece. */
  begin(chunk: LiveChunk, cameras: readonly CameraOptions[], msg: unknown): LiveFeed {
    const feed = new LiveFeed(msg);
    const fed = { id: chunk.id, cameras: keysOf(cameras), format: chunk.format, feed };
    this.#fed.add(fed);
    void feed.finished.then(() => this.#fed.delete(fed));
    feed.push(chunk, msg);
    if (chunk.last) this.#fed.delete(fed);
    return feed;
  }

  end(): void {
    for (const fed of this.#fed) this.#end(fed);
  }

  #end(fed: Fed): void {
    this.#fed.delete(fed);
    fed.feed.end();
  }
}

function keysOf(cameras: readonly CameraOptions[]): string {
  return cameras.map(cameraKey).sort().join(' ');
}
