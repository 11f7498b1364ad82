// Message and node configuration -> what to listen to and what to do. Pure; throws TALK_ERR_ARGUMENT. Whether a camera has the stream is the library's.
import { LISTEN_DEFAULTS, TalkError, recordPlan, type RecordPlan } from '../src/index.js';
import type { Message } from './request.js';

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
const SILENCE_OPTIONS = ['waitSeconds', 'maxSeconds', 'hangMs', 'marginDb'] as const;

/** The node's properties, checked; what is missing has its default. */
export function listenSettings(config: ListenConfig): ListenSettings {
  return {
    stream: text('stream', config.stream, LISTEN_DEFAULTS.stream),
    mode: choice('mode', config.mode, LISTEN_MODES, LISTEN_MODES[0]),
    seconds: seconds('seconds', config.seconds, LISTEN_DEFAULTS.seconds),
    chunkMs: number('chunkMs', config.chunkMs, LISTEN_DEFAULTS.chunkMs, 10, 10_000),
    output: choice('output', config.output, LISTEN_OUTPUTS, LISTEN_OUTPUTS[0]),
  };
}

/** `msg.action`; without one a continuous node starts, and the others record. */
export function listenRequest(msg: Message, settings: ListenSettings): ListenRequest {
  const usual = settings.mode === 'continuous' ? 'start' : 'record';
  const action = choice('msg.action', msg['action'], ACTIONS, usual);
  return action === 'record' ? { action, plan: messagePlan(msg, settings) } : { action };
}

/** `msg.silence`, else `msg.seconds`, else what the node is set to. */
function messagePlan(msg: Message, settings: ListenSettings): RecordPlan {
  const silence = msg['silence'] === false ? undefined : given(msg['silence']);
  if (silence !== undefined) return recordPlan({ until: 'silence', ...silenceOptions(silence) });
  const length = given(msg['seconds']);
  if (length === undefined && settings.mode === 'silence') return recordPlan({ until: 'silence' });
  return { until: 'full', seconds: seconds('msg.seconds', length, settings.seconds) };
}

function silenceOptions(value: unknown): Partial<Record<(typeof SILENCE_OPTIONS)[number], number>> {
  if (value === true) return {};
  const expected = `true or an object of ${SILENCE_OPTIONS.join(', ')}`;
  if (typeof value !== 'object' || value === null) throw invalid('msg.silence', expected, value);
  const entries = Object.entries(value).filter(([, option]) => given(option) !== undefined);
  for (const [name] of entries) {
    if (!SILENCE_OPTIONS.some((known) => known === name)) throw invalid('msg.silence', expected, name);
  }
  return Object.fromEntries(
    entries.map(([name, option]) => [name, number(`msg.silence.${name}`, option, 0, 0, Infinity)]),
  );
}

function seconds(name: string, value: unknown, fallback: number): number {
  return number(name, value, fallback, LISTEN_DEFAULTS.leastSeconds, LISTEN_DEFAULTS.mostSeconds);
}

function number(name: string, value: unknown, fallback: number, least: number, most: number): number {
  if (given(value) === undefined) return fallback;
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof parsed !== 'number' || !(parsed >= least && parsed <= most)) {
    throw invalid(name, `a number from ${least} to ${most}`, value);
  }
  return parsed;
}

function text(name: string, value: unknown, fallback: string): string {
  const wanted = given(value) ?? fallback;
  if (typeof wanted === 'string') return wanted;
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
