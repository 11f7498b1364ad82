// The sound check for somebody who tries a camera's settings: told in steps as it goes on, its verdict and figures as steps. It measures nothing itself.
import type { CameraOptions } from '../camera-options.js';
import type { CheckStep, SoundChecker } from '../check/run.js';
import { remarks } from '../check/sentences.js';
import type { Clock } from '../clock.js';
import { lacksCameraAccount } from '../stream-access.js';
import { failed, failedTalking, reporter, type Finding, type ProbeName, type ProbeStep } from './report.js';
import type { ProbeKey } from './sentences.js';

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
const BUSY_WITH: Readonly<Record<CheckStep, ProbeName>> = {
  opening: 'stream',
  listening: 'microphone',
  playing: 'chirp',
  measuring: 'sound',
};

const TALKS: ReadonlySet<CheckStep> = new Set(['playing', 'measuring']);

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
    const judgement = await checker.checkSound(camera, { signal, onStep: begin });
    for (const { about, ...finding } of remarks(judgement, camera.mode)) tell(about, finding);
  } catch (error) {
    tell(BUSY_WITH[busyWith], unheard(error, camera, TALKS.has(busyWith)));
  }
  return steps;
}

/** How a microphone's silence is told (`listen/session.ts`); of a talk that stalls it is said that nothing was taken. */
const MICROPHONE_SILENT = /: none for \d+ s/;

/** The sentences about talking do not fit a stream, which wants another password of some cameras, or stops, be it while the camera `talks`. */
export function unheard(error: unknown, camera: CameraOptions, talks: boolean): Finding {
  if (talks) {
    const finding = failedTalking(error, camera);
    return fellSilent(finding) ? { ...finding, key: 'microphone.stopped' } : finding;
  }
  const isTapo = camera.dialect === 'tapo';
  const finding = isTapo ? failed(error) : failedTalking(error, { ...camera, dialect: 'auto' });
  if (isTapo && finding.code === 'TALK_ERR_AUTH') return { ...finding, key: 'stream.refused' };
  if (finding.code === 'TALK_ERR_ARGUMENT' && lacksCameraAccount(camera)) return { ...finding, key: 'stream.account' };
  if (finding.code === 'TALK_ERR_UNSUPPORTED') return { ...finding, key: 'stream.unsupported' };
  if (finding.code === 'TALK_ERR_STALLED') return { ...finding, key: 'microphone.stalled' };
  return finding;
}

function fellSilent({ code, detail = '' }: Finding): boolean {
  return code === 'TALK_ERR_STALLED' && MICROPHONE_SILENT.test(detail);
}
