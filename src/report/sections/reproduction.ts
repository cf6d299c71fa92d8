import type { AuditRecord } from "../../records/index.ts";
import { clip } from "../escape.ts";
import { fixedWords } from "../fixedWords.ts";
import { count, duration } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { type Content, html, type Markup } from "../markup.ts";
import { facts, hash } from "./facts.ts";

const LONGEST_CONFIG = 64_000;

/** All that is needed to make the same numbers again. */
export function reproductionSection(input: ReportInput): Markup {
  const { audit, data, finetune } = input;
  const rows: [string, Content][] = [
    ["Base", model(audit.base)],
    ["Tuned", model(audit.tuned)],
    [
      "Data",
      audit.data
        ? html`${audit.data.name}, ${count(audit.data.rows)} rows ${hash(audit.data.sha256)}`
        : data
          ? hash(data.sha256)
          : "none given",
    ],
    ["Adapter", finetune ? hash(finetune.adapterSha256) : "not trained in this run"],
    [fixedWords(input).label, html`margin, alpha and behaviours ${hash(audit.preregistration)}`],
    ["Seeds", `audit ${audit.seed}${finetune ? `, training ${finetune.seed}` : ""}`],
    ["Engine", engine(audit.engine)],
    ["Time of the audit", duration(audit.durationMs)],
    ["Made by", input.generatedBy],
  ];
  return html`<section id="reproduction"><h2>How to make these numbers again</h2>${facts(rows)}<details><summary>The resolved configuration</summary><pre tabindex="0">${config(input.config)}</pre></details></section>`;
}

const engine = (used: AuditRecord["engine"]) =>
  used ? `${used.runtime}, ${used.provider}, ${used.threads} threads, ${used.cpu}` : "the endpoints' own";

const model = (identity: AuditRecord["base"]) =>
  identity.sha256 === null
    ? html`${identity.model} at ${identity.where}; its weights were not seen`
    : html`${identity.name} (${identity.family}, ${count(identity.parameters)} parameters) ${hash(identity.sha256)}`;

function config(value: unknown): string {
  const { text, left } = clip(JSON.stringify(value, null, 2) ?? "none", LONGEST_CONFIG);
  return left > 0 ? `${text}\n… ${count(left)} more characters in penumbra.yaml` : text;
}
