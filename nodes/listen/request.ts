// Message and node configuration -> what to listen to and what to do. Pure; throws TALK_ERR_ARGUMENT. Whether a camera has the stream is the library's.
import {
  LISTEN_RANGES,
  given,
  invalid,
  readChoice,
  readNumberOrText,
  readText,
  recordPlan,
  type RecordPlan,
} from '../../src/index.js';
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
  const stream = readText('stream', given(config.stream) ?? DEFAULTS.stream, 'stream1, stream2 or a path');
  return {
    stream: stream.trim() || DEFAULTS.stream,
    mode: readChoice('mode', given(config.mode) ?? DEFAULTS.mode, LISTEN_MODES),
    seconds: readNumberOrText('seconds', given(config.seconds) ?? DEFAULTS.seconds, LISTEN_RANGES.seconds),
    chunkMs: readNumberOrText('chunkMs', given(config.chunkMs) ?? DEFAULTS.chunkMs, LISTEN_RANGES.chunkMs),
    output: readChoice('output', given(config.output) ?? DEFAULTS.output, LISTEN_OUTPUTS),
  };
}

/** `msg.action`; without one a continuous node starts, and the others record. */
export function listenRequest(msg: MessageFields, settings: ListenSettings): ListenRequest {
  const usual = settings.mode === 'continuous' ? 'start' : 'record';
  const action = readChoice('msg.action', given(msg['action']) ?? usual, ACTIONS);
  return action === 'record' ? { action, plan: messagePlan(msg, settings) } : { action };
}

/** `msg.silence`, else `msg.seconds`, else what the node is set to. */
function messagePlan(msg: MessageFields, settings: ListenSettings): RecordPlan {
  const silence = msg['silence'] === false ? undefined : given(msg['silence']);
  if (silence !== undefined) return recordPlan({ until: 'silence', ...silenceOptions(silence) });
  if (given(msg['seconds']) === undefined && settings.mode === 'silence') return recordPlan({ until: 'silence' });
  const seconds = given(msg['seconds']) ?? settings.seconds;
  return recordPlan({ until: 'full', seconds: readNumberOrText('msg.seconds', seconds, LISTEN_RANGES.seconds) });
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
    if (given(option) === undefined) continue;
    options[known] = readNumberOrText(`msg.silence.${known}`, option, LISTEN_RANGES[known]);
  }
  return options;
}
