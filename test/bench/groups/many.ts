// One message to fifty cameras.
import type { Family, FamilyName } from '../family.js';
import { fanOut, type FanOut } from '../fan-out.js';
import type { Bench } from '../group.js';

const CAMERAS = 50;
/** So that the cost of the start does not count in the cost of a minute. */
const CPU_SECONDS = 30;
const MAX_RUNS = 3;

interface Fleet {
  /** In ids. */
  readonly id: string;
  readonly name: string;
  /** Of the cameras, in turn. */
  readonly families: readonly FamilyName[];
  readonly memoryGoal: string;
}

export async function many(bench: Bench): Promise<void> {
  const { name } = bench.family;
  const alike = { id: 'many', name: `${CAMERAS} cameras`, families: [name], memoryGoal: '<= 120' };
  await fleet(bench, alike);
  for (const size of bench.family.sizes) await cost(bench, size);
  if (name === 'multitrans') return;
  const families = [name, 'multitrans'] as const;
  await fleet(bench, {
    id: 'mixed',
    name: `${CAMERAS} mixed cameras`,
    families,
    memoryGoal: '<= 130',
  });
}

async function fleet({ report, clips, runs, family }: Bench, { id, name, families, memoryGoal }: Fleet): Promise<void> {
  const short: FanOut[] = [];
  for (let run = 0; run < Math.min(MAX_RUNS, runs); run++) {
    short.push(await fanOut(CAMERAS, families, clips.speech(5, 'mp3')));
  }
  const tell = (key: string, figure: string, unit: string, pick: (one: FanOut) => number, goal: string): void =>
    report.add(`${id}.${key}`, `${name}, one MP3 of 5 s: ${figure}`, unit, short.map(pick), goal);
  tell('whole', 'heard whole', '', ({ whole }) => whole, `= ${CAMERAS}`);
  tell('first', 'first sound on the last one after lead-in', 'ms', ({ lastFirstMs }) => lastFirstMs, '<= 60');
  tell('p99', 'packet lateness p99, all packets', 'ms', ({ latenessP99Ms }) => latenessP99Ms, family.goals.fifty);
  tell('spread', 'cameras apart p99', 'ms', ({ spreadP99Ms }) => spreadP99Ms, '<= 5');
  tell('memory', 'peak resident memory', 'MB', ({ peakMb }) => peakMb, memoryGoal);
  tell('cameras', "the cameras' own loop delay p99", 'ms', ({ cameraDelayMs }) => cameraDelayMs, '(the bench)');
}

async function cost(
  { report, clips, family }: Bench,
  { id, name, size, goal }: Family['sizes'][number],
): Promise<void> {
  const { cpuPerStreamMinute } = await fanOut(CAMERAS, [family.name], clips.speech(CPU_SECONDS, 'mp3'), size);
  const figure = `${CAMERAS} cameras, ${CPU_SECONDS} s, ${name}: CPU per stream-minute`;
  report.add(`many.cpu.${id}`, figure, 's', [cpuPerStreamMinute], goal);
}
