import { clip } from "../escape.ts";
import { count } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";

const SAFE_PATH = /^evidence\/[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** Records beside the report that its sections are made of. */
type RecordFile = "forecast.json" | "geometry.json" | "metrics.jsonl";

/** A link to a record; a redacted report goes about alone, and the record holds what was left out of it. */
export const recordLink = (file: RecordFile, { redact }: Pick<ReportInput, "redact">): Markup =>
  redact ? html`<span class="muted">${file}</span>` : html`<a href="${file}">${file}</a>`;

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
