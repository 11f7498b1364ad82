// Talkspurts fed by several messages: chunks that share an id become one stream, which ends when told so or when nothing came for a while.
import { LIVE_GAP_MS, MAX_SOURCE_BYTES, monotonicClock, type Clock } from '../../src/index.js';
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
  readonly #clock: Clock;
  readonly #onLoss: (sentence: string) => void;
  #latest: unknown;
  #bytes = 0;
  #toldLoss = false;

  /**
   * @param first the message that began it
   * @param onLoss told once when more comes than anybody reads
   */
  constructor(first: unknown, clock: Clock = monotonicClock, onLoss: (sentence: string) => void = () => undefined) {
    this.#latest = first;
    this.#clock = clock;
    this.#onLoss = onLoss;
  }

  /** The message of the latest chunk. */
  get latest(): unknown {
    return this.#latest;
  }

  /** Every chunk starts the gap anew; LIVE_GAP_MS without one ends the stream. */
  push(chunk: LiveChunk, msg: unknown): void {
    if (this.#ended) return;
    this.#latest = msg;
    if (chunk.bytes !== undefined && !this.#discarded) this.#hold(chunk.bytes);
    this.#gap.abort();
    if (chunk.last) {
      this.end();
      return;
    }
    this.#gap = new AbortController();
    this.#clock.wait(LIVE_GAP_MS, this.#gap.signal).then(
      () => this.end(),
      () => undefined,
    );
    this.#wake();
  }

  /** The oldest gives way when nobody reads. */
  #hold(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    while (this.#bytes > MAX_SOURCE_BYTES) {
      this.#bytes -= this.#chunks.shift()?.length ?? this.#bytes;
      if (!this.#toldLoss) this.#onLoss('Live sound came faster than it could be read; what was oldest was left out');
      this.#toldLoss = true;
    }
  }

  /** Nobody reads any more: what came and comes is dropped until the end. */
  discard(): void {
    this.#discarded = true;
    this.#chunks.length = 0;
    this.#bytes = 0;
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
      if (chunk !== undefined) {
        this.#bytes -= chunk.length;
        yield chunk;
      } else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
