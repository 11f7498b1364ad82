// One message to fifty cameras.
import { fanOut, type FanOut } from '../fan-out.js';
import type { Bench } from '../group.js';

const CAMERAS = 50;
/** So that the cost of the start does not count in the cost of a minute. */
const CPU_SECONDS = 30;
const MAX_RUNS = 3;

export async function many(bench: Bench): Promise<void> {
  const { report, clips, runs } = bench;
  const short: FanOut[] = [];
  for (let run = 0; run < Math.min(MAX_RUNS, runs); run++) short.push(await fanOut(CAMERAS, clips.speech(5, 'mp3')));
  const tell = (id: string, figure: string, unit: string, pick: (one: FanOut) => number, goal: string): void =>
    report.add(`many.${id}`, `${CAMERAS} cameras, one MP3 of 5 s: ${figure}`, unit, short.map(pick), goal);
  tell('whole', 'heard whole', '', ({ whole }) => whole, `= ${CAMERAS}`);
  tell('first', 'first sound on the last one after lead-in', 'ms', ({ lastFirstMs }) => lastFirstMs, '<= 60');
  tell('p99', 'packet lateness p99, all packets', 'ms', ({ latenessP99Ms }) => latenessP99Ms, '<= 5');
  tell('spread', 'cameras apart p99', 'ms', ({ spreadP99Ms }) => spreadP99Ms, '<= 5');
  tell('memory', 'peak resident memory', 'MB', ({ peakMb }) => peakMb, '<= 120');
  tell('cameras', "the cameras' own loop delay p99", 'ms', ({ cameraDelayMs }) => cameraDelayMs, '(the bench)');
  await cost(bench, 1_024, '<= 0.03');
  await cost(bench, 160, '<= 0.1');
}

async function cost({ report, clips }: Bench, packetBytes: number, goal: string): Promise<void> {
  const { cpuPerStreamMinute } = await fanOut(CAMERAS, clips.speech(CPU_SECONDS, 'mp3'), packetBytes);
  const figure = `${CAMERAS} cameras, ${CPU_SECONDS} s, packets of ${packetBytes} bytes: CPU per stream-minute`;
  report.add(`many.cpu.${packetBytes}`, figure, 's', [cpuPerStreamMinute], goal);
}
