import type { AuditRecord } from "../records/index.ts";
import { shorten } from "./escape.ts";
import { count, counted } from "./format.ts";
import { geometryView } from "./geometryView.ts";
import type { Limits, ReportInput } from "./input.ts";
import { html, type Markup } from "./markup.ts";
import { pagePolicy } from "./policy.ts";
import { answersSection } from "./sections/answers.ts";
import { benchmarksSection } from "./sections/benchmarks.ts";
import { blackBoxSection } from "./sections/blackBox.ts";
import { dataSection } from "./sections/data.ts";
import { driftSection } from "./sections/drift.ts";
import { dynamicsSection } from "./sections/dynamics.ts";
import { evidenceSection } from "./sections/evidence.ts";
import { featuresSection } from "./sections/features.ts";
import { fidelitySection } from "./sections/fidelity.ts";
import { forecastSection } from "./sections/forecast.ts";
import { lensSection } from "./sections/lens.ts";
import { whySection } from "./sections/mechanism.ts";
import { limitsSection, methodSection } from "./sections/method.ts";
import { reasoningSection } from "./sections/reasoning.ts";
import { reproductionSection } from "./sections/reproduction.ts";
import { rowsSection } from "./sections/rows.ts";
import { signOff } from "./sections/signOff.ts";
import { trainingSection } from "./sections/training.ts";
import { verdictTable } from "./sections/verdictTable.ts";
import { weightsSection } from "./sections/weights.ts";
import { STYLE } from "./style.ts";
import { trimForecast, trimGeometry } from "./trim.ts";

/** No report is larger, in bytes of UTF-8: mail and code hosts take it, a phone opens it. */
export const LARGEST_HTML = 8_000_000;

/** Tried in turn until the page fits: the strongest evidence stays longest. */
const LIMITS: readonly Limits[] = [
  { itemsPerBehaviour: 10, answers: 24, textLength: 2_000, rows: 20, latents: 200, links: 12 },
  { itemsPerBehaviour: 5, answers: 12, textLength: 1_000, rows: 10, latents: 80, links: 8 },
  { itemsPerBehaviour: 2, answers: 6, textLength: 500, rows: 5, latents: 30, links: 5 },
  { itemsPerBehaviour: 0, answers: 4, textLength: 200, rows: 2, latents: 0, links: 3 },
];

/**
 * One self-contained HTML page: no script, no request, at most 8 MB, opens from disk. The content security policy admits
 * the one style sheet by its hash and nothing else, so that hostile text stays text even if an escape were missing.
 */
export function renderHtml(full: ReportInput): string {
  const input = {
    ...full,
    audit: shortNames(full.audit),
    forecast: full.forecast && trimForecast(full.forecast),
    geometry: full.geometry && trimGeometry(full.geometry),
  };
  for (const limits of LIMITS) {
    const page = render(input, limits);
    if (Buffer.byteLength(page) <= LARGEST_HTML) return page;
  }
  throw new Error(
    `the report of ${count(input.audit.behaviours.length)} behaviours is larger than ${LARGEST_HTML} bytes without any evidence`,
  );
}

/** Names and sentences come from files of the user's and may be of any length; a table can show so much of them. */
function shortNames(audit: AuditRecord): AuditRecord {
  const named = (identity: AuditRecord["base"]) => ({ ...identity, name: shorten(identity.name, 120) });
  return {
    ...audit,
    base: named(audit.base),
    tuned: named(audit.tuned),
    data: audit.data && { ...audit.data, name: shorten(audit.data.name, 120) },
    headline: shorten(audit.headline, 600),
    behaviours: audit.behaviours.map((b) => ({
      ...b,
      title: shorten(b.title, 100),
      question: shorten(b.question, 240),
      why: shorten(b.why, 800),
    })),
  };
}

function render(input: ReportInput, limits: Limits): string {
  const { audit } = input;
  const parts = sections(input, limits).filter((part) => part.body !== null);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy({ style: STYLE })}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Audit of ${audit.tuned.name}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<a class="skip" href="#verdicts">Skip to the verdicts</a>
${header(input)}
<main>
<div id="verdicts">${verdictTable(input)}</div>
${signOff(input)}
${contents(parts)}
${parts.map(
  (part) => html`${part.body}
`,
)}</main>
<footer>Made by ${input.generatedBy} from audit.json and the records beside it. This file asks for nothing from the network and runs no script.</footer>
</body>
</html>
`;
  return page.markup;
}

function header({ audit, generatedBy }: ReportInput): Markup {
  return html`<header class="top"><div class="brand"><span><b>Penumbra</b> audit report</span><span>${generatedBy}</span></div>
<h1 dir="auto">${audit.headline}</h1>
<p class="run">${subject(audit)}</p></header>`;
}

function subject(audit: AuditRecord): Markup {
  const data = audit.data ? html` on <b>${audit.data.name}</b> (${counted(audit.data.rows, "row")})` : null;
  const claim =
    audit.claim === "this-adapter"
      ? audit.blackBox
        ? "a claim about these two endpoints as they answered"
        : `a claim about this one adapter, seed ${audit.seed}`
      : `a claim about this data set, over ${counted(audit.seeds, "seed")}`;
  if (audit.base.parameters === null)
    return html`<b>${audit.base.name}</b> against <b>${audit.tuned.name}</b>, asked from the outside: ${claim}.`;
  return html`<b>${audit.base.name}</b> (${count(audit.base.parameters)} parameters), fine-tuned${data}: ${claim}.`;
}

interface Part {
  /** Its anchor and its name among the contents. */
  readonly id: string;
  readonly name: string;
  /** Null where the run has nothing of the kind. */
  readonly body: Markup | null;
}

/** The sections in reading order: what happened, what was foretold, why, then the means. */
function sections(input: ReportInput, limits: Limits): Part[] {
  const { audit, geometry } = input;
  const view = geometryView(input, limits);
  const looked: Part[] = [
    { id: "answers", name: "Before and after", body: answersSection(input, limits) },
    { id: "forecast", name: "Forecast", body: forecastSection(input) },
    { id: "why", name: "Why it moved", body: view && whySection(view) },
    { id: "rows", name: "Rows that did it", body: rowsSection(input, limits) },
    { id: "features", name: "Features", body: view && featuresSection(view) },
    { id: "drift", name: "Inside the model", body: driftSection(audit) },
    { id: "dynamics", name: "Over training", body: view && dynamicsSection(view) },
    { id: "lens", name: "Unrelated text", body: view && lensSection(view) },
    { id: "weights", name: "Weights", body: view && weightsSection(view) },
    { id: "fidelity", name: "Dictionary", body: geometry && fidelitySection(geometry) },
    { id: "training", name: "Training", body: trainingSection(input) },
    { id: "reasoning", name: "Reasoning", body: reasoningSection(input.reasoning) },
    { id: "benchmarks", name: "Published benchmarks", body: benchmarksSection(input.benchmarks) },
    { id: "endpoints", name: "Asked from the outside", body: blackBoxSection(audit) },
    { id: "evidence", name: "Evidence", body: evidenceSection(input, limits) },
    { id: "data", name: "Data", body: dataSection(input) },
  ];
  return [
    ...looked,
    { id: "method", name: "What the words mean", body: methodSection(input) },
    {
      id: "limits",
      name: "Limits",
      body: limitsSection(
        input,
        looked.filter((part) => part.body === null),
      ),
    },
    { id: "reproduction", name: "Reproduction", body: reproductionSection(input) },
  ];
}

const contents = (parts: readonly Part[]) =>
  html`<nav aria-label="Sections"><ul>${parts.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>`;
