// The microphone's sound as it comes in pieces, and a stretch of it in one piece with the time of its start. No socket, no timer.
import { deferred } from '../deferred.js';
import type { HeardSound } from '../listen/states.js';
import { resampled } from '../sound/resample.js';

/** Later than the piece before it ends by more than this is no jitter: nothing was heard meanwhile, ms. */
const BREAK_MS = 500;
/** The chirp and its third harmonic are below 6 kHz; a higher rate would only cost time. */
const MOST_RATE = 16_000;

/** Kept at most, s: the stretch that is measured is shorter. */
const KEEP_SECONDS = 10;

/** Pieces without a break, and when they began. */
interface Run {
  readonly pieces: Float32Array[];
  startedAt: number;
  length: number;
}

export class HeardSounds {
  readonly #first = deferred();
  /** Resolves with the first piece. */
  readonly begun = this.#first.promise;
  readonly #sounds: HeardSound[] = [];
  #held = 0;

  add(sound: HeardSound): void {
    this.#sounds.push(sound);
    this.#held += sound.samples.length;
    while (this.#held > KEEP_SECONDS * sound.sampleRate)
      this.#held -= this.#sounds.shift()?.samples.length ?? this.#held;
    this.#first.resolve();
  }

  /** What was heard from one time to the other, to whole pieces, at 16 kHz at most; breaks are silent. */
  between(fromMs: number, toMs: number): HeardSound & { readonly startedAt: number } {
    const sampleRate = this.#sounds[0]?.sampleRate ?? MOST_RATE;
    const runs: Run[] = [];
    for (const { samples, heardAt } of this.#sounds) {
      if (heardAt + (samples.length * 1_000) / sampleRate <= fromMs || heardAt >= toMs) continue;
      let run = runs.at(-1);
      const offsetMs = ((run?.length ?? 0) * 1_000) / sampleRate;
      if (run === undefined || heardAt - offsetMs - run.startedAt > BREAK_MS) {
        runs.push((run = { pieces: [], startedAt: heardAt, length: 0 }));
      } else {
        // Some pieces are held up on the way, none comes too early.
        run.startedAt = Math.min(run.startedAt, heardAt - offsetMs);
      }
      run.pieces.push(samples);
      run.length += samples.length;
    }
    const startedAt = runs[0]?.startedAt ?? fromMs;
    const rate = Math.min(sampleRate, MOST_RATE);
    const samples = resampled(inPlace(runs, startedAt, sampleRate), sampleRate, rate);
    return { samples, sampleRate: rate, startedAt, heardAt: startedAt };
  }
}

function inPlace(runs: readonly Run[], startedAt: number, sampleRate: number): Float32Array {
  const last = runs.at(-1);
  if (last === undefined) return new Float32Array(0);
  const place = (run: Run): number => Math.round(((run.startedAt - startedAt) * sampleRate) / 1_000);
  const samples = new Float32Array(place(last) + last.length);
  for (const run of runs) {
    let at = place(run);
    for (const piece of run.pieces) {
      samples.set(piece.subarray(0, Math.max(0, samples.length - at)), Math.min(at, samples.length));
      at += piece.length;
    }
  }
  return samples;
}
