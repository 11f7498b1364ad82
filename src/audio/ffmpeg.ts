// Decoding by ffmpeg, through fluent-ffmpeg: the only place where a process is born. What needs ffmpeg is decided elsewhere.
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { abortReason, onAbort, throwIfAborted } from '../abort.js';
import { monotonicClock, type Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { FFMPEG_IDLE_MS, FFMPEG_TIMEOUT_MS } from '../limits.js';
import { FfmpegRun } from './ffmpeg-run.js';
import { ffmpegMissing, findFfmpeg } from './ffmpeg-path.js';
import { Turn } from './turn.js';
import { PcmReader } from '../sound/format.js';
import { WavParser, type WavSound } from '../sound/wav.js';

export { findFfmpeg } from './ffmpeg-path.js';

export type FfmpegInput =
  | { readonly path: string }
  | { readonly bytes: Uint8Array }
  | { readonly blocks: readonly Buffer[] }
  | { readonly chunks: AsyncIterable<Uint8Array> };

export interface FfmpegOptions {
  /** Of the samples that come out, Hz. */
  sampleRate: number;
  ffmpegPath?: string | undefined;
  /** What it is, for people, such as `FLAC`. */
  content?: string | undefined;
  signal?: AbortSignal | undefined;
  /** For the whole run; FFMPEG_TIMEOUT_MS unless the input is live chunks, whose end is the caller's business. */
  timeoutMs?: number;
  clock?: Clock;
}

/**
 * The first audio stream as mono samples. The process is gone and the temporary file removed when the iteration ends, however it ends.
 * Throws TALK_ERR_FFMPEG (none found, cannot be started, too slow, hung, failed), TALK_ERR_AUDIO (not audio, no sound), or the signal's reason.
 */
export async function* decodeWithFfmpeg(input: FfmpegInput, options: FfmpegOptions): AsyncGenerator<Float32Array> {
  const { sampleRate, signal, clock = monotonicClock } = options;
  const timeoutMs = options.timeoutMs ?? ('chunks' in input ? Infinity : FFMPEG_TIMEOUT_MS);
  const ffmpegPath = await findFfmpeg(options.ffmpegPath);
  if (ffmpegPath === undefined) throw ffmpegMissing(options.ffmpegPath, options.content);
  const turn = new Turn(clock);
  const staged = await stage('chunks' in input ? { chunks: turn.input(input.chunks) } : input);
  const timer = new AbortController();
  let run: FfmpegRun | undefined;
  const ignore = onAbort(signal, () => run?.fail(abortReason(signal)));
  try {
    throwIfAborted(signal);
    run = await FfmpegRun.start({ ffmpegPath, source: staged.source, sampleRate, live: 'chunks' in input });
    throwIfAborted(signal);
    const { signal: cancel } = timer;
    if (timeoutMs < Infinity) failAfter(run, clock.wait(timeoutMs, cancel), `took longer than ${timeoutMs / 1_000} s`);
    failAfter(run, turn.missed(FFMPEG_IDLE_MS, cancel), `gave nothing for ${FFMPEG_IDLE_MS / 1_000} s`);
    let heard = false;
    for await (const samples of samplesOf(turn.output(run.output))) {
      heard = true;
      yield samples;
    }
    await run.finished;
    if (!heard) throw new TalkError('TALK_ERR_AUDIO', 'ffmpeg found no sound in the audio');
  } finally {
    timer.abort();
    ignore();
    await run?.stop(clock);
    await staged.remove();
  }
}

/** What ffmpeg writes is one WAV of PCM, whose length it does not tell. */
async function* samplesOf(output: AsyncIterable<Buffer>): AsyncGenerator<Float32Array> {
  const parser = new WavParser();
  let reader: PcmReader | undefined;
  const read = (sounds: readonly WavSound[]): Float32Array[] =>
    sounds.flatMap(({ format: { pcm }, bytes }) => {
      if (pcm !== undefined) reader ??= new PcmReader(pcm);
      const samples = reader?.push(bytes);
      return samples === undefined || samples.length === 0 ? [] : [samples];
    });
  for await (const bytes of output) yield* read(parser.push(bytes));
  if (parser.losses.anySound) yield* read(parser.end());
}

/** Fails the run when the wait is over; a wait that was cancelled rejects. */
function failAfter(run: FfmpegRun, wait: Promise<void>, why: string): void {
  wait.then(
    () => run.fail(new TalkError('TALK_ERR_FFMPEG', `ffmpeg was stopped: it ${why}`)),
    () => undefined,
  );
}

/** What ffmpeg reads from. MP4 may keep its index at the end, which a pipe cannot reach first, so it goes through a private file. */
async function stage(input: FfmpegInput): Promise<{ source: string | Readable; remove: () => Promise<void> }> {
  const nothing = (): Promise<void> => Promise.resolve();
  if ('path' in input) return { source: resolve(input.path), remove: nothing };
  if ('chunks' in input) return { source: Readable.from(input.chunks), remove: nothing };
  const blocks = 'blocks' in input ? input.blocks : [viewOf(input.bytes)];
  if (blocks[0] === undefined || !isMp4(blocks[0])) return { source: Readable.from(blocks), remove: nothing };
  const path = join(tmpdir(), `tplink-talk-${randomUUID()}`);
  const remove = (): Promise<void> => rm(path, { force: true });
  try {
    await writeFile(path, blocks, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    await remove();
    throw new TalkError('TALK_ERR_FFMPEG', 'The audio could not be written to a temporary file for ffmpeg', { cause });
  }
  return { source: path, remove };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** MP4 and QuickTime start with the length and the type of a box. */
export function isMp4(bytes: Buffer): boolean {
  return ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide'].includes(bytes.toString('latin1', 4, 8));
}
