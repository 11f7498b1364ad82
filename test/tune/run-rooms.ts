// `npm run rooms`: tunes simulated cameras in forty rooms and says what was found, beside what is true. `-- --seeds 100` for more, `-- --seed 7` for one,
// `-- --real` for three in real time, over real sockets.
import { parseArgs } from 'node:util';
import type { TuneResult } from '../../src/tune/result.js';
import { TuneHouse } from './house.js';
import { REAL_SEEDS, mistakesInRealTime, tuneInRealTime } from './real-time.js';
import { mistakes, tuneRoom, type TuneRoom } from './rooms.js';

const ROOMS = 40;

interface Run {
  readonly result: TuneResult;
  readonly ms: number;
  readonly wrong: readonly string[];
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function onFakeClock(room: TuneRoom): Promise<Run> {
  const house = new TuneHouse();
  const { camera } = house.add({ behaviors: room.behaviors }, room.fields);
  const startedAt = house.clock.now();
  const result = await house.passing(house.pool.tune(camera));
  const ms = house.clock.now() - startedAt;
  await house.end();
  return { result, ms, wrong: mistakes(room, result) };
}

async function inRealTime(room: TuneRoom): Promise<Run> {
  const startedAt = performance.now();
  const result = await tuneInRealTime(room);
  return { result, ms: performance.now() - startedAt, wrong: mistakesInRealTime(room, result) };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seeds: { type: 'string' }, seed: { type: 'string' }, real: { type: 'boolean', default: false } },
  });
  const single = values.seed === undefined ? undefined : Number(values.seed);
  const several = values.seeds ?? (values.real ? undefined : ROOMS);
  const chosen = several === undefined ? REAL_SEEDS : Array.from({ length: Number(several) }, (_, n) => n + 1);
  const seeds = single === undefined ? chosen : [single];
  let [wrong, unknown] = [0, 0];
  for (const seed of seeds) {
    const room = tuneRoom(seed);
    const run = await (values.real ? inRealTime(room) : onFakeClock(room));
    const { settings, unknown: unfound } = run.result;
    wrong += run.wrong.length;
    unknown += Object.keys(unfound).length;
    say(`${seed}: ${(run.ms / 1_000).toFixed(0)} s, ${room.fields.mode}, ${room.behaviors.join(' ')}`);
    say(`   ${JSON.stringify(settings)} ${JSON.stringify(unfound)}`);
    for (const text of run.wrong) say(`   WRONG: ${text}`);
    if (single !== undefined) say(JSON.stringify(run.result, undefined, 2));
  }
  say(`${seeds.length} rooms: ${wrong} wrong, ${unknown} of ${5 * seeds.length} settings could not be found out`);
  return wrong > 0 ? 1 : 0;
}

void main().then((code) => (process.exitCode = code));
