import type { AuditRecord, BehaviourResult } from "../../records/index.ts";
import { together } from "../family.ts";
import { percent, plainPoints, points } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { advice, ROWS_BELOW, shownBy } from "../mechanismWords.ts";
import { intervalAxis, intervalPlot, intervalScale } from "../plots/intervalPlot.ts";
import { decidedAlone, decisiveInterval, direction, type Group, grouped, NO_CLAIM, sampleBrief } from "../words.ts";
import { badge } from "./badge.ts";
import type { Column } from "./column.ts";
import { forecastColumn, mechanismColumn, whyLegend } from "./explanation.ts";
import { blamed, rowsAnchor } from "./rows.ts";
import { takeBack } from "./takeBack.ts";

/** The anchor of a behaviour's evidence: its place in the record, because an id may be any text. */
export const behaviourAnchor = (audit: AuditRecord, b: BehaviourResult) => `b${audit.behaviours.indexOf(b) + 1}`;

/** The table of the first screen. */
export function verdictTable(input: ReportInput): Markup {
  const { audit } = input;
  const groups = grouped(audit.behaviours);
  if (groups.length === 0) return html`<p class="empty">No behaviour was audited in this run.</p>`;
  const columns = columnsOf(input);
  return html`${tally(groups)}
<table class="verdicts with-${columns.length}" role="table">
<caption>${caption(audit)}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="c-name">Behaviour</th>${columns.map((column) => html`<th role="columnheader" scope="col" class="${column.className}">${column.head}</th>`)}</tr></thead>
${groups.map((group) => groupRows(group, columns))}
</table>
${legend(audit)}${takeBack(input)}${whyLegend(input)}`;
}

/** Forecast and mechanism have a column where the run has their record. */
function columnsOf(input: ReportInput): Column[] {
  const { audit, geometry } = input;
  const scale = intervalScale(audit.behaviours, audit.margin);
  const places = new Map(blamed(input).map(({ b, place }) => [b, place]));
  const todo = (b: BehaviourResult) => {
    const place = places.get(b);
    const said = advice(b, shownBy(b, geometry), { rowsNamed: place !== undefined, margin: audit.margin });
    const [before, after] = said.split(ROWS_BELOW);
    if (place === undefined || after === undefined) return said;
    return html`${before ?? ""}<a href="#${rowsAnchor(place)}">${ROWS_BELOW}<span class="visually-hidden"> for ${b.title}</span></a>${after}`;
  };
  const columns: (Column | null)[] = [
    forecastColumn(input),
    { className: "num c-shift", head: "Measured shift, points", label: "Measured shift, points", cell: shift },
    {
      className: "plot-cell c-plot",
      head: html`<span class="visually-hidden">Shift drawn against the margin</span>${intervalAxis(scale)}`,
      label: null,
      cell: (b) => intervalPlot(b, scale, audit.margin),
    },
    {
      className: "c-verdict",
      head: "Verdict",
      label: "Verdict",
      cell: (b) =>
        html`${badge(b)}<a class="why" href="#${behaviourAnchor(audit, b)}">why, evidence<span class="visually-hidden"> for ${b.title}</span></a>`,
    },
    mechanismColumn(input),
    { className: "todo c-todo", head: "What to do", label: "What to do", cell: todo },
  ];
  return columns.filter((column) => column !== null);
}

const caption = (audit: AuditRecord) =>
  `Scores run from 0% (never shows the behaviour) to 100%. Shift = tuned \u2212 base, in percentage points; within \u00b1${plainPoints(audit.margin)} it counts as too small to matter.`;

function tally(groups: readonly Group[]): Markup {
  return html`<ul class="tally">${groups.map(
    (group) =>
      html`<li class="${group.id}"><a href="#g-${group.id}"><b>${group.behaviours.length}</b> ${group.tally}</a></li>`,
  )}</ul>`;
}

function groupRows(group: Group, columns: readonly Column[]): Markup {
  return html`<tbody role="rowgroup"><tr role="row" class="group" id="g-${group.id}"><th role="rowheader" scope="rowgroup" colspan="${columns.length + 1}"><span class="group-title ${group.id}">${group.title}</span> <span class="group-hint">${group.hint}</span></th></tr>
${group.behaviours.map((b) => row(b, columns))}</tbody>
`;
}

function row(b: BehaviourResult, columns: readonly Column[]): Markup {
  return html`<tr role="row"><th role="rowheader" scope="row" class="name">${b.title}<span class="question">${b.question}</span></th>
${columns.map((column) => cell(b, column))}</tr>
`;
}

const cell = (b: BehaviourResult, { className, label, cell }: Column) =>
  label === null
    ? html`<td role="cell" class="${className}">${cell(b)}</td>
`
    : html`<td role="cell" class="${className}" data-label="${label}">${cell(b)}</td>
`;

function change(b: BehaviourResult): Markup {
  if (b.base === null || b.tuned === null) return html`<span class="sub">not measured</span>`;
  if (b.verdict === "not-measured")
    return html`<span class="sub change reading">${percent(b.base)} → ${percent(b.tuned)}</span>`;
  return html`<span class="sub change">${percent(b.base)} → ${percent(b.tuned)}</span>`;
}

function shift(b: BehaviourResult): Markup {
  if (b.delta === null) return html`<span class="muted">–</span>${change(b)}`;
  if (b.verdict === "not-measured")
    return html`<span class="reading">(${points(b.delta)})</span>${change(b)}<span class="sub">${NO_CLAIM}</span>`;
  const way = direction(b);
  const sense = b.verdict === "affected" && way ? html` <span class="way ${b.inTask ? "" : way}">${way}</span>` : null;
  const interval = b.method === "exact" ? null : html`<span class="sub">${decisiveInterval(b) ?? "no interval"}</span>`;
  const specific = b.specific
    ? html`<span class="sub specific">against the control ${points(b.specific.delta)}: ${b.specific.label}</span>`
    : null;
  return html`<b class="delta">${points(b.delta)}</b>${sense}${change(b)}${interval}<span class="sub">${sampleBrief(b)}</span>${specific}`;
}

function legend(audit: AuditRecord): Markup {
  const measured = audit.behaviours.filter((b) => b.verdict !== "not-measured");
  const sampled = measured.some((b) => b.method !== "exact");
  const alone = measured.some(decidedAlone) ? " Where a row says 90%, that interval decided it." : "";
  const bars = sampled
    ? html` Thick bar: 90% interval of this behaviour alone. Thin bar with ends: the interval that holds for ${together(audit)} (${plainPoints(1 - audit.alpha)}%).${alone}`
    : html` Every item of a finite list was counted, so the shifts have no interval.`;
  return html`<p class="legend">Shaded band: the margin, ±${plainPoints(audit.margin)} points around no shift.${bars} ◆ affected, ○ everything else. “Riskier” and “safer” say which way the shift went. <a href="#method">What the words mean</a></p>`;
}
