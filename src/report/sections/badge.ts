import type { BehaviourResult } from "../../records/index.ts";
import { html, type Markup } from "../markup.ts";
import { VERDICT } from "../words.ts";

/** The verdict as a sign and a word; colour only repeats it. */
export function badge(b: BehaviourResult): Markup {
  const { word, sign, className } = VERDICT[b.verdict];
  const tone = b.inTask && b.verdict === "affected" ? "task" : className;
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}
