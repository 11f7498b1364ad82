// Message and node configuration -> what to listen to and what to do. Pure; throws TALK_ERR_ARGUMENT. Whether a camera has the stream is the library's.
import { TalkError, recordPlan, type RecordPlan } from '../../src/index.js';
import type { MessageFields } from '../shared/message.js';

/** The properties of a tplink-listen node, as the editor stores them. */
export interface ListenConfig {
  readonly stream?: unknown;
  readonly mode?: unknown;
  readonly seconds?: unknown;
  readonly chunkMs?: unknown;
  readonly output?: unknown;
}

export const LISTEN_MODES = ['continuous', 'seconds', 'silence'] as const;
export type ListenMode = (typeof LISTEN_MODES)[number];
export const LISTEN_OUTPUTS = ['pcm', 'wav'] as const;
export type ListenOutput = (typeof LISTEN_OUTPUTS)[number];

export interface ListenSettings {
  /** `stream1`, `stream2` or a path. */
  readonly stream: string;
  readonly mode: ListenMode;
  /** Length of a recording. */
  readonly seconds: number;
  readonly chunkMs: number;
  readonly output: ListenOutput;
}

export type ListenRequest =
  { readonly action: 'start' | 'stop' } | { readonly action: 'record'; readonly plan: RecordPlan };

const ACTIONS = ['start', 'stop', 'record'] as const;
const DEFAULTS = { stream: 'stream1', mode: 'continuous', seconds: 5, chunkMs: 100, output: 'pcm' } as const;
const SILENCE_OPTIONS = ['waitSeconds', 'maxSeconds', 'hangMs', 'marginDb'] as const;

/** The node's properties, checked; what is missing has its default. */
export function listenSettings(config: ListenConfig): ListenSettings {
  const chunkMs = number('chunkMs', config.chunkMs, DEFAULTS.chunkMs);
  if (chunkMs < 10 || chunkMs > 10_000) throw invalid('chunkMs', 'a number from 10 to 10000', chunkMs);
  const seconds = number('seconds', config.seconds, DEFAULTS.seconds);
  recordPlan({ until: 'full', seconds });
  return {
    stream: text('stream', config.stream, DEFAULTS.stream),
    mode: choice('mode', config.mode, LISTEN_MODES, DEFAULTS.mode),
    seconds,
    chunkMs,
    output: choice('output', config.output, LISTEN_OUTPUTS, DEFAULTS.output),
  };
}

/** `msg.action`; without one a continuous node starts, and the others record. */
export function listenRequest(msg: MessageFields, settings: ListenSettings): ListenRequest {
  const usual = settings.mode === 'continuous' ? 'start' : 'record';
  const action = choice('msg.action', msg['action'], ACTIONS, usual);
  return action === 'record' ? { action, plan: messagePlan(msg, settings) } : { action };
}

/** `msg.silence`, else `msg.seconds`, else what the node is set to. */
function messagePlan(msg: MessageFields, settings: ListenSettings): RecordPlan {
  const silence = msg['silence'] === false ? undefined : given(msg['silence']);
  if (silence !== undefined) return recordPlan({ until: 'silence', ...silenceOptions(silence) });
  if (given(msg['seconds']) === undefined && settings.mode === 'silence') return recordPlan({ until: 'silence' });
  return recordPlan({ until: 'full', seconds: number('msg.seconds', msg['seconds'], settings.seconds) });
}

function silenceOptions(value: unknown): Partial<Record<(typeof SILENCE_OPTIONS)[number], number>> {
  if (value === true) return {};
  const expected = `true or an object of ${SILENCE_OPTIONS.join(', ')}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('msg.silence', expected, value);
  }
  const options: Partial<Record<(typeof SILENCE_OPTIONS)[number], number>> = {};
  for (const [name, option] of Object.entries(value)) {
    const known = SILENCE_OPTIONS.find((one) => one === name);
    if (known === undefined) throw invalid('msg.silence', expected, name);
    if (given(option) !== undefined) options[known] = number(`msg.silence.${name}`, option, 0);
  }
  return options;
}

function number(name: string, value: unknown, fallback: number): number {
  if (given(value) === undefined) return fallback;
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof parsed !== 'number' || !Number.isFinite(parsed)) throw invalid(name, 'a number', value);
  return parsed;
}

function text(name: string, value: unknown, fallback: string): string {
  const wanted = given(value) ?? fallback;
  if (typeof wanted === 'string') return wanted.trim() || fallback;
  throw invalid(name, 'stream1, stream2 or a path', value);
}

function choice<T extends string>(name: string, value: unknown, choices: readonly T[], fallback: T): T {
  const wanted = given(value) ?? fallback;
  const known = choices.find((candidate) => candidate === wanted);
  if (known === undefined) throw invalid(name, choices.join(', '), wanted);
  return known;
}

/** Undefined for what counts as not given. */
function given(value: unknown): unknown {
  return value === undefined || value === null || value === '' ? undefined : value;
}

function invalid(name: string, expected: string, got: unknown): TalkError {
  const shown = typeof got === 'string' || typeof got === 'number' ? JSON.stringify(got) : typeof got;
  return new TalkError('TALK_ERR_ARGUMENT', `${name}: expected ${expected}, not ${shown}`);
}
