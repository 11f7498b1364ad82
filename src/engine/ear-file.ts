// A recording that somebody makes of what a camera says, while it is said: waited for until it is whole, then read.
import { promises } from 'node:fs';
import { allowedPath, type Allowed } from '../audio/allowed.js';
import { decode } from '../audio/decode.js';
import type { Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { EAR_FILE_TIMEOUT_MS } from '../limits.js';
import { readText } from '../options.js';
import { TRAIN_RATE } from '../tune/find.js';

export interface EarFileDeps {
  readonly clock: Clock;
  readonly ffmpegPath: string | undefined;
  readonly allowed: Allowed | undefined;
}

/** Between two looks, ms. A file that is the same in so many looks is whole. */
const LOOK_MS = 1_000;
const SAME_LOOKS = 3;
/** Longer than any run, s. */
const MAX_SECONDS = 600;

export class EarFile {
  readonly #path: string;
  readonly #deps: EarFileDeps;
  /** What the file was like when the run began: an older one is not the recording. */
  readonly #before: Promise<string>;

  /** Rejects with TALK_ERR_ARGUMENT for a path that is none, TALK_ERR_SOURCE for one that may not be read: before anybody looks there, or plays a minute of sounds. */
  static async at(path: unknown, deps: EarFileDeps): Promise<EarFile> {
    const text = readText('earFile', path, 'the path of a sound file');
    return new EarFile(deps.allowed === undefined ? text : await allowedPath(text, deps.allowed), deps);
  }

  private constructor(path: string, deps: EarFileDeps) {
    this.#path = path;
    this.#deps = deps;
    this.#before = stateOf(this.#path);
  }

  /** The samples at TRAIN_RATE. Rejects with TALK_ERR_TIMEOUT when none was saved in time, with what decoding rejects with, or the signal's reason. */
  async read(signal: AbortSignal): Promise<Float32Array> {
    await this.#saved(signal);
    const { clock, ffmpegPath, allowed } = this.#deps;
    const options = { sampleRate: TRAIN_RATE, maxSeconds: MAX_SECONDS, clock, ffmpegPath, allowed, signal };
    const pieces: Float32Array[] = [];
    for await (const piece of decode({ kind: 'file', path: this.#path }, options)) pieces.push(piece);
    const samples = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      samples.set(piece, at);
      at += piece.length;
    }
    return samples;
  }

  async #saved(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const until = clock.now() + EAR_FILE_TIMEOUT_MS;
    const before = await this.#before;
    for (let [last, same] = ['', 0]; clock.now() < until;) {
      const state = await stateOf(this.#path);
      same = state === last ? same + 1 : 0;
      last = state;
      if (state !== '' && state !== before && same >= SAME_LOOKS) return;
      await clock.wait(LOOK_MS, signal);
    }
    const why = `No recording of the run was saved within ${EAR_FILE_TIMEOUT_MS / 60_000} minutes`;
    throw new TalkError('TALK_ERR_TIMEOUT', `${why}: save it at the path that was named`);
  }
}

/** Blank when there is no such file. */
async function stateOf(path: string): Promise<string> {
  return promises.stat(path).then(
    ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
    () => '',
  );
}
