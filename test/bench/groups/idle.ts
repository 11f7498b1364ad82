// What the package costs a Node-RED that does nothing: one with it, a camera and a talk node deployed, beside an empty one, at the same time. Linux only.
import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNodeRed, type RunningNodeRed } from '../../../scripts/node-red-process.js';
import type { Bench } from '../group.js';
import { cpuSeconds, privateMb, residentMb } from '../proc.js';

const MAX_RUNS = 3;
/** By then V8 has tidied up after the start, which it does once, half a minute after the last work, and which costs a fifth of a second, ms. */
const SETTLE_MS = 45_000;
const MEASURE_MS = 60_000;

const PLACE = { z: 'tab', x: 200, y: 100 };
const TAB = { id: 'tab', type: 'tab', label: 'idle' };
const CAMERA = { id: 'camera', type: 'tplink-camera', host: '127.0.0.1', port: '554' };
const TALK = { id: 'talk', type: 'tplink-talk', ...PLACE, name: '', camera: 'camera', wires: [[]] };

interface Idle {
  readonly cpuMs: number;
  readonly residentMb: number;
  readonly privateMb: number;
}

export async function idle({ report, runs }: Bench): Promise<void> {
  if (!existsSync('/proc/self/smaps_rollup')) throw new Error('needs the /proc of Linux');
  const differences: Idle[] = [];
  const empty: Idle[] = [];
  for (let run = 0; run < Math.min(MAX_RUNS, runs); run++) {
    const [without, withPackage] = await bothIdle();
    empty.push(without);
    differences.push({
      cpuMs: withPackage.cpuMs - without.cpuMs,
      residentMb: withPackage.residentMb - without.residentMb,
      privateMb: withPackage.privateMb - without.privateMb,
    });
  }
  const tell = (id: string, figure: string, unit: string, pick: (one: Idle) => number, goal: string): void =>
    report.add(`idle.${id}`, `idle in Node-RED: ${figure}`, unit, differences.map(pick), goal);
  tell('cpu', 'CPU more than without the package, a minute', 'ms', ({ cpuMs }) => cpuMs, '< 10');
  tell('resident', 'resident memory more than without', 'MB', ({ residentMb }) => residentMb, '< 15');
  tell('private', 'of which private', 'MB', ({ privateMb }) => privateMb, '');
  const alone = 'empty Node-RED';
  report.add(
    'idle.empty.cpu',
    `${alone}: CPU, a minute`,
    'ms',
    empty.map(({ cpuMs }) => cpuMs),
    '(Node-RED)',
  );
  const memory = empty.map(({ residentMb }) => residentMb);
  report.add('idle.empty.resident', `${alone}: resident memory`, 'MB', memory, '(Node-RED)');
}

/** Side by side, so that whatever disturbs the machine disturbs both. */
async function bothIdle(): Promise<[without: Idle, withPackage: Idle]> {
  const running: RunningNodeRed[] = [];
  try {
    running.push(await startNodeRed({ userDir: await emptyUserDir() }));
    running.push(await startNodeRed({ flows: [TAB, CAMERA, TALK] }));
    await delay(SETTLE_MS);
    const before = running.map(({ pid }) => cpuSeconds(pid));
    await delay(MEASURE_MS);
    const cpuMs = running.map(({ pid }, n) => (cpuSeconds(pid) - (before[n] ?? Number.NaN)) * 1_000);
    const [without, withPackage] = running.map(({ pid }, n) => ({
      cpuMs: cpuMs[n] ?? Number.NaN,
      residentMb: residentMb(pid),
      privateMb: privateMb(pid),
    }));
    if (without === undefined || withPackage === undefined) throw new Error('Node-RED did not start');
    return [without, withPackage];
  } finally {
    await Promise.all(running.map((one) => one.stop()));
  }
}

async function emptyUserDir(): Promise<string> {
  const userDir = await mkdtemp(join(tmpdir(), 'tplink-talk-empty-'));
  await writeFile(join(userDir, 'package.json'), JSON.stringify({ name: 'user-folder', private: true }));
  return userDir;
}

function delay(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
