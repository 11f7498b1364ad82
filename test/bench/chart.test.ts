// Charts and README tables out of the benchmark's results: what is drawn, and that the committed ones are those of the committed results.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { growthChart, latenessChart, merged, roundTicks } from '../../scripts/chart-figures.js';
import { chartSvg, type Panel } from '../../scripts/chart-svg.js';
import { withMeasured } from '../../scripts/chart-tables.js';
import type { Results, Row } from './report.js';

const ROOT = join(__dirname, '..', '..');
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

function row(id: string, value: number): Row {
  return { id, figure: id, unit: 'ms', value, least: value, most: value, runs: 1, goal: '' };
}

const PANEL: Panel = {
  title: 'a < b & c',
  x: { label: 's', kind: 'linear', ticks: [0, 10] },
  y: { label: 'ms', kind: 'log', ticks: [1, 10, 100, 1_000, 10_000] },
  lines: [
    {
      name: 'one',
      color: '#123456',
      points: [
        [0, 10_000],
        [5, 100],
        [10, 0],
      ],
    },
  ],
};

describe('chart', () => {
  it('draws points where their values are, and what is beyond an axis at its end', () => {
    const svg = chartSvg({ title: 'chart', panels: [PANEL] });
    assert.match(svg, /<path d='M0 0L383 105L766 210' fill='none' stroke='#123456'/);
  });

  it('is text that nothing can break out of', () => {
    const svg = chartSvg({ title: "it's <b>", panels: [PANEL] });
    assert.match(svg, /<title>it&apos;s &lt;b><\/title>/);
    assert.match(svg, />a &lt; b &amp; c<\/text>/);
    assert.doesNotMatch(svg, /NaN|undefined/);
  });

  it('names lines of the same name once', () => {
    const svg = chartSvg({ title: 'chart', panels: [PANEL, PANEL] });
    assert.equal(svg.split('>one</text>').length, 2);
  });

  it('ends its axes with round numbers', () => {
    assert.deepEqual(roundTicks(93), [0, 25, 50, 75, 100]);
    assert.deepEqual(roundTicks(0.7), [0, 0.2, 0.4, 0.6, 0.8]);
    assert.deepEqual(roundTicks(40), [0, 10, 20, 30, 40]);
  });
});

describe('results of the benchmark', () => {
  const one: Results = { environment: 'one', rows: [row('a', 1), row('b', 2)], series: { s: [[1, 2]], t: [[3, 4]] } };
  const other: Results = { environment: 'other', rows: [row('b', 3)], series: { t: [[5, 6]] } };

  it('are put over earlier ones figure by figure', () => {
    assert.deepEqual(merged([one, other]), {
      environment: 'other',
      rows: [row('a', 1), row('b', 3)],
      series: { s: [[1, 2]], t: [[5, 6]] },
    });
  });

  it('say which figure is missing', () => {
    assert.throws(() => growthChart(one), /no growth\.1\./);
    assert.throws(() => latenessChart(one), /no blocked\.pause/);
  });
});

describe('measured part of a README', () => {
  const readme = `<!-- measured: written by the chart script from test/bench/charts/results.json --><!-- /measured -->`;
  const tapo = ['minute.p99', 'minute.max', 'mixed.whole', 'mixed.p99', 'mixed.spread', 'mixed.memory'];

  for (const language of ['en', 'zh'] as const) {
    it(`has a row for what was measured alone, in ${language}`, () => {
      const rows = tapo.map((id, n) => row(`tapo.${id}`, n + 1));
      const table = withMeasured(readme, { environment: 'one', rows, series: {} }, language);
      assert.match(table, /^\| Tapo.*60 .*\| 1\.0 \/ 2\.0 \S+ \|$/m);
      assert.match(table, /^\| .*Tapo.* \| 3 .*4\.0 .*5\.0 .*6\.0 MB \|$/m);
      assert.equal(table.match(/Tapo/g)?.length, 2);
    });
  }
});

describe('committed charts and tables', () => {
  let results: Results;
  before(() => {
    results = JSON.parse(read('test', 'bench', 'charts', 'results.json')) as Results;
  });

  it('are drawn from the committed results', () => {
    assert.equal(read('test', 'bench', 'charts', 'lateness.svg'), chartSvg(latenessChart(results)));
    assert.equal(read('test', 'bench', 'charts', 'growth.svg'), chartSvg(growthChart(results)));
  });

  for (const [file, language] of [
    ['README.md', 'en'],
    ['README.zh-CN.md', 'zh'],
  ] as const) {
    it(`stand in ${file}`, () => {
      const readme = read(file);
      assert.equal(withMeasured(readme, results, language), readme);
      for (const chart of ['lateness', 'growth'])
        assert.ok(readme.includes(`](test/bench/charts/${chart}.svg)`), chart);
    });
  }
});
