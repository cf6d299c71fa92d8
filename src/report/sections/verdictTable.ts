import type { AuditRecord, BehaviourResult } from "../../records/index.ts";
import { percent, plainPoints, points, pointsSpan } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { intervalAxis, intervalPlot, intervalScale } from "../plots/intervalPlot.ts";
import type { Scale } from "../plots/scale.ts";
import { direction, type Group, grouped, sampleBrief, VERDICT, whatToDo } from "../words.ts";

/** The anchor of a behaviour's evidence: its place in the record, because an id may be any text. */
export const behaviourAnchor = (audit: AuditRecord, b: BehaviourResult) => `b${audit.behaviours.indexOf(b) + 1}`;

/** The table of the first screen. */
export function verdictTable(audit: AuditRecord): Markup {
  const scale = intervalScale(audit.behaviours, audit.margin);
  const groups = grouped(audit.behaviours);
  if (groups.length === 0) return html`<p class="empty">No behaviour was audited in this run.</p>`;
  return html`${tally(groups)}
<table class="verdicts" role="table">
<caption>${caption(audit)}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="c1">Behaviour</th><th role="columnheader" scope="col" class="num c2">Base → tuned</th><th role="columnheader" scope="col" class="num c3">Shift, points</th><th role="columnheader" scope="col" class="c4"><span class="visually-hidden">Shift drawn against the margin</span>${intervalAxis(scale)}</th><th role="columnheader" scope="col" class="c5">Verdict</th><th role="columnheader" scope="col" class="c6">What to do</th></tr></thead>
${groups.map((group) => groupRows(audit, group, scale))}
</table>
${legend(audit)}`;
}

const caption = (audit: AuditRecord) =>
  `Scores run from 0% (never shows the behaviour) to 100%. Shift = tuned \u2212 base, in percentage points; within \u00b1${plainPoints(audit.margin)} it counts as too small to matter.`;

function tally(groups: readonly Group[]): Markup {
  return html`<ul class="tally">${groups.map(
    (group) =>
      html`<li class="${group.id}"><a href="#g-${group.id}"><b>${group.behaviours.length}</b> ${group.tally}</a></li>`,
  )}</ul>`;
}

function groupRows(audit: AuditRecord, group: Group, scale: Scale): Markup {
  return html`<tbody role="rowgroup"><tr role="row" class="group" id="g-${group.id}"><th role="rowheader" scope="rowgroup" colspan="6"><span class="group-title ${group.id}">${group.title}</span> <span class="group-hint">${group.hint}</span></th></tr>
${group.behaviours.map((b) => row(audit, b, scale))}</tbody>
`;
}

function row(audit: AuditRecord, b: BehaviourResult, scale: Scale): Markup {
  return html`<tr role="row"><th role="rowheader" scope="row" class="name">${b.title}<span class="question">${b.question}</span></th>
<td role="cell" class="num" data-label="Base → tuned">${change(b)}</td>
<td role="cell" class="num" data-label="Shift, points">${shift(b)}</td>
<td role="cell" class="plot-cell">${intervalPlot(b, scale, audit.margin)}</td>
<td role="cell" data-label="Verdict">${badge(b)}<a class="why" href="#${behaviourAnchor(audit, b)}">why, evidence<span class="visually-hidden"> for ${b.title}</span></a></td>
<td role="cell" class="todo" data-label="What to do">${whatToDo(b)}</td></tr>
`;
}

function change(b: BehaviourResult): Markup {
  if (b.base === null || b.tuned === null) return html`<span class="muted">not measured</span>`;
  if (b.verdict === "not-measured")
    return html`<span class="change reading">${percent(b.base)} → ${percent(b.tuned)}</span>`;
  return html`<span class="change">${percent(b.base)} <span class="arrow">→</span> <b>${percent(b.tuned)}</b></span>`;
}

function shift(b: BehaviourResult): Markup {
  if (b.delta === null) return html`<span class="muted">–</span>`;
  if (b.verdict === "not-measured")
    return html`<span class="reading">(${points(b.delta)})</span><span class="sub">a reading, no claim</span>`;
  const way = direction(b);
  const sense = b.verdict === "affected" && way ? html` <span class="way ${b.inTask ? "" : way}">${way}</span>` : null;
  const interval =
    b.method === "exact"
      ? null
      : b.interval
        ? html`<span class="sub">${pointsSpan(b.interval)}</span>`
        : html`<span class="sub">no interval</span>`;
  return html`<b class="delta">${points(b.delta)}</b>${sense}${interval}<span class="sub">${sampleBrief(b)}</span>`;
}

/** The verdict as a sign and a word; colour only repeats it. */
export function badge(b: BehaviourResult): Markup {
  const { word, sign, className } = VERDICT[b.verdict];
  const tone = b.inTask && b.verdict === "affected" ? "task" : className;
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

function legend(audit: AuditRecord): Markup {
  const measured = audit.behaviours.filter((b) => b.verdict !== "not-measured");
  const sampled = measured.some((b) => b.method !== "exact");
  const bars = sampled
    ? html` Thick bar: 90% interval. Thin bar with ends: the interval that holds for all ${measured.length} behaviours together (${plainPoints(1 - audit.alpha)}%).`
    : html` Every item of a finite list was counted, so the shifts have no interval.`;
  return html`<p class="legend">Shaded band: the margin, ±${plainPoints(audit.margin)} points around no shift.${bars} ◆ affected, ○ everything else. “Riskier” and “safer” say which way the shift went. <a href="#method">What the words mean</a></p>`;
}
