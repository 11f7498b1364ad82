// What the benchmark tells: one table as it goes, or one JSON text at the end.
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { median } from './figures.js';

export interface Row {
  /** What scripts find it by: `many.spread`. */
  readonly id: string;
  readonly figure: string;
  readonly unit: string;
  /** Median. NaN, in JSON null: could not be measured. */
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly runs: number;
  /** What was asked for, as text. */
  readonly goal: string;
}

/** Points of a line in a chart. */
export type Series = readonly (readonly [x: number, y: number])[];

/** What `--json` prints. */
export interface Results {
  readonly environment: string;
  readonly rows: readonly Row[];
  readonly series: Readonly<Record<string, Series>>;
}

/** What a group tells its figures to. */
export interface Report {
  /** One figure: a value for each run. */
  add(id: string, figure: string, unit: string, values: readonly number[], goal?: string): void;
  addSeries(id: string, points: Series): void;
}

/** Of the longest. */
const FIGURE_CHARS = 82;
const HEADER = `${'figure'.padEnd(FIGURE_CHARS)} ${'median'.padStart(9)} ${'least'.padStart(9)} ${'most'.padStart(9)}  runs  goal`;

/** The same for another family of cameras: its name is before everything. */
export function ofFamily(report: Report, name: string): Report {
  return {
    add: (id, figure, ...rest) => report.add(`${name}.${id}`, `${name}: ${figure}`, ...rest),
    addSeries: (id, points) => report.addSeries(`${name}.${id}`, points),
  };
}

export class BenchReport implements Report {
  readonly #rows: Row[] = [];
  readonly #series: Record<string, Series> = {};
  readonly #print: (text: string) => void;

  /** @param print takes each line of the table, the environment first */
  constructor(print: (text: string) => void) {
    this.#print = print;
    print(`${environment()}\n\n${HEADER}\n`);
  }

  add(id: string, figure: string, unit: string, values: readonly number[], goal = ''): void {
    const [value, least, most] = [median(values), Math.min(...values), Math.max(...values)];
    const row = { id, figure, unit, value, least, most, runs: values.length, goal };
    this.#rows.push(row);
    this.#print(`${tableLine(row)}\n`);
  }

  addSeries(id: string, points: Series): void {
    this.#series[id] = points.map(([x, y]) => [round(x), round(y)]);
  }

  get results(): Results {
    return { environment: environment(), rows: this.#rows, series: this.#series };
  }
}

export function tableLine({ figure, unit, value, least, most, runs, goal }: Row): string {
  const digits = unit === 's' || unit === '' ? 3 : 1;
  const shown = [value, least, most]
    .map((number) => (Number.isFinite(number) ? number.toFixed(digits) : '–').padStart(9))
    .join(' ');
  return `${figure.padEnd(FIGURE_CHARS)} ${shown} ${String(runs).padStart(5)}  ${goal} ${unit}`.trimEnd();
}

/** Without date, host name and build. */
function environment(): string {
  const kernel = /^\d+\.\d+/.exec(release())?.[0] ?? release();
  const [cpu] = cpus();
  return `Node.js ${process.version}, ${platform()} ${kernel} ${arch()}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
