// One ffmpeg process from start to end, with what fluent-ffmpeg leaves open closed: no probes, no escaping error, no survivor.
import type { ChildProcess } from 'node:child_process';
import { PassThrough, Readable } from 'node:stream';
import type { FfmpegCommand } from 'fluent-ffmpeg';
import { withDeadline, type Clock } from '../clock.js';
import { deferred } from '../deferred.js';
import { isTalkError, TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { FFMPEG_EXIT_MS, MAX_STDERR_BYTES } from '../limits.js';
import { logger, redact } from '../logger.js';
import { ffmpegMissing, forgetFfmpeg } from './ffmpeg-path.js';

const log = logger('ffmpeg');

/** Containers that hold sound themselves; playlists and others that name further files are left out. */
const CONTAINERS =
  'aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,eac3,flac,flv,gsm,loas,matroska,mov,mp3,mpc,mpc8,mpegts,ogg,tak,tta,voc,w64,wav,wv';
const INPUT_OPTIONS = ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error'].concat(
  ['-protocol_whitelist', 'file,pipe'],
  ['-format_whitelist', CONTAINERS],
);
/**
 * Kaiser window of 144 output samples (18 ms at 8 kHz) around 0.955 of the output's Nyquist frequency: flat to 0.9 of it, measured with 4.1 and
 * 5.1; what lies above it is below −90 dB. ffmpeg's own choice lets 4.3 of 8 kHz through at −30 dB. Float, because filters of 16 bits are noisy.
 */
const RESAMPLING = 'filter_type=kaiser:filter_size=144:cutoff=0.955';
/** ffmpeg's words for content it cannot read as sound. */
const NOT_AUDIO =
  /Invalid data found|moov atom not found|could not find codec|End of file|(?:input|pipe:0): Invalid argument/i;
/** Its words for a container without a track of sound. */
const NO_SOUND = /matches no streams|does not contain any stream/i;
/** Its names of files that only name others. */
const PLAYLISTS = /hls|concat|dash|playlist/i;
/** Of its complaints, in an error text. */
const MAX_COMPLAINT_CHARS = 200;

type End = (error?: Error | null, stdout?: LinesRing, stderr?: LinesRing) => void;
interface LinesRing {
  get(): string;
}
/** The part of fluent-ffmpeg 2.1.3, its last version, that its types leave out. */
interface Internals {
  _getFfmpegPath: (callback: (error: null, path: string) => void) => void;
  _checkCapabilities: (callback: (error: null) => void) => void;
  _spawnFfmpeg: (
    args: string[],
    options: object,
    onProcess: (child: ChildProcess, ...rings: LinesRing[]) => void,
    onEnd: End,
  ) => void;
}

export interface FfmpegRunOptions {
  readonly ffmpegPath: string;
  /** An absolute path, or what is written to stdin. */
  readonly source: string | Readable;
  readonly sampleRate: number;
  /** Whether samples must not wait in ffmpeg for more of them. */
  readonly live: boolean;
}

/** A running ffmpeg. `stop` must be called at the end, whatever the end. */
export class FfmpegRun {
  /** A WAV of s16le with the channels of the source. Fails with what `finished` fails with. */
  readonly output: AsyncIterable<Buffer>;
  readonly #end = deferred();
  /** Resolves when ffmpeg exited with 0; rejects with a TalkError, or with the reason given to `fail`. */
  readonly finished = this.#end.promise;
  readonly #options: FfmpegRunOptions;
  // We close it: fluent-ffmpeg takes an output that closes more than 20 ms before the process exits for an error.
  readonly #sound = new PassThrough({ autoDestroy: false });
  readonly #exit = deferred();
  #child: ChildProcess | undefined;
  #stopped = false;
  #complaints = '';

  private constructor(options: FfmpegRunOptions) {
    this.#options = options;
    this.finished.catch(() => undefined);
    this.#sound.on('error', () => undefined);
    this.output = this.#sound;
  }

  static async start(options: FfmpegRunOptions): Promise<FfmpegRun> {
    const { default: ffmpeg } = await import('fluent-ffmpeg');
    const run = new FfmpegRun(options);
    const { source, sampleRate, live } = options;
    if (source instanceof Readable) source.on('error', (error) => run.fail(sourceError(error)));
    const command = ffmpeg(source instanceof Readable ? source : `file:${source}`, { stdoutLines: 1 })
      .inputOptions(INPUT_OPTIONS)
      .outputOptions(['-map', '0:a:0', '-af', `aformat=fltp,aresample=${sampleRate}:${RESAMPLING}`])
      .outputOptions(['-map_metadata', '-1', '-c:a', 'pcm_s16le', '-f', 'wav'])
      .on('stderr', (line: string) => run.#hear(line))
      .on('error', (error: Error) => run.fail(run.#explain(error)))
      .on('end', () => run.#end.resolve());
    if (live) command.outputOptions(['-flush_packets', '1']);
    run.#tame(command);
    command.output(run.#sound).run();
    return run;
  }

  /** Ends the run with this error; what has already ended stays as it was. */
  fail(error: Error): void {
    this.#end.reject(error);
    this.#stopped = true;
    this.#sound.destroy(error);
    if (this.#options.source instanceof Readable) this.#options.source.destroy();
    this.#child?.kill('SIGKILL');
    for (const pipe of this.#child?.stdio ?? []) pipe?.destroy();
  }

  /** Kills what still runs and waits for its exit. Idempotent, never rejects. */
  async stop(clock: Clock): Promise<void> {
    this.fail(new TalkError('TALK_ERR_ABORTED', 'ffmpeg was stopped'));
    await withDeadline(clock, this.#exit.promise, FFMPEG_EXIT_MS, () => new Error('ffmpeg does not exit')).catch(
      (error: unknown) => log('%s', error),
    );
  }

  /** Replaces on this one command the three steps of fluent-ffmpeg that probe, share state between packages, or throw into the event loop. */
  #tame(command: FfmpegCommand): void {
    const internals = command as FfmpegCommand & Internals;
    const spawnFfmpeg = internals._spawnFfmpeg.bind(command);
    internals._getFfmpegPath = (callback) => callback(null, this.#options.ffmpegPath);
    internals._checkCapabilities = (callback) => callback(null);
    command.availableEncoders = (callback: (error: never, encoders: Record<string, never>) => void) =>
      callback(null as never, {});
    internals._spawnFfmpeg = (args, options, onProcess, onEnd) => {
      const end: End = (error, stdout = NO_LINES, stderr = NO_LINES) => {
        if (this.#child === undefined || this.#child.pid === undefined) this.#exit.resolve();
        onEnd(error, stdout, stderr);
      };
      if (this.#stopped) {
        end(new Error('stopped before the start'));
        return;
      }
      try {
        spawnFfmpeg(
          args,
          options,
          (child, ...rings) => {
            this.#child = child;
            child.once('exit', () => this.#exit.resolve());
            for (const pipe of child.stdio) pipe?.on('error', () => undefined);
            onProcess(child, ...rings);
          },
          end,
        );
      } catch (error) {
        end(error instanceof Error ? error : new Error(String(error)));
      }
    };
  }

  #hear(line: string): void {
    this.#complaints = `${this.#complaints}${line}\n`.slice(-MAX_STDERR_BYTES);
  }

  #explain(error: Error): Error {
    const { source, ffmpegPath } = this.#options;
    if (isTalkError(error)) return error;
    if ('syscall' in error) {
      forgetFfmpeg();
      return 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')
        ? ffmpegMissing(ffmpegPath)
        : new TalkError('TALK_ERR_FFMPEG', `ffmpeg could not be started: ${error.message}`, { cause: error });
    }
    const heard = this.#complaints.replaceAll(/ @ (?:0x)?[0-9a-f]+/gi, '');
    const shown = redact(typeof source === 'string' ? heard.replaceAll(`file:${source}`, 'input') : heard);
    const lines = shown.split('\n').filter((line) => line.trim() !== '');
    const last = excerpt(lines.slice(-3).join(' | '), MAX_COMPLAINT_CHARS);
    log('failed: %s', lines.join(' | '));
    const [, container] = /\[([^\]]*)\] Format not (?:on|in) whitelist/i.exec(shown) ?? [];
    if (container !== undefined) {
      const kind = PLAYLISTS.test(container) ? 'which names other files' : 'which holds no sound that is played here';
      return new TalkError('TALK_ERR_AUDIO', `This is no plain sound file but ${container}, ${kind}`);
    }
    if (NO_SOUND.test(shown)) {
      return new TalkError(
        'TALK_ERR_AUDIO',
        'There is no sound in this file: it may be a video without sound, or a picture',
      );
    }
    return NOT_AUDIO.test(shown)
      ? new TalkError('TALK_ERR_AUDIO', `This is no audio that ffmpeg can read: ${last}`)
      : new TalkError('TALK_ERR_FFMPEG', `ffmpeg failed: ${last === '' ? error.message : last}`);
  }
}

/** Loads what the first run would otherwise wait for. fluent-ffmpeg's own probe runs never happen here, see `#tame`. */
export async function warmUpFfmpeg(): Promise<void> {
  await import('fluent-ffmpeg');
}

const NO_LINES: LinesRing = { get: () => '' };

function sourceError(error: Error): Error {
  return isTalkError(error) ? error : new TalkError('TALK_ERR_SOURCE', 'The audio could not be read', { cause: error });
}
