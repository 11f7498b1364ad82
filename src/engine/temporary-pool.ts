// A pool for settings on trial, and its end. What is asked of it is not here.

export interface TemporaryPool {
  close(): Promise<void>;
  destroy(): Promise<void>;
}

/** Asks, lets what was accepted end unless the signal is aborted, and ends the pool whatever happens. */
export async function onTemporaryPool<P extends TemporaryPool, T>(
  pool: P,
  signal: AbortSignal | undefined,
  ask: (pool: P) => Promise<T>,
): Promise<T> {
  try {
    const answer = await ask(pool);
    if (signal?.aborted !== true) await pool.close();
    return answer;
  } finally {
    await pool.destroy();
  }
}
