// The pause of a clip between two of its rounds. Whether it may give way, and to whom, line.ts decides.
import type { Clock } from '../clock.js';
import { CONNECT_HOLD_MS } from '../limits.js';
import type { KeptSession } from './kept-session.js';
import type { PlacedJob } from './placed-job.js';

/**
 * Resolves when the next round begins; with false when `gap` aborts before. Rejects with the reason of the job's signal.
 * A session is kept through a short pause; during a long one others, the vendor's app for instance, may talk through the camera.
 */
export async function pauseIsOver(
  job: PlacedJob,
  clock: Clock,
  kept: KeptSession,
  gap?: AbortSignal,
): Promise<boolean> {
  const { camera, rounds, progress, unison } = job;
  const ms = Math.max(0, rounds.dueAt - clock.now());
  if (ms > Math.max(CONNECT_HOLD_MS, camera.idleMs)) kept.keepFor(camera.idleMs);
  if (ms > 0) job.onState({ name: 'pausing', secondsLeft: Math.ceil(ms / 1_000) });
  const signal = gap === undefined ? job.signal : AbortSignal.any([job.signal, gap]);
  try {
    await (unison?.pause(ms, signal) ?? clock.wait(ms, signal));
  } catch (error) {
    if (job.signal.aborted) throw error;
    return false;
  }
  rounds.begin();
  progress.failures = 0;
  return true;
}
