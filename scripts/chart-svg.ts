// Line charts as SVG text: panels beside each other under one legend. Nothing of what they show; no file is read or written here.
export interface Axis {
  readonly label: string;
  readonly kind: 'linear' | 'log';
  /** Ascending; the first and the last are the ends of the axis. */
  readonly ticks: readonly number[];
}

export interface Line {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** A dot on each point. */
  readonly dots?: boolean;
  /** What is written beside the last point. */
  readonly endLabel?: string;
}

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
  /** A span of x that is shaded. */
  readonly band?: { readonly from: number; readonly to: number; readonly label: string };
}

export interface Chart {
  /** For people who hear the page instead of seeing it. */
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Pixels; about as wide as GitHub shows a README, so that text keeps its size. */
const CHART_WIDTH = 880;
const PANEL = { height: 210, left: 58, right: 56, top: 34, bottom: 48 };
/** Between two lines of text. */
const LINE_HEIGHT = 14;
const LEGEND_HEIGHT = 30;
/** Readable on GitHub's white and on its dark grey; there is no background. */
const INK = '#6e7781';
const FONT = "font-family='-apple-system,Segoe UI,Helvetica,Arial,sans-serif'";

export const COLORS = { good: '#2f81f7', bad: '#db6d28', calm: '#2da44e' } as const;

/** Panels side by side; lines of the same name share one entry of the legend. Values beyond an axis are drawn at its end. */
export function chartSvg({ title, panels }: Chart): string {
  const panelWidth = Math.floor(CHART_WIDTH / panels.length);
  const height = LEGEND_HEIGHT + PANEL.top + PANEL.height + PANEL.bottom;
  return [
    `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${CHART_WIDTH} ${height}' width='${CHART_WIDTH}' height='${height}' role='img' ${FONT} font-size='12'>`,
    `<title>${escaped(title)}</title>`,
    ...legend(panels),
    ...panels.flatMap((panel, n) => [
      `<g transform='translate(${n * panelWidth + PANEL.left} ${LEGEND_HEIGHT + PANEL.top})'>`,
      ...drawn(panel, panelWidth - PANEL.left - PANEL.right),
      '</g>',
    ]),
    '</svg>',
    '',
  ].join('\n');
}

function legend(panels: readonly Panel[]): string[] {
  const entries = new Map(panels.flatMap(({ lines }) => lines).map(({ name, color }) => [name, color]));
  let x = PANEL.left;
  return [...entries].map(([name, color]) => {
    const entry = `<path d='M${x} 16h18' stroke='${color}' stroke-width='3'/>${label(x + 24, 20, name, 'start')}`;
    // Letters of 12 px are about 6.2 px wide.
    x += 48 + Math.round(name.length * 6.2);
    return entry;
  });
}

function drawn({ title, x, y, lines, band }: Panel, width: number): string[] {
  const { height } = PANEL;
  const toX = scale(x, 0, width);
  const toY = scale(y, height, 0);
  const grid = y.ticks.map((tick) => `<path d='M0 ${toY(tick)}H${width}' stroke='${INK}' stroke-opacity='0.25'/>`);
  return [
    label(0, -14, title, 'start', 600),
    ...(band === undefined ? [] : shaded(band, toX)),
    ...grid,
    ...y.ticks.map((tick) => label(-8, toY(tick) + 4, shown(tick), 'end')),
    ...x.ticks.map((tick) => label(toX(tick), height + 18, shown(tick), 'middle')),
    label(width / 2, height + 38, x.label, 'middle'),
    `<text transform='translate(-44 ${height / 2}) rotate(-90)' text-anchor='middle' fill='${INK}'>${escaped(y.label)}</text>`,
    ...lines.flatMap((line) => lineDrawn(line, toX, toY)),
    ...endLabels(lines, toX, toY),
  ];
}

function shaded(band: NonNullable<Panel['band']>, toX: Scale): string[] {
  const [from, to] = [toX(band.from), toX(band.to)];
  return [
    `<rect x='${from}' y='0' width='${rounded(to - from)}' height='${PANEL.height}' fill='${INK}' fill-opacity='0.14'/>`,
    label((from + to) / 2, 16, band.label, 'middle'),
  ];
}

function lineDrawn({ color, points, dots }: Line, toX: Scale, toY: Scale): string[] {
  const places = points.map(([x, y]) => [toX(x), toY(y)] as const);
  return [
    `<path d='M${places.map(([x, y]) => `${x} ${y}`).join('L')}' fill='none' stroke='${color}' stroke-width='2' stroke-linejoin='round'/>`,
    ...(dots === true ? places.map(([x, y]) => `<circle cx='${x}' cy='${y}' r='3.5' fill='${color}'/>`) : []),
  ];
}

/** Beside the last points, from above to below, none upon another. */
function endLabels(lines: readonly Line[], toX: Scale, toY: Scale): string[] {
  let free = Number.NEGATIVE_INFINITY;
  return lines
    .flatMap(({ points, endLabel }) => {
      const last = points.at(-1);
      return last === undefined || endLabel === undefined ? [] : [{ x: toX(last[0]), y: toY(last[1]), text: endLabel }];
    })
    .sort((one, other) => one.y - other.y)
    .map(({ x, y, text }) => {
      const place = Math.max(y, free);
      free = place + LINE_HEIGHT;
      return label(x + 9, place + 4, text, 'start');
    });
}

type Scale = (value: number) => number;

function scale({ kind, ticks }: Axis, from: number, to: number): Scale {
  const place = kind === 'log' ? Math.log10 : (value: number): number => value;
  const least = ticks[0] ?? 0;
  const most = ticks.at(-1) ?? 1;
  return (value) => {
    const within = Math.min(most, Math.max(least, value));
    return rounded(from + ((place(within) - place(least)) / (place(most) - place(least))) * (to - from));
  };
}

function label(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end', weight?: number): string {
  const bold = weight === undefined ? '' : ` font-weight='${weight}'`;
  return `<text x='${rounded(x)}' y='${rounded(y)}' text-anchor='${anchor}' fill='${INK}'${bold}>${escaped(text)}</text>`;
}

function shown(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;');
}
