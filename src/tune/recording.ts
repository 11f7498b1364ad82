// The trains in a recording that somebody else made of the run: where they are, and which is which, by the times between them. Pure but for the pauses.
import type { Clock } from '../clock.js';
import { seekTrain, TRAIN_RATE } from './find.js';
import { hearTrain, type HeardTrain } from './heard.js';
import { TRAIN_SECONDS } from './train.js';

/** Looked through at a time, ms: some tens of milliseconds of work. */
const PIECE_MS = 1_000;
/** Belongs to a piece before its beginning and behind the train's end, ms: where no train can be, and echoes. */
const EDGE_MS = 150;
/** Two trains that begin within this are one that was found twice, ms. */
const SAME_MS = 300;
/** By how much delays and two clocks may differ in a minute, ms. */
const TOLERANCE_MS = 120;

/** Where trains begin in the recording, ms from its start. `samples` at TRAIN_RATE. Rejects with the signal's reason. */
export async function trainsIn(samples: Float32Array, clock: Clock, signal: AbortSignal): Promise<number[]> {
  const found: number[] = [];
  const lengthMs = (samples.length * 1_000) / TRAIN_RATE;
  for (let fromMs = 0; fromMs < lengthMs; fromMs += PIECE_MS) {
    const piece = around(samples, fromMs, PIECE_MS);
    const train = seekTrain(piece.samples, { fromMs: fromMs - piece.startMs, toMs: fromMs - piece.startMs + PIECE_MS });
    const startMs = train === undefined ? undefined : piece.startMs + train;
    if (startMs !== undefined && startMs - (found.at(-1) ?? -Infinity) > SAME_MS) found.push(startMs);
    await clock.wait(0, signal);
  }
  return found;
}

/**
 * The difference between the recording's time and that of the sessions, ms: so many trains fit no other. Undefined when it is not certain.
 * @param sentAt when each train was sent
 */
export function offsetOf(sentAt: readonly number[], found: readonly number[]): number | undefined {
  const candidates = sentAt
    .flatMap((at) => found.map((startMs) => startMs - at))
    .map((offset) => {
      const near = sentAt
        .flatMap((at) => found.map((startMs) => startMs - at - offset))
        .filter((off) => Math.abs(off) <= TOLERANCE_MS);
      return { offset: offset + near.reduce((sum, off) => sum + off, 0) / near.length, count: near.length };
    })
    .sort((a, b) => b.count - a.count);
  const best = candidates[0];
  if (best === undefined || best.count < 2) return undefined;
  const other = candidates.find(({ offset }) => Math.abs(offset - best.offset) > 2 * TOLERANCE_MS);
  return (other?.count ?? 0) < best.count ? best.offset : undefined;
}

/** The train that begins about here. */
export function hearAt(samples: Float32Array, startMs: number, packetMs: number): HeardTrain | 'noisy' | undefined {
  const piece = around(samples, startMs - TOLERANCE_MS, 2 * TOLERANCE_MS);
  const fromMs = startMs - TOLERANCE_MS - piece.startMs;
  return hearTrain(piece.samples, { fromMs, toMs: fromMs + 2 * TOLERANCE_MS }, packetMs);
}

/** What is needed to find a train that begins within so many ms from `fromMs` on. */
function around(samples: Float32Array, fromMs: number, lengthMs: number): { samples: Float32Array; startMs: number } {
  const startMs = Math.max(0, fromMs - EDGE_MS);
  const endMs = fromMs + lengthMs + TRAIN_SECONDS * 1_000 + EDGE_MS;
  const index = (ms: number): number => Math.round((ms * TRAIN_RATE) / 1_000);
  return { samples: samples.subarray(index(startMs), Math.max(0, index(endMs))), startMs };
}
