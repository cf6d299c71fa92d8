import type { AuditRecord } from "../../records/index.ts";
import type { ReportInput } from "../input.ts";
import { type Content, html, type Markup } from "../markup.ts";
import { grouped } from "../words.ts";
import { facts, hash } from "./facts.ts";

/** On paper alone, after the verdicts: what was compared, the decision, and room for who takes it. */
export function signOff(input: ReportInput): Markup {
  const { audit, reasoning, benchmarks = [] } = input;
  const rows: [string, Content][] = [
    ["Base", weights(audit.base)],
    ["Tuned", weights(audit.tuned)],
    ["Data", audit.data ? html`${audit.data.name} ${hash(audit.data.sha256)}` : "none given"],
    ["Items, margin, alpha", hash(audit.preregistration)],
    [
      "Verdicts",
      grouped(audit.behaviours)
        .map(({ behaviours, tally }) => `${behaviours.length} ${tally}`)
        .join(", "),
    ],
    ...(reasoning ? [["Reasoning", reasoning.headline] satisfies [string, Content]] : []),
    ...benchmarks.map(({ title, comparisons }): [string, Content] => [
      title,
      comparisons.map(({ metric, verdict }) => `${metric}: ${verdict}`).join("; ") || "one model",
    ]),
  ];
  return html`<section class="sign-off" aria-label="Sign-off"><h2>Sign-off</h2>${facts(rows)}
<p class="boxes">${["Release", "Release under conditions", "Do not release"].map((choice) => html`<span><i></i>${choice}</span>`)}</p>
<dl class="lines">${["Conditions", "Name and role", "Date and signature", "SHA-256 of attestation.json, by hand"].map((line) => html`<div><dt>${line}</dt><dd></dd></div>`)}</dl>
<p class="note">“penumbra verify” on the run folder says whether its files are those that were attested.</p></section>`;
}

const weights = (identity: AuditRecord["base"]): Markup =>
  identity.sha256 === null
    ? html`${identity.model} at ${identity.where}; its weights were not seen`
    : html`${identity.name} ${hash(identity.sha256)}`;
