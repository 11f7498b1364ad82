// `npm run soak -- --minutes 15`: short clips on several simulated cameras in real time, a fault in every tenth. Fails when one is lost or doubled, or memory grows.
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from '../bench/processes.js';
import { randomNumbers } from '../helpers/random.js';
import { slopeOf } from './slope.js';

const CAMERAS = 8;
const PASSWORD = 'soak-Secret1';
/** Which clip meets a fault. */
const FAULT_EVERY = 10;
/** With pauses of up to 400 ms most clips find the session kept, some open one. */
const CLIP_MS = [200, 300, 450, 600] as const;
const PAUSE_MS = 400;
const CAMERA = { leadInMs: 100, drainMs: 100, idleMs: 200, packetBytes: 320 };
/**
 * A-law codes without silence (0x55, 0xd5): a clip is known by its code, which is used again after so many clips of the camera. The clips recur, so that
 * the cache of prepared ones has its size when the warm-up is over.
 */
const CODES = Array.from({ length: 64 }, (_, code) => 0x80 + code);
/** Until then heaps find their size. */
const WARM_UP = 1 / 3;
/** MB per 1 000 clips. */
const TOO_STEEP = 1;

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly young: number;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '15' },
    seed: { type: 'string', default: '1' },
    thread: { type: 'string', default: 'yes' },
    /** Writes heap snapshots after the warm-up and at the end, with this beginning. */
    snapshots: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const random = randomNumbers(Number(values.seed));
const counts = { clips: 0, faults: 0, lost: 0, doubled: 0 };
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function soak(): Promise<boolean> {
  const cameras = new Worker('../faults/soak-cameras.cjs');
  const client = new Worker('../faults/soak-client.cjs', { thread: values.thread !== 'no' });
  const { ports, faults } = await cameras.ask<{ ports: number[]; faults: string[] }>('start', {
    count: CAMERAS,
    password: PASSWORD,
  });
  const endsAt = performance.now() + minutes * 60_000;
  const running = ports.map((port, camera) => speakUntil(endsAt, { camera, port, faults, cameras, client }));
  const samples: [clips: number, rss: number][] = [];
  const snapshot = async (name: string): Promise<void> => {
    if (values.snapshots !== undefined)
      await client.ask('snapshot', { path: `${values.snapshots}-${name}.heapsnapshot` });
  };
  let warm = false;
  say('minute  clips  faults  lost  doubled  RSS MB  heap  external  young');
  for (let minute = 0; performance.now() < endsAt; minute += 1) {
    const memory = await client.ask<Memory>('memory');
    say(row(minute, memory));
    samples.push([counts.clips, memory.rss]);
    if (!warm && minute >= minutes * WARM_UP) {
      warm = true;
      await snapshot('warm');
    }
    await wait(Math.min(60_000, endsAt - performance.now()));
  }
  await Promise.all(running);
  const last = await client.ask<Memory>('memory');
  say(row(minutes, last));
  await snapshot('end');
  samples.push([counts.clips, last.rss]);
  const slope = 1_000 * slopeOf(samples.slice(Math.ceil(samples.length * WARM_UP)));
  say(`RSS after the warm-up: ${slope.toFixed(2)} MB per 1000 clips`);
  await Promise.all([client.end(), cameras.end()]);
  return counts.lost === 0 && counts.doubled === 0 && slope < TOO_STEEP;
}

interface Place {
  readonly camera: number;
  readonly port: number;
  readonly faults: readonly string[];
  readonly cameras: Worker;
  readonly client: Worker;
}

/** One clip after the other on one camera. */
async function speakUntil(endsAt: number, { camera, port, faults, cameras, client }: Place): Promise<void> {
  for (let n = 0; performance.now() < endsAt; n++) {
    const code = CODES[n % CODES.length] ?? 0;
    const bytes = 8 * (CLIP_MS[Math.floor(random() * CLIP_MS.length)] ?? 0);
    const fault = (n + camera) % FAULT_EVERY === 0 ? (faults[Math.floor(random() * faults.length)] ?? '') : '';
    if (fault !== '') await cameras.ask('arm', { camera, fault });
    const { outcome, ...how } = await client.ask<{ outcome: string }>('speak', {
      port,
      password: PASSWORD,
      code,
      bytes,
      camera: CAMERA,
    });
    const expected = outcome === 'spoken' ? 1 : 0;
    const { whole } = await cameras.ask<{ whole: number }>('heard', { camera, code, bytes, expected });
    counts.clips += 1;
    counts.faults += fault === '' ? 0 : 1;
    counts.lost += whole === 0 || outcome !== 'spoken' ? 1 : 0;
    counts.doubled += whole > 1 ? 1 : 0;
    if (whole !== 1 || outcome !== 'spoken')
      say(
        `camera ${camera}, clip ${n}, ${fault || 'no fault'}: ${outcome}, heard ${whole} times ${JSON.stringify(how)}`,
      );
    await wait(random() * PAUSE_MS);
  }
}

function row(minute: number, { rss, heapUsed, external, young }: Memory): string {
  const { clips, faults, lost, doubled } = counts;
  const cells: [value: number, width: number, digits?: number][] = [
    [minute, 6],
    [clips, 5],
    [faults, 6],
    [lost, 4],
    [doubled, 7],
    [rss, 6, 1],
    [heapUsed, 4, 1],
    [external, 8, 1],
    [young, 5, 1],
  ];
  return cells.map(([value, width, digits = 0]) => value.toFixed(digits).padStart(width)).join('  ');
}

soak().then(
  (good) => process.exit(good ? 0 : 1),
  (error: unknown) => {
    say(String(error));
    process.exit(1);
  },
);
