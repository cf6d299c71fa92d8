import type { BehaviourResult, ForecastBehaviour, GeometryRecord } from "../../records/index.ts";
import { count, counted, percent, points, short, signed } from "../format.ts";
import type { Limits, ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { badge } from "./badge.ts";
import { quoted } from "./evidenceLink.ts";
import { folded } from "./folded.ts";

const [BEHAVIOURS, OPEN] = [4, 3];
const FILE = "forecast.json";
type Receipt = NonNullable<GeometryRecord["receipt"]>;

type Row = ForecastBehaviour["rows"][number];

export interface Blamed {
  readonly b: BehaviourResult;
  /** The rows that push the way that the behaviour moved; the others cannot be what moved it. */
  readonly rows: readonly Row[];
  readonly place: number;
}

/** Behaviours that moved beyond the task, with the rows that the forecast names for them. */
export function blamed(input: ReportInput): Blamed[] {
  return named(input).filter(({ rows }) => rows.length > 0);
}

function named({ audit, forecast }: ReportInput): Blamed[] {
  return audit.behaviours.flatMap((b) => {
    if (b.verdict !== "affected" || b.inTask) return [];
    const place = forecast?.behaviours.findIndex((one) => one.id === b.id && one.rows.length > 0) ?? -1;
    const said = forecast?.behaviours[place];
    const way = Math.sign(b.delta ?? 0);
    return said ? [{ b, place, rows: said.rows.filter((one) => Math.sign(one.influence) === way) }] : [];
  });
}

/** By its place in the record, because an id may be any text. */
export const rowsAnchor = (place: number) => `rows-${place + 1}`;

/** For each affected behaviour the training rows that push it most. */
export function rowsSection(input: ReportInput, limits: Limits): Markup | null {
  const receipt = input.geometry?.receipt ?? null;
  if (!input.forecast && !receipt) return null;
  const all = named(input);
  const parts = all
    .filter(({ rows }) => rows.length > 0)
    .sort((x, y) => Math.abs(y.b.delta ?? 0) - Math.abs(x.b.delta ?? 0));
  const cards = parts.map((part) => behaviourRows(part, input, limits));
  const body =
    parts.length > 0
      ? html`${cards.slice(0, BEHAVIOURS)}${folded(cards.slice(BEHAVIOURS), "behaviour")}`
      : html`<p class="empty">No behaviour beyond the task is affected and has rows named for it.</p>`;
  return html`<section id="rows"><h2>The rows that did it</h2>
<p class="lead">Training rows that push an affected behaviour most, by their line in the training file.</p>
<p class="note">Influence says how much a small step on this row alone changes the behaviour\u2019s log-odds in the base model: a first-order estimate, made before training. Risk says how close what the row amplifies lies to the features of the behaviour\u2019s riskier side, beyond chance; “adjacent” leaves out what it amplifies of these features themselves.</p>
${receipt ? receiptNote(receipt, input) : null}${body}${opposed(all.filter(({ rows }) => rows.length === 0))}</section>`;
}

function receiptNote(receipt: Receipt, input: ReportInput): Markup {
  const title = input.audit.behaviours.find((b) => b.id === receipt.behaviour)?.title ?? "a behaviour";
  const lines = receipt.lines.slice(0, 20).join(", ");
  const more = receipt.lines.length > 20 ? ` and ${count(receipt.lines.length - 20)} more` : "";
  return html`<p class="callout"><b>Receipt.</b> Trained again without the ${counted(receipt.removed, "row")} blamed most for “${title}”, its shift came to ${signed(receipt.deltaWithout)} nats instead of ${signed(receipt.delta)}; without as many random rows, ${signed(receipt.deltaRandom)}. ${predicted(receipt)} <span class="muted">Lines ${lines}${more}.</span></p>`;
}

const predicted = ({ predictedShare }: Receipt) =>
  predictedShare === null
    ? "The influences of all rows together do not point the way that it moved, and lay no share of it to these."
    : `The influences had laid ${percent(predictedShare)} of the shift to these rows.`;

function behaviourRows({ b, rows, place }: Blamed, input: ReportInput, limits: Limits): Markup {
  const shown = rows.slice(0, limits.rows);
  const items = shown.map((one) => rowItem(one, input, limits));
  const rest = items.slice(OPEN);
  const left = rows.length - shown.length;
  const note = left > 0 ? html`<p class="note">${counted(left, "weaker row")} in ${FILE}.</p>` : null;
  return html`<article class="card" id="${rowsAnchor(place)}"><header><h3>${b.title}</h3>${badge(b)}<span class="muted">${points(b.delta ?? 0)} points</span></header>
${items.slice(0, OPEN)}${folded(rest, "row")}${note}</article>
`;
}

function opposed(parts: readonly Blamed[]): Markup | null {
  if (parts.length === 0) return null;
  const titles = parts.map(({ b }) => `“${b.title}”`).join(", ");
  return html`<p class="note">For ${titles} only rows are named that push the other way than it moved. They do not explain the shift and are left in ${FILE}.</p>`;
}

function rowItem(one: Row, input: ReportInput, limits: Limits): Markup {
  const way = one.influence === 0 ? "" : one.influence > 0 ? "towards the behaviour" : "away from it";
  const text = (value: string) => quoted(value, Math.min(limits.textLength, 600), FILE);
  const words = input.redact
    ? html`<p class="note">Prompt and answer are left out of this report (redacted).</p>`
    : html`<div class="columns"><div><h4>Prompt</h4>${text(one.prompt)}</div><div><h4>Answer that it teaches</h4>${text(one.response)}</div></div>`;
  return html`<div class="item"><p class="score"><b>Line ${count(one.line)}</b> <span>influence ${signed(one.influence)} ${way}</span> <span class="muted">${riskOf(one)}</span></p>${words}</div>
`;
}

function riskOf({ risk, riskAdjacent }: Row): string | null {
  if (risk === null) return null;
  return riskAdjacent == null ? `risk ${short(risk)}` : `risk ${short(risk)}, adjacent ${short(riskAdjacent)}`;
}
