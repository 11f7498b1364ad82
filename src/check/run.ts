// One sound check from beginning to end: listens, has the chirp played, measures and judges. Listener and speaker are given to it.
import { toS16 } from '../sound/s16.js';
import { s16Wav } from '../sound/wav-write.js';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import { unlessAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import { isTalkError, TalkError, toTalkError } from '../errors.js';
import { CHECK_TIMEOUT_MS } from '../limits.js';
import type { HeardSession } from '../listen/microphone.js';
import type { OnSound } from '../listen/receiver.js';
import type { Speaker } from '../talk/speaker.js';
import type { SessionState } from '../talk/states.js';
import { chirp } from './chirp.js';
import { HeardSounds } from './heard.js';
import { measureChirp } from './measure.js';
import { judge, mutedBy, type SoundVerdict } from './verdict.js';

/** What a check is busy with. */
export type CheckStep = 'opening' | 'listening' | 'playing' | 'measuring';

export interface CheckOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as each step begins; must not throw. */
  readonly onStep?: ((step: CheckStep) => void) | undefined;
}

/** What checks a camera’s sound, as those see it who have it done. */
export interface SoundChecker {
  /** Plays a chirp and finds it in the camera's own microphone. `stream1` unless told otherwise. */
  checkSound(
    camera: CameraOptions,
    options?: CheckOptions & { readonly stream?: string | undefined },
  ): Promise<SoundVerdict>;
}

export interface CheckDeps {
  readonly clock: Clock;
  /** Opens the microphone; `heardAt` of its sound is on the clock. */
  readonly listen: (options: {
    readonly onSound: OnSound;
    readonly signal: AbortSignal;
  }) => Promise<Pick<HeardSession, 'ended' | 'close'>>;
  /** The pool. `talking` is told with the first packet. */
  readonly speaker: Speaker & { sessionState(camera: CameraOptions): SessionState };
  /** Of the talk codec, Hz. */
  readonly talkRate: number;
}

/** The talk stays open so long after the chirp: one that is played late, or at half its speed, is not cut off. */
const TAIL_SECONDS = 2;
/** How long to listen after the chirp was sent: its delay, a chirp at half speed, and echoes. */
const HEARD_AFTER_MS = 3_000;
/** How much of the room's sound before the talk is measured too. */
const HEARD_BEFORE_MS = 500;
/** How long sound takes from the microphone to here: packets, network, decoder. */
const ARRIVAL_MS = 500;

/**
 * Whether the camera's own microphone hears its loudspeaker. A camera that plays nothing is a verdict; rejects with TALK_ERR_UNSUPPORTED when the stream
 * carries no sound, TALK_ERR_BUSY when the chirp was cut by another clip, TALK_ERR_TIMEOUT, whatever listening and speaking reject with, or the signal's reason.
 * Listening comes first, so that a wrong password is sent once.
 */
export async function checkSound(
  camera: CameraOptions,
  deps: CheckDeps,
  { signal, onStep = () => undefined }: CheckOptions = {},
): Promise<SoundVerdict> {
  const { clock } = deps;
  const late = new AbortController();
  const over = new AbortController();
  clock.wait(CHECK_TIMEOUT_MS, over.signal).then(
    () => late.abort(tooLong(camera)),
    () => undefined,
  );
  try {
    const given = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
    return await attempt(camera, deps, given, onStep);
  } finally {
    over.abort();
  }
}

async function attempt(
  camera: CameraOptions,
  deps: CheckDeps,
  signal: AbortSignal,
  onStep: (step: CheckStep) => void,
): Promise<SoundVerdict> {
  const { clock, listen, speaker } = deps;
  const heard = new HeardSounds();
  onStep('opening');
  const microphone = await listen({ signal, onSound: (sound) => heard.add(sound) });
  let talks = speaker.sessionState(camera) !== 'closed';
  try {
    const deaf = AbortSignal.any([signal, microphone.ended]);
    onStep('listening');
    // The stall watch of the stream bounds this.
    await unlessAborted(heard.begun, deaf);
    onStep('playing');
    talks = true;
    const sentAt = await playChirp(camera, deps, deaf);
    await clock.wait(sentAt + HEARD_AFTER_MS + ARRIVAL_MS - clock.now(), deaf);
    onStep('measuring');
    const { samples, sampleRate, startedAt } = heard.between(
      sentAt - camera.leadInMs - HEARD_BEFORE_MS,
      sentAt + HEARD_AFTER_MS,
    );
    return judge({
      measurement: measureChirp(samples, sampleRate),
      mode: camera.mode,
      dialect: camera.dialect,
      sentAtSeconds: (sentAt - startedAt) / 1_000,
    });
  } catch (error) {
    // Some cameras do not mute their microphone while they talk, they send nothing at all.
    const muted =
      talks && error === microphone.ended.reason && isStall(error) ? mutedBy(camera.mode, camera.dialect) : undefined;
    if (muted === undefined) throw error;
    return muted;
  } finally {
    await microphone.close();
  }
}

/**
 * When the chirp's first sample was due, ms on the clock. The lead-in is part of the clip, so the chirp keeps its distance from the first packet,
 * however late the packets after it are.
 */
async function playChirp(
  camera: CameraOptions,
  { clock, speaker, talkRate }: CheckDeps,
  signal: AbortSignal,
): Promise<number> {
  let startedAt: number | undefined;
  const bytes = chirpClip(talkRate, camera.leadInMs);
  const [result] = await speaker.speak([{ ...camera, leadInMs: 0, quietMode: 'off' }], [{ kind: 'bytes', bytes }], {
    signal,
    retries: 0,
    onState: ({ name }) => {
      if (name === 'talking') startedAt ??= clock.now();
    },
  });
  const key = cameraKey(camera);
  if (result?.status !== 'fulfilled') {
    throw toTalkError(
      result?.reason,
      'TALK_ERR_PROTOCOL',
      `The chirp could not be played on the camera at ${key}`,
      key,
    );
  }
  if (result.value.outcome !== 'spoken' || startedAt === undefined) {
    throw new TalkError('TALK_ERR_BUSY', `Another clip cut the chirp on the camera at ${key}; check again`, {
      camera: key,
    });
  }
  return startedAt + camera.leadInMs;
}

/** Silence, chirp, silence, as a WAV file. */
function chirpClip(sampleRate: number, leadInMs: number): Buffer {
  const sound = chirp(sampleRate);
  const at = Math.round((leadInMs * sampleRate) / 1_000);
  const samples = new Float32Array(at + sound.length + TAIL_SECONDS * sampleRate);
  samples.set(sound, at);
  return s16Wav(sampleRate, toS16(samples));
}

function isStall(error: unknown): boolean {
  return isTalkError(error) && error.code === 'TALK_ERR_STALLED';
}

function tooLong(camera: CameraOptions): TalkError {
  const key = cameraKey(camera);
  const why = `The sound check of the camera at ${key} took longer than ${CHECK_TIMEOUT_MS / 1_000} s`;
  return new TalkError('TALK_ERR_TIMEOUT', `${why}; is it saying something else?`, { camera: key });
}
