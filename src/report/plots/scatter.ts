import { short } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { placeLabels } from "./placeLabels.ts";
import { niceScale, px, type Scale } from "./scale.ts";

export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  /** Shown when the pointer rests on it. */
  readonly title: string;
  /** Beside the mark, where there is room; empty for none. */
  readonly label: string;
  readonly shape: Shape;
}

/** Shape and colour both tell kinds apart. */
export type Shape = "circle" | "diamond" | "square" | "hollow";

export interface Scatter {
  readonly label: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly points: readonly ScatterPoint[];
}

const [WIDTH, HEIGHT] = [520, 340];
const EDGE = { left: 52, right: 16, top: 26, bottom: 46 };

/** Points against two axes that hold zero. */
export function scatter(plot: Scatter): Markup {
  const x = niceScale([0, ...plot.points.map((point) => point.x)], range(EDGE.left, WIDTH - EDGE.right, 5));
  const y = niceScale([0, ...plot.points.map((point) => point.y)], range(HEIGHT - EDGE.bottom, EDGE.top, 5));
  const at = plot.points.map((point) => ({ ...point, x: px(x.at(point.x)), y: px(y.at(point.y)) }));
  const frame = { left: EDGE.left, right: WIDTH - 2, top: EDGE.top - 8, bottom: HEIGHT - EDGE.bottom };
  const places = placeLabels(at, frame);
  return html`<svg class="scatter" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${plot.label}" focusable="false">${grid(x, y)}<text x="${(EDGE.left + WIDTH - EDGE.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${plot.xTitle}</text><text x="0" y="12">${plot.yTitle}</text>${at.map(
    (point) =>
      html`<g class="point ${point.shape}"><title>${point.title}</title>${mark(point.shape, point.x, point.y)}</g>`,
  )}${places.map((place, i) =>
    place
      ? html`<text class="spot" x="${px(place.x)}" y="${px(place.y)}" text-anchor="${place.anchor}">${at[i]?.label ?? ""}</text>`
      : null,
  )}</svg>`;
}

const range = (from: number, to: number, ticks: number) => ({ from, to, ticks, fallback: 1e-9 });

const grid = (x: Scale, y: Scale) => [
  y.ticks.map(
    (tick) =>
      html`<line class="${tick === 0 ? "zero" : "rule"}" x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${px(y.at(tick))}" y2="${px(y.at(tick))}"/><text x="${EDGE.left - 8}" y="${px(y.at(tick) + 4)}" text-anchor="end">${short(tick)}</text>`,
  ),
  x.ticks.map(
    (tick) =>
      html`<line class="${tick === 0 ? "zero" : "rule"}" x1="${px(x.at(tick))}" x2="${px(x.at(tick))}" y1="${EDGE.top}" y2="${HEIGHT - EDGE.bottom}"/><text x="${px(x.at(tick))}" y="${HEIGHT - EDGE.bottom + 17}" text-anchor="middle">${short(tick)}</text>`,
  ),
];

/** A mark around (`x`, `y`). */
export function mark(shape: Shape, x: number, y: number): Markup {
  if (shape === "diamond") return html`<path d="M${x} ${px(y - 6)}l6 6l-6 6l-6 -6z"/>`;
  if (shape === "square") return html`<rect x="${px(x - 4.5)}" y="${px(y - 4.5)}" width="9" height="9"/>`;
  return html`<circle cx="${x}" cy="${y}" r="4.5"/>`;
}
