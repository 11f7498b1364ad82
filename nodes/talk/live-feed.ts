// Talkspurts fed by several messages: chunks that share an id become one stream, which ends when told so or when nothing came for a while.
import { LIVE_GAP_MS, monotonicClock } from '../../src/index.js';
import type { LiveChunk } from './request.js';

/** A stream of chunks with its own end. */
export class LiveFeed implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #wake: () => void = () => undefined;
  #gap = new AbortController();
  #ended = false;
  #discarded = false;
  #finish: () => void = () => undefined;
  /** Resolves when no more chunks are taken. */
  readonly finished = new Promise<void>((resolve) => (this.#finish = resolve));
  #latest: unknown;

  /** @param first the message that began it */
  constructor(first: unknown) {
    this.#latest = first;
  }

  /** The message of the latest chunk. */
  get latest(): unknown {
    return this.#latest;
  }

  /** Every chunk starts the gap anew; LIVE_GAP_MS without one ends the stream. */
  push(chunk: LiveChunk, msg: unknown): void {
    if (this.#ended) return;
    this.#latest = msg;
    if (chunk.bytes !== undefined && !this.#discarded) this.#chunks.push(chunk.bytes);
    this.#gap.abort();
    if (chunk.last) {
      this.end();
      return;
    }
    this.#gap = new AbortController();
    monotonicClock.wait(LIVE_GAP_MS, this.#gap.signal).then(
      () => this.end(),
      () => undefined,
    );
    this.#wake();
  }

  /** Nobody reads any more: what came and comes is dropped until the end. */
  discard(): void {
    this.#discarded = true;
    this.#chunks.length = 0;
  }

  end(): void {
    this.#ended = true;
    this.#gap.abort();
    this.#wake();
    this.#finish();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
