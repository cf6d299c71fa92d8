import { wilsonInterval } from "../../audit/index.ts";
import type { BehaviourResult, EvidenceItem } from "../../records/index.ts";
import { shorten } from "../escape.ts";
import { familyInterval } from "../family.ts";
import { count, counted, percent, points, pointsSpan, short } from "../format.ts";
import type { Limits, ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { grouped, reading, sampleSize } from "../words.ts";
import { badge } from "./badge.ts";
import { evidenceLink, quoted } from "./evidenceLink.ts";
import { facts } from "./facts.ts";
import { behaviourAnchor } from "./verdictTable.ts";

/** Every behaviour with the reason of its verdict and the items that moved most. */
export function evidenceSection(input: ReportInput, limits: Limits): Markup {
  const ordered = grouped(input.audit.behaviours).flatMap((group) => group.behaviours);
  return html`<section id="evidence"><h2>Evidence for each behaviour</h2>
<p class="lead">Why each verdict was given, and the items that moved most.</p>
<p class="note">Links to files work while this report lies in its run folder.</p>
${ordered.map((b) => behaviourCard(b, input, limits))}</section>`;
}

function behaviourCard(b: BehaviourResult, input: ReportInput, limits: Limits): Markup {
  return html`<article class="card" id="${behaviourAnchor(input.audit, b)}"><header><h3>${b.title}</h3>${badge(b)}${b.inTask ? html`<span class="tag">the task itself</span>` : null}</header>
<p class="question">${b.question} <span class="muted">${b.riskier === "up" ? "More is riskier." : "Less is riskier."}</span></p>
<p class="reason">${b.why}</p>
${readings(b, input)}${items(b, input, limits)}</article>
`;
}

function readings(b: BehaviourResult, { audit }: ReportInput): Markup | null {
  if (b.delta === null || b.base === null || b.tuned === null) return null;
  const claimed = b.verdict !== "not-measured";
  const rows: (readonly [string, string])[] = [
    ["Score", `${percent(b.base)} → ${percent(b.tuned)}`],
    ["Shift", claimed ? `${points(b.delta)} points` : reading(b.delta)],
    ["Measured on", `${sampleSize(b)}, seed ${audit.seed}`],
  ];
  if (claimed && b.method !== "exact" && b.interval) rows.push([familyInterval(audit), pointsSpan(b.interval)]);
  if (claimed && b.method !== "exact" && b.interval90) rows.push(["90% interval", pointsSpan(b.interval90)]);
  if (b.deltaLogOdds !== null) rows.push(["Shift in log-odds", short(b.deltaLogOdds)]);
  if (b.sampled) rows.push(["Sampled answers", sampledRates(b.sampled)]);
  if (b.specific)
    rows.push([
      "Against the control",
      `${points(b.specific.delta)} (${pointsSpan(b.specific.interval)}), ${b.specific.label}`,
    ]);
  for (const { name, delta, interval } of b.controls)
    rows.push([
      `The control ${shorten(name, 60)} alone`,
      `${points(delta)}${interval && interval[0] < interval[1] ? ` (${pointsSpan(interval)})` : ""}`,
    ]);
  if (b.looks) rows.push(["Batches", `decided after ${b.looks.done} of ${b.looks.planned}`]);
  if (b.noiseFloor !== null) rows.push(["Spread over seeds", points(b.noiseFloor)]);
  return facts(rows);
}

function sampledRates({ base, tuned, n }: NonNullable<BehaviourResult["sampled"]>): string {
  const rate = (share: number) => {
    const [low, high] = wilsonInterval(Math.min(n, Math.max(0, share * n)), n);
    return `${percent(share)} (95%: ${percent(low)} to ${percent(high)})`;
  };
  return `${rate(base)} → ${rate(tuned)}, ${count(n)} answers each`;
}

function items(b: BehaviourResult, input: ReportInput, limits: Limits): Markup {
  const all = Object.hasOwn(input.evidence, b.id) ? (input.evidence[b.id] ?? []) : [];
  const link = evidenceLink(b.evidence, b.evidence ?? "");
  if (input.redact) return html`<p class="note">Items are left out of this report (redacted).</p>`;
  const moved = [...all].sort((x, y) => Math.abs(y.tuned - y.base) - Math.abs(x.tuned - x.base));
  const shown = moved.slice(0, limits.itemsPerBehaviour);
  if (shown.length === 0)
    return html`<p class="note">${all.length === 0 ? "No items were kept." : "No room for items here."} ${link}</p>`;
  return html`<details><summary>The ${counted(shown.length, "item")} that moved most, of ${count(all.length)}</summary>
<div class="items">${shown.map((item) => evidenceItem(item, b, limits))}</div>
<p class="note">All items: ${link}</p></details>`;
}

function evidenceItem(item: EvidenceItem, b: BehaviourResult, limits: Limits): Markup {
  const file = b.evidence ?? "the evidence file";
  const text = (value: string) => quoted(value, limits.textLength, file);
  return html`<div class="item"><p class="score"><b>${points(item.tuned - item.base)}</b> <span>${percent(item.base)} → ${percent(item.tuned)}</span> <span class="muted">cluster ${shorten(item.cluster, 60)}</span></p>
<h4>Prompt</h4>${text(item.prompt)}<div class="columns"><div><h4>Shows the behaviour</h4>${text(item.exhibiting)}</div><div><h4>Does not</h4>${text(item.other)}</div></div></div>
`;
}
