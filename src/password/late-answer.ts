// The answer to a password that is on its way: heard also when nobody wants it any more, because a password of unknown fate must not go out again. No I/O.
import { onAbort } from '../abort.js';
import type { Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { CUT_LOGIN_MS } from '../limits.js';

/**
 * What `send` resolves to. When `signal` aborts it still has CUT_LOGIN_MS before `giveUp` does, with a TALK_ERR_TIMEOUT.
 * What is to be said to whoever aborted is the caller's business.
 */
export async function answerToLogin<T>(
  clock: Clock,
  send: (giveUp: AbortSignal) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const end = new AbortController();
  const late = (): void => end.abort(new TalkError('TALK_ERR_TIMEOUT', 'The camera has not answered the log-in'));
  const ignore = onAbort(signal, () => void clock.wait(CUT_LOGIN_MS, end.signal).then(late, () => undefined));
  try {
    return await send(end.signal);
  } finally {
    ignore();
    end.abort();
  }
}
