import type { TakeBack } from "../../records/index.ts";
import { percent } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { niceScale, px, type Scale } from "./scale.ts";

const WIDTH = 520;
const [ROW, TOP, LEFT, RIGHT] = [52, 24, 14, 14];

export interface TakeBackRow {
  readonly name: string;
  readonly takeBack: TakeBack;
}

/** How much of the shift is undone along each kind of directions, beside the best that chance did. */
export function takeBackPlot(rows: readonly TakeBackRow[]): Markup {
  const all = rows.flatMap(({ takeBack: t }) => [
    ...t.interval,
    t.share,
    t.random.largest,
    t.covarianceMatched.largest,
  ]);
  const x = niceScale([0, 1, ...all], { from: LEFT, to: WIDTH - RIGHT, ticks: 6, fallback: 1 });
  const height = TOP + ROW * rows.length + 22;
  const label = rows
    .map(
      ({ name, takeBack: t }) => `${name}: ${percent(t.share)}, ${percent(t.interval[0])} to ${percent(t.interval[1])}`,
    )
    .join("; ");
  const half = px(x.at(0.5));
  return html`<svg class="takeback" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Share of the shift undone. ${label}" focusable="false">${x.ticks.map(
    (tick) =>
      html`<line class="${tick === 0 ? "zero" : "rule"}" x1="${px(x.at(tick))}" x2="${px(x.at(tick))}" y1="${TOP}" y2="${height - 20}"/><text x="${px(x.at(tick))}" y="${height - 4}" text-anchor="middle">${tick === 0 ? "0%" : percent(tick).replace(".0%", "%")}</text>`,
  )}<line class="half" x1="${half}" x2="${half}" y1="${TOP - 6}" y2="${height - 20}"/><text x="${half}" y="12" text-anchor="middle">half</text>${rows.map((row, i) => drawn(row, x, TOP + ROW * i))}</svg>`;
}

function drawn({ name, takeBack: t }: TakeBackRow, x: Scale, top: number): Markup {
  const y = top + 35;
  const [low, high, at] = [px(x.at(t.interval[0])), px(x.at(t.interval[1])), px(x.at(t.share))];
  return html`<g><text class="row-name" x="${px(x.at(0)) + 6}" y="${top + 15}">${name}: ${percent(t.share)}</text><path class="thin" d="M${low} ${y - 5}v10M${low} ${y}H${high}M${high} ${y - 5}v10"/><path class="null" d="M${px(x.at(t.random.largest))} ${y - 7}v14"/><path class="null matched" d="M${px(x.at(t.covarianceMatched.largest))} ${y - 7}v14"/><path class="mark" d="M${at} ${y - 6}l6 6l-6 6l-6 -6z"/></g>`;
}
