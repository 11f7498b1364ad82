// The one error class and its codes. Node-RED's Catch node lets only `code`, `cause` and `stack` through, so the code is the contract.
import { excerpt } from './excerpt.js';
import { MAX_ERROR_CHARS } from './limits.js';

const RETRYABLE_BY_CODE = {
  TALK_ERR_ARGUMENT: false,
  TALK_ERR_SOURCE: false,
  TALK_ERR_AUDIO: false,
  TALK_ERR_FFMPEG: false,
  TALK_ERR_VOICE: false,
  TALK_ERR_CONNECT: true,
  TALK_ERR_TIMEOUT: true,
  TALK_ERR_AUTH: false,
  TALK_ERR_LOCKED: false,
  TALK_ERR_UNSUPPORTED: false,
  TALK_ERR_BUSY: true,
  TALK_ERR_REFUSED: false,
  TALK_ERR_PROTOCOL: false,
  TALK_ERR_CLOSED: true,
  TALK_ERR_STALLED: true,
  TALK_ERR_QUEUE_FULL: true,
  TALK_ERR_EXPIRED: false,
  TALK_ERR_ABORTED: false,
  TALK_ERR_LOGIN: false,
  TALK_ERR_API: false,
} as const;

/** Stable error codes; never renamed. */
export type TalkErrorCode = keyof typeof RETRYABLE_BY_CODE;

export const TALK_ERROR_CODES = Object.keys(RETRYABLE_BY_CODE) as readonly TalkErrorCode[];

export interface TalkErrorOptions {
  /** `host:port` of the camera the error is about. */
  camera?: string | undefined;
  /** What caused it; for socket errors an object with the errno in `code`. */
  cause?: unknown;
  /** In how many milliseconds another attempt makes sense without anybody changing anything; only where that is known. */
  retryAfterMs?: number | undefined;
  /** Where the code alone does not tell. */
  retryable?: boolean | undefined;
}

/** Everything this package throws; the message has at most 400 characters, and so has that of its cause. Branch on `code`: two copies of the package in one process break `instanceof`. */
export class TalkError extends Error {
  readonly code: TalkErrorCode;
  /** Whether the same attempt may succeed a little later without anybody changing anything. */
  readonly retryable: boolean;
  // Declared only: properties that are not given do not exist.
  declare readonly camera?: string;
  declare readonly cause?: unknown;
  declare readonly retryAfterMs?: number;

  static {
    this.prototype.name = 'TalkError';
  }

  constructor(code: TalkErrorCode, message: string, options: TalkErrorOptions = {}) {
    super(message.length > MAX_ERROR_CHARS ? `${message.slice(0, MAX_ERROR_CHARS - 1)}…` : message);
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE_BY_CODE[code];
    if (options.camera !== undefined) this.camera = options.camera;
    if (options.cause !== undefined) this.cause = brief(options.cause);
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/** True for a TalkError of this or another copy of the package. */
export function isTalkError(value: unknown): value is TalkError {
  return (
    value instanceof Error &&
    'code' in value &&
    typeof value.code === 'string' &&
    Object.hasOwn(RETRYABLE_BY_CODE, value.code)
  );
}

/** True when the same attempt may succeed later: refused connections, time-outs, a busy or closing camera. */
export function isRetryable(value: unknown): boolean {
  return isTalkError(value) && value.retryable;
}

/** The error as it is if it is ours, else wrapped in one of ours with the given code. */
export function toTalkError(value: unknown, code: TalkErrorCode, message: string, camera?: string): TalkError {
  if (isTalkError(value)) return value;
  return new TalkError(code, message, { camera, cause: value });
}

/** The error of an aborted signal. */
export function abortedError(camera?: string): TalkError {
  return new TalkError('TALK_ERR_ABORTED', 'Stopped before the end', { camera });
}

/** Of one text of a cause. */
const MAX_CAUSE_CHARS = MAX_ERROR_CHARS / 2;

/** A cause that repeats a long path or address, as errors of the system do, without it; any other as it is. */
function brief(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const texts = [cause.message, ...(Object.values(cause) as unknown[])];
  if (!texts.some((text) => typeof text === 'string' && text.length > MAX_CAUSE_CHARS)) return cause;
  const code = 'code' in cause ? { code: cause.code } : {};
  return Object.assign(new Error(excerpt(cause.message)), { name: cause.name }, code);
}
