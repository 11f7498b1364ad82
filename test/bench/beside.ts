// One camera speaks in packets of 20 ms while something goes on beside it: how late its packets are.
import { percentile } from './figures.js';
import type { Bench } from './group.js';
import { packetLateness } from './heard.js';
import { withProcesses, type Processes } from './processes.js';

const PACKET_BYTES = 160;
/** The other thing begins when the speech is under way, ms. */
const AFTER_MS = 1_000;
const MAX_RUNS = 3;

export interface Beside {
  readonly p99: number;
  readonly max: number;
  readonly slips: number;
  /** The latest packet by the client's own clock, and how late the process of the cameras was at most, ms: what of `max` is whose. */
  readonly sentMs: number;
  readonly cameraDelayMs: number;
}

/** What goes on beside: begins, and ends when the speech is over. Two cameras are there, the first one speaks. */
export interface Disturbance<T> {
  readonly begin: (processes: Processes) => Promise<unknown>;
  readonly end: (processes: Processes) => Promise<T>;
}

/** Up to three times. */
export async function besides<T>(
  bench: Bench,
  seconds: number,
  disturbance: Disturbance<T>,
): Promise<Array<Beside & { readonly told: T }>> {
  const runs: Array<Beside & { readonly told: T }> = [];
  while (runs.length < Math.min(MAX_RUNS, bench.runs)) runs.push(await speakBeside(bench, seconds, disturbance));
  return runs;
}

/** @param free whether nothing goes on, so that the lateness is the machine's own */
export function tellBeside(bench: Bench, id: string, what: string, runs: readonly Beside[], free: boolean): void {
  const tell = (name: string, figure: string, unit: string, pick: (run: Beside) => number, goal: string): void =>
    bench.report.add(`${id}.${name}`, `${what}: ${figure}`, unit, runs.map(pick), goal);
  tell('p99', 'lateness p99', 'ms', ({ p99 }) => p99, '');
  tell('max', 'latest packet', 'ms', ({ max }) => max, free ? '(the bench)' : '<= 20');
  tell('sent', 'latest packet as it was sent', 'ms', ({ sentMs }) => sentMs, '<= 20');
  tell('cameras', "the cameras' own loop delay, most", 'ms', ({ cameraDelayMs }) => cameraDelayMs, '(the bench)');
  tell('slips', 'slips', '', ({ slips }) => slips, '= 0');
}

function speakBeside<T>(
  { clips }: Bench,
  seconds: number,
  { begin, end }: Disturbance<T>,
): Promise<Beside & { readonly told: T }> {
  return withProcesses({ cameras: 2 }, async (processes) => {
    const { cameras, speak, hear, cameraDelay } = processes;
    const source = clips.speech(seconds, 'mp3');
    await cameraDelay();
    const speaking = speak({ cameras: cameras.slice(0, 1), source, packetBytes: PACKET_BYTES });
    await new Promise((wake) => setTimeout(wake, AFTER_MS));
    await begin(processes);
    const { reports } = await speaking;
    const { maxMs: cameraDelayMs } = await cameraDelay();
    const told = await end(processes);
    const [heard] = await hear();
    const late = packetLateness(heard);
    const { slips, worstLatenessMs: sentMs } = reports[0] ?? { slips: Number.NaN, worstLatenessMs: Number.NaN };
    return { p99: percentile(late, 0.99), max: Math.max(...late), sentMs, cameraDelayMs, slips, told };
  });
}
