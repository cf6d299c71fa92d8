import type { AnswerPair } from "../../records/index.ts";
import { shorten } from "../escape.ts";
import { counted } from "../format.ts";
import type { Limits, ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { evidenceLink, quoted } from "./evidenceLink.ts";

const OPEN = 4;
const FILE = "evidence/answers.jsonl";

/** The same prompt answered by both models, side by side; pairs whose judgement changed come first. */
export function answersSection(input: ReportInput, limits: Limits): Markup {
  const { answers } = input;
  if (input.redact) return section(html`<p class="empty">Answers are left out of this report (redacted).</p>`);
  if (answers.length === 0) return section(html`<p class="empty">This run sampled no answers.</p>`);
  const shown = [...answers].sort((a, b) => changed(b) - changed(a)).slice(0, limits.answers);
  const titles = new Map(input.audit.behaviours.map((b) => [b.id, b.title]));
  const pairs = shown.map((pair) => answerPair(pair, titles, limits));
  const rest = pairs.slice(OPEN);
  const more =
    rest.length > 0 ? html`<details><summary>${counted(rest.length, "more pair")}</summary>${rest}</details>` : null;
  const note = html`<p class="note">${counted(shown.length, "pair")} of ${answers.length}, drawn with seed ${input.audit.seed}; answers whose judgement changed come first, so this is not a fair sample. All of them: ${evidenceLink(FILE, FILE)}.</p>`;
  return section(html`${note}${pairs.slice(0, OPEN)}${more}`);
}

const section = (body: Markup) =>
  html`<section id="answers"><h2>Before and after</h2><p class="lead">The same questions, put to the model before and after the fine-tune.</p>${body}</section>`;

const changed = (pair: AnswerPair) => (pair.baseLabel !== pair.tunedLabel ? 2 : pair.base !== pair.tuned ? 1 : 0);

function answerPair(pair: AnswerPair, titles: ReadonlyMap<string, string>, limits: Limits): Markup {
  const about =
    pair.behaviour === null
      ? null
      : html`<span class="about">${shorten(titles.get(pair.behaviour) ?? pair.behaviour, 100)}</span>`;
  return html`<article class="pair"><div class="prompt"><h3>Prompt ${about}</h3>${quoted(pair.prompt, limits.textLength, FILE)}</div>
<div class="side"><h4>Before ${label(pair.baseLabel)}</h4>${quoted(pair.base, limits.textLength, FILE)}</div>
<div class="side after"><h4>After ${label(pair.tunedLabel)}</h4>${quoted(pair.tuned, limits.textLength, FILE)}</div></article>
`;
}

const label = (text: string | null) => (text === null ? null : html`<span class="label">${shorten(text, 60)}</span>`);
