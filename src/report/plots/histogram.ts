import { cosine, percent } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { px } from "./scale.ts";

export interface Histogram {
  readonly label: string;
  readonly xTitle: string;
  /** Edges, one more than counts. */
  readonly bins: readonly number[];
  readonly observed: readonly number[];
  readonly expected: readonly number[];
}

const [WIDTH, HEIGHT] = [520, 250];
const EDGE = { left: 52, right: 12, top: 14, bottom: 44 };

/**
 * Two distributions as shares of their own totals: bars for what was observed, a stepped line for what was expected. The
 * height is the square root of the share, so that the few strong ones can be seen beside the many weak ones.
 */
export function histogram({ label, xTitle, bins, observed, expected }: Histogram): Markup {
  const [seen, chance] = [shares(observed), shares(expected)];
  const most = Math.max(1e-9, ...seen, ...chance);
  const first = bins[0] ?? 0;
  const span = (bins.at(-1) ?? 1) - first || 1;
  const x = (value: number) => px(EDGE.left + ((value - first) / span) * (WIDTH - EDGE.left - EDGE.right));
  const y = (share: number) => px(HEIGHT - EDGE.bottom - Math.sqrt(share / most) * (HEIGHT - EDGE.top - EDGE.bottom));
  const floor = HEIGHT - EDGE.bottom;
  const bars = seen.map((share, i) => {
    const [left, right] = [x(bins[i] ?? 0), x(bins[i + 1] ?? 0)];
    const title = `${cosine(bins[i] ?? 0)} to ${cosine(bins[i + 1] ?? 0)}: observed ${percent(share)}, expected ${percent(chance[i] ?? 0)}`;
    return html`<rect class="seen" x="${px(left + 1)}" y="${y(share)}" width="${px(Math.max(1, right - left - 2))}" height="${px(floor - y(share))}"><title>${title}</title></rect>`;
  });
  const steps = chance.map((share, i) => `${i === 0 ? "M" : "L"}${x(bins[i] ?? 0)} ${y(share)}H${x(bins[i + 1] ?? 0)}`);
  return html`<svg class="histogram" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}" focusable="false">${heights(
    most,
  ).map(
    (share) =>
      html`<line class="rule" x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${y(share)}" y2="${y(share)}"/><text x="${EDGE.left - 8}" y="${px(y(share) + 4)}" text-anchor="end">${percent(share)}</text>`,
  )}${bars}<path class="chance" d="${steps.join("")}"/>${edgeTicks(bins).map(
    (edge) => html`<text x="${x(edge)}" y="${floor + 18}" text-anchor="middle">${cosine(edge)}</text>`,
  )}<text x="${(EDGE.left + WIDTH - EDGE.right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${xTitle}</text></svg>`;
}

function shares(counts: readonly number[]): number[] {
  const sum = counts.reduce((a, b) => a + b, 0);
  return counts.map((one) => (sum > 0 ? one / sum : 0));
}

/** Round shares up to `most`, far enough apart on the scale of roots. */
const heights = (most: number) =>
  [0, 0.01, 0.05, 0.2, 0.5, 1].filter((share, i) => i === 0 || (share <= most && Math.sqrt(share / most) > 0.1));

/** At most eleven of the edges, evenly. */
const edgeTicks = (bins: readonly number[]) => bins.filter((_, i) => i % Math.ceil(bins.length / 11) === 0);
