import type { GeometryRecord } from "../../records/index.ts";
import { cosine, counted, short } from "../format.ts";
import { type GeometryView, latentLink } from "../geometryView.ts";
import { hookLabel } from "../hookLabel.ts";
import { html, type Markup } from "../markup.ts";
import { tokenChip } from "./features.ts";

type Lens = NonNullable<GeometryRecord["lens"]>;

/** The activation difference lens: what the fine-tune left behind in text that has nothing to do with it. */
export function lensSection(view: GeometryView): Markup | null {
  const { lens } = view.geometry;
  if (!lens || lens.layers.length === 0) return null;
  return html`<section id="lens"><h2>What it left in unrelated text</h2>
<p class="lead">A narrow fine-tune often leaves a trace even where its subject does not come up. This is the mean change over the first ${counted(lens.positions, "token")} of ${counted(lens.texts, "unrelated text")}, read as the words that it would make likelier.</p>
<p class="note">A layer is printed pale where the change is no larger than between two random halves of the base\u2019s own activations (95%): its words mean nothing.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Activation difference by layer, scrolls sideways"><table class="grid lens"><caption class="visually-hidden">Activation difference by layer</caption><thead><tr><th scope="col">Layer</th><th scope="col" class="num">Size</th><th scope="col" class="num">Chance</th><th scope="col">Promotes</th><th scope="col">Suppresses</th><th scope="col">Nearest latents</th></tr></thead><tbody>${lens.layers.map((layer) => row(view, layer))}</tbody></table></div></section>`;
}

function row(view: GeometryView, layer: Lens["layers"][number]): Markup {
  const pale = layer.norm <= layer.random95;
  return html`<tr class="${pale ? "pale" : ""}"><th scope="row">${hookLabel(layer.hook)}</th><td class="num"><b>${short(layer.norm)}</b></td><td class="num">${short(layer.random95)}</td><td class="tokens">${layer.promoted.slice(0, 8).map(tokenChip)}</td><td class="tokens">${layer.suppressed.slice(0, 8).map(tokenChip)}</td><td class="tokens">${nearest(view, layer.latents)}</td></tr>
`;
}

/** Latents with their cosines. */
export const nearest = (
  view: GeometryView,
  latents: readonly { readonly latent: number; readonly cosine: number }[],
) =>
  latents.length === 0
    ? html`<span class="muted">–</span>`
    : html`${latents
        .slice(0, 5)
        .map(
          (one) =>
            html`<span class="chip">${latentLink(view, one.latent)} <span class="muted">${cosine(one.cosine)}</span></span> `,
        )}`;
