// A program that turns a text into sound: run without a shell, heard on its standard output or in a file, ended with all it started.
import { spawn, type ChildProcess } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { abortReason, onAbort, throwIfAborted } from '../abort.js';
import { deferred } from '../deferred.js';
import { excerpt } from '../excerpt.js';
import { MAX_STDERR_BYTES } from '../limits.js';
import { commandLine, type CommandLine, type CommandValues } from './command-line.js';
import { patiently, voiceError, type SpeakContext, type Utterance } from './utterance.js';

/**
 * The sound that the command makes of the text.
 * @throws TALK_ERR_ARGUMENT for a command that makes no sense, TALK_ERR_VOICE for a program that is missing, fails, hangs or gives no sound
 */
export async function speakByProgram(
  command: string,
  values: Omit<CommandValues, 'file'>,
  context: SpeakContext,
): Promise<Utterance> {
  const usesFile = commandLine(command, { ...values, file: '' }).soundInFile;
  const folder = usesFile ? await mkdtemp(join(tmpdir(), 'tplink-talk-voice-')) : undefined;
  const file = folder === undefined ? '' : join(folder, 'speech');
  const line = commandLine(command, { ...values, file });
  const input = line.textInArgs ? '' : values.text;
  const remove = async (): Promise<void> => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  };
  const start = (stop: AbortSignal): Promise<Utterance> =>
    Promise.resolve({ kind: 'sound', chunks: sound(line, input, { file, stop }, remove) });
  try {
    return await patiently(excerpt(basename(line.program)), start, context);
  } catch (error) {
    await remove();
    throw error;
  }
}

async function* sound(
  line: CommandLine,
  input: string,
  { file, stop }: { file: string; stop: AbortSignal },
  remove: () => Promise<void>,
): AsyncGenerator<Buffer> {
  const run = new ProgramRun(line, input, stop);
  try {
    if (line.soundInFile) {
      // What it prints is none of it; unread, it would stop.
      run.output.resume();
      await run.exit;
      yield* createReadStream(file).on('error', () => undefined) as AsyncIterable<Buffer>;
    } else {
      yield* run.output as AsyncIterable<Buffer>;
      await run.exit;
    }
  } catch (error) {
    throwIfAborted(stop);
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT' && line.soundInFile) {
      throw voiceError(`${run.name} left no file where {file} stands`, run.complaints);
    }
    throw error;
  } finally {
    run.end();
    await remove();
  }
}

class ProgramRun {
  readonly name: string;
  readonly output: Readable;
  /** Resolves when it exited with 0. Rejects with TALK_ERR_VOICE. */
  readonly exit: Promise<void>;
  readonly #child: ChildProcess;
  readonly #ignore: () => void;
  #complaints = '';

  constructor({ program, args }: CommandLine, input: string, stop: AbortSignal) {
    throwIfAborted(stop);
    this.name = excerpt(basename(program));
    const exit = deferred();
    this.exit = exit.promise;
    this.exit.catch(() => undefined);
    // A group of its own: what it starts ends with it.
    const child = spawn(program, args, { stdio: 'pipe', detached: process.platform !== 'win32', windowsHide: true });
    this.#child = child;
    this.output = child.stdout;
    child.on('error', (error) => {
      exit.reject(this.#unstarted(error));
      child.stdout.destroy(this.#unstarted(error));
    });
    child.on('close', (code, signal) => {
      if (code === 0) exit.resolve();
      else
        exit.reject(
          voiceError(`${this.name} ended with ${code === null ? String(signal) : `code ${code}`}`, this.complaints),
        );
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#complaints = (this.#complaints + chunk.toString('utf8')).slice(-MAX_STDERR_BYTES);
    });
    // A program that needs no input, or has ended, closes it; and nobody reads the output of one whose sound is in a file.
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.on('error', () => undefined);
    child.stdin.end(input);
    this.#ignore = onAbort(stop, () => {
      this.end();
      child.stdout.destroy(abortReason(stop));
      exit.reject(abortReason(stop));
    });
  }

  /** Its last words. */
  get complaints(): string {
    return this.#complaints.trim().split('\n').slice(-3).join(' | ');
  }

  /** Kills it and what it started. Idempotent. */
  end(): void {
    this.#ignore();
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined) return;
    try {
      // The group may outlive its first process.
      if (process.platform !== 'win32') process.kill(-pid, 'SIGKILL');
      else if (exitCode === null && signalCode === null) this.#child.kill('SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  }

  #unstarted(error: Error): Error {
    const code = 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT')
      return voiceError(`The program ${this.name} was not found: install it, or give its whole path`);
    if (code === 'EACCES') return voiceError(`The program ${this.name} may not be run by this user`);
    return voiceError(`The program ${this.name} could not be started`, code);
  }
}
