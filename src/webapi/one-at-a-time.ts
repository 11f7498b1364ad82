// One after the other: work that shares a camera waits for its turn. No idea of what the work is.
import { throwIfAborted, unlessAborted } from '../abort.js';
import { TalkError } from '../errors.js';

/** Runs `work` when everything before it has ended. Rejects as soon as the signal aborts while it waits; work that runs ends itself. */
export type OneAtATime = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** Throws TALK_ERR_QUEUE_FULL when `most` pieces of work wait already. */
export function oneAtATime(most: number): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work, signal) => {
    if (waiting >= most) {
      throw new TalkError(
        'TALK_ERR_QUEUE_FULL',
        `${most} requests to the web interface of this camera are waiting already`,
      );
    }
    waiting += 1;
    const mine = last.then(() => {
      waiting -= 1;
      throwIfAborted(signal);
      return work();
    });
    last = mine.catch(() => undefined);
    return unlessAborted(mine, signal);
  };
}
