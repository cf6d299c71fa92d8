import type { BehaviourResult, ForecastRecord } from "../records/index.ts";
import { clip, escapeMarkdown } from "./escape.ts";
import { chance, expectedPoints } from "./expectedWords.ts";
import { count, counted, percent, plainPoints, points, pointsSpan, short, signed } from "./format.ts";
import { type Explained, explainedBy } from "./geometryView.ts";
import type { ReportInput } from "./input.ts";
import { advice, mechanismBrief, mechanismName, ROWS_BELOW } from "./mechanismWords.ts";
import { blamed } from "./sections/rows.ts";
import { assay, type Group, grouped, sampleSize, VERDICT } from "./words.ts";

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
  const columns = columnsOf(input);
  const table = [
    line(columns.map(({ head }) => head)),
    `|${columns.map(({ rule }) => rule).join("|")}|`,
    ...groups.flatMap((group) => [
      ...group.behaviours.slice(0, rows).map((b) => line(columns.map(({ cell }) => cell(b)))),
      ...omitted(group, rows, columns.length),
    ]),
  ];
  return [
    `## Penumbra audit: ${safe(audit.tuned.name)}`,
    `**${escapeMarkdown(clip(audit.headline, 1000).text)}**`,
    groups.map((group) => `${group.behaviours.length} ${group.tally}`).join(" · "),
    groups.length > 0 ? table.join("\n") : "",
    means(input),
    `Margin ±${plainPoints(audit.margin)} points, fixed before training. Intervals hold for all behaviours together at ${plainPoints(1 - audit.alpha)}%. ${claim(input)} ${safe(assay(audit.behaviours))} Reasons, evidence, method and limits: \`report.html\`.`,
    provenance(input),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

interface MarkdownColumn {
  readonly head: string;
  readonly rule: string;
  cell(b: BehaviourResult): string;
}

/** Forecast and mechanism have a column where the run has their record. */
function columnsOf(input: ReportInput): MarkdownColumn[] {
  const { audit, forecast, geometry } = input;
  const named = new Set(blamed(input).map(({ b }) => b));
  const columns: (MarkdownColumn | null)[] = [
    { head: "Behaviour", rule: "---", cell: (b) => `${safe(b.title)}${b.inTask ? " (the task)" : ""}` },
    forecast && {
      head: forecast.calibrated ? "Forecast: chance of affected, points" : "Forecast rank, uncalibrated",
      rule: "--:",
      cell: foretold(forecast),
    },
    { head: "Base → tuned", rule: "--:", cell: change },
    { head: "Shift in points", rule: "--:", cell: shift },
    { head: "Verdict", rule: "---", cell: (b) => `${VERDICT[b.verdict].sign} ${VERDICT[b.verdict].word}` },
    geometry && { head: "Mechanism", rule: "---", cell: (b) => mechanism(b, explainedBy(b, geometry)) },
    {
      head: "What to do",
      rule: "---",
      cell: (b) =>
        advice(b, explainedBy(b, geometry), { rowsNamed: named.has(b), margin: audit.margin }).replace(
          ROWS_BELOW,
          "the rows named in the report",
        ),
    },
  ];
  return columns.filter((column) => column !== null);
}

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

function foretold(forecast: ForecastRecord): (b: BehaviourResult) => string {
  const said = new Map(forecast.behaviours.map((b) => [b.id, b]));
  const ranked = forecast.behaviours.filter((b) => b.rank !== null).length;
  return (b) => {
    const { rank = null, expected = null } = said.get(b.id) ?? {};
    if (expected) return `${chance(expected)}: ${expectedPoints(expected)}`;
    return rank === null ? "–" : `${rank} of ${ranked}`;
  };
}

function mechanism(b: BehaviourResult, explained: Explained | null): string {
  if (!explained) return b.verdict === "affected" ? "not tested" : "–";
  return `${mechanismName(explained)}: ${mechanismBrief(explained)}`;
}

function change(b: BehaviourResult): string {
  if (b.base === null || b.tuned === null) return "not measured";
  return `${percent(b.base)} → ${percent(b.tuned)}`.replace("<", "&lt;").replace(">9", "&gt;9");
}

function shift(b: BehaviourResult): string {
  if (b.delta === null) return "–";
  const interval = b.method === "exact" || !b.interval ? "" : ` (${pointsSpan(b.interval)})`;
  const specific = b.specific ? `; against the control ${points(b.specific.delta)}, ${b.specific.label}` : "";
  return `**${points(b.delta)}**${interval}, ${sampleSize(b)}${specific}`;
}

const omitted = (group: Group, rows: number, columns: number) =>
  group.behaviours.length > rows
    ? [`| … ${group.behaviours.length - rows} more: ${group.title.toLowerCase()} |${" |".repeat(columns - 1)}`]
    : [];

/** What a reader of the table must know of the means: whether the dictionary holds, and what the receipt said. */
function means({ audit, geometry }: ReportInput): string {
  const receipt = geometry?.receipt;
  const title = receipt && audit.behaviours.find((b) => b.id === receipt.behaviour)?.title;
  return [
    geometry?.fidelity?.abstains
      ? `The dictionary abstains (${short(geometry.fidelity.ratio)} times the base’s unexplained variance, limit ${short(geometry.fidelity.limit)}): only claims from mean differences stand.`
      : "",
    receipt
      ? `Without the ${counted(receipt.removed, "row")} blamed most, the shift of ${title ? `“${safe(title)}”` : "one behaviour"} came to ${signed(receipt.deltaWithout)} nats instead of ${signed(receipt.delta)} (without as many random rows: ${signed(receipt.deltaRandom)}).`
      : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

const claim = ({ audit }: ReportInput) =>
  audit.claim === "this-adapter"
    ? `The verdicts are about this one adapter (seed ${audit.seed}).`
    : `The verdicts are about this data set (${counted(audit.seeds, "seed")}).`;

function provenance({ audit, generatedBy }: ReportInput): string {
  const data = audit.data
    ? `, data ${safe(audit.data.name)} (${count(audit.data.rows)} rows, \`${code(audit.data.sha256)}\`)`
    : "";
  const weights = audit.base.sha256 === null ? "" : ` \`${code(audit.base.sha256)}\``;
  return `<sub>Base ${safe(audit.base.name)}${weights}${data}; ${safe(generatedBy)}</sub>`;
}

const safe = (text: string) => escapeMarkdown(clip(text, 200).text);
/** Twelve characters of a hash, and nothing that is no hash. */
const code = (sha256: string) => sha256.replace(/[^0-9a-f]/gi, "").slice(0, 12);
