import { html, type Markup } from "./markup.ts";

const BLOCK = /^blocks\.(\d+)\.(?:hook_)?([\w.]+)$/;

/** `blocks.3.hook_resid_post` as "L3 resid_post", its full name on hover; any other name as it is. */
export function hookLabel(hook: string): Markup {
  const [, layer, rest] = BLOCK.exec(hook) ?? [];
  return layer === undefined
    ? html`<code>${hook}</code>`
    : html`<abbr class="hook" title="${hook}">L${layer} <span class="muted">${rest ?? ""}</span></abbr>`;
}
