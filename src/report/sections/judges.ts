import type { JudgeRecord } from "../../records/index.ts";
import { shorten } from "../escape.ts";
import { count, short } from "../format.ts";
import { type Content, html, type Markup } from "../markup.ts";

/** Who judged whose answers, with which question, what could not be read and why, and how far a second judge agrees. */
export function judgesTable(judges: readonly (readonly [of: string, judge: JudgeRecord])[]): Markup | null {
  if (judges.length === 0) return null;
  const rows = judges.map(
    ([of, each]) =>
      html`<tr><th scope="row">${shorten(each.rubric, 80)}${of ? `, ${of}` : ""}<span class="question">question ${each.promptSha256.slice(0, 12)}</span></th><td>${who(each)}</td><td class="num">${count(each.answered)} of ${count(each.asked)}</td><td>${gaps(each)}</td><td>${second(each)}</td></tr>`,
  );
  return html`<table class="plain"><caption>The judges, and what is missing of them: never a value</caption><thead><tr><th scope="col">Question</th><th scope="col">Judge</th><th scope="col" class="num">Could be read</th><th scope="col">Missing</th><th scope="col">Second judge</th></tr></thead><tbody>${rows}</tbody></table>`;
}

const who = ({ model, where, weighted, answered, usage: { cost } }: JudgeRecord): Markup =>
  html`${shorten(model, 80)}<span class="question">${shorten(where, 120)}${weighted > 0 ? `; ${weighted === answered ? "all" : count(weighted)} weighted by probabilities` : ""}${cost ? `; cost ${short(cost)}` : ""}</span>`;

function gaps({ missing }: Pick<JudgeRecord, "missing">): string {
  const parts = Object.entries(missing).map(([why, n]) => `${count(n)} ${why}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}

function second({ second: other }: JudgeRecord): Content {
  if (!other) return "none";
  const kappa = other.kappa === null ? "undefined" : other.kappa.toFixed(2);
  const interval = other.interval ? ` (${other.interval[0].toFixed(2)} to ${other.interval[1].toFixed(2)})` : "";
  return html`${shorten(other.model, 80)}: kappa ${kappa}${interval} over ${count(other.n)}<span class="question">missing: ${gaps(other)}</span>`;
}
