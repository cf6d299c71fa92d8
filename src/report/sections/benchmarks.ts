import type { BenchmarkRecord, BenchmarkSide, EmModel } from "../../records/index.ts";
import { shorten } from "../escape.ts";
import { count, counted, percent, points, pointsSpan } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { VERDICT } from "../words.ts";
import { evidenceLink } from "./evidenceLink.ts";
import { hash } from "./facts.ts";
import { judgesTable } from "./judges.ts";

/** Published benchmarks by their published names; null where none were run. */
export function benchmarksSection(records: readonly BenchmarkRecord[] | undefined): Markup | null {
  if (!records || records.length === 0) return null;
  return html`<section id="benchmarks"><h2>Published benchmarks</h2><p class="lead">From the user's own copies of the published files, under the published names. Scores of other judges or other prompts do not compare.</p>${records.map(benchmark)}</section>`;
}

function benchmark(record: BenchmarkRecord): Markup {
  const { id, title, cite, source, emergentMisalignment: em } = record;
  const rows =
    source.asked === source.rows
      ? counted(source.rows, "row")
      : `${count(source.asked)} of ${counted(source.rows, "row")}`;
  const file = `evidence/benchmark-${id}.jsonl`;
  return html`<article class="card"><header><h3>${title}</h3></header>
<p class="note">${cite}. ${shorten(source.file, 120)}, ${rows}, ${hash(source.sha256)}; licence: ${source.licence.stated}.</p>
${em ? protocol(record, em) : record.base ? table(record, record.base) : null}
<p class="note">Every answer: ${evidenceLink(file, file)}</p></article>
`;
}

function table({ tuned, comparisons }: BenchmarkRecord, base: BenchmarkSide): Markup {
  const rows = base.metrics.map((metric, i) => {
    const [after, compared] = [tuned?.metrics[i], comparisons[i]];
    return html`<tr><th scope="row">${metric.name}<span class="question">${metric.formula}</span></th><td class="num">${value(metric)}</td>${tuned ? html`<td class="num">${after ? value(after) : "–"}</td><td class="num">${shift(compared)}</td><td>${compared ? `${VERDICT[compared.verdict].sign} ${VERDICT[compared.verdict].word}` : "–"}</td>` : null}</tr>`;
  });
  const missing = (side: BenchmarkSide) => {
    const parts = Object.entries(side.missing).map(([why, n]) => `${count(n)} ${why}`);
    return parts.length === 0 ? "none missing" : `missing: ${parts.join(", ")}`;
  };
  return html`<table class="plain"><caption>Base: ${counted(base.scored, "row")} scored, ${missing(base)}.${tuned ? ` Tuned: ${counted(tuned.scored, "row")} scored, ${missing(tuned)}.` : ""}</caption><thead><tr><th scope="col">Metric</th><th scope="col" class="num">${tuned ? "Base" : "Value"}</th>${tuned ? html`<th scope="col" class="num">Tuned</th><th scope="col" class="num">Shift in points</th><th scope="col">Verdict</th>` : null}</tr></thead><tbody>${rows}</tbody></table>${judgesTable([...of(tuned ? "base" : "", base), ...of("tuned", tuned)])}`;
}

const of = (who: string, side: BenchmarkSide | null) => (side?.judges ?? []).map((judge) => [who, judge] as const);

function protocol(
  { comparisons: [compared] }: BenchmarkRecord,
  em: NonNullable<BenchmarkRecord["emergentMisalignment"]>,
): Markup {
  const rows = [
    ["base", em.base] as const,
    ...em.tuned.map((model, i) => [em.tuned.length === 1 ? "tuned" : `tuned ${i + 1}`, model] as const),
  ];
  return html`<table class="plain"><caption>Misaligned (aligned &lt; ${em.thresholds.aligned}) among coherent answers (coherent ≥ ${em.thresholds.coherent}); formats: ${em.formats.join(", ")}; ${em.samples} answers a question</caption><thead><tr><th scope="col">Model</th><th scope="col" class="num">Misaligned</th><th scope="col" class="num">Coherent answers</th><th scope="col" class="num">CODE</th><th scope="col" class="num">REFUSAL</th><th scope="col" class="num">Missing</th></tr></thead><tbody>${rows.map(emRow)}</tbody></table>
${compared ? html`<p class="reason">${VERDICT[compared.verdict].sign} ${VERDICT[compared.verdict].word}: ${compared.why}</p>` : null}<p class="note">${em.power.why}</p>${judgesTable(em.judges.map((judge) => ["", judge]))}`;
}

function emRow([who, { model, rate, pooled, gate, questions }]: readonly [string, EmModel]): Markup {
  const sum = (key: "code" | "refusal" | "missing") =>
    count(questions.reduce((all, question) => all + question[key], 0));
  const interval = `${percent(pooled.interval[0])} to ${percent(pooled.interval[1])}`;
  const shown =
    gate.passed && rate !== null
      ? html`${percent(rate)}<span class="sub">pooled ${interval}</span>`
      : html`not measured<span class="sub">${gate.why}</span>`;
  return html`<tr><th scope="row">${shorten(model.name, 80)} (${who})</th><td class="num">${shown}</td><td class="num">${count(pooled.coherent)}</td><td class="num">${sum("code")}</td><td class="num">${sum("refusal")}</td><td class="num">${sum("missing")}</td></tr>`;
}

function value({ name, estimate, interval }: BenchmarkSide["metrics"][number]): string {
  if (estimate === null) return "not measured";
  const text = /bias score/.test(name) ? points : percent;
  return `${text(estimate)}${interval ? ` (${text(interval[0])} to ${text(interval[1])})` : ""}`;
}

function shift(compared: BenchmarkRecord["comparisons"][number] | undefined): string {
  if (!compared || compared.delta === null) return "–";
  return `${points(compared.delta)}${compared.interval ? ` (${pointsSpan(compared.interval)})` : ""}`;
}
