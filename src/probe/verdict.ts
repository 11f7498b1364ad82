// What a whole report comes to, in one sentence for people who know nothing of protocols.
import type { TalkErrorCode } from '../errors.js';
import type { ProbeStep } from './report.js';
import { PROBE_SENTENCES, type ProbeKey } from './sentences.js';

export interface ProbeVerdict {
  readonly key: Extract<ProbeKey, `verdict.${string}`>;
  /** In English; to translate it, take `key`. */
  readonly text: string;
}

const BY_CODE: Readonly<Partial<Record<TalkErrorCode, ProbeVerdict['key']>>> = {
  TALK_ERR_CONNECT: 'verdict.unreachable',
  TALK_ERR_TIMEOUT: 'verdict.silent',
  TALK_ERR_AUTH: 'verdict.password',
  TALK_ERR_LOCKED: 'verdict.password',
  TALK_ERR_UNSUPPORTED: 'verdict.noTalk',
  TALK_ERR_PROTOCOL: 'verdict.noTalk',
  TALK_ERR_BUSY: 'verdict.busy',
  TALK_ERR_REFUSED: 'verdict.refuses',
  TALK_ERR_CLOSED: 'verdict.brokeOff',
  TALK_ERR_STALLED: 'verdict.brokeOff',
  TALK_ERR_ABORTED: 'verdict.stopped',
};

/** @param steps all steps of one `probe`, in their order */
export function probeVerdict(steps: readonly ProbeStep[]): ProbeVerdict {
  const key = keyOf(steps);
  return { key, text: PROBE_SENTENCES[key] };
}

function keyOf(steps: readonly ProbeStep[]): ProbeVerdict['key'] {
  const talk = steps.find(({ name }) => name === 'talk');
  if (talk?.outcome === 'ok') return 'verdict.talks';
  if (talk?.outcome === 'warning') return 'verdict.saysBusy';
  if (talk?.outcome === 'skipped') return 'verdict.ourselves';
  if (steps.some(({ settings }) => settings !== undefined)) return 'verdict.dialect';
  // What failed before and did not end the report counts less.
  const failed = steps.filter(({ outcome }) => outcome === 'failed').at(-1);
  if (failed?.key === 'login.none') return 'verdict.noPassword';
  if (failed?.name === 'reach' && failed.code === 'TALK_ERR_TIMEOUT') return 'verdict.unreachable';
  return (failed?.code && BY_CODE[failed.code]) ?? 'verdict.unknown';
}
