import type { BehaviourResult, ForecastBehaviour, ForecastRecord } from "../../records/index.ts";
import { calibrationWords, chance, expectedPoints } from "../expectedWords.ts";
import { explainedBy } from "../geometryView.ts";
import type { ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { KIND, MECHANISM, mechanismBrief, mechanismName, mechanismPlain } from "../mechanismWords.ts";
import { type PushKind, pushBar, pushKindOf, pushScale } from "../plots/pushBar.ts";
import type { Column } from "./column.ts";
import { facts } from "./facts.ts";

/** What was said before training: a place and a bar; a percentage only where a study has calibrated it. */
export function forecastColumn({ forecast }: ReportInput): Column | null {
  if (!forecast) return null;
  const said = new Map(forecast.behaviours.map((b) => [b.id, b]));
  const kind = pushKindOf(forecast);
  const scale = pushScale(forecast.behaviours, kind);
  const ranked = forecast.behaviours.filter((b) => b.rank !== null).length;
  return {
    className: "c-forecast",
    head: html`Forecast before training<span class="uncalibrated">${forecast.calibrated ? "chance that it is affected" : "uncalibrated"}</span><span class="ways" aria-hidden="true"><span>← away</span><span>towards →</span></span>`,
    label: forecast.calibrated ? "Forecast" : "Forecast, uncalibrated",
    cell: (b) => forecastCell(said.get(b.id), ranked, kind, scale),
  };
}

function forecastCell(
  b: ForecastBehaviour | undefined,
  ranked: number,
  kind: PushKind,
  scale: ReturnType<typeof pushScale>,
): Markup {
  const push = b ? kind.of(b) : null;
  if (!b || (!push && b.rank === null)) return html`<span class="muted">not estimated</span>`;
  const bar = push && pushBar(push, scale, kind);
  if (b.expected) return html`${bar}<span class="place">${chance(b.expected)}: ${expectedPoints(b.expected)}</span>`;
  return html`${bar}${b.rank === null ? null : html`<span class="place">rank ${b.rank} of ${ranked}</span>`}`;
}

/** How the shift came about, as far as interventions show it; a behaviour that did not move has nothing to explain. */
export function mechanismColumn({ geometry, audit }: ReportInput): Column | null {
  if (!geometry && audit.behaviours.every((b) => b.mechanism === null)) return null;
  return {
    className: "c-mechanism",
    head: "Mechanism",
    label: "Mechanism",
    cell: (b) => mechanismCell(b, explainedBy(b, geometry)),
  };
}

function mechanismCell(b: BehaviourResult, explained: ReturnType<typeof explainedBy>): Markup {
  if (!explained) {
    return b.verdict === "affected"
      ? html`<span class="muted">not tested</span>`
      : html`<span class="muted"><span aria-hidden="true">–</span><span class="visually-hidden">not asked: not affected</span></span>`;
  }
  const [name, plain] = [mechanismName(explained), mechanismPlain(explained)];
  const label = explained.anchor
    ? html`<a class="mech" href="#${explained.anchor}" title="${plain}">${name}</a>`
    : html`<abbr class="mech" title="${plain}">${name}</abbr>`;
  return html`${label}<span class="sub">${mechanismBrief(explained)}</span>`;
}

/** Forecast and mechanism in plain words, folded below the table. */
export function whyLegend(input: ReportInput): Markup | null {
  const { forecast } = input;
  const mechanism = mechanismColumn(input) !== null;
  if (!forecast && !mechanism) return null;
  const lines: [string, string][] = [
    ...(forecast ? [forecastWords(forecast)] : []),
    ...(mechanism
      ? [
          ...Object.entries(MECHANISM).map(([label, words]): [string, string] => [label, words.plain]),
          ...Object.entries(KIND).map(([kind, words]): [string, string] => [kind, words.plain]),
        ]
      : []),
  ];
  return html`<details class="why-legend"><summary>What ${[forecast ? "forecast" : "", mechanism ? "mechanism" : ""].filter((word) => word !== "").join(" and ")} mean${forecast && mechanism ? "" : "s"}</summary>${facts(lines)}</details>`;
}

function forecastWords({ calibrated, settings }: ForecastRecord): [string, string] {
  if (calibrated) return ["Forecast", `${CALIBRATED} ${calibrationWords(calibrated)}`];
  return ["Forecast, uncalibrated", `${settings.rehearsal ? REHEARSAL : PUSH} ${ORDER}`];
}

const CALIBRATED =
  "Said before training: the chance that the behaviour would be affected, and the shift to be expected in points with the range for nine in ten. It comes from a fifth of the training, done and thrown away.";
const REHEARSAL =
  "Said before training: a part of the training was done and thrown away; the bar is what that did to the behaviour\u2019s log-odds, the thin line its interval.";
const PUSH =
  "Computed from the base model and the data alone, before training: how strongly one small training step pushes the behaviour.";
const ORDER =
  "Right of the line is towards the behaviour. 1 is moved most. The order is meant, the size is not: it has not been calibrated.";
