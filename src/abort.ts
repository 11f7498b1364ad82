// Abort signals: the reason as an error, and promises raced against them. Deadlines are clock.ts's.
import { deferred } from './deferred.js';
import { abortedError } from './errors.js';

/** The reason of an aborted signal as an Error; TALK_ERR_ABORTED when the aborter gave none of ours. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error && reason.name !== 'AbortError' ? reason : abortedError();
}

/** Calls the listener when the signal aborts, at once if it has. The result ends the listening. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal?.aborted === true) listener();
  else signal?.addEventListener('abort', listener, { once: true });
  return () => signal?.removeEventListener('abort', listener);
}

/** The promise, or a rejection with the signal's reason as soon as it aborts. The loser's rejection is swallowed. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  promise.catch(() => undefined);
  throwIfAborted(signal);
  const aborted = deferred<never>();
  const ignore = onAbort(signal, () => aborted.reject(abortReason(signal)));
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    ignore();
  }
}

/** Throws the reason of an aborted signal. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortReason(signal);
}
