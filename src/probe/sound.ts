// The sound check of a camera whose settings are being tried: its progress, verdict and figures as steps. It measures nothing itself.
import type { CameraOptions, TalkMode } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { failed, reporter, type Finding, type ProbeName, type ProbeStep, type Tell } from './report.js';
import type { ProbeKey } from './sentences.js';

/** What the check is busy with, in its own words. */
type CheckStep = keyof typeof BUSY_WITH;

/** What a verdict holds that is told. */
export interface CheckVerdict {
  readonly verdict: 'heard' | 'not heard' | 'cannot tell';
  readonly reason: 'found' | 'wrong speed' | keyof typeof UNHEARD;
  readonly delayMs?: number;
  readonly levelDb?: number;
  readonly snrDb?: number;
  readonly clipping?: boolean;
  readonly speed?: 0.5 | 1 | 2;
  readonly suggestMode?: TalkMode;
}

/** What a sound check needs of the pool. */
export interface SoundChecker {
  checkSound(
    camera: CameraOptions,
    options: { readonly signal?: AbortSignal | undefined; readonly onStep: (step: CheckStep) => void },
  ): Promise<CheckVerdict>;
}

export interface SoundReportOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Called as each step is known. */
  readonly onStep?: ((step: ProbeStep) => void) | undefined;
}

/** What the check was busy with before it began the step. */
const DONE: Readonly<Record<Exclude<CheckStep, 'opening'>, readonly [name: ProbeName, key: ProbeKey]>> = {
  listening: ['stream', 'stream.ok'],
  playing: ['microphone', 'microphone.ok'],
  measuring: ['chirp', 'chirp.ok'],
};

/** What failed when a step was not ended. */
const BUSY_WITH = {
  opening: 'stream',
  listening: 'microphone',
  playing: 'chirp',
  measuring: 'sound',
} as const satisfies Readonly<Record<string, ProbeName>>;

const UNHEARD = {
  'nothing found': 'sound.nothing',
  unsure: 'sound.unsure',
  'too noisy': 'sound.noisy',
  'microphone silent': 'sound.silent',
  'recording too short': 'sound.short',
  'microphone muted by half_duplex': 'sound.muted',
  'loudspeaker cancelled by aec': 'sound.cancelled',
} as const satisfies Readonly<Record<string, ProbeKey>>;

/**
 * Resolves with the steps told; never rejects for what the camera does or for an abort.
 * Without a `checker` the camera may not be spoken to now.
 */
export async function reportSound(
  camera: CameraOptions,
  checker: SoundChecker | undefined,
  { clock, signal, onStep }: SoundReportOptions,
): Promise<ProbeStep[]> {
  const steps: ProbeStep[] = [];
  const tell = reporter(clock, (step) => {
    steps.push(step);
    onStep?.(step);
  });
  if (checker === undefined) {
    tell('sound', { outcome: 'skipped', key: 'talk.ourselves' });
    return steps;
  }
  let busyWith: CheckStep = 'opening';
  const begin = (step: CheckStep): void => {
    busyWith = step;
    if (step === 'opening') return;
    const [name, key] = DONE[step];
    tell(name, { outcome: 'ok', key });
  };
  try {
    tellVerdict(tell, camera, await checker.checkSound(camera, { signal, onStep: begin }));
  } catch (error) {
    tell(BUSY_WITH[busyWith], unheard(error, busyWith));
  }
  return steps;
}

function tellVerdict(tell: Tell, camera: CameraOptions, verdict: CheckVerdict): void {
  const { reason, delayMs = 0, speed, suggestMode } = verdict;
  if (reason === 'found' || reason === 'wrong speed') {
    tell('sound', { outcome: 'ok', key: 'sound.heard', values: { delayMs: Math.round(delayMs) } });
    tell('level', level(verdict, camera));
    if (speed === 2) tell('speed', { outcome: 'warning', key: 'speed.double' });
    else if (speed === 0.5) tell('speed', { outcome: 'warning', key: 'speed.half' });
    else tell('speed', { outcome: 'ok', key: 'speed.right' });
  } else {
    tell('sound', { outcome: verdict.verdict === 'not heard' ? 'failed' : 'warning', key: UNHEARD[reason] });
  }
  if (suggestMode === 'full_duplex') tell('mode', { outcome: 'warning', key: 'mode.full_duplex' });
}

function level({ levelDb = 0, snrDb = 0, clipping }: CheckVerdict, { mode }: CameraOptions): Finding {
  const values = { levelDb, snrDb };
  if (clipping === true) return { outcome: 'warning', key: 'level.clipping', values };
  // In the other modes the microphone hears too little to say how loud the loudspeaker is.
  if (mode !== 'full_duplex') return { outcome: 'ok', key: 'level.unsure', values: { ...values, mode } };
  return { outcome: 'ok', key: 'level.ok', values };
}

/** The sentences about talking do not fit a stream that carries no sound, or stops. */
function unheard(error: unknown, busyWith: CheckStep): Finding {
  const finding = failed(error);
  if (busyWith === 'playing' || busyWith === 'measuring') return finding;
  if (finding.code === 'TALK_ERR_UNSUPPORTED') return { ...finding, key: 'stream.unsupported' };
  if (finding.code === 'TALK_ERR_STALLED') return { ...finding, key: 'microphone.stalled' };
  return finding;
}
