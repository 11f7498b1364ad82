// The admin routes of test buttons: one at a time in this process, answered step by step. What is asked is the route's own.
import type { NodeAPI } from 'node-red';
import {
  CAMERA_TEST_TIMEOUT_MS,
  MAX_CAMERA_TEST_BYTES,
  TalkError,
  monotonicClock,
  toTalkError,
  type Clock,
} from '../../src/index.js';
import type { Untestable } from './dialog-fields.js';

type Route = ReturnType<NodeAPI['auth']['needsPermission']>;
type Request = Parameters<Route>[0];
type Response = Parameters<Route>[1];

/** Why nothing was asked: an HTTP status and a sentence, `<type>.test.<key>` in the catalogues. */
export interface Refusal {
  readonly status: number;
  readonly key: 'busy' | 'tooLarge' | 'invalid' | Untestable | 'notDeployed' | 'voiceNotDeployed' | 'nothingToTry';
  readonly values?: Readonly<Record<string, string>>;
}

/** Of one press. */
interface Limits {
  readonly clock?: Clock | undefined;
  readonly timeoutMs?: number;
}

/** What a button does: tells its steps, each plain data. */
export type Report = (onStep: (step: object) => void, signal: AbortSignal) => Promise<unknown>;

/** One at a time in this process: a test holds the talk channel of its camera and may cost a password. */
let running = false;

/**
 * Once for each start of the runtime: routes outlive a redeploy.
 * @param permission of the user who asks
 * @param wanted reads the request's body: what is to be reported, or why not
 */
export function registerReport(
  RED: NodeAPI,
  path: string,
  permission: string,
  wanted: (body: unknown) => Report | Refusal,
  limits: Limits = {},
): void {
  RED.httpAdmin.post(path, RED.auth.needsPermission(permission), (request, response) => {
    void answer(RED, limits, accepted(request, wanted), response);
  });
}

function accepted({ body }: Request, wanted: (body: unknown) => Report | Refusal): Report | Refusal {
  if (running) return { status: 429, key: 'busy' };
  if (Buffer.byteLength(JSON.stringify(body ?? '')) > MAX_CAMERA_TEST_BYTES) return { status: 413, key: 'tooLarge' };
  try {
    return wanted(body);
  } catch (error) {
    // What was typed is in the dialog already.
    const reason = toTalkError(error, 'TALK_ERR_ARGUMENT', 'invalid').message.replace(/, not .*$/s, '');
    return { status: 400, key: 'invalid', values: { reason } };
  }
}

/** A step on each line as soon as it is known, or a refusal. Never rejects. */
async function answer(
  RED: NodeAPI,
  { clock = monotonicClock, timeoutMs = CAMERA_TEST_TIMEOUT_MS }: Limits,
  report: Report | Refusal,
  response: Response,
): Promise<void> {
  if (typeof report !== 'function') {
    const { status, ...refusal } = report;
    response.status(status).json(refusal);
    return;
  }
  running = true;
  const abort = new AbortController();
  const ended = new AbortController();
  // The browser has gone, or everything was sent and the abort has no effect.
  response.once('close', () => abort.abort());
  response.on('error', () => abort.abort());
  clock.wait(timeoutMs, ended.signal).then(
    () => abort.abort(tooLong(timeoutMs)),
    () => undefined,
  );
  // Caches must not keep it, and a proxy must not hold it back until it is whole.
  response.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
  response.status(200).type('application/x-ndjson').flushHeaders();
  const onStep = (step: object): void => {
    if (!response.destroyed) response.write(`${JSON.stringify(step)}\n`);
  };
  try {
    await report(onStep, abort.signal);
  } catch (error) {
    RED.log.error(toTalkError(error, 'TALK_ERR_PROTOCOL', String(error)).message);
  } finally {
    ended.abort();
    running = false;
    response.end();
  }
}

function tooLong(timeoutMs: number): TalkError {
  return new TalkError('TALK_ERR_TIMEOUT', `The test took longer than ${timeoutMs / 1_000} s`);
}
