// What the numbers of listening and recording may be. Their defaults are those of the recorder and of the tplink-listen node.
import { MAX_RECORD_SECONDS } from '../limits.js';
import type { Range } from '../options.js';

export const LISTEN_RANGES = {
  /** Length of the chunks of continuous listening. */
  chunkMs: { least: 10, most: 10_000 },
  /** Length of a recording. */
  seconds: { least: 0.02, most: MAX_RECORD_SECONDS },
  /** A recording until silence: the longest one, how long speech is waited for, the silence that ends it, how far above the room speech is. */
  maxSeconds: { least: 0.1, most: MAX_RECORD_SECONDS },
  waitSeconds: { least: 0.1, most: MAX_RECORD_SECONDS },
  hangMs: { least: 100, most: 10_000 },
  marginDb: { least: 3, most: 40 },
} as const satisfies Readonly<Record<string, Range>>;
