// Joins a clip to a session: decoding and opening side by side, then the beat. One attempt; queueing and retries are the line's.
import type { Clip } from '../sound/clip.js';
import type { CameraOptions } from '../camera-options.js';
import { unlessAborted } from '../abort.js';
import type { KeptSession } from './kept-session.js';
import type { PlayReport } from './pacer.js';
import type { SessionState, TalkState } from './states.js';
import type { Member } from './unison.js';

/** How far a clip got, kept across attempts. */
export interface Progress {
  playedMs: number;
  sampleRate?: number;
  /** Whether the session of the latest attempt was open before. */
  reused: boolean;
}

export interface SpeakContext {
  readonly kept: KeptSession;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly onState: (state: TalkState) => void;
  readonly onSession: (state: SessionState) => void;
  /** Called when the camera has let us in; the first sound waits for the result, and the session is fed with silence meanwhile. */
  readonly gate: () => Promise<void> | undefined;
  /** This camera's part in an announcement on several. */
  readonly unison: Member | undefined;
}

/** Resolves with the figures when the last sample has had its time; rejects with the clip's or the session's error or the signal's reason. */
export async function speakClip(
  { camera, clip }: { camera: CameraOptions; clip: Clip },
  { kept, signal, progress, onState, onSession, gate, unison }: SpeakContext,
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
  onState: SpeakContext['onState'],
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
