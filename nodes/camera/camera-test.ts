// The test buttons of the camera dialog: three admin routes that try values which nobody has deployed. What is asked of a camera is the engine's.
import type { NodeAPI } from 'node-red';
import {
  CAMERA_TEST_TIMEOUT_MS,
  MAX_CAMERA_TEST_BYTES,
  TalkError,
  cameraOptions,
  monotonicClock,
  toTalkError,
  type CameraOptions,
  type Clock,
  type Engine,
  type ProbeStep,
} from '../../src/index.js';
import { sharedEngine } from '../shared/engine.js';
import { testedCamera, type Untestable } from './tested-camera.js';

type Ask = (
  engine: Engine,
  camera: CameraOptions,
  onStep: (step: ProbeStep) => void,
  signal: AbortSignal,
) => Promise<unknown>;
type Route = ReturnType<NodeAPI['auth']['needsPermission']>;
type Request = Parameters<Route>[0];
type Response = Parameters<Route>[1];

const ROUTES: Readonly<Record<string, Ask>> = {
  '/tplink-camera/test': (engine, camera, onStep, signal) => engine.probe(camera, { signal, onStep }),
  '/tplink-camera/chime': async (engine, camera, onStep, signal) => onStep(await engine.chime(camera, { signal })),
  '/tplink-camera/check': (engine, camera, onStep, signal) => engine.soundReport(camera, { signal, onStep }),
};

/** Why nothing was asked: an HTTP status and a sentence, `tplink-camera.test.<key>` in the catalogues. */
interface Refusal {
  readonly status: number;
  readonly key: 'busy' | 'tooLarge' | 'invalid' | Untestable;
  readonly values?: Readonly<Record<string, string>>;
}

/** One at a time in this process: a test holds the talk channel of its camera and may cost a password. */
let running = false;

/** Once for each start of the runtime: routes outlive a redeploy. */
export function registerCameraTests(RED: NodeAPI, clock: Clock = monotonicClock): void {
  for (const [path, ask] of Object.entries(ROUTES)) {
    RED.httpAdmin.post(path, RED.auth.needsPermission('tplink-camera.write'), (request, response) => {
      void answer(RED, clock, ask, request, response);
    });
  }
}

/** A step on each line as soon as it is known, or a refusal. Never rejects. */
async function answer(RED: NodeAPI, clock: Clock, ask: Ask, request: Request, response: Response): Promise<void> {
  const camera = wanted(RED, request);
  if ('status' in camera) {
    const { status, ...refusal } = camera;
    response.status(status).json(refusal);
    return;
  }
  running = true;
  const abort = new AbortController();
  const ended = new AbortController();
  // The browser has gone, or everything was sent and the abort has no effect.
  response.once('close', () => abort.abort());
  response.on('error', () => abort.abort());
  clock.wait(CAMERA_TEST_TIMEOUT_MS, ended.signal).then(
    () => abort.abort(tooLong()),
    () => undefined,
  );
  // Caches must not keep it, and a proxy must not hold it back until it is whole.
  response.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
  response.status(200).type('application/x-ndjson').flushHeaders();
  const onStep = (step: ProbeStep): void => {
    if (!response.destroyed) response.write(`${JSON.stringify(step)}\n`);
  };
  try {
    await ask(sharedEngine(RED), camera, onStep, abort.signal);
  } catch (error) {
    RED.log.error(toTalkError(error, 'TALK_ERR_PROTOCOL', String(error)).message);
  } finally {
    ended.abort();
    running = false;
    response.end();
  }
}

function wanted(RED: NodeAPI, request: Request): CameraOptions | Refusal {
  if (running) return { status: 429, key: 'busy' };
  const body: unknown = request.body;
  if (Buffer.byteLength(JSON.stringify(body ?? '')) > MAX_CAMERA_TEST_BYTES) return { status: 413, key: 'tooLarge' };
  const fields = testedCamera(RED, body);
  if (typeof fields === 'string') return { status: 409, key: fields };
  try {
    return cameraOptions(fields);
  } catch (error) {
    // What was typed is in the dialog already.
    const reason = toTalkError(error, 'TALK_ERR_ARGUMENT', 'invalid').message.replace(/, not .*$/s, '');
    return { status: 400, key: 'invalid', values: { reason } };
  }
}

function tooLong(): TalkError {
  return new TalkError('TALK_ERR_TIMEOUT', `The test took longer than ${CAMERA_TEST_TIMEOUT_MS / 1_000} s`);
}
