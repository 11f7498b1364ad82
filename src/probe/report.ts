// What a probe reports: steps, how they are told one by one, and how an error becomes one. No camera is asked here.
import { cameraKey, isHttpTalk, type CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { isTalkError, TalkError, toTalkError, type TalkErrorCode } from '../errors.js';
import { isHash } from '../httptalk/secret.js';
import { MAX_DEVICE_TEXT_CHARS, MAX_PARTICULARS_CHARS } from '../limits.js';
import { redact } from '../logger.js';
import type { TuneRemark } from '../tune/sentences.js';
import { apiErrorCode, describeCode } from '../webapi/error-codes.js';
import { PROBE_SENTENCES, sentence, type ProbeKey, type ProbeValues } from './sentences.js';

/** In this order: TCP, `OPTIONS`, the first MULTITRANS (of the HTTP talk its first request), the log-in, the talk request, the web login, the device information; or a chime alone, or a sound check alone, or the best settings. */
export type ProbeName =
  | ('reach' | 'methods' | 'multitrans' | 'httpTalk' | 'login' | 'talk' | 'web' | 'device')
  | 'chime'
  | ('stream' | 'microphone' | 'chirp' | 'sound' | 'level' | 'speed' | 'mode')
  | ('codec' | 'leadInMs' | 'drainMs' | 'packetBytes' | 'packetMs' | 'latency');

export interface ProbeStep {
  readonly name: ProbeName;
  readonly outcome: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly ms: number;
  /** One sentence for people, in English; to translate it, take `key` and `values`. */
  readonly text: string;
  readonly key: ProbeKey;
  /** For the placeholders of the key's sentence. */
  readonly values: ProbeValues;
  readonly code?: TalkErrorCode;
  /** More about what went wrong, in English, if the sentence leaves it out; no secret, nothing unprintable. */
  readonly detail?: string;
  /** Of the camera's options, those with which it would talk. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Why a setting could not be found out, sentence by sentence. */
  readonly reasons?: readonly TuneRemark[];
}

/** A step without its name and time. */
export interface Finding extends Pick<ProbeStep, 'outcome' | 'key' | 'code' | 'detail' | 'reasons' | 'settings'> {
  readonly values?: ProbeValues;
}

export type Tell = (name: ProbeName, finding: Finding) => ProbeStep;

/** Makes the function that completes steps; each takes the time since the one before. */
export function reporter(clock: Clock, onStep: (step: ProbeStep) => void): Tell {
  let since = clock.now();
  return (name, { values = {}, ...finding }) => {
    const ms = Math.round(clock.now() - since);
    since = clock.now();
    const step = { name, ms, text: sentence(finding.key, values), values, ...finding };
    onStep(step);
    return step;
  };
}

/** A step on the way to the loudspeaker failed. */
export function failed(error: unknown): Finding {
  const failure = toTalkError(error, 'TALK_ERR_PROTOCOL', 'The camera could not be asked');
  return { outcome: 'failed', ...explained(failure, 'failed') };
}

/** The same where the camera may have asked for a password: which one, and what to do, differs with how it is talked to. */
export function failedTalking(
  error: unknown,
  { password, dialect }: Pick<CameraOptions, 'password' | 'dialect'>,
): Finding {
  const finding = failed(error);
  const { code, key } = finding;
  const none = password === '' && code === 'TALK_ERR_ARGUMENT';
  if (none) return { ...finding, key: 'login.none' };
  if (!isHttpTalk(dialect)) return finding;
  if (code === 'TALK_ERR_AUTH' && isHash(password)) return { ...finding, key: 'login.hash' };
  if (code === 'TALK_ERR_AUTH' && dialect === 'tapo') return { ...finding, key: 'login.tapo' };
  return { ...finding, key: IN_HTTP_TALK[key] ?? key };
}

/** Sentences that speak of RTSP, or of settings that the HTTP talk does not have. */
const IN_HTTP_TALK: Readonly<Partial<Record<ProbeKey, ProbeKey>>> = {
  'failed.TALK_ERR_UNSUPPORTED': 'httpTalk.unsupported',
  'failed.TALK_ERR_PROTOCOL': 'httpTalk.foreign',
  'failed.TALK_ERR_BUSY': 'httpTalk.busy',
  'failed.sessions': 'httpTalk.busy',
  'failed.TALK_ERR_REFUSED': 'httpTalk.refused',
  'failed.TALK_ERR_CLOSED': 'httpTalk.closed',
};

/** Something about the web interface failed, which talking does not need. */
export function webFailed(error: unknown, camera: CameraOptions): Finding {
  const failure = toTalkError(error, 'TALK_ERR_PROTOCOL', 'The web interface could not be asked');
  if (failure.code === 'TALK_ERR_ABORTED') return failed(failure);
  const { values, ...rest } = explained(failure, 'webFailed');
  return { outcome: 'warning', ...rest, values: { ...values, httpPort: camera.httpPort } };
}

/** Language-neutral: an errno, an error number or a status, failing these the code. */
function reasonOf(error: TalkError): string {
  const number = apiErrorCode(error);
  if (number !== undefined) return `error ${number}`;
  const { cause } = error;
  if (typeof cause === 'object' && cause !== null && 'code' in cause && /^E[A-Z_]+$/.test(String(cause.code))) {
    return String(cause.code);
  }
  return /\b(error -?\d{1,9}|(?:RTSP status|HTTP(?: status)?) \d{3})\b/.exec(error.message)?.[1] ?? error.code;
}

/**
 * What a device says of itself, fit for a browser and a translated sentence: letters, digits and plain punctuation, at most
 * MAX_DEVICE_TEXT_CHARS; everything else, which could be markup or a placeholder, is a space.
 */
export function deviceText(text: string): string {
  const plain = text.slice(0, 4 * MAX_DEVICE_TEXT_CHARS).replace(/(?:[^\p{L}\p{N}.,:/()+_-]|__+)+/gu, ' ');
  return Array.from(plain.trim()).slice(0, MAX_DEVICE_TEXT_CHARS).join('');
}

/** `host:port` as a sentence shows it. */
export function addressOf(camera: Pick<CameraOptions, 'host' | 'port'>): string {
  return cameraKey(camera).replace(/__+/g, '_');
}

const SAID_BY_THE_SENTENCE: readonly TalkErrorCode[] = ['TALK_ERR_AUTH', 'TALK_ERR_LOCKED', 'TALK_ERR_ABORTED'];

/** What recorders say, too (PROTOCOL.md F7). */
const SESSIONS_IN_USE = 'error -52402';

type Kind = 'failed' | 'webFailed';

function explained(error: TalkError, kind: Kind): Omit<Finding, 'outcome'> {
  // Our own guard and the camera use the same words for it.
  const seconds = /\bfor (\d+) s\b/.exec(error.message)?.[1];
  const endless = error.code === 'TALK_ERR_LOCKED' && seconds === undefined;
  // Refused just now, and not held back.
  const lockedOut = kind === 'failed' && error.code === 'TALK_ERR_LOCKED' && isTalkError(error.cause);
  const reason = reasonOf(error);
  const sessions = kind === 'failed' && error.code === 'TALK_ERR_BUSY' && reason === SESSIONS_IN_USE;
  return {
    key: lockedOut
      ? 'failed.lockedOut'
      : sessions
        ? 'failed.sessions'
        : endless
          ? `${kind}.other`
          : keyOf(kind, error.code),
    values: { reason, ...(seconds === undefined ? {} : { seconds: Number(seconds) }) },
    code: error.code,
    ...(SAID_BY_THE_SENTENCE.includes(error.code) && !endless ? {} : { detail: particulars(error) }),
  };
}

function keyOf(kind: Kind, code: TalkErrorCode): ProbeKey {
  const key = `${kind}.${code}`;
  return isKey(key) ? key : `${kind}.other`;
}

function isKey(key: string): key is ProbeKey {
  return Object.hasOwn(PROBE_SENTENCES, key);
}

/** Our own words. The camera's answer behind an unknown error number is cut off. */
function particulars(error: TalkError): string {
  const number = apiErrorCode(error);
  const text = number === undefined ? error.message : `The camera answered error ${describeCode(number)}`;
  return redact(text)
    .replace(/\p{C}+/gu, ' ')
    .slice(0, MAX_PARTICULARS_CHARS);
}
