// The command line as its users have it: a child process of the TypeScript sources, with its own arguments, environment and input.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { eventually } from '../helpers/collect.js';

const ROOT = resolve(__dirname, '..', '..');
const MAIN = join(ROOT, 'src', 'cli', 'main.ts');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads; nothing otherwise, and its input is at the end. */
  readonly input?: Buffer | string;
  /** At a terminal of its own, by script(1): what it prints to either side is in `out`, input is typed with `type`. */
  readonly terminal?: boolean;
}

const started: Command[] = [];

export class Command {
  readonly args: readonly string[];
  readonly ended: Promise<Ended>;
  out = '';
  err = '';
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(args: readonly string[], { env = {}, input, terminal = false }: CommandOptions = {}) {
    this.args = args;
    const command = [process.execPath, '--import', 'tsx', MAIN, ...args];
    const [program = '', ...rest] = terminal
      ? ['script', '-qefc', command.map((word) => `'${word}'`).join(' '), '/dev/null']
      : command;
    // Undefined is not passed on.
    const nothing = { TPLINK_TALK_PASSWORD: undefined, TPLINK_TALK_LISTEN_PASSWORD: undefined, DEBUG: undefined };
    this.#child = spawn(program, rest, { cwd: ROOT, env: { ...process.env, ...nothing, ...env } });
    this.#child.stdout.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.#child.stderr.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    // It may end without having read everything.
    this.#child.stdin.on('error', () => undefined);
    if (!terminal) this.#child.stdin.end(input);
    this.ended = once(this.#child, 'close').then(([code]) => ({ code, out: this.out, err: this.err }));
    started.push(this);
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The first match in what it printed so far. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    await eventually(
      () => pattern.test(this.out) || this.#child.exitCode !== null,
      `${pattern.source} in: ${this.out}`,
    );
    const match = pattern.exec(this.out);
    if (match === null) throw new Error(`Ended with ${this.out}${this.err}`);
    return match;
  }
}

/** Runs one command line to its end. */
export function run(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  return new Command(args, options).ended;
}

/** For afterEach: nothing that a test started outlives it. */
export async function endCommands(): Promise<void> {
  for (const command of started.splice(0)) {
    command.signal('SIGKILL');
    await command.ended;
  }
}

/** A 500 Hz square wave, s16le, 8000 Hz. */
export function beep(seconds: number): Buffer {
  const pcm = Buffer.alloc(Math.round(seconds * 8_000) * 2);
  for (let sample = 0; sample < pcm.length / 2; sample++)
    pcm.writeInt16LE(sample % 16 < 8 ? 8_000 : -8_000, sample * 2);
  return pcm;
}
