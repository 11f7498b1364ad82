// The charts of the README out of the benchmark's results: lateness, and streams against CPU, memory and the beat.
import type { Results, Series } from '../test/bench/report.js';
import { COLORS, type Chart, type Line, type Panel } from './chart-svg.js';

/** As `growth` measures them. */
const STREAMS = [1, 10, 50, 100, 200] as const;

/** Later results over earlier ones, figure by figure. */
export function merged(all: readonly Results[]): Results {
  const rows = new Map(all.flatMap(({ rows }) => rows).map((row) => [row.id, row]));
  return {
    environment: all.at(-1)?.environment ?? '',
    rows: [...rows.values()],
    series: Object.assign({}, ...all.map(({ series }) => series)) as Results['series'],
  };
}

/** The results lack a figure. */
export class NotMeasured extends Error {
  constructor(id: string) {
    super(`The results have no ${id}: run the benchmark with --only=all --json`);
  }
}

/** A figure, its median unless told otherwise. Throws NotMeasured. */
export function figure({ rows }: Results, id: string, which: 'value' | 'most' = 'value'): number {
  const value = rows.find((one) => one.id === id)?.[which];
  if (value === undefined || !Number.isFinite(value)) throw new NotMeasured(id);
  return value;
}

function series({ series: all }: Results, id: string): Series {
  const points = all[id];
  if (points === undefined) throw new NotMeasured(id);
  return points;
}

export function latenessChart(results: Results): Chart {
  const [[from, to] = [0, 0]] = series(results, 'blocked.pause.thread.block');
  const inThread = { name: 'engine in its thread', color: COLORS.good };
  const onMainLoop = { name: 'engine on the main loop', color: COLORS.bad };
  const pause: Panel = {
    title: 'Main loop blocked for 2 s: each packet',
    x: { label: 's since the first packet', kind: 'linear', ticks: [0, 1, 2, 3, 4, 5] },
    y: { label: 'lateness, ms', kind: 'log', ticks: [0.1, 1, 10, 100, 1_000, 10_000] },
    lines: [
      { ...onMainLoop, points: until(series(results, 'blocked.pause.bare.course'), 5) },
      { ...inThread, points: until(series(results, 'blocked.pause.thread.course'), 5) },
    ],
    band: { from, to, label: 'blocked' },
  };
  const pieces: Panel = {
    title: 'Main loop blocked 80 % of the time: all packets',
    x: { label: 'lateness, ms', kind: 'log', ticks: [0.01, 0.1, 1, 10, 100] },
    y: { label: '% of packets at most so late', kind: 'linear', ticks: [0, 25, 50, 75, 100] },
    lines: [
      { name: 'one stream, main loop free', color: COLORS.calm, points: shares(series(results, 'minute.lateness')) },
      { ...onMainLoop, points: shares(series(results, 'blocked.pieces.bare.lateness')) },
      { ...inThread, points: shares(series(results, 'blocked.pieces.thread.lateness')) },
    ],
  };
  return { title: 'Packet lateness at the camera while the main loop is blocked', panels: [pause, pieces] };
}

export function growthChart(results: Results): Chart {
  const line = (name: string, color: string, value: (streams: number) => number, unit: string): Line => {
    const points = STREAMS.map((streams) => [streams, value(streams)] as const);
    const last = points.at(-1)?.[1] ?? 0;
    return { name, color, points, dots: true, endLabel: `${last < 10 ? last.toFixed(1) : last.toFixed(0)} ${unit}` };
  };
  const measured =
    (id: string) =>
    (streams: number): number =>
      figure(results, `growth.${streams}.${id}`);
  const panel = (title: string, yLabel: string, lines: readonly Line[]): Panel => ({
    title,
    x: { label: 'streams', kind: 'linear', ticks: [0, 50, 100, 150, 200] },
    y: {
      label: yLabel,
      kind: 'linear',
      ticks: roundTicks(Math.max(...lines.flatMap(({ points }) => points.map(([, y]) => y)))),
    },
    lines,
  });
  const coreShare = (streams: number): number => (measured('cpu')(streams) * streams * 100) / 60;
  return {
    title: 'One clip to 1, 10, 50, 100 and 200 cameras: CPU, memory and the beat',
    panels: [
      panel('CPU', '% of one core', [line('CPU', COLORS.good, coreShare, '%')]),
      panel('Memory', 'peak resident, MB', [line('memory', COLORS.calm, measured('memory'), 'MB')]),
      panel('Beat', 'ms', [
        line('packet lateness p99', COLORS.bad, measured('p99'), 'ms'),
        line('cameras apart p99', '#8250df', measured('spread'), 'ms'),
      ]),
    ],
  };
}

/** Five ticks from 0 to a round number not below `most`. */
export function roundTicks(most: number): number[] {
  const step = Math.max(most, 1e-3) / 4;
  const magnitude = 10 ** Math.floor(Math.log10(step));
  const round = [1, 2, 2.5, 5, 10].find((factor) => factor * magnitude >= step - 1e-9) ?? 10;
  return [0, 1, 2, 3, 4].map((n) => Number((n * round * magnitude).toPrecision(6)));
}

function until(points: Series, x: number): Series {
  return points.filter(([at]) => at <= x);
}

/** A distribution as lateness against the share of packets, %. */
function shares(points: Series): Series {
  return points.map(([share, ms]) => [ms, share * 100]);
}
