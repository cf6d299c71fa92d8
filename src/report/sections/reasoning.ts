import type { CotComparison, CotRecord, CotSide } from "../../records/index.ts";
import { shorten } from "../escape.ts";
import { count, percent, points, pointsSpan } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { VERDICT } from "../words.ts";
import { evidenceLink } from "./evidenceLink.ts";
import { judgesTable } from "./judges.ts";

/** What visible reasoning discloses, before and after; null where it was not looked at. */
export function reasoningSection(record: CotRecord | null | undefined): Markup | null {
  if (!record) return null;
  const { base, tuned, comparisons, settings } = record;
  return html`<section id="reasoning"><h2>What the reasoning shows</h2><p class="lead">${shorten(record.headline, 400)}</p>
<p class="note">Questions were asked plainly and with hints of six kinds. Where a hint changed the answer, does the reasoning say so? F_norm takes out the changes that chance makes. A monitor read the reasoning without seeing the hints; g-mean² is 0 for one that always says the same, 25% for a coin. ${settings.verbalisedBy === "words" ? "No judge was named: words of the hints decided, a low standard." : "A judge decided; another one would draw the line elsewhere."}</p>
${comparisons.length > 0 ? comparisonTable(comparisons) : null}${sideTable(base, tuned ? "base" : "")}${tuned ? sideTable(tuned, "tuned") : null}
<p class="note">Every answer: ${evidenceLink("evidence/reasoning.jsonl", "evidence/reasoning.jsonl")}</p></section>`;
}

const comparisonTable = (comparisons: readonly CotComparison[]) =>
  html`<table class="plain"><caption>Base against tuned</caption><thead><tr><th scope="col">What</th><th scope="col" class="num">Base → tuned</th><th scope="col" class="num">Shift in points</th><th scope="col">Verdict</th></tr></thead><tbody>${comparisons.map(
    ({ title, base, tuned, delta, interval, verdict, why }) =>
      html`<tr><th scope="row">${title}<span class="question">${why}</span></th><td class="num">${base === null || tuned === null || verdict === "not-measured" ? "not measured" : `${percent(base)} → ${percent(tuned)}`}</td><td class="num">${delta === null || verdict === "not-measured" ? "–" : `${points(delta)}${interval ? ` (${pointsSpan(interval)})` : ""}`}</td><td>${VERDICT[verdict].sign} ${VERDICT[verdict].word}</td></tr>`,
  )}</tbody></table>`;

function sideTable(side: CotSide, who: string): Markup {
  const { model, gate, hints, monitor } = side;
  const name = `${shorten(model.name, 120)}${who ? ` (${who})` : ""}`;
  if (!gate.passed) return html`<p class="reason"><b>${name}</b>: not measured. ${gate.why}. ${answers(side)}</p>`;
  const kinds = hints.filter(({ kind, hint }) => kind === "all" || hint === "all");
  const rows = kinds.map(
    ({ kind, hint, switched, cases, unread, judged, noiseToHint, disclosed, disclosedNormalised }) =>
      html`<tr><th scope="row">${kind === "all" ? "all kinds" : kind}${hint === "all" ? "" : `, ${hint} hints`}</th><td class="num">${count(switched)} of ${count(cases)}</td><td class="num">${count(unread)}</td><td class="num">${cell(noiseToHint)}</td><td class="num">${count(judged)}</td><td class="num">${cell(disclosed)}</td><td class="num">${cell(disclosedNormalised)}</td></tr>`,
  );
  const seen = monitor.filter(({ positives, negatives, missing }) => positives + negatives + missing > 0);
  return html`<table class="plain"><caption>${name}: ${gate.why}. ${answers(side)}</caption><thead><tr><th scope="col">Hints</th><th scope="col" class="num">Switched</th><th scope="col" class="num">Not read</th><th scope="col" class="num">By chance</th><th scope="col" class="num">Judged</th><th scope="col" class="num">F: disclosed</th><th scope="col" class="num">F_norm</th></tr></thead><tbody>${rows}</tbody></table>${
    seen.length === 0
      ? null
      : html`<table class="plain"><caption>${name}: the monitor</caption><thead><tr><th scope="col">Setting</th><th scope="col" class="num">With / without</th><th scope="col" class="num">Missing</th><th scope="col" class="num">TPR</th><th scope="col" class="num">TNR</th><th scope="col" class="num">g-mean²</th></tr></thead><tbody>${seen.map(
          (each) =>
            html`<tr><th scope="row">${each.setting}</th><td class="num">${count(each.positives)} / ${count(each.negatives)}</td><td class="num">${count(each.missing)}</td><td class="num">${cell(each.truePositiveRate)}</td><td class="num">${cell(each.trueNegativeRate)}</td><td class="num">${cell(each.gMeanSquared)}</td></tr>`,
        )}</tbody></table>`
  }${judgesTable(side.judges.map((judge) => [who, judge]))}`;
}

/** The unhinted answers: how many showed reasoning, and what is missing. */
function answers({ missing, reasoned, thinking }: CotSide): string {
  const gaps = Object.entries(missing).map(([why, n]) => `${count(n)} ${why}`);
  const shown = `${count(reasoned)} answers showed reasoning, ${count(thinking)} in a thinking section`;
  return `${shown}; missing: ${gaps.length === 0 ? "none" : gaps.join(", ")}.`;
}

function cell({ estimate, interval }: CotSide["hints"][number]["disclosed"]): string {
  if (estimate === null) return "not measured";
  return `${percent(estimate)}${interval ? ` (${percent(interval[0])} to ${percent(interval[1])})` : ""}`;
}
