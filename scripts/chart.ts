// `npm run chart [-- results.json …]`: puts what `npm run bench -- --json` printed over test/bench/charts/results.json, and draws charts and README tables from that.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Results } from '../test/bench/report.js';
import { growthChart, latenessChart, merged } from './chart-figures.js';
import { chartSvg } from './chart-svg.js';
import { withMeasured } from './chart-tables.js';

const ROOT = resolve(__dirname, '..');
const CHARTS = join(ROOT, 'test', 'bench', 'charts');
const RESULTS = join(CHARTS, 'results.json');

async function main(files: readonly string[]): Promise<void> {
  const results = merged([RESULTS, ...files].flatMap(read));
  const style = await resolveConfig(RESULTS);
  write(RESULTS, await format(JSON.stringify(results), { ...style, parser: 'json' }));
  write(join(CHARTS, 'lateness.svg'), chartSvg(latenessChart(results)));
  write(join(CHARTS, 'growth.svg'), chartSvg(growthChart(results)));
  for (const [file, language] of [
    ['README.md', 'en'],
    ['README.zh-CN.md', 'zh'],
  ] as const) {
    const path = join(ROOT, file);
    write(path, withMeasured(readFileSync(path, 'utf8'), results, language));
  }
}

/** Nothing of a file that is not there yet: the first results have none before them. */
function read(path: string): Results[] {
  try {
    return [JSON.parse(readFileSync(path, 'utf8')) as Results];
  } catch (error) {
    if (path === RESULTS && error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function write(path: string, text: string): void {
  writeFileSync(path, text);
  process.stdout.write(`${path}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
