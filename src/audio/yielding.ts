// Cuts long work into slices: one slice of all decoding in this thread per turn of the event loop.
import { throwIfAborted } from '../abort.js';
import type { Clock } from '../clock.js';

/** Decoding yields to the event loop after so long. */
const DECODE_SLICE_MS = 2;

const waiting: Array<() => void> = [];

/**
 * A function to await between small steps of work. It returns at once until DECODE_SLICE_MS have passed, then waits for the next free turn;
 * turns are handed out one per turn of the event loop, however many decodings run. Rejects with the signal's reason.
 */
export function yielding(clock: Clock, signal?: AbortSignal): () => Promise<void> {
  let since = Number.NEGATIVE_INFINITY;
  return async () => {
    throwIfAborted(signal);
    if (clock.now() - since < DECODE_SLICE_MS) return;
    await nextTurn();
    throwIfAborted(signal);
    since = clock.now();
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(handOut);
  });
}

function handOut(): void {
  const [first] = waiting.splice(0, 1);
  if (waiting.length > 0) setImmediate(handOut);
  first?.();
}
