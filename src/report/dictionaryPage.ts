/** `dictionary show` as one self-contained page: a card per latent. No script, no request; hostile text stays text. */
import type { LatentMeaning } from "../dictionaries/index.ts";
import { shorten } from "./escape.ts";
import { count, percent } from "./format.ts";
import { html, type Markup } from "./markup.ts";
import { pagePolicy } from "./policy.ts";
import { STYLE } from "./style.ts";

export interface DictionaryPage {
  readonly dictionary: string;
  readonly model: string;
  readonly reads: string;
  readonly tokens: number;
  readonly latents: readonly LatentMeaning[];
}

/** Activations are shaded in so many steps. */
const STEPS = 5;

const PAGE_STYLE = `${STYLE}
.latent{border:1px solid var(--line);border-radius:8px;background:var(--surface);padding:16px 20px;margin:0 0 20px}
.latent header{display:flex;flex-wrap:wrap;gap:4px 18px;align-items:baseline}
.latent ol{padding-left:1.6em;margin:.6rem 0 0}
.latent li{margin:.3rem 0;white-space:pre-wrap}
.says{display:flex;flex-wrap:wrap;gap:4px 28px;margin:.5rem 0 0}
.says code{margin-right:.5em}
mark{color:inherit;border-radius:2px;padding:0 1px}
${Array.from({ length: STEPS }, (_, i) => `mark.h${i + 1}{background:color-mix(in srgb,var(--warm) ${20 * (i + 1)}%,transparent)}`).join("\n")}`;

export function renderDictionaryPage(page: DictionaryPage, generatedBy: string): string {
  const title = `Latents at ${page.reads}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy({ style: PAGE_STYLE })}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shorten(title, 120)}</title>
<style>${{ markup: PAGE_STYLE }}</style>
</head>
<body>
<header class="top"><div class="brand"><span><b>Penumbra</b> dictionary</span><span>${generatedBy}</span></div>
<h1 dir="auto">${shorten(title, 200)}</h1>
<p class="run">${shorten(page.dictionary, 300)}; read by <b>${shorten(page.model, 120)}</b> on ${count(page.tokens)} tokens.</p></header>
<main>
<nav aria-label="Latents"><ul>${page.latents.map(({ latent }) => html`<li><a href="#latent-${latent}">${latent}</a></li>`)}</ul></nav>
<section>
${page.latents.map(card)}</section>
</main>
<footer>This file asks for nothing from the network and runs no script.</footer>
</body>
</html>
`.markup;
}

function card({ latent, firingRate, maxActivation, promotes, suppresses, contexts, labels }: LatentMeaning): Markup {
  const rate = firingRate === null ? "" : `fires on ${percent(firingRate)} of tokens`;
  const peak = maxActivation === null ? "" : `at most ${maxActivation.toFixed(2)}`;
  return html`<article class="latent" id="latent-${latent}"><header><h2>Latent ${latent}</h2><span class="muted">${rate}</span><span class="muted">${peak}</span></header>
${labels.map(({ text, method, by }) => html`<p dir="auto"><b>${shorten(text, 200)}</b> <span class="muted">${[method, by].filter((each) => each !== null).join(", ")}</span></p>`)}
<div class="says">${says("Promotes", promotes)}${says("Suppresses", suppresses)}</div>
${contexts.length === 0 ? html`<p class="note">It fires nowhere on this text.</p>` : html`<ol>${contexts.map(context)}</ol>`}
</article>
`;
}

function says(title: string, tokens: LatentMeaning["promotes"]): Markup | null {
  if (tokens.length === 0) return null;
  return html`<div><h3>${title}</h3>${tokens.map(({ token }) => html`<code>${shorten(token, 40)}</code>`)}</div>`;
}

function context({ tokens, values }: LatentMeaning["contexts"][number]): Markup {
  const most = values.reduce((largest, value) => Math.max(largest, value), 0);
  // Words of the bundled world have no spaces of their own.
  const gap = tokens.some((token) => /^\s/.test(token)) ? "" : " ";
  const words = tokens.map((token, t) => {
    const value = values[t] ?? 0;
    const text = shorten(token, 60);
    if (!(value > 0)) return html`${text}${gap}`;
    const step = Math.max(1, Math.ceil((STEPS * value) / most));
    return html`<mark class="h${step}" title="${value.toFixed(3)}">${text}</mark>${gap}`;
  });
  return html`<li dir="auto">${words}</li>`;
}
