import type { BehaviourResult } from "../records/index.ts";
import { clip, escapeMarkdown } from "./escape.ts";
import { count, counted, percent, plainPoints, points, pointsSpan } from "./format.ts";
import type { ReportInput } from "./input.ts";
import { type Group, grouped, sampleSize, VERDICT, whatToDo } from "./words.ts";

/** A comment on a code host holds 65,536 characters. */
const LONGEST = 60_000;

/** The verdicts as a comment for a pull request: the headline and one table; details stay in the HTML report. */
export function renderMarkdown(input: ReportInput): string {
  const groups = grouped(input.audit.behaviours);
  for (const rows of [Infinity, 20, 5, 1]) {
    const text = render(input, groups, rows);
    if (text.length <= LONGEST) return text;
  }
  return render(input, [], 0);
}

function render(input: ReportInput, groups: readonly Group[], rows: number): string {
  const { audit } = input;
  const table = [
    `| Behaviour | Base → tuned | Shift in points | Verdict | What to do |`,
    "|---|--:|--:|---|---|",
    ...groups.flatMap((group) => [...group.behaviours.slice(0, rows).map(row), ...omitted(group, rows)]),
  ];
  return [
    `## Penumbra audit: ${safe(audit.tuned.name)}`,
    `**${escapeMarkdown(clip(audit.headline, 1000).text)}**`,
    groups.map((group) => `${group.behaviours.length} ${group.tally}`).join(" · "),
    groups.length > 0 ? table.join("\n") : "",
    `Margin ±${plainPoints(audit.margin)} points, fixed before training. Intervals hold for all behaviours together at ${plainPoints(1 - audit.alpha)}%. ${claim(input)} “Unaffected” has not been tested with positive controls. Reasons, evidence, method and limits: \`report.html\`.`,
    provenance(input),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

function row(b: BehaviourResult): string {
  const change = b.base === null || b.tuned === null ? "not measured" : `${percent(b.base)} → ${percent(b.tuned)}`;
  const task = b.inTask ? " (the task)" : "";
  return `| ${safe(b.title)}${task} | ${change.replace("<", "&lt;").replace(">9", "&gt;9")} | ${shift(b)} | ${VERDICT[b.verdict].sign} ${VERDICT[b.verdict].word} | ${whatToDo(b)} |`;
}

function shift(b: BehaviourResult): string {
  if (b.delta === null) return "–";
  const interval = b.method === "exact" || !b.interval ? "" : ` (${pointsSpan(b.interval)})`;
  return `**${points(b.delta)}**${interval}, ${sampleSize(b)}`;
}

const omitted = (group: Group, rows: number) =>
  group.behaviours.length > rows
    ? [`| … ${group.behaviours.length - rows} more: ${group.title.toLowerCase()} | | | | |`]
    : [];

const claim = ({ audit }: ReportInput) =>
  audit.claim === "this-adapter"
    ? `The verdicts are about this one adapter (seed ${audit.seed}).`
    : `The verdicts are about this data set (${counted(audit.seeds, "seed")}).`;

function provenance({ audit, generatedBy }: ReportInput): string {
  const data = audit.data
    ? `, data ${safe(audit.data.name)} (${count(audit.data.rows)} rows, \`${code(audit.data.sha256)}\`)`
    : "";
  return `<sub>Base ${safe(audit.base.name)} \`${code(audit.base.sha256)}\`${data}; ${safe(generatedBy)}</sub>`;
}

const safe = (text: string) => escapeMarkdown(clip(text, 200).text);
/** Twelve characters of a hash, and nothing that is no hash. */
const code = (sha256: string) => sha256.replace(/[^0-9a-f]/gi, "").slice(0, 12);
