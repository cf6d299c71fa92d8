import { short } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { niceScale, px, type Scale } from "./scale.ts";

export interface Line {
  readonly name: string;
  /** Class of the stroke; colour and dashes both tell them apart. */
  readonly className: "line-a" | "line-b" | "line-c" | "line-d" | "line-e" | "line-strong" | "line-faint";
  readonly points: readonly (readonly [number, number])[];
  readonly dots?: boolean;
}

export interface LineChart {
  /** Read aloud instead of the drawing. */
  readonly label: string;
  readonly xTitle: string;
  readonly lines: readonly Line[];
  readonly yFromZero?: boolean;
  /** A shaded range across the whole width, for what chance reaches. */
  readonly band?: readonly [number, number];
  /** Single readings beside the lines, drawn hollow. */
  readonly marks?: readonly (readonly [number, number])[];
}

const [WIDTH, HEIGHT] = [520, 250];
const EDGE = { left: 52, right: 16, top: 14, bottom: 44 };

/** A small line chart with horizontal rules, drawn without a script. */
export function lineChart(chart: LineChart): Markup {
  const all = [...chart.lines.flatMap((line) => line.points), ...(chart.marks ?? [])];
  const x = xScale(all.map((point) => point[0]));
  const ys = [...all.map((point) => point[1]), ...(chart.band ?? [])];
  const y = niceScale(chart.yFromZero ? [0, ...ys] : ys, {
    from: HEIGHT - EDGE.bottom,
    to: EDGE.top,
    ticks: 4,
    fallback: 1e-6,
  });
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${chart.label}" focusable="false">${band(chart.band, y)}${rules(y)}${xTicks(x)}<text class="axis-title" x="${(EDGE.left + WIDTH - EDGE.right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${chart.xTitle}</text>${chart.lines.map((line) => drawn(line, x, y))}${(chart.marks ?? []).map(([a, b]) => html`<circle class="single" cx="${px(x.at(a))}" cy="${px(y.at(b))}" r="5"/>`)}</svg>`;
}

/** Steps and layers are whole and start where the data start. */
function xScale(xs: readonly number[]): Scale {
  const low = xs.reduce((a, b) => Math.min(a, b), xs[0] ?? 0);
  const high = Math.max(
    xs.reduce((a, b) => Math.max(a, b), low),
    low + 1,
  );
  const inner = niceScale([low, high], { from: 0, to: 1, ticks: 6, fallback: 1 });
  const ticks = inner.ticks.filter((tick) => tick >= low && tick <= high && Number.isInteger(tick));
  const at = (value: number) => EDGE.left + ((value - low) / (high - low)) * (WIDTH - EDGE.left - EDGE.right);
  return { domain: [low, high], ticks, at };
}

/** The stroke of a line, for its key. */
export const stroke = (className: Line["className"]) =>
  html`<svg class="stroke ${className}" viewBox="0 0 28 8" aria-hidden="true" focusable="false"><path d="M1 4H27"/></svg>`;

function band(range: readonly [number, number] | undefined, y: Scale): Markup | null {
  if (!range) return null;
  const top = px(y.at(range[1]));
  return html`<rect class="band" x="${EDGE.left}" y="${top}" width="${WIDTH - EDGE.left - EDGE.right}" height="${px(y.at(range[0]) - top)}"/>`;
}

const rules = (y: Scale) =>
  y.ticks.map(
    (tick) =>
      html`<line class="${tick === 0 && y.domain[0] < 0 ? "zero" : "rule"}" x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${px(y.at(tick))}" y2="${px(y.at(tick))}"/><text x="${EDGE.left - 8}" y="${px(y.at(tick) + 4)}" text-anchor="end">${short(tick)}</text>`,
  );

const xTicks = (x: Scale) =>
  x.ticks.map(
    (tick) =>
      html`<text x="${px(x.at(tick))}" y="${HEIGHT - EDGE.bottom + 18}" text-anchor="middle">${String(tick).replace("-", "\u2212")}</text>`,
  );

function drawn(line: Line, x: Scale, y: Scale): Markup {
  const at = line.points.map(([a, b]) => [px(x.at(a)), px(y.at(b))] as const);
  const path = at.map(([a, b], i) => `${i === 0 ? "M" : "L"}${a} ${b}`).join("");
  const dots = line.dots || at.length === 1 ? at.map(([a, b]) => html`<circle cx="${a}" cy="${b}" r="3"/>`) : [];
  return html`<g class="${line.className}"><path d="${path}"/>${dots}</g>`;
}

/** Every k-th point so that at most `most` stay, the first and the last among them. */
export function thinned<T>(points: readonly T[], most: number): T[] {
  if (points.length <= most) return [...points];
  const step = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => points[Math.round(i * step)] as T);
}

/** Exponential moving average with the start-up bias removed; `keep` in [0, 1). */
export function smoothed(values: readonly number[], keep: number): number[] {
  let [sum, weight] = [0, 0];
  return values.map((value) => {
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return sum / weight;
  });
}
