import { type Content, html, type Markup } from "../markup.ts";

/** Names with their values, as a description list. */
export function facts(rows: readonly (readonly [string, Content])[]): Markup {
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A hash in full, broken where the line ends. */
export const hash = (text: string) => html`<code class="hash">${text}</code>`;
