import type { BehaviourResult } from "../../records/index.ts";
import { plainPoints, points, pointsSpan } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { VERDICT } from "../words.ts";
import { niceScale, px, type Scale } from "./scale.ts";

const WIDTH = 190;
const HEIGHT = 30;
const MIDDLE = HEIGHT / 2;

/** One scale for all rows of the table, so that lengths compare. Holds 0, the margin and every interval. */
export function intervalScale(behaviours: readonly BehaviourResult[], margin: number): Scale {
  const shown = behaviours.filter((b) => b.verdict !== "not-measured");
  const values = shown.flatMap((b) => [...(b.interval ?? []), ...(b.interval90 ?? []), b.delta ?? 0]);
  return niceScale([-2 * margin, 2 * margin, ...values], { from: 14, to: WIDTH - 14, ticks: 4, fallback: 0.1 });
}

/** The axis above the rows: round shifts in points. */
export function intervalAxis(scale: Scale): Markup {
  return html`<svg class="plot axis" viewBox="0 0 ${WIDTH} 18" aria-hidden="true" focusable="false">${scale.ticks.map(
    (tick) =>
      html`<text x="${px(scale.at(tick))}" y="12" text-anchor="middle">${tick === 0 ? "0" : `${tick > 0 ? "+" : "\u2212"}${plainPoints(Math.abs(tick))}`}</text>`,
  )}</svg>`;
}

/**
 * One behaviour's shift: shaded band = ±margin, thick bar = 90% interval, thin bar with ends = simultaneous interval, mark
 * = the shift, its shape the verdict's.
 */
export function intervalPlot(b: BehaviourResult, scale: Scale, margin: number): Markup {
  if (b.delta === null || b.verdict === "not-measured") return html`<span class="muted">no claim</span>`;
  const [bandLow, bandHigh] = [px(scale.at(-margin)), px(scale.at(margin))];
  const zero = px(scale.at(0));
  const label = `Shift ${points(b.delta)} points${b.interval ? `, interval ${pointsSpan(b.interval)}${b.interval90 ? `, 90% interval ${pointsSpan(b.interval90)}` : ""}` : ", no interval"}; margin \u00b1${plainPoints(margin)}`;
  return html`<svg class="plot ${VERDICT[b.verdict].className}${b.inTask ? " task" : ""}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}" focusable="false"><rect class="band" x="${bandLow}" y="2" width="${px(bandHigh - bandLow)}" height="${HEIGHT - 4}" rx="2"/><line class="zero" x1="${zero}" x2="${zero}" y1="0" y2="${HEIGHT}"/>${bars(b, scale)}${mark(b, px(scale.at(b.delta)))}</svg>`;
}

function bars(b: BehaviourResult, scale: Scale): Markup[] {
  if (b.method === "exact" || !b.interval) return [];
  const [low, high] = [px(scale.at(b.interval[0])), px(scale.at(b.interval[1]))];
  const thin = html`<path class="thin" d="M${low} ${MIDDLE - 5}v10M${low} ${MIDDLE}H${high}M${high} ${MIDDLE - 5}v10"/>`;
  if (!b.interval90) return [thin];
  const [low90, high90] = [px(scale.at(b.interval90[0])), px(scale.at(b.interval90[1]))];
  return [thin, html`<path class="thick" d="M${low90} ${MIDDLE}H${high90}"/>`];
}

function mark(b: BehaviourResult, x: number): Markup {
  if (b.verdict === "affected") {
    return html`<path class="mark" d="M${x} ${MIDDLE - 6}L${px(x + 6)} ${MIDDLE}L${x} ${MIDDLE + 6}L${px(x - 6)} ${MIDDLE}Z"/>`;
  }
  return html`<circle class="mark hollow" cx="${x}" cy="${MIDDLE}" r="4.5"/>`;
}
