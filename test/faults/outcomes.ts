// The tables of outcomes as files, beside this one: read, and made from what was played.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SITUATION_NAMES, type Situation } from './situations.js';
import type { Family } from './stage.js';

export type Row = Readonly<Record<Situation, string>>;

const FILES: Readonly<Record<Family, string>> = {
  multitrans: join(__dirname, 'outcomes.md'),
  tapo: join(__dirname, 'outcomes-http-talk.md'),
};
const HEADS: Readonly<Record<Family, string>> = {
  multitrans: 'What became of clips on cameras that misbehave',
  tapo: 'The same on cameras that are talked to over HTTP',
};
const HEAD = `

One row for each behavior of the simulator, \`@1\`: on its first connection only; one column for each situation of \`situations.ts\`. In a cell: what each clip ended
with, in the order they came (heard whole, cut, the error's code), or how long the recording is, and how often a password was sent.
Made by \`npm run faults -- --write\`; the tests fail where it is not true any more.
`;

/** By the name of the row; none of a file that is not there. */
export function readOutcomes(family: Family): ReadonlyMap<string, Row> {
  const rows = readFileSync(FILES[family], 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return new Map(rows.map(([, name = '', ...cells]) => [name, rowOf(family, (at) => cells[at] ?? '')]));
}

export function writeOutcomes(family: Family, rows: ReadonlyMap<string, Row>): void {
  const head = ['behavior', ...SITUATION_NAMES[family]];
  const lines = [head, ...[...rows].map(([name, row]) => [name, ...Object.values(row)])];
  const widths = head.map((_, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  const text = lines.map((cells) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  writeFileSync(FILES[family], `# ${HEADS[family]}\n${HEAD}\n${[text[0], rule, ...text.slice(1)].join('\n')}\n`);
}

/** @param cell the text of the column with this index */
export function rowOf(family: Family, cell: (at: number) => string): Row {
  return Object.fromEntries(SITUATION_NAMES[family].map((name, at) => [name, cell(at)])) as Row;
}

/** The sentence for who has added a behavior, or taken one away. */
export const HOW_TO =
  'Run `npm run faults -- --write`, look at what the rows say, and commit test/faults/outcomes*.md with the behavior';
