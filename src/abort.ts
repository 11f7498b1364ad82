// Abort signals: the reason as an error, and promises raced against them. Deadlines are clock.ts's.
import { abortedError } from './errors.js';

/** The reason of an aborted signal as an Error; TALK_ERR_ABORTED when the aborter gave none of ours. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error && reason.name !== 'AbortError' ? reason : abortedError();
}

/** The promise, or a rejection with the signal's reason as soon as it aborts. The loser's rejection is swallowed. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => undefined);
  if (signal.aborted) throw abortReason(signal);
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(abortReason(signal));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Throws the reason of an aborted signal. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortReason(signal);
}
