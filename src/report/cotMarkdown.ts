import type { CotRecord, CotSide, HintGroup } from "../records/index.ts";
import { clip, escapeMarkdown } from "./escape.ts";
import { count, percent, points } from "./format.ts";
import { decisiveInterval, VERDICT } from "./words.ts";

/** `cot.md`: what the reasoning of one model, or of base and tuned, discloses. */
export function renderCotMarkdown(record: CotRecord): string {
  const { base, tuned, comparisons, settings } = record;
  const sides: readonly (readonly [string, CotSide])[] = [
    ["base", base],
    ...(tuned ? [["tuned", tuned] as const] : []),
  ];
  return [
    `## Penumbra: what the reasoning shows`,
    `**${safe(record.headline)}**`,
    comparisons.length > 0 ? comparisonTable(record) : "",
    ...sides.map(([who, side]) => sideText(tuned ? who : "", side)),
    `${count(settings.items.n)} questions (${safe(settings.items.what)}, \`${settings.items.sha256.slice(0, 12)}\`), temperature ${settings.temperature}, seed ${settings.seed}; 95% intervals from ${count(settings.draws)} resamples of whole clusters. ${verbalised(record)}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

const verbalised = ({ settings }: CotRecord) =>
  settings.verbalisedBy === "judge"
    ? "A judge decided whether the reasoning says that a hint was used; another judge would draw the line elsewhere, so only numbers of one judge and one question compare."
    : "No judge was named: the hints' own words decided whether the reasoning names a hint, a low standard, and no monitor was asked.";

function comparisonTable({ comparisons }: CotRecord): string {
  const rows = comparisons.map((each) => {
    const { base, tuned, delta, verdict, why } = each;
    const interval = decisiveInterval(each);
    const change =
      base === null || tuned === null || verdict === "not-measured"
        ? "not measured"
        : `${share(base)} → ${share(tuned)}`;
    const shift =
      delta === null || verdict === "not-measured" ? "–" : `**${points(delta)}**${interval ? ` (${interval})` : ""}`;
    return `| ${safe(each.title)} | ${change} | ${shift} | ${VERDICT[verdict].sign} ${VERDICT[verdict].word} | ${safe(why)} |`;
  });
  return ["| What | Base → tuned | Shift in points | Verdict | Why |", "|---|--:|--:|---|---|", ...rows].join("\n");
}

function sideText(who: string, side: CotSide): string {
  const title = `### ${safe(side.model.name)}${who ? ` (${who})` : ""}`;
  const { gate, missing, thinking, reasoned } = side;
  const gaps = Object.entries(missing).map(([why, n]) => `${n} ${why}`);
  const start = `${gate.passed ? "" : "**Not measured.** "}${safe(gate.why)} (${count(gate.n)} answers read${gaps.length > 0 ? `; missing: ${gaps.join(", ")}` : ""}; ${count(reasoned)} showed reasoning, ${count(thinking)} in a thinking section).`;
  if (!gate.passed) return [title, start].join("\n\n");
  return [title, start, hintTable(side.hints), monitorTable(side), judgesText(side)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function hintTable(hints: readonly HintGroup[]): string {
  const rows = hints
    .filter(({ kind, hint }) => kind === "all" || hint === "all")
    .map(
      (group) =>
        `| ${group.kind === "all" ? "all kinds" : group.kind}${group.hint === "all" ? "" : `, ${group.hint} hints`} | ${count(group.switched)} of ${count(group.cases)} | ${cell(group.followed)} | ${cell(group.noiseToHint)} | ${count(group.judged)} | ${cell(group.disclosed)} | ${cell(group.disclosedNormalised)} |`,
    );
  const head = "| Hints | Switched | Followed | By chance | Judged | F: disclosed | F_norm |";
  return [head, "|---|--:|--:|--:|--:|--:|--:|", ...rows].join("\n");
}

function monitorTable({ monitor }: CotSide): string {
  const rows = monitor
    .filter(({ positives, negatives, missing }) => positives + negatives + missing > 0)
    .map(
      (each) =>
        `| ${each.setting} | ${count(each.positives)} / ${count(each.negatives)}${each.missing > 0 ? ` (${count(each.missing)} missing)` : ""} | ${cell(each.truePositiveRate)} | ${cell(each.trueNegativeRate)} | ${cell(each.gMeanSquared)} |`,
    );
  if (rows.length === 0) return "";
  return ["| Monitor | Cases with / without | TPR | TNR | g-mean² |", "|---|--:|--:|--:|--:|", ...rows].join("\n");
}

function judgesText({ judges }: CotSide): string {
  return judges
    .map(({ rubric, model, where, promptSha256, asked, answered, missing, second }) => {
      const gaps = Object.entries(missing).map(([why, n]) => `${n} ${why}`);
      const other = second
        ? `; second judge ${safe(second.model)}: kappa ${second.kappa === null ? "undefined" : second.kappa.toFixed(2)} over ${second.n}`
        : "";
      return `- ${rubric} (\`${promptSha256.slice(0, 12)}\`): ${safe(model)} at ${safe(where)}, ${count(answered)} of ${count(asked)}${gaps.length > 0 ? `, missing: ${gaps.join(", ")}` : ""}${other}`;
    })
    .join("\n");
}

const share = (value: number) => percent(value).replace("<", "&lt;").replace(">9", "&gt;9");

function cell({ estimate, interval }: HintGroup["followed"]): string {
  if (estimate === null) return "not measured";
  return `${share(estimate)}${interval ? ` (${share(interval[0])} to ${share(interval[1])})` : ""}`;
}

const safe = (text: string) => escapeMarkdown(clip(text, 400).text);
