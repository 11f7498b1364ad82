// How one message is to be spoken: options, their ranges and defaults, which are those of the tplink-talk node, and their one reader.
import type { TalkError } from '../errors.js';
import { STREAM_TIMEOUT_MS } from '../limits.js';
import { invalid, readChoice, readFlag, readNumber, readText, type Range } from '../options.js';
import { readRepeat, REPEAT_RANGES, type Repeat, type RepeatOptions } from './repeat.js';
import { WHEN_BUSY, type TalkState, type WhenBusy } from './states.js';

/** How one message is to be spoken; everything has the defaults of the tplink-talk node. */
export interface SpeakOptions {
  readonly signal?: AbortSignal | undefined;
  /** Higher goes first; 0. */
  readonly priority?: number | undefined;
  /** `queue`. */
  readonly whenBusy?: WhenBusy | undefined;
  /** Waiting clips per camera; 20. */
  readonly maxQueue?: number | undefined;
  /** Longest clip, seconds; 600. */
  readonly maxSeconds?: number | undefined;
  /** A live source without a byte for so long has ended, seconds; 10. */
  readonly streamTimeoutSeconds?: number | undefined;
  /** Starts again after retryable failures at most; undefined counts only the time. */
  readonly retries?: number | undefined;
  /** How long a clip is tried again in one outage, seconds; 120. With `retries` given, what ends first decides. */
  readonly retrySeconds?: number | undefined;
  /** How long a clip waits for a camera that is away or busy with others, seconds; 180. Then TALK_ERR_EXPIRED. */
  readonly maxWaitSeconds?: number | undefined;
  /** How often it is said, one hour at most; 1. Live sound is said once. */
  readonly repeat?: number | RepeatOptions | undefined;
  /** Between two rounds unless `repeat` says it, seconds; 0. */
  readonly repeatPause?: number | undefined;
  /** dB, 0. */
  readonly gain?: number | undefined;
  readonly normalize?: boolean | undefined;
  /** The loudspeaker's volume while the clip is said, 0 to 100; undefined leaves it alone. */
  readonly speakerVolume?: number | undefined;
  /** Whose clips `stop` clears. */
  readonly owner?: string | undefined;
  /** Called when something else than the speaking went wrong: the volume was left alone. */
  readonly onWarning?: ((warning: TalkError) => void) | undefined;
  /** `camera` is the index in the list of cameras spoken to. */
  readonly onState?: ((state: TalkState, camera: number) => void) | undefined;
}

export const SPEAK_DEFAULTS = {
  priority: 0,
  whenBusy: 'queue',
  maxQueue: 20,
  maxSeconds: 600,
  streamTimeoutSeconds: STREAM_TIMEOUT_MS / 1_000,
  retrySeconds: 120,
  maxWaitSeconds: 180,
  repeat: 1,
  repeatPause: 0,
  gain: 0,
  normalize: false,
  owner: '',
} as const;

/** What the numbers among the options may be. */
export const SPEAK_RANGES = {
  priority: { least: -1e9, most: 1e9 },
  maxQueue: { least: 0, most: 1_000, whole: true },
  maxSeconds: { least: 0.1, most: 86_400 },
  streamTimeoutSeconds: { least: 0.1, most: 3_600 },
  retries: { least: 0, most: 100, whole: true },
  retrySeconds: { least: 0, most: 86_400 },
  maxWaitSeconds: { least: 0, most: 86_400 },
  ...REPEAT_RANGES,
  gain: { least: -40, most: 20 },
  speakerVolume: { least: 0, most: 100, whole: true },
} as const satisfies Readonly<Record<string, Range>>;

type Defaulted = keyof typeof SPEAK_DEFAULTS;

/** The options as everything behind `Engine.speak` has them: checked, and filled in where there is a default. */
export type FilledSpeakOptions = Omit<SpeakOptions, Defaulted> & {
  readonly [Name in Defaulted]: Name extends 'repeat' ? Repeat : NonNullable<SpeakOptions[Name]>;
};

/** Checks and fills in all options, whatever a caller without types gave. Throws TALK_ERR_ARGUMENT that names the option and what was expected. */
export function speakOptions(options: SpeakOptions): FilledSpeakOptions {
  expectObject(options);
  const number = (name: Exclude<keyof typeof SPEAK_RANGES & Defaulted, 'repeat'>): number =>
    readNumber(name, options[name] ?? SPEAK_DEFAULTS[name], SPEAK_RANGES[name]);
  const optional = (name: 'retries' | 'speakerVolume'): number | undefined =>
    isMissing(options[name]) ? undefined : readNumber(name, options[name], SPEAK_RANGES[name]);
  const { signal, onWarning, onState } = options;
  expectSignal(signal);
  expectFunction('onWarning', onWarning);
  expectFunction('onState', onState);
  const repeatPause = number('repeatPause');
  return {
    signal: signal ?? undefined,
    priority: number('priority'),
    whenBusy: readChoice('whenBusy', options.whenBusy ?? SPEAK_DEFAULTS.whenBusy, WHEN_BUSY),
    maxQueue: number('maxQueue'),
    maxSeconds: number('maxSeconds'),
    streamTimeoutSeconds: number('streamTimeoutSeconds'),
    retries: optional('retries'),
    retrySeconds: number('retrySeconds'),
    maxWaitSeconds: number('maxWaitSeconds'),
    repeat: readRepeat(options.repeat ?? SPEAK_DEFAULTS.repeat, { times: 1, pauseSeconds: repeatPause }),
    repeatPause,
    gain: number('gain'),
    normalize: readFlag('normalize', options.normalize ?? SPEAK_DEFAULTS.normalize),
    speakerVolume: optional('speakerVolume'),
    owner: readText('owner', options.owner ?? SPEAK_DEFAULTS.owner),
    onWarning: onWarning ?? undefined,
    onState: onState ?? undefined,
  };
}

function expectObject(value: unknown): void {
  if (typeof value !== 'object' || value === null) throw invalid('options', 'an object', value);
}

function expectSignal(value: unknown): void {
  if (!isMissing(value) && !(value instanceof AbortSignal)) throw invalid('signal', 'an AbortSignal', value);
}

function expectFunction(name: string, value: unknown): void {
  if (!isMissing(value) && typeof value !== 'function') throw invalid(name, 'a function', value);
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}
