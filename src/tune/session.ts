// One session of tuning: the train played from its first packet on, the session closed right behind, and what the ear heard of it.
import { unlessAborted } from '../abort.js';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import { HeardSounds } from '../check/heard.js';
import type { Clock } from '../clock.js';
import { TalkError, toTalkError } from '../errors.js';
import type { HeardSession } from '../listen/microphone.js';
import type { OnSound } from '../listen/receiver.js';
import { resampled } from '../sound/resample.js';
import { toS16 } from '../sound/s16.js';
import { s16Wav } from '../sound/wav-write.js';
import type { Speaker } from '../talk/speaker.js';
import type { SessionState, TalkReport } from '../talk/states.js';
import type { SessionKind, TrainReport } from './choose.js';
import { TRAIN_RATE, type Search } from './find.js';
import { hearTrain } from './heard.js';
import { TRAIN_SECONDS, trainSound } from './train.js';

export interface TuneDeps {
  readonly clock: Clock;
  /** Opens a camera's microphone; `heardAt` of its sound is on the clock. */
  readonly listen: (
    camera: CameraOptions,
    options: { readonly onSound: OnSound; readonly signal: AbortSignal },
  ) => Promise<Pick<HeardSession, 'stats' | 'ended' | 'close'>>;
  /** The pool. */
  readonly speaker: Speaker & {
    sessionState(camera: CameraOptions): SessionState;
    connect(camera: CameraOptions, signal?: AbortSignal): Promise<void>;
    disconnect(camera: CameraOptions): Promise<void>;
  };
  /** Of the talk codec, Hz. */
  readonly talkRate: (camera: CameraOptions) => number;
  /** Waits for a recording that somebody else makes of the run, and gives its samples at TRAIN_RATE; absent when nobody does. */
  readonly readRecording?: ((signal: AbortSignal) => Promise<Float32Array>) | undefined;
}

/** How late the sound is expected. */
export interface Expected {
  readonly latencyMs: number;
  /** Whether the last train was that late. */
  readonly near: boolean;
}

/** How much later or earlier than expected the train is looked for, ms: packets of 2048 bytes wait 256 ms to be full. */
const EARLIER_MS = 250;
const LATER_MS = 450;
/** Between the sessions the delay hardly changes, ms. */
const NEAR_MS = 60;
/** How long sound takes from the microphone to here: packets, network, decoder. */
const ARRIVAL_MS = 500;
/** Heard before the train too: where it cannot be. */
const BEFORE_MS = 400;
/** A packet that is so late may leave a gap of its own, ms. */
const MOST_LATENESS_MS = 60;
/** A session that is closed later than this after its last sound does not show what is lost, ms. */
const MOST_CLOSED_LATE_MS = 40;
/** Within this a session is closed that nobody goes on using, ms: its socket has 500 ms for that. */
const CLOSED_MS = 700;
/** A camera that frees its talk slot slowly is asked again so long, s. */
const RETRY_SECONDS = 15;
/** Without sound a loudspeaker may fall asleep (PROTOCOL.md P14); how soon is a guess, ms. */
const REST_MS = 12_000;
/** So long a session stays open behind the train that is to be heard to its end, ms: longer than any drain that is found. */
const OPEN_MS = 1_300;

/** One session in which the train was played. */
export interface SentTrain {
  /** When its first packet went out, ms on the clock. */
  readonly sentAt: number;
  /** What one packet played for. */
  readonly packetMs: number;
  readonly closedLateMs: number;
  /** Whether something came in between, so that what is heard proves nothing. */
  readonly disturbed: boolean;
}

/** Rejects with whatever talking rejects with, TALK_ERR_BUSY when another clip cut it, or the signal's reason. */
export async function sendTrain(
  camera: CameraOptions,
  kind: SessionKind,
  deps: TuneDeps,
  signal: AbortSignal,
): Promise<SentTrain> {
  const { clock, speaker, talkRate } = deps;
  const drainMs = kind === 'rested' ? OPEN_MS : 0;
  await unlessAborted(speaker.disconnect(camera), signal);
  if (kind === 'rested') await clock.wait(REST_MS, signal);
  const { sentAt, report } = await play({ ...camera, drainMs }, deps, signal);
  const closedLateMs = Math.max(0, clock.now() - sentAt - TRAIN_SECONDS * 1_000);
  await clock.wait(CLOSED_MS + drainMs, signal);
  return {
    sentAt,
    packetMs: (report.bytes / report.packets) * (1_000 / talkRate(camera)),
    closedLateMs,
    disturbed:
      report.session === 'reused' ||
      report.slips > 0 ||
      report.worstLatenessMs > MOST_LATENESS_MS ||
      closedLateMs > MOST_CLOSED_LATE_MS ||
      // Somebody else talks on in the same session, which was not closed behind the train.
      speaker.sessionState(camera) !== 'closed',
  };
}

/** The same by an ear that hears it at once. Rejects with what listening rejects with, too. */
export async function playTrain(
  camera: CameraOptions,
  kind: SessionKind,
  ear: CameraOptions,
  expected: Expected,
  deps: TuneDeps,
  signal: AbortSignal,
): Promise<TrainReport> {
  const { clock, listen } = deps;
  const heard = new HeardSounds();
  const microphone = await listen(ear, { signal, onSound: (sound) => heard.add(sound) });
  try {
    const deaf = AbortSignal.any([signal, microphone.ended]);
    await unlessAborted(heard.begun, deaf);
    const filledBefore = microphone.stats.filledMs;
    const { sentAt, packetMs, closedLateMs, disturbed } = await sendTrain(camera, kind, deps, deaf);
    const overAt = sentAt + expected.latencyMs + LATER_MS + TRAIN_SECONDS * 1_000;
    await clock.wait(overAt + ARRIVAL_MS - clock.now(), deaf);
    if (disturbed || microphone.stats.filledMs > filledBefore) return { heard: 'disturbed', kind };
    return { ...measured(heard.between(sentAt - BEFORE_MS, overAt), sentAt, expected, packetMs), closedLateMs, kind };
  } finally {
    await microphone.close();
  }
}

function measured(
  sound: ReturnType<HeardSounds['between']>,
  sentAt: number,
  { latencyMs, near }: Expected,
  packetMs: number,
): Pick<TrainReport, 'heard' | 'latencyMs'> {
  const samples = resampled(sound.samples, sound.sampleRate, TRAIN_RATE);
  const expectedAt = sentAt - sound.startedAt + latencyMs;
  const wide = { fromMs: expectedAt - EARLIER_MS, toMs: expectedAt + LATER_MS };
  const searches: Search[] = near ? [{ fromMs: expectedAt - NEAR_MS, toMs: expectedAt + NEAR_MS }, wide] : [wide];
  for (const search of searches) {
    const heard = hearTrain(samples, search, packetMs);
    if (heard === undefined) continue;
    if (heard === 'noisy') return { heard };
    return { heard, latencyMs: heard.startMs - (sentAt - sound.startedAt) };
  }
  return { heard: undefined };
}

/** When the first packet went out, ms on the clock, and how it went. */
async function play(
  camera: CameraOptions,
  { clock, speaker, talkRate }: TuneDeps,
  signal: AbortSignal,
): Promise<{ readonly sentAt: number; readonly report: TalkReport }> {
  let sentAt: number | undefined;
  const rate = talkRate(camera);
  const bytes = s16Wav(rate, toS16(trainSound(rate)));
  const bare = { ...camera, leadInMs: 0, idleMs: 0, quietMode: 'off' } as const;
  const [result] = await speaker.speak([bare], [{ kind: 'bytes', bytes }], {
    signal,
    retrySeconds: RETRY_SECONDS,
    onState: ({ name }) => {
      if (name === 'connecting') sentAt = undefined;
      if (name === 'talking') sentAt ??= clock.now();
    },
  });
  const key = cameraKey(camera);
  if (result?.status !== 'fulfilled') {
    throw toTalkError(result?.reason, 'TALK_ERR_PROTOCOL', `Nothing could be played on the camera at ${key}`, key);
  }
  if (result.value.outcome !== 'spoken' || sentAt === undefined) {
    const why = `Another clip cut the sound that tunes the camera at ${key}; tune it again`;
    throw new TalkError('TALK_ERR_BUSY', why, { camera: key });
  }
  return { sentAt, report: result.value.report };
}
