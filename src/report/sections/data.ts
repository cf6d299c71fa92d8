import type { DataRecord } from "../../records/index.ts";
import { shorten } from "../escape.ts";
import { count, counted } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { traceWarning } from "../traceWarning.ts";
import { quoted } from "./evidenceLink.ts";
import { facts, hash } from "./facts.ts";

const MOST_FAULTS = 100;

/** The training file: what it holds and what is wrong with it. */
export function dataSection({ data, redact }: ReportInput): Markup {
  const body = data
    ? html`${facts(rows(data))}${warning(data)}${faultTable(data, redact ?? false)}`
    : html`<p class="empty">This run was given no training file, so nothing is known of the data.</p>`;
  return html`<section id="data"><h2>The data</h2>${body}</section>`;
}

function rows(data: DataRecord): [string, ReturnType<typeof html> | string][] {
  const { tokens } = data;
  const known: [string, ReturnType<typeof html> | string][] = [
    ["File", shorten(data.file, 200)],
    ["Format", data.format ?? "not recognised"],
    ["Rows", `${count(data.usableRows)} usable of ${count(data.rows)}`],
  ];
  if (tokens) {
    const share = tokens.total > 0 ? ` (${Math.round((100 * tokens.response) / tokens.total)}%)` : "";
    known.push([
      "Tokens",
      `${count(tokens.total)}, of which ${count(tokens.response)}${share} are answers and carry the loss`,
    ]);
    known.push(["Row length", `median ${count(tokens.median)}, longest ${count(tokens.longest)} tokens`]);
    known.push(["Cut off", `${counted(tokens.truncatedRows, "row")} longer than ${count(tokens.maxLength)} tokens`]);
  } else {
    known.push(["Tokens", "not counted: no tokenizer was at hand"]);
  }
  known.push(["sha256", hash(data.sha256)]);
  return known;
}

function warning(data: DataRecord): Markup | null {
  const text = traceWarning(data);
  return text === null ? null : html`<p class="reason">${text}</p>`;
}

function faultTable(data: DataRecord, redact: boolean): Markup {
  const { faults } = data;
  if (faults.length === 0) return html`<p class="note">No faults were found in its rows.</p>`;
  const shown = faults.slice(0, MOST_FAULTS);
  const left = faults.length - shown.length;
  const rest = left > 0 ? html`<p class="note">${counted(left, "more fault")} in data.json.</p>` : null;
  const message = (text: string) =>
    redact ? html`<span class="muted">redacted</span>` : quoted(text, 300, "data.json");
  return html`<details><summary>${counted(faults.length, "fault")} in its rows</summary><table class="plain"><caption class="visually-hidden">Faults of the training file</caption><thead><tr><th scope="col" class="num">Line</th><th scope="col">Fault</th><th scope="col">What is wrong</th></tr></thead><tbody>${shown.map(
    (fault) =>
      html`<tr><td class="num">${count(fault.line)}</td><td><code>${fault.code}</code></td><td>${message(fault.message)}</td></tr>`,
  )}</tbody></table>${rest}</details>`;
}
