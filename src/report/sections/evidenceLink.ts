import { clip } from "../escape.ts";
import { count } from "../format.ts";
import { html, type Markup } from "../markup.ts";

const SAFE_PATH = /^evidence\/[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** A link into the run folder; anything but a plain file of `evidence/` is shown as text. */
export function evidenceLink(path: string | null, words: string): Markup {
  if (path === null) return html`<span class="muted">no evidence file</span>`;
  if (!SAFE_PATH.test(path)) return html`<span class="muted">${words}: ${path}</span>`;
  return html`<a href="${path}">${words}</a>`;
}

/** Hostile text of any length: clipped, escaped, set apart from the direction of what surrounds it. */
export function quoted(text: string, length: number, rest: string): Markup {
  const part = clip(text, length);
  const more = part.left > 0 ? html`<span class="more"> … ${count(part.left)} more characters in ${rest}</span>` : null;
  if (text === "") return html`<div class="quote muted">(empty)</div>`;
  return html`<div class="quote" dir="auto">${part.text}${more}</div>`;
}
