// Asks a camera step by step what it can do, so that a person sees where it ends. One attempt, one password each way, no sound. Which port is asked how, the steps know.
import { isHttpTalk, type CameraOptions } from '../camera-options.js';
import { monotonicClock, type Clock } from '../clock.js';
import { PasswordGuard } from '../password/guard.js';
import { lacksCameraAccount, streamAccess } from '../stream-access.js';
import type { OnWire } from '../wire.js';
import { askHttpTalk, askStream, recognise } from './http-talk-steps.js';
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
  const asking = { clock, signal, tell, onWire };
  const http = isHttpTalk(camera.dialect);
  let verdict: PasswordVerdict = 'unknown';
  const talkInUse = options.talkInUse ?? (() => false);
  const isThere = await (http ? askStream : askMethods)(camera, asking);
  if (isThere && talkInUse()) tell('talk', { outcome: 'skipped', key: 'talk.ourselves' });
  else if (isThere) verdict = await (http ? askHttpTalk : askTalk)(camera, { ...asking, guard, talkInUse });
  if (!http) await recognise(camera, steps, asking);
  if (!isThere) return steps;
  if (signal?.aborted === true) return steps;
  await askWeb(camera, { clock, guard, refused: verdict === 'refused', signal, tell, onWire });
  return steps;
}
