// The memory that the sound of one engine may take: what messages brought, what is held to be prepared, what is prepared ahead.
import { throwIfAborted } from '../abort.js';
import { TalkError } from '../errors.js';
import { MAX_AHEAD_BYTES, MAX_AHEAD_CLIPS, MAX_BROUGHT_BYTES, MAX_LARGE_BYTES, MAX_SHARED_BYTES } from '../limits.js';
import type { Clip } from '../sound/clip.js';
import { Ahead } from './ahead.js';
import { Budget, NoRoom, type Share } from './budget.js';
import type { PreparedSource } from './source.js';

export class Memory {
  readonly budget = new Budget({ sharedBytes: MAX_SHARED_BYTES, largeBytes: MAX_LARGE_BYTES });
  readonly ahead = new Ahead({ clips: MAX_AHEAD_CLIPS, bytes: MAX_AHEAD_BYTES });
  #brought = 0;

  /** Counts the bytes that a message brings, until the result is called. Throws TALK_ERR_QUEUE_FULL when messages that wait have brought too many. */
  admit(sources: readonly PreparedSource[]): () => void {
    let bytes = sources.reduce((sum, source) => sum + (source.kind === 'bytes' ? source.bytes.length : 0), 0);
    if (this.#brought + bytes > MAX_BROUGHT_BYTES) throw full(this.#brought, bytes);
    this.#brought += bytes;
    return () => {
      this.#brought -= bytes;
      bytes = 0;
    };
  }
}

/**
 * What `make` gives, with a share of the memory; begun again, with the large place, when it finds no room or has to give way. What it throws before
 * its first value because of that is not seen.
 */
export async function* inRoom<T>(
  { budget }: Memory,
  clip: Clip,
  signal: AbortSignal | undefined,
  make: (share: Share, signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const share = budget.share(() => clip.asked);
  let isBegun = false;
  try {
    for (;;) {
      const { evicted } = share;
      try {
        for await (const each of make(share, signal === undefined ? evicted : AbortSignal.any([signal, evicted]))) {
          throwIfAborted(evicted);
          isBegun = true;
          share.fix();
          yield each;
        }
        return;
      } catch (error) {
        const isInTheWay = error instanceof NoRoom || evicted.aborted;
        if (isBegun || !isInTheWay || signal?.aborted === true) throw error;
      }
      void clip.whenAsked.then(() => budget.hurry());
      await share.enlarge(signal);
    }
  } finally {
    share.release();
  }
}

function full(brought: number, more: number): TalkError {
  const [there, limit, size] = [brought, MAX_BROUGHT_BYTES, more].map(
    (bytes) => `${Math.ceil(bytes / 1024 / 1024)} MB`,
  );
  const why = `Messages that wait hold ${there} of sound, and with the ${size} of this one it would be more than ${limit}`;
  return new TalkError(
    'TALK_ERR_QUEUE_FULL',
    `${why}; send fewer at a time, or files or addresses, which are read in their turn`,
  );
}
