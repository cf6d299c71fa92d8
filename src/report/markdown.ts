import type { BehaviourResult, ForecastRecord } from "../records/index.ts";
import { clip, escapeMarkdown, shorten } from "./escape.ts";
import { chance, expectedPoints } from "./expectedWords.ts";
import { together } from "./family.ts";
import { fixedWords } from "./fixedWords.ts";
import { count, counted, percent, plainPoints, points, short, signed } from "./format.ts";
import type { ReportInput } from "./input.ts";
import { advice, mechanismBrief, mechanismName, ROWS_BELOW, type Shown, shownBy } from "./mechanismWords.ts";
import { blamed } from "./sections/rows.ts";
import { assay, decidedAlone, decisiveInterval, type Group, grouped, reading, sampleSize, VERDICT } from "./words.ts";

/** A comment on a code host holds 65,536 characters. */
const LONGEST = 60_000;
/** Behaviours that a sentence below the table names; where they are more, it counts them. */
const NAMED = 8;
const LONGEST_TITLE = 100;

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
    `Margin ±${plainPoints(audit.margin)} points${fixedWords(input).clause}. ${brackets(input)} ${claim(input)} ${tested(audit)} Reasons, evidence, method and limits: \`report.html\`.`,
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
    geometry && { head: "Mechanism", rule: "---", cell: (b) => mechanism(b, shownBy(b, geometry)) },
    {
      head: "What to do",
      rule: "---",
      cell: (b) =>
        advice(b, shownBy(b, geometry), { rowsNamed: named.has(b), margin: audit.margin }).replace(
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

function mechanism(b: BehaviourResult, shown: Shown | null): string {
  if (!shown) return b.verdict === "affected" ? "not tested" : "–";
  return `${mechanismName(shown)}: ${mechanismBrief(shown)}`;
}

function change(b: BehaviourResult): string {
  if (b.base === null || b.tuned === null) return "not measured";
  return `${percent(b.base)} → ${percent(b.tuned)}`.replace("<", "&lt;").replace(">9", "&gt;9");
}

function shift(b: BehaviourResult): string {
  if (b.delta === null) return "–";
  if (b.verdict === "not-measured") return reading(b.delta);
  const decisive = decisiveInterval(b);
  const interval = decisive === null ? "" : ` (${decisive})`;
  const specific = b.specific ? `; against the control ${points(b.specific.delta)}, ${b.specific.label}` : "";
  return `**${points(b.delta)}**${interval}, ${sampleSize(b)}${specific}`;
}

const omitted = (group: Group, rows: number, columns: number) =>
  group.behaviours.length > rows
    ? [`| … ${group.behaviours.length - rows} more: ${group.title.toLowerCase()} |${" |".repeat(columns - 1)}`]
    : [];

/** What the numbers in brackets hold: of shifts, where any has an interval, and of a calibrated forecast. */
function brackets({ audit, forecast }: ReportInput): string {
  const measured = audit.behaviours.filter((b) => b.verdict !== "not-measured");
  const ranged = measured.filter((b) => decisiveInterval(b) !== null);
  const wide = `Intervals hold for ${together(audit)} at ${plainPoints(1 - audit.alpha)}%.`;
  const alone = "A 90% interval is of that behaviour alone; lying inside the margin, it decided “unaffected”.";
  const foretold = forecast?.behaviours.some(({ expected }) => expected) ? forecast.calibrated : null;
  return [
    ranged.some((b) => !decidedAlone(b)) ? wide : "",
    ranged.some(decidedAlone) ? alone : "",
    measured.length > 0 && measured.every(({ method }) => method === "exact")
      ? "Every item of a finite list was counted, so that the shifts have no interval."
      : "",
    foretold
      ? `The forecast’s brackets are ranges of single behaviours: each should hold its shift ${plainPoints(foretold.level)} times in a hundred.`
      : "",
  ]
    .filter((line) => line !== "")
    .join(" ");
}

/** What the positive controls say, every sentence whole. */
const tested = ({ behaviours }: ReportInput["audit"]) =>
  escapeMarkdown(
    assay(
      behaviours.map((b) => ({ ...b, title: shorten(b.title, LONGEST_TITLE) })),
      NAMED,
    ),
  );

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
