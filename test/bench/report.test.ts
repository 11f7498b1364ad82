// What the benchmark prints and keeps.
import assert from 'node:assert/strict';
import { BenchReport, ofFamily, tableLine } from './report.js';

describe('report of the benchmark', () => {
  it('keeps median, least and most, and tells them in a line', () => {
    const lines: string[] = [];
    const report = new BenchReport((text) => lines.push(text));
    report.add('many.p99', 'lateness p99', 'ms', [3, 1.25, 2], '<= 5');
    assert.deepEqual(report.results.rows, [
      { id: 'many.p99', figure: 'lateness p99', unit: 'ms', value: 2, least: 1.25, most: 3, runs: 3, goal: '<= 5' },
    ]);
    assert.match(lines.at(-1) ?? '', /^lateness p99 +2\.0 +1\.3 +3\.0 +3 +<= 5 ms\n$/);
    assert.match(lines[0] ?? '', /^Node\.js v.* GiB\n\nfigure +median +least +most +runs +goal\n$/);
  });

  it('keeps what was measured of another family apart', () => {
    const report = new BenchReport(() => undefined);
    const told = ofFamily(report, 'tapo');
    told.add('many.p99', 'lateness p99', 'ms', [3], '<= 6');
    told.addSeries('late', [[1, 2]]);
    const { rows, series } = report.results;
    assert.deepEqual(
      rows.map(({ id, figure, goal }) => [id, figure, goal]),
      [['tapo.many.p99', 'tapo: lateness p99', '<= 6']],
    );
    assert.deepEqual(series, { 'tapo.late': [[1, 2]] });
  });

  it('shows what could not be measured as such', () => {
    const row = { id: 'a', figure: 'a', value: Number.NaN, least: Number.NaN, most: Number.NaN, runs: 0, goal: '' };
    assert.match(tableLine({ ...row, unit: 'MB' }), /^a +– +– +– +0 +MB$/);
  });

  it('rounds what charts are drawn from to microseconds', () => {
    const report = new BenchReport(() => undefined);
    report.addSeries('late', [[0.1 + 0.2, 1.23456]]);
    assert.deepEqual(report.results.series, { late: [[0.3, 1.235]] });
  });
});
