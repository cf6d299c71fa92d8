import type { AuditRecord, BlackBox } from "../../records/index.ts";
import { count, counted, short } from "../format.ts";
import { html, type Markup } from "../markup.ts";

const METHOD: Readonly<Record<BlackBox["behaviours"][number]["method"], string>> = {
  "echo-likelihood": "probability of written answers",
  "letter-probability": "probability of the answer's letter",
  "sampled-letters": "letters that sampled answers chose",
  "sampled-openings": "how sampled answers began",
};

const PROMPTING: Readonly<Record<BlackBox["prompting"], string>> = {
  chat: "Questions went through the servers' own chat template.",
  template: "Written answers were scored under the chat template that was given.",
  transcript:
    "Written answers were scored after a plain transcript (“User: … Assistant:”), because no chat template was given: a model tuned on a template may show more with it.",
};

/** How two endpoints were read from the outside, and every gap; null for an audit of weights. */
export function blackBoxSection({ blackBox, behaviours }: AuditRecord): Markup | null {
  if (!blackBox) return null;
  const titles = new Map(behaviours.map(({ id, title }) => [id, title]));
  return html`<section id="endpoints"><h2>Asked from the outside</h2>
<p class="lead">Nobody here has seen these models' weights: what follows is about how two endpoints answered.</p>
<ul class="prose"><li>${PROMPTING[blackBox.prompting]}</li>${blackBox.notes.map((note) => html`<li>${note}</li>`)}</ul>
<table class="plain"><caption>How each behaviour was read, and what is missing</caption>
<thead><tr><th scope="col">Behaviour</th><th scope="col">Read from</th><th scope="col">Items</th><th scope="col">Missing, base</th><th scope="col">Missing, tuned</th></tr></thead>
<tbody>${blackBox.behaviours.map(
    (b) =>
      html`<tr><th scope="row">${titles.get(b.id) ?? b.id}</th><td>${METHOD[b.method]}${b.samples === null ? "" : `, ${b.samples} each`}</td><td>${count(b.items)}</td><td>${missing(b.missing.base)}</td><td>${missing(b.missing.tuned)}</td></tr>`,
  )}</tbody></table>
<p class="note">${spent("Base", blackBox.usage.base)} ${spent("Tuned", blackBox.usage.tuned)}</p></section>`;
}

function missing(reasons: Readonly<Record<string, number>> = {}): string {
  const parts = Object.entries(reasons).map(([why, n]) => `${count(n)} ${why}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}

function spent(who: string, usage: BlackBox["usage"]["base"]): string {
  if (!usage) return "";
  const { answers, cached, gaps, promptTokens, completionTokens, cost } = usage;
  const tokens =
    promptTokens === null
      ? "tokens not reported"
      : `${count(promptTokens)} tokens in, ${count(completionTokens ?? 0)} out`;
  return `${who}: ${counted(answers, "answer")} (${count(cached)} from the disk), ${counted(gaps, "gap")}, ${tokens}, cost ${cost === null ? "not known" : short(cost)}.`;
}
