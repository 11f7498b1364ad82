// Runs another client's command line for one clip and tells what it cost.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { now } from './clock.cjs';
import { peakBelowMb } from './proc.js';

/** What a command line is told about a clip. */
export interface Placeholders {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly file: string;
}

export interface Ran {
  /** When its shell was started, ms on the system's monotonic clock. */
  readonly startedAt: number;
  /** User and system, of every process it waited for. */
  readonly cpuSeconds: number;
  /** Of all its processes together; NaN where there is no /proc. */
  readonly peakMb: number;
  /** null: it did not end by itself in time. */
  readonly exitCode: number | null;
  /** The end of what it wrote to its standard error. */
  readonly complaint: string;
}

/** So often the memory of its processes is looked at, ms. */
const LOOK_MS = 50;
/** The first shell prints what its children cost; bash counts in milliseconds, where others count in hundredths of a second. */
const SHELL = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';
const SCRIPT = '/bin/sh -c "$1"; code=$?; times >&3; exit $code';

/** `{host}`, `{port}`, `{user}` and `{file}` as they are, everything else untouched. Throws when the port is not asked for, or a value would be read by the shell. */
export function fillTemplate(template: string, values: Placeholders): string {
  if (!template.includes('{port}'))
    throw new Error('--compare: the command must hold {port}, which is another one in each run');
  return template.replace(/\{(host|port|user|file)\}/g, (_, name: keyof Placeholders) => {
    const value = String(values[name]);
    if (!/^[\w./:@%+,~-]+$/.test(value)) throw new Error(`--compare: ${name} ${value} holds characters of the shell`);
    return value;
  });
}

/** Children's user and system time, s, as `times` prints it in its second line: `0m0.163s 0m0.016s`. */
export function parseTimes(printed: string): number {
  const [, children = ''] = printed.trim().split('\n');
  const times = [...children.matchAll(/(\d+)m([\d.,]+)s/g)];
  const seconds = times.map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest?.replace(',', '.')));
  return seconds.length === 2 ? seconds.reduce((sum, one) => sum + one, 0) : Number.NaN;
}

/** Rejects only when no shell can be started. */
export async function runCommand(command: string, password: string, timeoutMs: number): Promise<Ran> {
  const startedAt = now();
  const child = spawn(SHELL, ['-c', SCRIPT, 'bench', command], {
    // Its own group, so that nothing of it stays when it takes too long.
    detached: true,
    env: { ...process.env, TPLINK_TALK_PASSWORD: password },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const times = collect(child.stdio[3] as Readable);
  const complaint = collect(child.stderr as Readable);
  let peakMb = Number.NaN;
  const look = setInterval(() => {
    const mb = peakBelowMb(child.pid ?? 0);
    if (mb > 0) peakMb = Math.max(mb, peakMb || 0);
  }, LOOK_MS);
  const killer = setTimeout(() => killGroup(child), timeoutMs);
  try {
    const [exitCode] = await closed;
    return { startedAt, cpuSeconds: parseTimes(times()), peakMb, exitCode, complaint: complaint() };
  } finally {
    clearInterval(look);
    clearTimeout(killer);
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

/** The last 2 KiB. */
function collect(stream: Readable): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => (text = (text + chunk.toString()).slice(-2_048)));
  return () => text;
}
