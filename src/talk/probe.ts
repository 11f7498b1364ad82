// Asks a camera step by step what it can do, so that a person sees where it ends. One attempt, one password, no sound.
import { randomUUID } from 'node:crypto';
import { cameraKey, type CameraOptions } from '../camera.js';
import { monotonicClock, type Clock } from '../clock.js';
import { toTalkError, type TalkErrorCode } from '../errors.js';
import { multitransUri, optionsRequest } from '../multitrans/requests.js';
import { PasswordGuard } from '../password-guard.js';
import { headerValue, parsePublic } from '../rtsp/headers.js';
import { connectTcp } from './connect.js';
import { RtspConnection } from './rtsp-connection.js';
import { Session, type OpeningStage } from './session.js';
import { StallWatch } from './stall-watch.js';

/** In this order: TCP, `OPTIONS`, the first MULTITRANS, the log-in, the talk request. */
export type ProbeName = 'reach' | 'methods' | 'multitrans' | 'login' | 'talk';

export interface ProbeStep {
  readonly name: ProbeName;
  readonly outcome: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly ms: number;
  /** One English sentence; never holds a secret. */
  readonly text: string;
  readonly code?: TalkErrorCode;
}

export interface ProbeOptions {
  readonly clock?: Clock;
  readonly guard?: PasswordGuard;
  readonly signal?: AbortSignal | undefined;
  /** Called as each step is known. */
  readonly onStep?: ((step: ProbeStep) => void) | undefined;
}

/** Never rejects for what the camera does; the steps say it. The talk channel is released again. */
export async function probe(camera: CameraOptions, options: ProbeOptions = {}): Promise<ProbeStep[]> {
  const clock = options.clock ?? monotonicClock;
  const steps: ProbeStep[] = [];
  let since = clock.now();
  const tell = (name: ProbeName, outcome: ProbeStep['outcome'], text: string, code?: TalkErrorCode): void => {
    const step = { name, outcome, ms: Math.round(clock.now() - since), text, ...(code === undefined ? {} : { code }) };
    since = clock.now();
    steps.push(step);
    options.onStep?.(step);
  };
  const fail = (name: ProbeName, error: unknown): void => {
    const failure = toTalkError(error, 'TALK_ERR_PROTOCOL', 'The camera could not be asked');
    tell(name, 'failed', failure.message, failure.code);
  };

  try {
    await probeMethods(camera, clock, options.signal, tell);
  } catch (error) {
    fail(steps.length === 0 ? 'reach' : 'methods', error);
    // Without OPTIONS a camera may still talk; without a connection it cannot.
    if (steps.length === 1) return steps;
  }
  await probeTalk(camera, { ...options, clock }, tell, fail);
  return steps;
}

type Tell = (name: ProbeName, outcome: ProbeStep['outcome'], text: string) => void;

async function probeMethods(
  camera: CameraOptions,
  clock: Clock,
  signal: AbortSignal | undefined,
  tell: Tell,
): Promise<void> {
  const socket = await connectTcp(camera, clock, signal);
  const connection = new RtspConnection(socket, { camera: cameraKey(camera), clock });
  try {
    tell('reach', 'ok', `Something answers at ${cameraKey(camera)}`);
    const request = optionsRequest(multitransUri(camera.host, camera.port), 0);
    const response = await connection.exchange(request, 'OPTIONS', signal);
    const methods = parsePublic(headerValue(response.headers, 'Public') ?? '');
    if (methods.includes('MULTITRANS')) tell('methods', 'ok', 'It lists the talk method MULTITRANS');
    else tell('methods', 'warning', 'It does not list the talk method MULTITRANS; some firmware may talk all the same');
  } finally {
    await connection.close();
  }
}

async function probeTalk(
  camera: CameraOptions,
  options: ProbeOptions & { clock: Clock },
  tell: Tell,
  fail: (name: ProbeName, error: unknown) => void,
): Promise<void> {
  const { clock, signal } = options;
  const under: { step: ProbeName } = { step: 'multitrans' };
  let challenged = false;
  const onStage = (stage: OpeningStage): void => {
    if (stage === 'authenticating' && !challenged) {
      challenged = true;
      tell('multitrans', 'ok', 'It answers the talk request and asks for a log-in');
      under.step = 'login';
    } else if (stage === 'opening') {
      if (challenged) tell('login', 'ok', 'It accepted the user name and password');
      else {
        tell('multitrans', 'ok', 'It answers the talk request');
        tell('login', 'warning', 'It lets anybody on the network talk without a password');
      }
      under.step = 'talk';
    }
  };
  try {
    const deps = {
      clock,
      guard: options.guard ?? new PasswordGuard(clock),
      stallWatch: new StallWatch(clock),
      clientId: randomUUID(),
    };
    const session = await Session.open(camera, deps, { signal, onStage });
    const { dialect, login, profile } = session.granted;
    // In the two-message dialect one answer says both.
    if (under.step === 'login') tell('login', 'ok', 'It accepted the user name and password');
    const audio = `${profile.encoding === 'alaw' ? 'A-law' : 'µ-law'} ${profile.sampleRate / 1_000} kHz, ${profile.packetBytes} bytes a packet`;
    tell('talk', 'ok', `Talk granted: dialect ${dialect}, mode ${camera.mode}, log-in ${login}, ${audio}`);
    await session.close();
  } catch (error) {
    fail(under.step, error);
  }
}
