// The steps of a probe on the port of the HTTP talk: reach it, ask without a password which line it is of; log in and ask to talk, where that dialect was chosen.
import { randomUUID } from 'node:crypto';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import { TalkError, toTalkError } from '../errors.js';
import type { OpeningStage } from '../connection/handshake.js';
import { openHttpConnection } from '../connection/open.js';
import { streamQuestion, streamSigns, type StreamSigns } from '../httptalk/signs.js';
import { refuseStatus } from '../multitrans/replies.js';
import { streamAddress } from '../talk/open-http-talk.js';
import { Session } from '../talk/session.js';
import { StallWatch } from '../talk/stall-watch.js';
import { addressOf, failedTalking, type Finding, type ProbeName, type ProbeStep } from './report.js';
import type { ProbeKey } from './sentences.js';
import { PASSWORD_REFUSED, talkTerms, type Asking, type AskingTalk, type PasswordVerdict } from './talk-steps.js';

/** `reach` and `httpTalk`. False when there is no point in asking on. */
export async function askStream(camera: CameraOptions, { tell, ...asking }: Asking): Promise<boolean> {
  const at: { step: ProbeName } = { step: 'reach' };
  try {
    const { dialect, asks } = await look(camera, asking, () => {
      tell('reach', { outcome: 'ok', key: 'reach.ok', values: { address: addressOf(streamAddress(camera)) } });
      at.step = 'httpTalk';
    });
    if (!asks) tell('httpTalk', { outcome: 'ok', key: 'httpTalk.open' });
    else if (dialect !== camera.dialect) tell('httpTalk', wants(camera, dialect));
    else tell('httpTalk', { outcome: 'ok', key: dialect === 'tapo' ? 'httpTalk.asksTapo' : 'httpTalk.asksVigi' });
    return asking.signal?.aborted !== true;
  } catch (error) {
    tell(at.step, failedTalking(error, camera));
    return false;
  }
}

/** Tells `httpTalk` where a camera that was asked for MULTITRANS speaks the HTTP talk, and nothing otherwise. Sends no password. */
export async function recognise(
  camera: CameraOptions,
  steps: readonly ProbeStep[],
  { tell, clock, signal }: Asking,
): Promise<void> {
  if (signal?.aborted === true || !steps.some(mayBeAnotherTalk)) return;
  try {
    // Nobody watches: what is written down of a camera is of its RTSP port and its web port.
    const { dialect } = await look(camera, { clock, signal, onWire: undefined });
    tell('httpTalk', wants(camera, dialect));
  } catch {
    // It is none, or does not say.
  }
}

/** `login` and `talk`, up to the first that fails. */
export async function askHttpTalk(
  camera: CameraOptions,
  { clock, signal, tell, onWire, guard, talkInUse }: AskingTalk,
): Promise<PasswordVerdict> {
  const deps = { clock, guard, onWire, stallWatch: new StallWatch(clock), clientId: randomUUID() };
  const at: { step: ProbeName; asked: boolean; verdict: PasswordVerdict } = {
    step: 'login',
    asked: false,
    verdict: 'unknown',
  };
  const onStage = (stage: OpeningStage): void => {
    at.asked ||= stage === 'authenticating';
    if (stage !== 'opening') return;
    if (at.asked) at.verdict = 'accepted';
    tell('login', at.asked ? { outcome: 'ok', key: acceptedAs(guard.formOf(camera)) } : OPEN);
    at.step = 'talk';
  };
  try {
    const session = await Session.open(camera, deps, { signal, onStage });
    tell('talk', talkTerms(camera, session.granted));
    await session.close();
  } catch (error) {
    const { code } = toTalkError(error, 'TALK_ERR_PROTOCOL', 'The camera could not be asked');
    if (PASSWORD_REFUSED.includes(code)) at.verdict = 'refused';
    // A clip of our own began while we asked.
    if (code === 'TALK_ERR_BUSY' && talkInUse()) tell('talk', { outcome: 'skipped', key: 'talk.ourselves' });
    else tell(at.step, failedTalking(error, camera));
  }
  return at.verdict;
}

const OPEN: Finding = { outcome: 'warning', key: 'login.open' };

/** One question without log-in, on a connection of its own. Rejects where no camera of the HTTP talk answers. */
async function look(
  camera: CameraOptions,
  { clock, signal, onWire }: Omit<Asking, 'tell'>,
  onReached: () => void = () => undefined,
): Promise<StreamSigns> {
  const address = streamAddress(camera);
  const key = cameraKey(address);
  const connection = await openHttpConnection(address, { clock, onWire }, signal);
  try {
    onReached();
    const question = streamQuestion(address.host, address.port);
    const response = await connection.request(question, 'the first request', signal);
    const signs = streamSigns(response);
    if (signs !== undefined) return signs;
    if (response.status !== 200 && response.status !== 401) refuseStatus(response, key, 'HTTP');
    const why = `What answers at ${key} by HTTP ${response.status} is no camera of the HTTP talk; no password was sent`;
    throw new TalkError('TALK_ERR_PROTOCOL', why, { camera: key });
  } finally {
    connection.destroy();
  }
}

function wants({ streamPort }: CameraOptions, dialect: StreamSigns['dialect']): Finding {
  return { outcome: 'warning', key: `httpTalk.${dialect}`, settings: { dialect, streamPort } };
}

function acceptedAs(form: string | undefined): ProbeKey {
  if (form === 'md5' || form === 'sha256' || form === 'scrambled' || form === 'stored') return `login.${form}`;
  return 'login.ok';
}

/** Answers at the RTSP port that a camera of the HTTP talk may give: it knows no MULTITRANS, has RTSP switched off, or knows another password. */
function mayBeAnotherTalk({ name, outcome, code, values }: ProbeStep): boolean {
  if (outcome !== 'failed') return false;
  if (name === 'reach') return values['reason'] === 'ECONNREFUSED';
  if (name === 'login') return code === 'TALK_ERR_AUTH';
  const codes: (typeof code)[] = ['TALK_ERR_UNSUPPORTED', 'TALK_ERR_PROTOCOL', 'TALK_ERR_CLOSED', 'TALK_ERR_TIMEOUT'];
  return name === 'multitrans' && codes.includes(code);
}
