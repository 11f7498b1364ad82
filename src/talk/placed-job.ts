// A clip on the line: who may still end it, how far its attempts got, and how it settles.
import { toTalkError } from '../errors.js';
import { swallowing } from '../logger.js';
import type { ClipJob } from './clip-job.js';
import { isKeptBack, quietGainDb } from './quiet-hours.js';
import { Rounds } from './rounds.js';
import type { CutReason, TalkOutcome, TalkReport } from './states.js';

/** How far a clip got, over all attempts. */
export interface Progress {
  /** Starts, those on a session that had died unnoticed included. */
  attempts: number;
  /** Attempts that failed. */
  failures: number;
  /** When its turn came first, ms on the clock. */
  turnAt?: number;
  /** How far into the clip it got, ms. */
  playedMs: number;
  /** Live sound that was too old when it could have been said, ms. */
  leftOutMs: number;
  /** Whether the session of the latest attempt was open before. */
  reused: boolean;
  sampleRate?: number;
  /** How much softer the latest attempt is because of quiet hours, dB. */
  quietGainDb: number;
}

/** A job on the line. Its promise settles once. */
export interface PlacedJob extends ClipJob {
  readonly signal: AbortSignal;
  /** Aborts when the clip is cut, withdrawn or over. */
  readonly controller: AbortController;
  /** When the clip came, ms on the clock. */
  readonly arrivedAt: number;
  /** The line's time away when the clip came, or its round began, ms. */
  awayMsBefore: number;
  readonly rounds: Rounds;
  /** When its next round may begin, ms on the clock. */
  readonly dueAt: number;
  readonly progress: Progress;
  readonly settle: (outcome: TalkOutcome) => void;
  readonly fail: (error: Error) => void;
}

interface Placing extends Pick<PlacedJob, 'settle' | 'fail'> {
  /** ms on the clock. */
  readonly now: number;
  /** The line's time away, ms. */
  readonly awayMs: number;
}

/** A job that comes to the line now. */
export function placedJob(job: ClipJob, { now, awayMs, settle, fail }: Placing): PlacedJob {
  const controller = new AbortController();
  const rounds = new Rounds(job.repeat);
  return {
    ...job,
    onState: swallowing((state) => job.onState(rounds.mark(state))),
    signal: controller.signal,
    controller,
    arrivedAt: now,
    awayMsBefore: awayMs,
    rounds,
    get dueAt() {
      return rounds.dueAt;
    },
    progress: { attempts: 0, failures: 0, playedMs: 0, leftOutMs: 0, reused: false, quietGainDb: 0 },
    settle,
    fail,
  };
}

/** The reason with which a job aborts when its clip is cut rather than failed. */
export class Cut extends Error {
  constructor(readonly by: CutReason) {
    super(by);
  }
}

/** The same when quiet hours keep it back. */
class KeptBack extends Error {}

/** Has the next attempt be as loud as the camera's quiet hours allow; aborts the job, and throws, when they keep it back. */
export function heedQuietHours(job: PlacedJob, time: Date): void {
  job.progress.quietGainDb = quietGainDb(job.camera, job.priority, time);
  if (isKeptBack(job, time)) job.controller.abort(new KeptBack());
  job.signal.throwIfAborted();
}

/** Settles a job that was aborted, as cut, as kept back or as failed; as said when it was said to its end before and somebody, or quiet hours, ended its repeating. */
export function settleAborted(job: PlacedJob, reason: Error): void {
  const { report, said } = job.rounds;
  const ends = reason instanceof KeptBack || (reason instanceof Cut && (reason.by === 'stop' || reason.by === 'skip'));
  if (ends && report !== undefined) {
    settleSpoken(job, report);
    return;
  }
  job.controller.abort(reason);
  job.onState({ name: reason instanceof KeptBack ? 'quiet' : 'stopped' });
  if (reason instanceof KeptBack) job.settle({ outcome: 'quiet' });
  else if (reason instanceof Cut)
    job.settle({ outcome: 'cut', by: reason.by, ...(said === 0 ? {} : { rounds: said }) });
  else job.fail(reason);
}

/** Settles a job that was said. */
export function settleSpoken(job: PlacedJob, report: TalkReport): void {
  job.onState({ name: 'finished' });
  job.settle({ outcome: 'spoken', report });
  // Takes the line's listener off the caller's signal.
  job.controller.abort();
}

/** Settles a job that cannot be said. @param key `host:port` of the camera */
export function settleFailed(job: PlacedJob, error: unknown, key: string): void {
  const failure = toTalkError(error, 'TALK_ERR_PROTOCOL', `Talking to the camera at ${key} failed`, key);
  job.onState({ name: 'failed', code: failure.code });
  job.fail(failure);
  job.controller.abort();
}
