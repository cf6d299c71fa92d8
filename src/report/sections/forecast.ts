import type { BehaviourResult, ForecastBehaviour, ForecastRecord, Spillover } from "../../records/index.ts";
import { calibrationWords, chance, forecastCameTrue } from "../expectedWords.ts";
import { cosine, count, counted, points, short, signed, signedFixed } from "../format.ts";
import { hookLabel } from "../hookLabel.ts";
import type { ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import {
  EXPECTED,
  type PushKind,
  pushAxis,
  pushBar,
  pushKindOf,
  pushScale,
  pushText,
  REHEARSED,
  TANGENT,
} from "../plots/pushBar.ts";
import type { Scale } from "../plots/scale.ts";
import { type Shape, scatter } from "../plots/scatter.ts";
import { badge } from "./badge.ts";
import { facts } from "./facts.ts";

type Results = ReadonlyMap<string, BehaviourResult>;

/** What base model and data alone said before any training, beside what came. Absent where nobody asked. */
export function forecastSection({ audit, forecast }: ReportInput): Markup | null {
  if (!forecast) return null;
  const results: Results = new Map(audit.behaviours.map((b) => [b.id, b]));
  const ranked = [...forecast.behaviours].sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity));
  const titled = ranked.map((b) => ({ ...b, title: results.get(b.id)?.title ?? b.title }));
  return html`<section id="forecast"><h2>Before training: the forecast</h2>
<p class="lead">Before anything was trained, the base model and your data were asked which behaviours a fine-tune would push. This is what they said, and what came.</p>
${callout(forecast, results)}
${forecastTable(titled, results, forecast)}
<div class="split">${against(titled, results, forecast)}${howToRead(forecast)}</div>
${moreNumbers(titled, forecast)}</section>`;
}

function callout(forecast: ForecastRecord, results: Results): Markup {
  const { calibrated, uncalibrated } = forecast;
  const came = forecastCameTrue(forecast, results);
  if (calibrated)
    return html`${came && html`<p class="callout"><b>${came}</b></p>`}<p class="note">${calibrationWords(calibrated)}</p>`;
  const why = uncalibrated ?? "no study has yet compared it with enough fine-tunes of this kind of model";
  return html`<p class="callout"><b>Uncalibrated.</b> The forecast says which behaviour is pushed more than which, not by how much: ${why}.</p>`;
}

function forecastTable(behaviours: readonly ForecastBehaviour[], results: Results, forecast: ForecastRecord): Markup {
  if (behaviours.length === 0) return html`<p class="empty">No behaviour was forecast.</p>`;
  const kind = pushKindOf(forecast);
  const scale = pushScale(behaviours, kind);
  const features = behaviours.some((b) => b.spillover);
  const columns = { features, rehearsed: forecast.settings.rehearsal != null && kind !== REHEARSED, kind };
  const { rehearsed } = columns;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Forecast for each behaviour, scrolls sideways"><table class="grid forecast"><caption class="visually-hidden">Forecast for each behaviour, the strongest push first</caption>
<thead><tr><th scope="col" rowspan="2" class="num">Rank</th><th scope="col" rowspan="2">Behaviour</th><th scope="col" rowspan="2" colspan="2" class="push-head">${HEADS.get(kind) ?? kind.what}${pushAxis(scale)}</th>${rehearsed ? html`<th scope="col" rowspan="2" class="num">Rehearsed</th>` : null}<th scope="col" rowspan="2" class="num">Mean difference</th>${features ? html`<th scope="colgroup" colspan="2" class="num">Closeness of features</th>` : null}<th scope="col" rowspan="2" class="what-came">What came</th></tr>
${features ? html`<tr><th scope="col" class="num">by gradient<span class="sub">direct | adjacent</span></th><th scope="col" class="num">by activation<span class="sub">direct | adjacent</span></th></tr>` : null}</thead>
<tbody>${behaviours.map((b) => row(b, results.get(b.id), scale, columns))}</tbody></table></div>
<p class="note">${trivial(forecast)}</p>`;
}

const HEADS: ReadonlyMap<PushKind, Markup> = new Map([
  [EXPECTED, html`Expected shift, points<span class="sub">chance that it is affected</span>`],
  [REHEARSED, html`Rehearsed shift, nats`],
  [TANGENT, html`Push by the data`],
]);

interface Columns {
  readonly features: boolean;
  readonly rehearsed: boolean;
  readonly kind: PushKind;
}

function row(
  b: ForecastBehaviour,
  result: BehaviourResult | undefined,
  scale: Scale,
  { features, rehearsed, kind }: Columns,
): Markup {
  const push = kind.of(b);
  const odds = b.expected ? html`<span class="sub">${chance(b.expected)}</span>` : null;
  const bar = push
    ? html`<td class="num strong">${pushText(push.value, scale)}<span class="sub">${pushText(push.range[0], scale)} to ${pushText(push.range[1], scale)}</span>${odds}</td><td class="bar-cell">${pushBar(push, scale, kind)}</td>`
    : html`<td class="muted num">${kind === EXPECTED && b.inTask ? "it is taught" : "not estimated"}</td><td></td>`;
  return html`<tr><td class="num">${b.rank ?? "–"}</td><th scope="row">${b.title}${b.inTask ? html` <span class="tag">the task itself</span>` : null}</th>${bar}${rehearsed ? rehearsal(b) : null}${difference(b)}${features ? html`${closeness(b.spillover?.grad)}${closeness(b.spillover?.act)}` : null}<td class="what-came">${came(result)}</td></tr>
`;
}

const dash = html`<span class="muted">–</span>`;

const rehearsal = ({ rehearsal: r }: ForecastBehaviour) =>
  html`<td class="num">${r ? html`${signed(r.deltaLogOdds)}${r.interval ? html`<span class="sub">${signed(r.interval[0])} to ${signed(r.interval[1])}</span>` : null}` : dash}</td>`;

const difference = ({ meanDifference: m }: ForecastBehaviour) =>
  html`<td class="num">${m ? html`${cosine(m.cosine)}<span class="sub">p ${short(m.pAdjusted, 2)}</span>` : dash}</td>`;

const closeness = (s: Spillover | undefined) =>
  html`<td class="num">${
    s
      ? html`${cosine(s.direct)} <span class="muted">|</span> ${cosine(s.adjacent)}<span class="sub">${s.z === null ? null : html`z ${signedFixed(s.z, 1)}, `}p ${short(s.pAdjusted, 2)}</span>`
      : dash
  }</td>`;

function came(b: BehaviourResult | undefined): Markup {
  if (!b) return html`<span class="muted">not audited</span>`;
  const shift = b.delta === null || b.verdict === "not-measured" ? null : html` <b class="came">${points(b.delta)}</b>`;
  return html`${badge(b)}${shift}`;
}

function trivial({ baseline }: ForecastRecord): Markup {
  const control = baseline.lossOnControl === null ? "" : `, and ${short(baseline.lossOnControl)} on the control`;
  return html`The trivial baseline, which needs none of this: the base\u2019s own loss is ${short(baseline.lossOnData)} nats a token on the data${control}. Data that surprise the base more move it more; a forecast is worth something where it says more than this.`;
}

/** Forecast against measured, as drawn by the records; no correlation is computed here. Points against points where it is calibrated. */
function against(behaviours: readonly ForecastBehaviour[], results: Results, forecast: ForecastRecord): Markup {
  const kind = pushKindOf(forecast);
  const scale = pushScale(behaviours, kind);
  const inPoints = kind === EXPECTED;
  const both = behaviours.flatMap((b) => {
    const [push, result] = [kind.of(b), results.get(b.id)];
    const measured = inPoints ? result?.delta : result?.deltaLogOdds;
    if (!push || !result || measured == null || result.verdict === "not-measured") return [];
    const rank = b.rank === null ? "" : `${b.rank}`;
    const came = inPoints ? points(measured) : `${signed(measured)} nats`;
    const title = `${b.title}: ${kind.what.toLowerCase()} ${pushText(push.value, scale)}, measured ${came}`;
    return [{ x: push.value, y: inPoints ? 100 * measured : measured, title, label: rank, shape: shapeOf(result) }];
  });
  const axes = inPoints
    ? { xTitle: "Expected shift, points", yTitle: "Measured shift, points" }
    : { xTitle: `${kind.what} (uncalibrated)`, yTitle: "Measured shift, nats of log-odds" };
  if (both.length === 0)
    return html`<p class="empty">No behaviour has both a forecast and a measured shift, so the two cannot be drawn against each other.</p>`;
  const label = `Forecast against measured shift of ${counted(both.length, "behaviour")}: ${both.map((point) => point.title).join("; ")}`;
  return html`<figure><figcaption>Forecast against measured <span class="key">${swatch("diamond")}affected</span> <span class="key">${swatch("hollow")}others</span> <span class="key">${swatch("square")}the task itself</span></figcaption>${scatter(
    { label, ...axes, points: both },
  )}<p class="note">The number beside a mark is its rank in the table.</p></figure>`;
}

const shapeOf = (b: BehaviourResult): Shape => (b.inTask ? "square" : b.verdict === "affected" ? "diamond" : "hollow");

const swatch = (shape: Shape) => html`<span class="shape ${shape}" aria-hidden="true"></span>`;

function howToRead(forecast: ForecastRecord): Markup {
  const { settings, control } = forecast;
  const compared = control
    ? `The control is ${control.what} (${count(control.rows)} rows, ${count(control.tokens)} tokens): what it would push stands beside the data\u2019s in the table of all numbers. It is not taken off, because a step of Adam has one size however weak its reason.`
    : "There was no control, so that nothing tells what fine-tuning on anything would push.";
  const closeness =
    settings.dictionaryHook === null
      ? html`<p>Without a dictionary there are no features to be compared.</p>`
      : html`<p><b>Closeness of features</b> asks whether what the data amplify points the same way as the features that make up the behaviour: “direct” the behaviour\u2019s own, “adjacent” others near them. z counts standard deviations beyond random sets of features; p is how often chance does as well, corrected for the number of behaviours. <b>Shared weight</b>, in the table of all numbers: how much of what the data amplify <em>is</em> the behaviour\u2019s own, 0 to 1.</p>`;
  return html`<div class="aside"><h3>How to read the forecast</h3>${forecast.calibrated ? html`<p><b>Expected shift</b>: what a study of this base saw come of rehearsals like this one; the thin line is the range for nine in ten. The percentage is the chance of the verdict “affected”.</p>` : null}<p><b>Push</b>${settings.rehearsal ? ", in the table of all numbers" : ""}: how far one small training step on the data would move the behaviour\u2019s log-odds, averaged over ${counted(settings.draws, "random start")} of the adapter; more than 0 is towards the behaviour. ${compared}</p>${settings.objective === "dpo" ? html`<p>The data are preference pairs: what was rehearsed is the training on the pairs; every other estimate is of the preferred answers alone.</p>` : null}${settings.dora ? html`<p>The training also trains the norms of weight rows (DoRA)${settings.rehearsal ? ", and so did the rehearsal" : ""}; push and influences are those of its low-rank part alone.</p>` : null}${settings.rehearsal ? html`<p><b>Rehearsed</b>: the first ${counted(settings.rehearsal.steps, "step")} of this very training, on ${counted(settings.rehearsal.rows, "row")}, done and thrown away; what they did to the behaviour\u2019s log-odds on some of its items, in nats, with the interval over groups of items; right is towards the behaviour, left away from it. Behaviours are ranked by it.</p>` : null}<p><b>Mean difference</b>: cosine between where the data move the model\u2019s inner state and the behaviour\u2019s own direction.</p>${closeness}<p>${count(settings.rows)} of ${count(forecast.data.rows)} rows, ${count(settings.permutations)} permutations, adapter rank ${settings.rank}, seed ${settings.seed}.</p></div>`;
}

/** Everything else that the record holds, for who wants to check. */
function moreNumbers(behaviours: readonly ForecastBehaviour[], forecast: ForecastRecord): Markup | null {
  if (behaviours.length === 0) return null;
  return html`<details><summary>All numbers of the forecast</summary>${facts([
    ["Base", forecast.base.name],
    ["Data", `${forecast.data.name}, ${counted(forecast.data.rows, "row")}`],
    ["Dictionary at", forecast.settings.dictionaryHook ?? "none"],
  ])}
<div class="scroll" role="region" tabindex="0" aria-label="All numbers of the forecast, scrolls sideways"><table class="grid"><caption class="visually-hidden">All numbers of the forecast</caption><thead><tr><th scope="col">Behaviour</th><th scope="col" class="num">Adam step: data</th><th scope="col" class="num">control</th><th scope="col" class="num">Plain step: data</th><th scope="col" class="num">control</th><th scope="col">Mean difference at</th><th scope="col" class="num">p alone</th><th scope="col" class="num">Principal angles</th><th scope="col" class="num">Closeness by gradient: total</th><th scope="col" class="num">p by sets, labels, directions</th><th scope="col" class="num">by activation: total</th><th scope="col" class="num">p by sets, labels, directions</th><th scope="col" class="num">Shared weight</th><th scope="col" class="num">Items of the rehearsal</th></tr></thead>
<tbody>${behaviours.map(numbers)}</tbody></table></div></details>`;
}

function numbers(b: ForecastBehaviour): Markup {
  const { tangent: t, meanDifference: m, principalAngles: angles } = b;
  const cell = (value: number | null | undefined) =>
    html`<td class="num">${value === null || value === undefined ? dash : signed(value)}</td>`;
  const nulls = (s: Spillover | undefined) =>
    html`${cell(s?.total)}<td class="num">${s ? [s.p.sets, s.p.labels, s.p.directions].map((p) => short(p, 2)).join(", ") : dash}</td>`;
  const adam = t
    ? html`<td class="num">${signed(t.adam)}<span class="sub">${signed(t.adamRange[0])} to ${signed(t.adamRange[1])}</span></td>`
    : cell(null);
  return html`<tr><th scope="row">${b.title}</th>${adam}${cell(t?.adamControl)}${cell(t?.plain)}${cell(t?.plainControl)}<td>${m ? hookLabel(m.hook) : dash}</td><td class="num">${m ? short(m.p, 2) : dash}</td><td class="num">${angles && angles.length > 0 ? angles.map((angle) => `${short(angle, 3)}°`).join(", ") : dash}</td>${nulls(b.spillover?.grad)}${nulls(b.spillover?.act)}<td class="num">${b.sharedWeight === null ? dash : cosine(b.sharedWeight)}</td><td class="num">${b.rehearsal?.items ?? dash}</td></tr>
`;
}
