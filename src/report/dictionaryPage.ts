/** Latents as one self-contained page: a card each. No script, no request; hostile text stays text. */
import type { Label, LatentMeaning, ShownContext } from "../dictionaries/index.ts";
import { shorten } from "./escape.ts";
import { count, percent } from "./format.ts";
import { html, type Markup } from "./markup.ts";
import { pagePolicy } from "./policy.ts";
import { STYLE } from "./style.ts";

export interface DictionaryPage {
  readonly dictionary: string;
  readonly model: string;
  readonly reads: string;
  /** What was read, in words. */
  readonly text: string;
  readonly tokens: number;
  readonly latents: readonly LatentMeaning[];
}

/** Activations are shaded in so many steps. */
const STEPS = 5;

const PAGE_STYLE = `${STYLE}
.latent{border:1px solid var(--line);border-radius:8px;background:var(--surface);padding:16px 20px;margin:0 0 20px}
.latent header{display:flex;flex-wrap:wrap;gap:4px 18px;align-items:baseline}
.latent h3{margin:.7rem 0 0}
.latent ol{padding-left:1.6em;margin:.3rem 0 0}
.latent li{margin:.3rem 0;white-space:pre-wrap}
.latent .behind{color:var(--muted)}
.says{display:flex;flex-wrap:wrap;gap:4px 28px;margin:.5rem 0 0}
.says code{margin-right:.5em}
.says .faint{color:var(--muted)}
.firings{display:block;width:260px;height:44px;margin:.5rem 0 0}
.firings rect{fill:var(--warm)}
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
<p class="run">${shorten(page.dictionary, 300)}; read by <b>${shorten(page.model, 120)}</b> on ${count(page.tokens)} tokens of ${shorten(page.text, 120)}.</p>
<p class="note">Shaded: where the latent fires, against its own largest activation. What stands behind the last shaded token is faint: no token knows what follows it. Tokens in grey are promoted or suppressed no more than by one random direction in twenty.</p></header>
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

function card(meaning: LatentMeaning): Markup {
  const { latent, maxActivation, promotes, suppresses, chance, contexts, spread, labels, nearest } = meaning;
  const largest = maxActivation ?? Math.max(0, ...contexts.flatMap(({ values }) => values));
  const peak = maxActivation === null ? "" : `at most ${maxActivation.toFixed(2)}`;
  const show = (each: ShownContext) => context(each, largest);
  return html`<article class="latent" id="latent-${latent}"><header><h2>Latent ${latent}</h2><span class="muted">${rateWords(meaning)}</span><span class="muted">${peak}</span></header>
${labels.map(label)}
${firings(meaning)}
<div class="says">${says("Promotes", promotes, chance)}${says("Suppresses", suppresses, chance)}</div>
${nearest.length === 0 ? null : html`<p class="muted">Writes most like ${nearest.map(({ latent: other, cosine }) => html`${other} (${cosine.toFixed(2)}) `)}</p>`}
${contexts.length === 0 ? html`<p class="note">It fires nowhere on this text.</p>` : html`<h3>Strongest</h3><ol>${contexts.map(show)}</ol>`}
${spread.length === 0 ? null : html`<h3>Drawn from the others</h3><ol>${spread.map(show)}</ol>`}
</article>
`;
}

function rateWords({ firingRate, fired }: LatentMeaning): string {
  if (fired) return `fires on ${count(fired.tokens)} of ${count(fired.of)} tokens, in ${count(fired.texts)} texts`;
  return firingRate === null ? "" : `fires on ${percent(firingRate)} of tokens`;
}

function label({ text, method, by, score }: Label): Markup {
  const source = [method, by].filter((each) => each !== null).join(", ");
  const worth = score ? `; foretells ${score.value.toFixed(2)}${score.type === null ? "" : ` (${score.type})`}` : "";
  return html`<p dir="auto"><b>${shorten(text, 200)}</b> <span class="muted">${shorten(source, 120)}${worth}</span></p>`;
}

/** How strongly it fires where it does. */
function firings({ histogram, latent }: LatentMeaning): Markup | null {
  if (!histogram) return null;
  const [width, height] = [260, 44];
  const most = Math.max(1, ...histogram.counts);
  const step = width / histogram.counts.length;
  const bars = histogram.counts.map((tokens, i) => {
    const tall = Math.sqrt(tokens / most) * height;
    const title = `${tokens} tokens near ${(histogram.values[i] ?? 0).toFixed(2)}`;
    return html`<rect x="${(i * step).toFixed(1)}" y="${(height - tall).toFixed(1)}" width="${(step - 1).toFixed(1)}" height="${tall.toFixed(1)}"><title>${title}</title></rect>`;
  });
  return html`<svg class="firings" viewBox="0 0 ${width} ${height}" role="img" aria-label="Activations of latent ${latent}, from 0 to the largest; square root of the number of tokens">${bars}</svg>`;
}

function says(title: string, tokens: LatentMeaning["promotes"], chance: number | null): Markup | null {
  if (tokens.length === 0) return null;
  return html`<div><h3>${title}</h3>${tokens.map(({ token, value }) => {
    const faint = chance !== null && Math.abs(value) <= chance ? "faint" : "";
    return html`<code class="${faint}" title="${value.toFixed(3)}">${shorten(token, 40)}</code>`;
  })}</div>`;
}

function context({ tokens, values, texts }: ShownContext, largest: number): Markup {
  // Words of the bundled world have no spaces of their own.
  const gap = tokens.some((token) => /^\s/.test(token)) ? "" : " ";
  const last = values.reduce((at, value, t) => (value > 0 ? t : at), -1);
  const words = tokens.slice(0, last + 1).map((token, t) => {
    const value = values[t] ?? 0;
    const text = shorten(token, 60);
    if (!(value > 0)) return html`${text}${gap}`;
    const step = Math.min(STEPS, Math.max(1, Math.ceil((STEPS * value) / largest)));
    return html`<mark class="h${step}" title="${value.toFixed(3)}">${text}</mark>${gap}`;
  });
  const behind = tokens
    .slice(last + 1)
    .map((token) => shorten(token, 60))
    .join(gap);
  const times = texts > 1 ? html` <span class="muted">(${texts} texts)</span>` : null;
  return html`<li dir="auto">${words}<span class="behind">${behind}</span>${times}</li>`;
}
