// Any other client beside ours: the same clip to the same camera, in turn, each from the start of its process; ours also as a library that is already running.
import { join } from 'node:path';
import { fillTemplate, runCommand } from '../foreign-command.js';
import { latenessOfBeat, percentile } from '../figures.js';
import type { Bench } from '../group.js';
import { firstAudible, isWhole, type Heard } from '../heard.js';
import { PASSWORD, withProcesses, type Processes } from '../processes.js';

const CLI = join(__dirname, '..', '..', '..', 'dist', 'src', 'cli', 'main.js');
const OURS = `${process.execPath} ${CLI} say --host {host} --port {port} --user {user} {file}`;
/** A client may take so much longer than its clip, ms. */
const PATIENCE_MS = 30_000;

/** One clip by one client. */
interface Turn {
  readonly firstSoundMs: number;
  readonly whole: boolean;
  readonly latenessP99Ms: number;
  readonly cpuPerMinute: number;
  readonly peakMb: number;
  readonly violations: number;
}

/** Says the clip once; when it began, ms, and what it cost. */
type Client = () => Promise<{ readonly startedAt: number; readonly cpuSeconds: number; readonly peakMb: number }>;

export async function compare(bench: Bench): Promise<void> {
  const { clips, runs, seconds, compare: command = '' } = bench;
  const file = clips.speech(seconds, 'mp3');
  await withProcesses({}, async (processes) => {
    const clients: readonly (readonly [id: string, name: string, client: Client])[] = [
      ['ours', 'tplink-talk say', commandLine(OURS, processes, file, seconds)],
      ['other', 'the other command', commandLine(command, processes, file, seconds)],
      ['library', 'our library, already running', inProcess(processes, file)],
    ];
    const turns = new Map<string, Turn[]>(clients.map(([id]) => [id, []]));
    // The first round fills the caches of the disk.
    for (let run = -1; run < runs; run++) {
      for (const [id, , client] of clients) {
        const turn = await measure(processes, client, seconds);
        if (run >= 0) turns.get(id)?.push(turn);
      }
    }
    for (const [id, name] of clients) tell(bench, id, name, turns.get(id) ?? []);
  });
}

function tell({ report, seconds }: Bench, id: string, name: string, turns: readonly Turn[]): void {
  const add = (figure: string, title: string, unit: string, pick: (turn: Turn) => number): void =>
    report.add(`compare.${id}.${figure}`, `${name}, MP3 of ${seconds} s: ${title}`, unit, turns.map(pick));
  add('first', 'start to first sound', 'ms', ({ firstSoundMs }) => firstSoundMs);
  add('whole', 'heard whole (1: yes)', '', ({ whole }) => Number(whole));
  add('p99', 'packet lateness p99', 'ms', ({ latenessP99Ms }) => latenessP99Ms);
  add('cpu', 'CPU per minute of speech', 's', ({ cpuPerMinute }) => cpuPerMinute);
  add('memory', 'peak resident memory', 'MB', ({ peakMb }) => peakMb);
  add('violations', 'faults a strict camera finds', '', ({ violations }) => violations);
}

async function measure({ hear }: Processes, client: Client, seconds: number): Promise<Turn> {
  const [before] = await hear({});
  const { startedAt, cpuSeconds, peakMb } = await client();
  const [latest] = await hear();
  const heard = latest?.number === before?.number ? null : latest;
  const { arrivals, due } = soundOf(heard);
  return {
    firstSoundMs: firstAudible(heard) - startedAt,
    whole: isWhole(heard, seconds),
    latenessP99Ms: percentile(latenessOfBeat(arrivals, due), 0.99),
    cpuPerMinute: (cpuSeconds * 60) / seconds,
    peakMb,
    violations: heard?.violations.length ?? 0,
  };
}

function commandLine(template: string, { ports: [port = 0] }: Processes, file: string, seconds: number): Client {
  const command = fillTemplate(template, { host: '127.0.0.1', port, user: 'admin', file });
  return async () => {
    const ran = await runCommand(command, PASSWORD, seconds * 1_000 + PATIENCE_MS);
    if (ran.exitCode !== 0) process.stderr.write(`${command}\nexit code ${String(ran.exitCode)}\n${ran.complaint}\n`);
    return ran;
  };
}

function inProcess({ client, speak }: Processes, source: string): Client {
  let run = 0;
  return async () => {
    // A gain no other run had keeps the cache out of it.
    const { calledAt, cpuSeconds } = await speak({ source, gain: -0.001 * ++run });
    const { peakMb } = await client.ask<{ peakMb: number }>('memory');
    return { startedAt: calledAt, cpuSeconds, peakMb };
  };
}

/** From the first packet with sound on: what comes before is silence that some send in one burst. */
function soundOf(heard: Heard | null | undefined): Pick<Heard, 'arrivals' | 'due'> {
  const first = Math.max(0, heard?.audible.indexOf(true) ?? 0);
  return { arrivals: heard?.arrivals.slice(first) ?? [], due: heard?.due.slice(first) ?? [] };
}
