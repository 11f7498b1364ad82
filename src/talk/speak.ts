// One attempt to say a clip on one camera, and its report: opens the session while the clip is prepared, then plays. Whose turn it is and whether it is tried again, line.ts decides.
import { unlessAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import { TalkError, toTalkError } from '../errors.js';
import { logger } from '../logger.js';
import type { Clip, ClipHold } from '../sound/clip.js';
import { softerCodes } from '../sound/softer.js';
import type { KeptSession } from './kept-session.js';
import { afterOutage, whileSaid } from './live-position.js';
import type { PlayReport } from './pacer.js';
import type { PlacedJob, Progress } from './placed-job.js';
import type { SessionState, TalkReport, TalkState } from './states.js';

const log = logger('speak');

/** A kept session that has died unnoticed ends within this time of the clip, ms: the first packets are answered with RST. */
const UNNOTICED_MS = 300;

export interface SpeakContext {
  /** `host:port`, for errors. */
  readonly key: string;
  readonly kept: KeptSession;
  readonly clock: Clock;
  readonly onSession: (state: SessionState) => void;
  /** Called when the session is open. The first sound waits for the result; the session is fed with silence meanwhile. */
  readonly gate: () => Promise<void> | undefined;
}

/**
 * One attempt. Resolves when the clip has been played to its end; rejects with what went wrong, which says how far the clip got, or with the
 * signal's reason.
 */
export async function speak(job: PlacedJob, context: SpeakContext): Promise<TalkReport> {
  const { key, clock } = context;
  const { camera, signal, unison, progress, preparation } = job;
  progress.turnAt ??= clock.now();
  for (;;) {
    progress.attempts += 1;
    try {
      const spoken = await attempt(job, context);
      return {
        camera: camera.name === '' ? camera.host : camera.name,
        host: camera.host,
        session: progress.reused ? 'reused' : 'new',
        seconds: rounded(spoken.seconds, 3),
        firstSoundMs: rounded(spoken.firstSoundAt - progress.turnAt, 1),
        queuedMs: rounded(progress.turnAt - job.arrivedAt, 1),
        packets: spoken.packets,
        bytes: spoken.bytes,
        worstLatenessMs: rounded(Math.max(0, spoken.worstLatenessMs), 1),
        slips: spoken.slips,
        attempts: progress.attempts,
        cached: preparation.cached,
        confirmed: spoken.confirmed,
        ...warningsOf([...preparation.warnings, ...spoken.warnings], progress),
        ...(progress.quietGainDb < 0 ? { quietGain: progress.quietGainDb } : {}),
      };
    } catch (error) {
      unison?.leave();
      signal.throwIfAborted();
      const failure = located(error, key, progress, job.clip);
      log('%s attempt %d failed with %s', key, progress.attempts, failure.code);
      // A kept session had died unnoticed: not a failure of this clip, so neither a pause nor one retry less.
      const unnoticed = progress.reused && progress.playedMs <= UNNOTICED_MS;
      if (!unnoticed || failure.code !== 'TALK_ERR_CLOSED') throw failure;
    }
  }
}

/** Resolves with the figures when the clip has been played to its end; rejects with the clip's or the session's error or the signal's reason. */
async function attempt(
  { camera, clip, hold, signal, onState, unison, progress }: PlacedJob,
  { kept, clock, onSession, gate }: SpeakContext,
): Promise<PlayReport & { seconds: number; confirmed: boolean; warnings: readonly string[] }> {
  if (!clip.live) progress.playedMs = 0;
  progress.reused = false;
  if (clip.available === 0) onState({ name: 'decoding' });
  // A clip that cannot be decoded ends the opening, so that the loudspeaker is not switched on for nothing.
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
    // Said for a kept session too, which needs no start time: the other cameras wait for it.
    void unison?.opened();
    await gate();
    return live;
  });
  const [live] = await unlessAborted(Promise.all([opened, firstBytes]), signal);
  const { sampleRate, encoding } = live.session.profile;
  progress.sampleRate = sampleRate;
  const bytesPerMs = sampleRate / 1_000;
  const leaveOut = (from: number, to: number): number => {
    progress.leftOutMs += (to - from) / bytesPerMs;
    return to;
  };
  const brokeOffAt = Math.round(progress.playedMs * bytesPerMs);
  const next = progress.failures > 0 ? afterOutage : whileSaid;
  const fromByte = clip.live ? leaveOut(brokeOffAt, next(clip, brokeOffAt, bytesPerMs, clock.now())) : 0;
  onSession('talking');
  const { pacer, session } = live;
  const { leadInMs } = camera;
  const agreed = unison?.agree(() => pacer.earliestSound(leadInMs));
  const soundAt = agreed && (await unlessAborted(agreed, AbortSignal.any([signal, session.ended])));
  const report = await pacer.play(clip, {
    leadInMs,
    soundAt,
    fromByte,
    codes: progress.quietGainDb < 0 ? softerCodes(encoding, progress.quietGainDb) : undefined,
    goesOnAt: clip.bridge ? (byte) => leaveOut(byte, whileSaid(clip, byte, bytesPerMs, clock.now())) : undefined,
    signal,
    onProgress: countDown(clip, sampleRate, progress, onState, hold),
  });
  // Written is not heard: a camera that hangs or has lost power takes nothing any more.
  const confirmed = await session.taken(report.sentBytes, signal);
  const seconds = clip.available / sampleRate - progress.leftOutMs / 1_000;
  const { busy } = session.granted;
  const warnings =
    busy === undefined ? [] : [`The camera said that it is in use (${busy}) and was spoken to all the same`];
  return { ...report, confirmed, seconds, warnings };
}

/** Tells the seconds left whenever they change. */
function countDown(
  clip: Clip,
  sampleRate: number,
  progress: Progress,
  onState: (state: TalkState) => void,
  hold: ClipHold | undefined,
): (playedMs: number) => void {
  let told: number | undefined;
  let talking = false;
  return (playedMs) => {
    progress.playedMs = playedMs;
    hold?.passed(Math.round((playedMs * sampleRate) / 1_000));
    // At least 1: the packet just sent is still to be heard.
    const secondsLeft = clip.ended ? Math.max(1, Math.ceil(clip.available / sampleRate - playedMs / 1_000)) : undefined;
    if (talking && secondsLeft === told) return;
    talking = true;
    told = secondsLeft;
    onState(secondsLeft === undefined ? { name: 'talking' } : { name: 'talking', secondsLeft });
  };
}

/** The failure; its text says how far the clip got when the camera ended it. */
function located(error: unknown, key: string, progress: Progress, clip: Clip): TalkError {
  const failure = toTalkError(error, 'TALK_ERR_PROTOCOL', `Talking to the camera at ${key} failed`, key);
  if (failure.code !== 'TALK_ERR_CLOSED' && failure.code !== 'TALK_ERR_STALLED') return failure;
  const played = (progress.playedMs / 1_000).toFixed(1);
  const total =
    clip.ended && progress.sampleRate !== undefined ? ` of ${(clip.available / progress.sampleRate).toFixed(1)} s` : '';
  const where = progress.playedMs === 0 ? 'before the first sound' : `after ${played} s${total}`;
  return new TalkError(failure.code, `${failure.message}, ${where}`, { camera: key, cause: failure.cause });
}

function warningsOf(warnings: readonly string[], { leftOutMs }: Progress): Pick<TalkReport, 'warnings'> {
  const leftOut = `${(leftOutMs / 1_000).toFixed(1)} s of the live sound were too old to be said and were left out`;
  const all = leftOutMs > 0 ? [...warnings, leftOut] : [...warnings];
  return all.length === 0 ? {} : { warnings: all };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
