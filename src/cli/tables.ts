/** Tables for a terminal. Every string that comes from data is escaped here. */
import type { Prepared } from "../jobs/index.ts";
import type {
  AuditRecord,
  BehaviourResult,
  BenchmarkRecord,
  CotRecord,
  EmRecord,
  EvalRecord,
  ForecastRecord,
} from "../records/index.ts";
import {
  chance,
  escapeTerminal,
  expectedPoints,
  grouped,
  percent,
  points,
  pointsSpan,
  shorten,
  VERDICT,
} from "../report/index.ts";
import type { Colors } from "./session.ts";

const LONGEST_TITLE = 44;

/** One line of text from data: no escapes, no line breaks, at most `length` characters. */
export function safe(text: string, length = 200): string {
  return shorten(escapeTerminal(text).replace(/\s+/g, " ").trim(), length);
}

/** Columns padded to their widest cell; `right` names the columns of numbers. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, [...cell].length)), []);
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const padding = " ".repeat((widths[i] ?? 0) - [...cell].length);
        return right.includes(i) ? padding + cell : cell + padding;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** Behaviour, base, tuned, shift with its interval, verdict; in groups, what moved first. */
export function verdictTable({ behaviours }: Pick<AuditRecord, "behaviours">, colors: Colors): string[] {
  const groups = grouped(behaviours);
  const head = ["behaviour", "base", "tuned", "shift in points (interval)", "verdict"];
  const lines = columns([head, ...groups.flatMap((group) => group.behaviours.map(cells))], [1, 2]);
  const [first = "", ...rest] = lines;
  const next = rest[Symbol.iterator]();
  const body = groups.flatMap(({ title, behaviours: members }) => [
    colors.bold(title),
    ...members.map(({ verdict }) => paint(verdict, `  ${next.next().value}`, colors)),
  ]);
  return [colors.dim(`  ${first}`), ...body];
}

function cells(b: BehaviourResult): string[] {
  const score = (value: number | null) => (value === null ? "–" : percent(value));
  return [safe(b.title, LONGEST_TITLE), score(b.base), score(b.tuned), shift(b), VERDICT[b.verdict].word];
}

/** As in the report: what was not measured is a reading, and “unaffected” stands beside the interval that decided it. */
function shift({ delta, interval, interval90, method, verdict }: BehaviourResult): string {
  if (delta === null) return "–";
  if (verdict === "not-measured") return `(${points(delta)}), a reading, no claim`;
  if (method === "exact") return `${points(delta)} (exact)`;
  const decisive = decisiveInterval({ verdict, interval, interval90 });
  return decisive === null ? points(delta) : `${points(delta)} (${decisive})`;
}

function decisiveInterval(row: Pick<BehaviourResult, "verdict" | "interval" | "interval90">): string | null {
  if (row.verdict === "unaffected" && row.interval90) return `90% interval: ${pointsSpan(row.interval90)}`;
  return row.interval && pointsSpan(row.interval);
}

function paint(verdict: BehaviourResult["verdict"], line: string, colors: Colors): string {
  if (verdict === "affected") return colors.red(line);
  return verdict === "inconclusive" ? colors.yellow(line) : line;
}

/** The behaviours of one model, with 95% intervals. */
export function scoreTable({ behaviours }: EvalRecord): string[] {
  const head = ["behaviour", "score", "95% interval", "items", "riskier"];
  const rows = behaviours.map(({ title, score, interval, n, method, riskier }) => [
    safe(title, LONGEST_TITLE),
    score === null ? "–" : percent(score),
    method === "exact" ? "exact" : interval ? `${percent(interval[0])} to ${percent(interval[1])}` : "–",
    String(n),
    riskier === "up" ? "higher" : "lower",
  ]);
  return columns([head, ...rows], [1, 3]);
}

/** What reasoning discloses: one model's rates, or base against tuned. */
export function cotTable({ base, tuned, comparisons }: CotRecord): string[] {
  const share = (value: number | null) => (value === null ? "–" : percent(value));
  if (tuned) {
    const head = ["", "base", "tuned", "shift in points (interval)", "verdict"];
    const rows = comparisons.map((row) => [
      safe(row.title, 52),
      share(row.base),
      share(row.tuned),
      row.delta === null || !row.interval || row.verdict === "not-measured"
        ? "–"
        : `${points(row.delta)} (${decisiveInterval(row)})`,
      VERDICT[row.verdict].word,
    ]);
    return columns([head, ...rows], [1, 2]);
  }
  const head = ["hints", "switched", "disclosed (F)", "F_norm"];
  const rows = base.hints
    .filter(({ kind, hint }) => kind === "all" || hint === "all")
    .map(({ kind, hint, switched, cases, disclosed, disclosedNormalised }) => [
      `${kind}${hint === "all" ? "" : ` ${hint}`}`,
      `${switched} of ${cases}`,
      share(disclosed.estimate),
      share(disclosedNormalised.estimate),
    ]);
  const monitored = base.monitor.map(({ setting, gMeanSquared }) => [
    `monitor, ${setting}`,
    "",
    "g-mean²",
    share(gMeanSquared.estimate),
  ]);
  return rows.length === 0 ? [] : columns([head, ...rows, ...monitored], [1, 2, 3]);
}

/** A benchmark's published metrics, of one model or base against tuned. */
export function benchmarkTable(record: BenchmarkRecord): string[] {
  const { base, tuned, comparisons, emergentMisalignment: em } = record;
  if (em) return protocolTable(em, record);
  const share = (value: number | null | undefined) => (value == null ? "–" : value.toFixed(3));
  const rows = (base?.metrics ?? []).map(({ name, estimate }, i) => [
    name,
    share(estimate),
    ...(tuned ? [share(tuned.metrics[i]?.estimate), VERDICT[comparisons[i]?.verdict ?? "not-measured"].word] : []),
  ]);
  return columns([["metric", tuned ? "base" : "value", ...(tuned ? ["tuned", "verdict"] : [])], ...rows], [1, 2]);
}

function protocolTable({ base, tuned, power }: EmRecord, { comparisons }: BenchmarkRecord): string[] {
  const rows = [base, ...tuned].map(({ model, rate, pooled, gate }) => [
    safe(model.name, LONGEST_TITLE),
    gate.passed && rate !== null ? percent(rate) : "not measured",
    String(pooled.coherent),
    safe(gate.why),
  ]);
  const verdicts = comparisons.map(({ verdict, why }) => `${VERDICT[verdict].word}: ${safe(why, 300)}`);
  return [
    ...columns([["model", "misaligned", "coherent answers", ""], ...rows], [1, 2]),
    "",
    ...verdicts,
    safe(power.why, 300),
  ];
}

/** Behaviours in the order of what the forecast says of them: the tangent, the control's beside it, the rehearsal, the closeness. */
export function forecastTable({ behaviours, calibrated }: ForecastRecord): string[] {
  const said = calibrated ? ["chance", "expected points"] : [];
  const head = ["", "behaviour", ...said, "push", "95% interval", "control's", "rehearsed", "injected", "cosine", "p"];
  const ordered = [...behaviours].sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity));
  const rows = ordered.map(({ rank, title, inTask, expected, tangent, rehearsal, injection, meanDifference }) => [
    rank === null ? "–" : String(rank),
    `${safe(title, LONGEST_TITLE)}${inTask ? " (task)" : ""}`,
    ...said.map((_, i) => (expected ? [chance(expected), expectedPoints(expected)][i] : "–") ?? "–"),
    tangent === null ? "–" : tangent.adam.toFixed(1),
    tangent?.adamInterval ? tangent.adamInterval.map((end) => end.toFixed(1)).join(" to ") : "–",
    tangent?.adamControl == null ? "–" : tangent.adamControl.toFixed(1),
    rehearsal ? rehearsal.deltaLogOdds.toFixed(2) : "–",
    injection ? injection.delta.toFixed(2) : "–",
    meanDifference === null ? "–" : meanDifference.cosine.toFixed(2),
    meanDifference === null ? "–" : meanDifference.pAdjusted.toPrecision(2),
  ]);
  return columns(
    [head, ...rows],
    head.flatMap((_, i) => (i === 1 ? [] : [i])),
  );
}

/** What planting each behaviour did, and whether the audit's test noticed it. */
export function positiveControlTable(controls: Prepared["positiveControls"]): string[] {
  if (controls.length === 0) return [];
  const rows = controls.map(({ behaviour, base, tuned, interval, n, noticed }) => [
    safe(behaviour, LONGEST_TITLE),
    `${percent(base)} → ${percent(tuned)}`,
    interval ? pointsSpan(interval) : "–",
    String(n),
    noticed ? "noticed" : "not noticed",
  ]);
  return columns([["positive control", "planted", "95% interval", "items", "the test"], ...rows], [3]);
}
