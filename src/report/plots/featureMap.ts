import { html, type Markup } from "../markup.ts";
import { placeLabels } from "./placeLabels.ts";
import { px } from "./scale.ts";
import { mark, type Shape } from "./scatter.ts";

export interface MapPoint {
  readonly latent: number;
  readonly x: number;
  readonly y: number;
  readonly shape: Shape;
  readonly title: string;
  readonly linked: boolean;
  /** Write its number beside it, where there is room. */
  readonly named: boolean;
}

const [WIDTH, HEIGHT, EDGE] = [520, 400, 22];

/** Latents in the plane, both directions on one scale: only distances mean something, so there are no axes. */
export function featureMap(points: readonly MapPoint[], label: string): Markup {
  const at = toFrame(points);
  const frame = { left: 0, right: WIDTH, top: 0, bottom: HEIGHT };
  const places = placeLabels(
    at.map((point) => ({ ...point, label: point.named ? `#${point.latent}` : "" })),
    frame,
  );
  return html`<svg class="scatter map" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="group" aria-label="${label}" focusable="false"><rect class="frame" x=".5" y=".5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8"/>${at.map(
    (point) => {
      const drawn = html`<g class="point ${point.shape}"><title>${point.title}</title>${mark(point.shape, point.x, point.y)}</g>`;
      return point.linked
        ? html`<a href="#latent-${point.latent}" tabindex="-1" aria-label="${point.title}">${drawn}</a>`
        : drawn;
    },
  )}${places.map((place, i) =>
    place
      ? html`<text class="spot" x="${px(place.x)}" y="${px(place.y)}" text-anchor="${place.anchor}">#${at[i]?.latent ?? 0}</text>`
      : null,
  )}</svg>`;
}

function toFrame(points: readonly MapPoint[]): MapPoint[] {
  const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)];
  const [left, right, low, high] = [lowest(xs), -lowest(xs.map(minus)), lowest(ys), -lowest(ys.map(minus))];
  const scale = Math.min((WIDTH - 2 * EDGE) / (right - left || 1), (HEIGHT - 2 * EDGE) / (high - low || 1));
  return points.map((point) => ({
    ...point,
    x: px(WIDTH / 2 + scale * (point.x - (left + right) / 2)),
    y: px(HEIGHT / 2 - scale * (point.y - (low + high) / 2)),
  }));
}

const minus = (value: number) => -value;
const lowest = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), values[0] ?? 0);
