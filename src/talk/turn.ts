// One clip's turn on one camera: attempts, pauses between them, and the report. Whose turn it is is the line's business.
import type { Clip } from '../sound/clip.js';
import type { CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { TalkError, toTalkError } from '../errors.js';
import { RETRY_DELAYS_MS } from '../limits.js';
import { logger } from '../logger.js';
import type { KeptSession } from './kept-session.js';
import { speakClip, type Progress } from './speak.js';
import type { SessionState, TalkReport, TalkState } from './states.js';
import type { Member } from './unison.js';

const log = logger('turn');

/** A session that died while it was kept breaks with the first packets: the answer to them is a reset. */
const UNNOTICED_MS = 300;

export interface Turn {
  readonly camera: CameraOptions;
  readonly clip: Clip;
  /** When the clip came, ms on the clock. */
  readonly arrivedAt: number;
  readonly signal: AbortSignal;
  /** How often it is started again after a retryable failure. */
  readonly retries: number;
  /** Whether the clip came from the cache; asked when it has been said. */
  readonly cached: () => boolean;
  /** This camera's part in an announcement on several. */
  readonly unison?: Member | undefined;
  readonly onState: (state: TalkState) => void;
}

export interface TurnContext {
  /** `host:port`, for errors. */
  readonly key: string;
  readonly kept: KeptSession;
  readonly clock: Clock;
  readonly onSession: (state: SessionState) => void;
  /** Called when the camera has let us in; the first sound waits for the result. */
  readonly gate: () => Promise<void> | undefined;
}

/** Rejects with the first failure that is not retryable or one too many, or with the signal's reason. */
export async function takeTurn(turn: Turn, context: TurnContext): Promise<TalkReport> {
  const { key, kept, clock, gate, onSession } = context;
  const { camera, clip, signal, retries, onState } = turn;
  const turnAt = clock.now();
  const progress: Progress = { playedMs: 0, reused: false };
  for (let attempts = 1, failures = 0; ; attempts++) {
    try {
      const spoken = await speakClip(turn, {
        kept,
        signal,
        progress,
        onState,
        onSession,
        gate,
        unison: turn.unison,
      });
      return {
        camera: camera.name === '' ? camera.host : camera.name,
        host: camera.host,
        session: progress.reused ? 'reused' : 'new',
        seconds: rounded(spoken.seconds, 3),
        firstSoundMs: rounded(spoken.firstSoundAt - turnAt, 1),
        queuedMs: rounded(turnAt - turn.arrivedAt, 1),
        packets: spoken.packets,
        bytes: spoken.bytes,
        worstLatenessMs: rounded(Math.max(0, spoken.worstLatenessMs), 1),
        slips: spoken.slips,
        attempts,
        cached: turn.cached(),
      };
    } catch (error) {
      turn.unison?.leave();
      signal.throwIfAborted();
      const failure = located(error, key, progress, clip);
      // A kept session may have died unnoticed; that is no failure of this clip.
      const unnoticed = progress.reused && progress.playedMs <= UNNOTICED_MS;
      if (unnoticed && failure.code === 'TALK_ERR_CLOSED') continue;
      failures += 1;
      if (!failure.retryable || failures > retries) throw failure;
      log('%s attempt %d failed with %s', key, attempts, failure.code);
      onState({ name: 'retrying', code: failure.code });
      await clock.wait(RETRY_DELAYS_MS[Math.min(failures, RETRY_DELAYS_MS.length) - 1] ?? 0, signal);
    }
  }
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
