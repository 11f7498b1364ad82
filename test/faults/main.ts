// `npm run faults`: the whole matrix in real time, compared with the table. With `--write` the table is made anew, on a clock of its own.
import { parseArgs } from 'node:util';
import { playInFakeTime, playInRealTime, ROWS, type Cell } from './cell.js';
import { complaints } from './complaints.js';
import { readOutcomes, rowOf, writeOutcomes, type Row } from './outcomes.js';
import { SITUATION_NAMES, type Situation } from './situations.js';
import { FAMILIES, type Family } from './stage.js';

/** Cells that are played at the same time. Most of their time they wait. */
const AT_ONCE = 32;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

async function main(): Promise<boolean> {
  complaints();
  const good: boolean[] = [];
  for (const family of FAMILIES) good.push(await playMatrix(family));
  return good.every(Boolean);
}

async function playMatrix(family: Family): Promise<boolean> {
  const names = SITUATION_NAMES[family];
  const played = new Map<string, Cell>();
  const key = (row: string, situation: Situation): string => `${row}, ${situation}`;
  const cells = ROWS[family].flatMap((row) => names.map((situation) => ({ row, situation })));
  const next = cells.values();
  const play = values.write ? playInFakeTime : playInRealTime;
  await Promise.all(
    Array.from({ length: values.write ? 1 : AT_ONCE }, async () => {
      for (const { row, situation } of next) played.set(key(row, situation), await play(family, row, situation));
    }),
  );
  const wrongs: string[] = [];
  const fail = (text: string): void => void wrongs.push(text);
  for (const [name, { wrong }] of played) for (const what of wrong) fail(`${name}: ${what}`);
  for (const what of complaints()) fail(what);
  const rows = new Map<string, Row>(
    ROWS[family].map((row) => [row, rowOf(family, (at) => played.get(key(row, names[at] ?? 'idle'))?.outcome ?? '')]),
  );
  if (values.write) writeOutcomes(family, rows);
  const table = readOutcomes(family);
  for (const [name, row] of rows) {
    for (const situation of names) {
      const wanted = table.get(name)?.[situation];
      if (row[situation] !== wanted) fail(`${name}, ${situation}: ${row[situation]} instead of ${String(wanted)}`);
    }
  }
  for (const text of wrongs) say(text);
  say(`${family}: ${played.size} cells, ${wrongs.length === 0 ? 'all as the table says' : 'see above'}`);
  return wrongs.length === 0;
}

main().then(
  (good) => process.exit(good ? 0 : 1),
  (error: unknown) => {
    say(String(error));
    process.exit(1);
  },
);
