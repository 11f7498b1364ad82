// Asks a camera step by step what it can do, so that a person sees where it ends. One attempt, one password each way, no sound.
import type { CameraOptions } from '../camera-options.js';
import { monotonicClock, type Clock } from '../clock.js';
import { PasswordGuard } from '../password/guard.js';
import { lacksCameraAccount, streamAccess } from '../stream-access.js';
import type { OnWire } from '../wire.js';
import { failed, reporter, type ProbeStep } from './report.js';
import { askMethods, askTalk, type PasswordVerdict } from './talk-steps.js';
import { askWeb } from './web-steps.js';

export interface ProbeOptions {
  readonly clock?: Clock;
  /** Remembers refused passwords from one probe to the next, together with everything else that sends them. */
  readonly guard?: PasswordGuard;
  /** True while the caller itself holds the camera's talk channel, which is left alone then. */
  readonly talkInUse?: () => boolean;
  readonly signal?: AbortSignal | undefined;
  /** Called as each step is known. */
  readonly onStep?: ((step: ProbeStep) => void) | undefined;
  /** Is told what goes over the connections. */
  readonly onWire?: OnWire | undefined;
}

/** Never rejects for what the camera does or for an abort; the steps say it. The talk channel is released again. */
export async function probe(camera: CameraOptions, options: ProbeOptions = {}): Promise<ProbeStep[]> {
  const { signal, onWire, clock = monotonicClock, guard = new PasswordGuard(clock) } = options;
  const steps: ProbeStep[] = [];
  const tell = reporter(clock, (step) => {
    steps.push(step);
    options.onStep?.(step);
  });

  guard.testing(camera);
  if (!lacksCameraAccount(camera)) guard.testing(streamAccess(camera));
  try {
    guard.check('talk', camera);
  } catch (error) {
    tell('login', failed(error));
    return steps;
  }
  if (!(await askMethods(camera, { clock, signal, tell, onWire }))) return steps;
  let verdict: PasswordVerdict = 'unknown';
  const talkInUse = options.talkInUse ?? (() => false);
  if (talkInUse()) tell('talk', { outcome: 'skipped', key: 'talk.ourselves' });
  else verdict = await askTalk(camera, { clock, guard, signal, talkInUse, tell, onWire });
  if (signal?.aborted === true) return steps;
  await askWeb(camera, { clock, guard, refused: verdict === 'refused', signal, tell, onWire });
  return steps;
}
