// How often a clip is to be said and with which pauses, as users give it: the shape, its ranges, its reader. What becomes of it, rounds.ts keeps.
import { invalid, readChoice, readFlag, readNumber, refused, shown, type Range } from '../options.js';

/** How a clip is said again and again. Ends after one hour in all, whatever stands here. */
export interface RepeatOptions {
  /** Rounds. */
  readonly times?: number | undefined;
  /** Instead of a number: until somebody stops or skips it. */
  readonly until?: 'stopped' | undefined;
  /** From the end of a round to the next one, seconds. */
  readonly pauseSeconds?: number | undefined;
  /** Whether other clips may be said between two rounds; false keeps the camera. */
  readonly yield?: boolean | undefined;
}

/** The same, filled in: `times` is missing when only a stop ends it. */
export interface Repeat extends RepeatOptions {
  readonly pauseSeconds: number;
  readonly yield: boolean;
}

export const REPEAT_RANGES = {
  repeat: { least: 1, most: 1_000, whole: true },
  repeatPause: { least: 0, most: 3_600 },
} as const satisfies Readonly<Record<string, Range>>;

const KEYS: readonly string[] = ['times', 'until', 'pauseSeconds', 'yield'];
const EXPECTED = 'a number, { times, pauseSeconds } or { until: "stopped" }';

/**
 * A number or an object, checked.
 * @param missing what counts where nothing is given
 */
export function readRepeat(value: unknown, missing: { readonly times: number; readonly pauseSeconds: number }): Repeat {
  const times = (count: unknown): number => readNumber('repeat', count, REPEAT_RANGES.repeat);
  if (typeof value === 'number') return { times: times(value), pauseSeconds: missing.pauseSeconds, yield: false };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('repeat', EXPECTED, value);
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw refused('repeat', `${EXPECTED}; it knows no ${shown(unknown)}`);
  const repeat: Readonly<Record<string, unknown>> = { ...value };
  const until = (repeat['until'] ?? undefined) && readChoice('repeat.until', repeat['until'], ['stopped']);
  const count = repeat['times'] ?? (until === undefined ? missing.times : undefined);
  return {
    ...(count === undefined ? { until: 'stopped' } : { times: times(count) }),
    pauseSeconds: readNumber(
      'repeat.pauseSeconds',
      repeat['pauseSeconds'] ?? missing.pauseSeconds,
      REPEAT_RANGES.repeatPause,
    ),
    yield: readFlag('repeat.yield', repeat['yield'] ?? false),
  };
}

/** Whether the clip is to be said more than once. */
export function isRepeated({ times }: Repeat): boolean {
  return times !== 1;
}
