// One clip said on one camera: attempts, pauses between them, the report. An attempt joins clip and session: decoding beside opening, then the beat. Whose turn it is is the line's.
import { unlessAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import { TalkError, toTalkError } from '../errors.js';
import { RETRY_DELAYS_MS } from '../limits.js';
import { logger } from '../logger.js';
import type { Clip } from '../sound/clip.js';
import type { ClipJob } from './clip-job.js';
import type { KeptSession } from './kept-session.js';
import type { PlayReport } from './pacer.js';
import type { SessionState, TalkReport, TalkState } from './states.js';

const log = logger('speak');

/** A session that died while it was kept breaks with the first packets: the answer to them is a reset. */
const UNNOTICED_MS = 300;

/** A job whose turn has come. */
export interface TakenJob extends ClipJob {
  readonly signal: AbortSignal;
  /** When the clip came, ms on the clock. */
  readonly arrivedAt: number;
}

export interface SpeakContext {
  /** `host:port`, for errors. */
  readonly key: string;
  readonly kept: KeptSession;
  readonly clock: Clock;
  readonly onSession: (state: SessionState) => void;
  /** Called once the camera has accepted the log-in. The first sound waits for the result; the session is fed with silence meanwhile. */
  readonly gate: () => Promise<void> | undefined;
}

/** How far a clip got, kept across attempts. */
interface Progress {
  playedMs: number;
  sampleRate?: number;
  /** Whether the session of the latest attempt was open before. */
  reused: boolean;
}

/**
 * Resolves when the last sample has had its time at the camera.
 * Rejects with the first failure that is not retryable or one too many, or with the signal's reason.
 */
export async function speak(job: TakenJob, context: SpeakContext): Promise<TalkReport> {
  const { key, clock } = context;
  const { camera, signal, unison } = job;
  const turnAt = clock.now();
  const progress: Progress = { playedMs: 0, reused: false };
  for (let attempts = 1, failures = 0; ; attempts++) {
    try {
      const spoken = await attempt(job, context, progress);
      return {
        camera: camera.name === '' ? camera.host : camera.name,
        host: camera.host,
        session: progress.reused ? 'reused' : 'new',
        seconds: rounded(spoken.seconds, 3),
        firstSoundMs: rounded(spoken.firstSoundAt - turnAt, 1),
        queuedMs: rounded(turnAt - job.arrivedAt, 1),
        packets: spoken.packets,
        bytes: spoken.bytes,
        worstLatenessMs: rounded(Math.max(0, spoken.worstLatenessMs), 1),
        slips: spoken.slips,
        attempts,
        cached: job.cached(),
      };
    } catch (error) {
      unison?.leave();
      signal.throwIfAborted();
      const failure = located(error, key, progress, job.clip);
      // A kept session may have died unnoticed; that is no failure of this clip.
      const unnoticed = progress.reused && progress.playedMs <= UNNOTICED_MS;
      if (unnoticed && failure.code === 'TALK_ERR_CLOSED') continue;
      failures += 1;
      if (!failure.retryable || failures > job.retries) throw failure;
      log('%s attempt %d failed with %s', key, attempts, failure.code);
      job.onState({ name: 'retrying', code: failure.code });
      await clock.wait(RETRY_DELAYS_MS[Math.min(failures, RETRY_DELAYS_MS.length) - 1] ?? 0, signal);
    }
  }
}

/** Resolves with the figures when the last sample has had its time; rejects with the clip's or the session's error or the signal's reason. */
async function attempt(
  { camera, clip, signal, onState, unison }: TakenJob,
  { kept, onSession, gate }: SpeakContext,
  progress: Progress,
): Promise<PlayReport & { seconds: number }> {
  if (!clip.live) progress.playedMs = 0;
  progress.reused = false;
  if (clip.available === 0) onState({ name: 'decoding' });
  // A clip that cannot be decoded ends the opening at once: the camera need not click for nothing.
  const undecodable = new AbortController();
  const firstBytes = clip.ready(1, signal).catch((error: unknown) => {
    undecodable.abort(error);
    throw error;
  });
  const opening = kept.open(camera, {
    signal: AbortSignal.any([signal, undecodable.signal]),
    onStage: (stage) => onState({ name: stage }),
    startAt: unison?.opened,
  });
  const opened = opening.then(async ({ live, reused }) => {
    progress.reused = reused;
    // A kept session has its timeline and is ready as well.
    void unison?.opened();
    await gate();
    return live;
  });
  const [live] = await unlessAborted(Promise.all([opened, firstBytes]), signal);
  const { sampleRate } = live.session.profile;
  // What a live clip said before the connection broke is not said again; any other clip starts from its beginning.
  const fromByte = clip.live ? Math.round((progress.playedMs * sampleRate) / 1_000) : 0;
  progress.sampleRate = sampleRate;
  onSession('talking');
  const { pacer, session } = live;
  const { leadInMs } = camera;
  const agreed = unison?.agree(() => pacer.earliestSound(leadInMs));
  const soundAt = agreed && (await unlessAborted(agreed, AbortSignal.any([signal, session.ended])));
  const report = await pacer.play(clip, {
    leadInMs,
    soundAt,
    fromByte,
    signal,
    onProgress: countDown(clip, sampleRate, progress, onState),
  });
  return { ...report, seconds: clip.available / sampleRate };
}

/** Tells the seconds left whenever they change. */
function countDown(
  clip: Clip,
  sampleRate: number,
  progress: Progress,
  onState: (state: TalkState) => void,
): (playedMs: number) => void {
  let told: number | undefined;
  let talking = false;
  return (playedMs) => {
    progress.playedMs = playedMs;
    // The packet just sent still has to be heard: never 0 while talking.
    const secondsLeft = clip.ended ? Math.max(1, Math.ceil(clip.available / sampleRate - playedMs / 1_000)) : undefined;
    if (talking && secondsLeft === told) return;
    talking = true;
    told = secondsLeft;
    onState(secondsLeft === undefined ? { name: 'talking' } : { name: 'talking', secondsLeft });
  };
}

/** The failure, saying how far the clip got when the camera ended it. */
function located(error: unknown, key: string, progress: Progress, clip: Clip): TalkError {
  const failure = toTalkError(error, 'TALK_ERR_PROTOCOL', `Talking to the camera at ${key} failed`, key);
  if (failure.code !== 'TALK_ERR_CLOSED' && failure.code !== 'TALK_ERR_STALLED') return failure;
  const played = (progress.playedMs / 1_000).toFixed(1);
  const total =
    clip.ended && progress.sampleRate !== undefined ? ` of ${(clip.available / progress.sampleRate).toFixed(1)} s` : '';
  const where = progress.playedMs === 0 ? 'before the first sound' : `after ${played} s${total}`;
  return new TalkError(failure.code, `${failure.message}, ${where}`, { camera: key, cause: failure.cause });
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
