// `npm run rooms`: tunes simulated cameras in forty rooms and says what was found, beside what is true. `-- --seeds 100` for more, `-- --seed 7` for one.
import { parseArgs } from 'node:util';
import { TuneHouse } from './house.js';
import { mistakes, tuneRoom } from './rooms.js';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seeds: { type: 'string' }, seed: { type: 'string' } } });
  const single = values.seed === undefined ? undefined : Number(values.seed);
  const seeds = single === undefined ? Array.from({ length: Number(values.seeds ?? 40) }, (_, n) => n + 1) : [single];
  let [wrong, unknown] = [0, 0];
  for (const seed of seeds) {
    const room = tuneRoom(seed);
    const house = new TuneHouse();
    const { camera } = house.add({ behaviors: room.behaviors }, room.fields);
    const startedAt = house.clock.now();
    const result = await house.passing(house.pool.tune(camera));
    const seconds = (house.clock.now() - startedAt) / 1_000;
    await house.end();
    const found = mistakes(room, result);
    wrong += found.length;
    unknown += Object.keys(result.unknown).length;
    say(`${seed}: ${seconds.toFixed(0)} s, ${room.fields.mode}, ${room.behaviors.join(' ')}`);
    say(`   ${JSON.stringify(result.settings)} ${JSON.stringify(result.unknown)}`);
    for (const text of found) say(`   WRONG: ${text}`);
    if (single !== undefined) say(JSON.stringify(result, undefined, 2));
  }
  say(`${seeds.length} rooms: ${wrong} wrong, ${unknown} of ${5 * seeds.length} settings could not be found out`);
  return wrong > 0 ? 1 : 0;
}

void main().then((code) => (process.exitCode = code));
