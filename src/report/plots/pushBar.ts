import type { ForecastBehaviour, ForecastRecord } from "../../records/index.ts";
import { signed, signedFixed } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { niceScale, px, type Scale } from "./scale.ts";

const [WIDTH, HEIGHT] = [150, 18];
const MIDDLE = HEIGHT / 2;

/** What is drawn as a bar from zero, with its range as a line. */
export interface Push {
  readonly value: number;
  readonly range: readonly [number, number];
}

/** What a forecast draws of each behaviour, and in which words. */
export interface PushKind {
  readonly of: (b: ForecastBehaviour) => Push | null;
  readonly what: string;
  readonly range: string;
}

/** The Adam tangent, with its range over the draws of A. */
export const TANGENT: PushKind = {
  of: ({ tangent }) => (tangent ? { value: tangent.adam, range: tangent.adamRange } : null),
  what: "Push",
  range: "over the draws",
};

/** What a calibrated forecast expects, in points. */
export const EXPECTED: PushKind = {
  of: ({ expected }) =>
    expected ? { value: 100 * expected.shift, range: [100 * expected.interval[0], 100 * expected.interval[1]] } : null,
  what: "Expected shift in points",
  range: "interval",
};

/** What the first steps of the training did, with its interval over groups of items. */
export const REHEARSED: PushKind = {
  of: ({ rehearsal: r }) =>
    r ? { value: r.deltaLogOdds, range: r.interval ?? [r.deltaLogOdds, r.deltaLogOdds] } : null,
  what: "Rehearsed shift in nats",
  range: "interval",
};

/** The best that the forecast has to say. */
export function pushKindOf({ calibrated, settings }: Pick<ForecastRecord, "calibrated" | "settings">): PushKind {
  if (calibrated) return EXPECTED;
  return settings.rehearsal ? REHEARSED : TANGENT;
}

/** One scale for all behaviours, so that lengths compare. */
export function pushScale(behaviours: readonly ForecastBehaviour[], { of }: PushKind): Scale {
  const values = behaviours.flatMap((b) => {
    const push = of(b);
    return push ? [push.value, ...push.range] : [];
  });
  return niceScale([0, ...values], { from: 6, to: WIDTH - 6, ticks: 3, fallback: 1e-9 });
}

/** With as many decimals as the scale can show, the same for all. */
export function pushText(value: number, scale: Scale): string {
  const step = Math.abs((scale.ticks[1] ?? 1) - (scale.ticks[0] ?? 0));
  return signedFixed(value, Math.min(12, Math.max(0, 2 - Math.floor(Math.log10(step)))));
}

/** A bar from zero to the value; the thin line is its range. */
export function pushBar(push: Push, scale: Scale, { what, range }: PushKind): Markup {
  const [zero, end] = [px(scale.at(0)), px(scale.at(push.value))];
  const [low, high] = [px(scale.at(push.range[0])), px(scale.at(push.range[1]))];
  // The thinnest bar still lies on its own side of zero.
  const width = Math.max(1, Math.abs(end - zero));
  const left = end < zero ? zero - width : zero;
  const label = `${what} ${pushText(push.value, scale)}, ${range} ${pushText(push.range[0], scale)} to ${pushText(push.range[1], scale)}`;
  return html`<svg class="push" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}" focusable="false"><rect class="bar" x="${px(left)}" y="4" width="${px(width)}" height="${HEIGHT - 8}"/><line class="zero" x1="${zero}" x2="${zero}" y1="0" y2="${HEIGHT}"/><path class="range" d="M${low} ${MIDDLE - 4}v8M${low} ${MIDDLE}H${high}M${high} ${MIDDLE - 4}v8"/></svg>`;
}

/** Round values above the bars. */
export function pushAxis(scale: Scale): Markup {
  return html`<svg class="push axis" viewBox="0 0 ${WIDTH} 14" aria-hidden="true" focusable="false">${scale.ticks.map(
    (tick) => html`<text x="${px(scale.at(tick))}" y="11" text-anchor="middle">${signed(tick, 2)}</text>`,
  )}</svg>`;
}
