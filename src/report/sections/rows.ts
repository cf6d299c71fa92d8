import type { BehaviourResult, ForecastBehaviour, GeometryRecord } from "../../records/index.ts";
import { count, counted, percent, points, short, signed } from "../format.ts";
import type { Limits, ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { badge } from "./badge.ts";
import { quoted } from "./evidenceLink.ts";

const OPEN = 3;
const FILE = "forecast.json";
type Receipt = NonNullable<GeometryRecord["receipt"]>;

/** Has this behaviour moved beyond the task, and are rows named for it? */
export function blamed({
  audit,
  forecast,
}: ReportInput): { b: BehaviourResult; said: ForecastBehaviour; place: number }[] {
  return audit.behaviours.flatMap((b) => {
    if (b.verdict !== "affected" || b.inTask) return [];
    const place = forecast?.behaviours.findIndex((one) => one.id === b.id && one.rows.length > 0) ?? -1;
    const said = forecast?.behaviours[place];
    return said ? [{ b, said, place }] : [];
  });
}

/** By its place in the record, because an id may be any text. */
export const rowsAnchor = (place: number) => `rows-${place + 1}`;

/** For each affected behaviour the training rows that push it most. */
export function rowsSection(input: ReportInput, limits: Limits): Markup | null {
  const receipt = input.geometry?.receipt ?? null;
  if (!input.forecast && !receipt) return null;
  const parts = blamed(input).sort((x, y) => Math.abs(y.b.delta ?? 0) - Math.abs(x.b.delta ?? 0));
  const body =
    parts.length > 0
      ? html`${parts.map(({ b, said, place }) => behaviourRows(b, said, place, input, limits))}`
      : html`<p class="empty">No behaviour beyond the task is affected and has rows named for it.</p>`;
  return html`<section id="rows"><h2>The rows that did it</h2>
<p class="lead">Training rows that push an affected behaviour most, by their line in the training file.</p>
<p class="note">Influence says how much a small step on this row alone changes the behaviour\u2019s log-odds in the base model: a first-order estimate, made before training. Risk says how close what the row amplifies lies to the behaviour\u2019s features, beyond chance.</p>
${receipt ? receiptNote(receipt, input) : null}${body}</section>`;
}

function receiptNote(receipt: Receipt, input: ReportInput): Markup {
  const title = input.audit.behaviours.find((b) => b.id === receipt.behaviour)?.title ?? "a behaviour";
  const lines = receipt.lines.slice(0, 20).join(", ");
  const more = receipt.lines.length > 20 ? ` and ${count(receipt.lines.length - 20)} more` : "";
  return html`<p class="callout"><b>Receipt.</b> Trained again without the ${counted(receipt.removed, "row")} blamed most for “${title}”, its shift came to ${signed(receipt.deltaWithout)} nats instead of ${signed(receipt.delta)}; without as many random rows, ${signed(receipt.deltaRandom)}. The influences had laid ${percent(receipt.predictedShare)} of the shift to these rows. <span class="muted">Lines ${lines}${more}.</span></p>`;
}

function behaviourRows(
  b: BehaviourResult,
  said: ForecastBehaviour,
  place: number,
  input: ReportInput,
  limits: Limits,
): Markup {
  const shown = said.rows.slice(0, limits.rows);
  const items = shown.map((one) => rowItem(one, input, limits));
  const rest = items.slice(OPEN);
  const more =
    rest.length > 0 ? html`<details><summary>${counted(rest.length, "more row")}</summary>${rest}</details>` : null;
  const left = said.rows.length - shown.length;
  const note = left > 0 ? html`<p class="note">${counted(left, "weaker row")} in ${FILE}.</p>` : null;
  return html`<article class="card" id="${rowsAnchor(place)}"><header><h3>${b.title}</h3>${badge(b)}<span class="muted">${points(b.delta ?? 0)} points</span></header>${opposed(b, said)}
${items.slice(0, OPEN)}${more}${note}</article>
`;
}

/** Rows that push the other way than the behaviour went cannot be what moved it. */
function opposed(b: BehaviourResult, said: ForecastBehaviour): Markup | null {
  const way = Math.sign(b.delta ?? 0);
  return said.rows.every((one) => Math.sign(one.influence) === -way)
    ? html`<p class="note">These rows push the other way than the behaviour moved, so they do not explain the shift.</p>`
    : null;
}

function rowItem(one: ForecastBehaviour["rows"][number], input: ReportInput, limits: Limits): Markup {
  const way = one.influence === 0 ? "" : one.influence > 0 ? "towards the behaviour" : "away from it";
  const text = (value: string) => quoted(value, Math.min(limits.textLength, 600), FILE);
  const words = input.redact
    ? html`<p class="note">Prompt and answer are left out of this report (redacted).</p>`
    : html`<div class="columns"><div><h4>Prompt</h4>${text(one.prompt)}</div><div><h4>Answer that it teaches</h4>${text(one.response)}</div></div>`;
  return html`<div class="item"><p class="score"><b>Line ${count(one.line)}</b> <span>influence ${signed(one.influence)} ${way}</span> <span class="muted">${one.risk === null ? null : `risk ${short(one.risk)}`}</span></p>${words}</div>
`;
}
