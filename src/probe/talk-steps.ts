// The steps of a probe on the RTSP port: reach it, ask for its methods, ask it to talk.
import { randomUUID } from 'node:crypto';
import type { CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { toTalkError, type TalkErrorCode } from '../errors.js';
import type { Granted } from '../granted.js';
import { multitransUri, optionsRequest } from '../multitrans/requests.js';
import type { PasswordGuard } from '../password/guard.js';
import { headerValue, parsePublic } from '../rtsp/headers.js';
import type { OpeningStage } from '../connection/handshake.js';
import { openConnection } from '../connection/open.js';
import { Session } from '../talk/session.js';
import { StallWatch } from '../talk/stall-watch.js';
import type { OnWire } from '../wire.js';
import { addressOf, failed, failedTalking, type Finding, type ProbeName, type Tell } from './report.js';

/** What the camera said about the password; `unknown` when it did not ask, or the probe ended before. */
export type PasswordVerdict = 'accepted' | 'refused' | 'unknown';

export interface Asking {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly tell: Tell;
  readonly onWire: OnWire | undefined;
}

export interface AskingTalk extends Asking {
  readonly guard: PasswordGuard;
  /** See `ProbeOptions`. */
  readonly talkInUse: () => boolean;
}

/** Answers that cannot come before a log-in. */
const AFTER_THE_LOGIN: readonly TalkErrorCode[] = ['TALK_ERR_BUSY', 'TALK_ERR_REFUSED', 'TALK_ERR_UNSUPPORTED'];
export const PASSWORD_REFUSED: readonly TalkErrorCode[] = ['TALK_ERR_AUTH', 'TALK_ERR_LOCKED'];
const DIGESTS: Readonly<Record<Granted['login'], string>> = {
  none: 'none',
  md5: 'Digest MD5',
  sha256: 'Digest SHA-256',
};

/** `reach` and `methods`. False when there is no point in asking on: without OPTIONS a camera may still talk, without a connection it cannot. */
export async function askMethods(camera: CameraOptions, { clock, signal, tell, onWire }: Asking): Promise<boolean> {
  let reached = false;
  try {
    const connection = await openConnection(camera, { clock, onWire }, signal);
    try {
      tell('reach', { outcome: 'ok', key: 'reach.ok', values: { address: addressOf(camera) } });
      reached = true;
      const request = optionsRequest(multitransUri(camera.host, camera.port), 0);
      const response = await connection.exchange(request, 'OPTIONS', signal);
      const listed = parsePublic(headerValue(response.headers, 'Public') ?? '').includes('MULTITRANS');
      tell('methods', listed ? { outcome: 'ok', key: 'methods.ok' } : { outcome: 'warning', key: 'methods.missing' });
    } finally {
      await connection.close();
    }
  } catch (error) {
    tell(reached ? 'methods' : 'reach', failed(error));
  }
  return reached && signal?.aborted !== true;
}

/** `multitrans`, `login` and `talk`, up to the first that fails. */
export async function askTalk(
  camera: CameraOptions,
  { clock, signal, tell, onWire, guard, talkInUse }: AskingTalk,
): Promise<PasswordVerdict> {
  const deps = { clock, guard, onWire, stallWatch: new StallWatch(clock), clientId: randomUUID() };
  const at: { step: ProbeName; verdict: PasswordVerdict } = { step: 'multitrans', verdict: 'unknown' };
  const takesTalk = (key: 'multitrans.challenge' | 'multitrans.open'): void => {
    tell('multitrans', { outcome: 'ok', key });
    at.step = 'login';
  };
  const takesPassword = (): void => {
    tell('login', { outcome: 'ok', key: 'login.ok' });
    Object.assign(at, { step: 'talk', verdict: 'accepted' });
  };
  const wantsNoPassword = (): void => {
    takesTalk('multitrans.open');
    tell('login', { outcome: 'warning', key: 'login.open' });
    at.step = 'talk';
  };
  const onStage = (stage: OpeningStage): void => {
    // A stale nonce makes the camera ask a second time.
    if (stage === 'authenticating' && at.step === 'multitrans') takesTalk('multitrans.challenge');
    if (stage === 'opening') (at.step === 'login' ? takesPassword : wantsNoPassword)();
  };
  try {
    const session = await Session.open(camera, deps, { signal, onStage });
    // In the two-message dialect one answer says several things.
    if (at.step === 'multitrans') wantsNoPassword();
    if (at.step === 'login') takesPassword();
    tell('talk', talkTerms(camera, session.granted));
    await session.close();
  } catch (error) {
    const { code } = toTalkError(error, 'TALK_ERR_PROTOCOL', 'The camera could not be asked');
    if (at.step === 'login' && AFTER_THE_LOGIN.includes(code)) takesPassword();
    if (PASSWORD_REFUSED.includes(code)) at.verdict = 'refused';
    const finding = failedTalking(error, camera);
    if (finding.key === 'login.none') takesTalk('multitrans.challenge');
    // A clip of our own began while we asked.
    if (code === 'TALK_ERR_BUSY' && talkInUse()) tell('talk', { outcome: 'skipped', key: 'talk.ourselves' });
    else tell(at.step, finding);
  }
  return at.verdict;
}

/** What a camera granted. */
export function talkTerms({ mode }: CameraOptions, { dialect, login, profile, busy }: Granted): Finding {
  if (busy !== undefined) return { outcome: 'warning', key: 'talk.busy', values: { reason: busy.replace(/,.*/, '') } };
  const { encoding, sampleRate, packetBytes } = profile;
  const codec = `${encoding === 'alaw' ? 'A-law' : 'µ-law'} ${sampleRate / 1_000} kHz`;
  return { outcome: 'ok', key: 'talk.ok', values: { dialect, mode, login: DIGESTS[login], codec, packetBytes } };
}
