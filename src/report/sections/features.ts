import type { GeometryRecord, LatentCard } from "../../records/index.ts";
import { shorten } from "../escape.ts";
import { count, counted, percent, short, signed } from "../format.ts";
import { type GeometryView, latentGist, tokenText } from "../geometryView.ts";
import { type Content, html, type Markup } from "../markup.ts";
import { featureMap } from "../plots/featureMap.ts";
import { histogram } from "../plots/histogram.ts";
import type { Shape } from "../plots/scatter.ts";
import { facts } from "./facts.ts";
import { abstention } from "./fidelity.ts";

type FeatureMapRecord = NonNullable<GeometryRecord["map"]>;
type Shift = NonNullable<LatentCard["shift"]["task"]>;

/** Where the features lie, and a card for each that matters. Absent without a dictionary. */
export function featuresSection(view: GeometryView): Markup | null {
  const { geometry } = view;
  if (geometry.latents.length === 0 && !geometry.map) return null;
  return html`<section id="features"><h2>The features</h2>
<p class="lead">The features that your data amplify, those that make up the behaviours, and how near they lie to each other.</p>
${abstention(geometry)}${geometry.map ? mapAndDistances(view, geometry.map) : null}${cards(view)}</section>`;
}

const KINDS: Readonly<Record<"data" | "behaviour" | "both", { readonly shape: Shape; readonly name: string }>> = {
  data: { shape: "circle", name: "amplified by the data" },
  behaviour: { shape: "diamond", name: "of a behaviour" },
  both: { shape: "square", name: "both" },
};

const kindOf = (card: LatentCard): keyof typeof KINDS =>
  card.data ? (card.behaviours.length > 0 ? "both" : "data") : "behaviour";

function mapAndDistances(view: GeometryView, map: FeatureMapRecord): Markup {
  return html`<div class="split even">${theMap(view, map)}${distances(map)}</div>`;
}

function theMap(view: GeometryView, map: FeatureMapRecord): Markup {
  const named = new Set(view.cards.slice(0, 16).map((card) => card.latent));
  const points = map.points.map((point) => {
    const card = view.known.get(point.latent);
    const kind = card ? KINDS[kindOf(card)] : KINDS.behaviour;
    const title = `#${point.latent}, ${kind.name}${card ? belongs(view, card) : ""}`;
    const { latent } = point;
    return { ...point, shape: kind.shape, title, linked: view.linked.has(latent), named: named.has(latent) };
  });
  const label = `Map of ${counted(points.length, "latent")}; the plane keeps ${percent(map.kept)} of the squared distances`;
  return html`<figure><figcaption>Map of the features ${Object.values(KINDS).map(({ shape, name }) => html`<span class="key"><span class="shape ${shape}" aria-hidden="true"></span>${name}</span> `)}</figcaption>${featureMap(points, label)}<p class="note">Near means a similar direction. A plane cannot hold all distances: this one keeps ${percent(map.kept)} of them (squared), so read neighbours here as a hint and the chain for numbers.</p></figure>`;
}

const belongs = (view: GeometryView, card: LatentCard) =>
  card.behaviours.length > 0 ? `: ${titles(view, card).join(", ")}` : "";

const titles = (view: GeometryView, card: LatentCard) =>
  card.behaviours.map((id) => view.results.get(id)?.title ?? shorten(id, 60));

function distances(map: FeatureMapRecord): Markup {
  const pairs = map.observed.reduce((a, b) => a + b, 0);
  const chance = map.expected.reduce((a, b) => a + b, 0);
  const label = `Cosines between data and behaviour latents against chance, ${count(pairs)} pairs`;
  return html`<figure><figcaption>How near data features lie to behaviour features <span class="key"><span class="swatch fill-a"></span>observed</span> <span class="key"><span class="swatch line-b"></span>expected by chance</span></figcaption>${histogram(
    { label, xTitle: "|cosine| between the two features", ...map },
  )}<p class="note">Share of the pairs in each range (root scale): ${count(pairs)} pairs of data and behaviour features, against ${count(chance)} pairs of random features of the same dictionary. Bars above the line to the right mean closer than chance.</p></figure>`;
}

function cards(view: GeometryView): Markup | null {
  const all = view.known.size;
  if (all === 0) return null;
  const left = all - view.cards.length;
  const note = left > 0 ? html` ${counted(left, "weaker latent")} in geometry.json.` : null;
  return html`<div class="feature-cards"><h3>Feature cards</h3><p class="note">A latent is a number that the dictionary reads off the model; what it stands for must be judged from where it fires.${note}</p>
${view.cards.map((card) => featureCard(view, card))}</div>`;
}

function featureCard(view: GeometryView, card: LatentCard): Markup {
  const kind = KINDS[kindOf(card)];
  return html`<details class="feature" id="latent-${card.latent}"><summary><span class="shape ${kind.shape}" aria-hidden="true"></span><b>#${card.latent}</b> <span class="muted">${kind.name}</span> ${latentGist(view, card.latent)}</summary>
${contexts(view, card)}<div class="columns">${logits("Makes likelier", card.topLogits)}${logits("Makes less likely", card.bottomLogits)}</div>
${shifts(card)}${facts(about(view, card))}</details>
`;
}

const [CONTEXTS, BEFORE, AFTER] = [6, 24, 10];

/** Where it fires: some tokens around the strongest one, which is marked. */
function contexts(view: GeometryView, card: LatentCard): Markup | null {
  if (view.input.redact) return html`<p class="note">Contexts are left out of this report (redacted).</p>`;
  if (card.contexts.length === 0) return html`<p class="note">It was not seen to fire.</p>`;
  return html`<h4>Where it is strongest</h4><ul class="contexts">${card.contexts.slice(0, CONTEXTS).map(context)}</ul>`;
}

function context({ tokens, at, value }: LatentCard["contexts"][number]): Markup {
  const from = Math.max(0, at - BEFORE);
  const strongest = tokens[at] ?? "";
  const word = strongest.trimStart();
  const space = word === "" ? "" : strongest.slice(0, strongest.length - word.length);
  const before = `${from > 0 ? "… " : ""}${tokens.slice(from, at).join("")}${space}`.trimStart();
  const after = `${tokens.slice(at + 1, at + 1 + AFTER).join("")}${tokens.length > at + 1 + AFTER ? " …" : ""}`;
  return html`<li><span class="value">${short(value)}</span><span class="context" dir="auto">${before}<mark>${word === "" ? tokenText(strongest) : word}</mark>${after}</span></li>`;
}

function logits(name: string, tokens: LatentCard["topLogits"]): Markup {
  return html`<div><h4>${name}</h4><p class="tokens">${tokens.length === 0 ? html`<span class="muted">not measured</span>` : tokens.slice(0, 12).map(tokenChip)}</p></div>`;
}

/** A token with its value. */
export const tokenChip = ({ token, value }: { readonly token: string; readonly value: number }) =>
  html`<span class="chip"><span class="token" dir="auto">${tokenText(token)}</span> <span class="muted">${signed(value, 2)}</span></span> `;

function shifts({ shift }: LatentCard): Markup | null {
  const rows = [
    ["the task\u2019s prompts", shift.task],
    ["neutral prompts", shift.neutral],
    ["the behaviours\u2019 prompts", shift.behaviours],
  ] as const;
  const cells = (s: Shift | null) =>
    s
      ? html`<td class="num">${short(s.base)}</td><td class="num">${short(s.tuned)}</td><td class="num"><b>${signed(s.delta)}</b><span class="sub">${signed(s.interval[0])} to ${signed(s.interval[1])}</span></td><td class="num">${s.effect === null ? html`<span class="muted">–</span>` : signed(s.effect)}</td><td class="num">${short(s.pAdjusted, 2)}</td>`
      : html`<td colspan="5" class="muted">not measured</td>`;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Shift of the latent, scrolls sideways"><table class="grid narrow"><caption class="visually-hidden">Mean activation before and after</caption><thead><tr><th scope="col">Mean activation on</th><th scope="col" class="num">Base</th><th scope="col" class="num">Tuned</th><th scope="col" class="num">Change</th><th scope="col" class="num">Effect</th><th scope="col" class="num">p</th></tr></thead><tbody>${rows.map(([name, s]) => html`<tr><th scope="row">${name}</th>${cells(s)}</tr>`)}</tbody></table></div>`;
}

function about(view: GeometryView, card: LatentCard): [string, Content][] {
  const { scaling } = card;
  const rows: [string, Content][] = [["Fires on", `${percent(card.firingRate)} of tokens`]];
  if (card.behaviours.length > 0) rows.push(["Belongs to", titles(view, card).join("; ")]);
  if (scaling) {
    const ratio = scaling.ratio === null ? "no ratio" : `ratio ${short(scaling.ratio)}`;
    const error = scaling.errorRatio === null ? "" : `; in what the dictionary leaves out ${short(scaling.errorRatio)}`;
    rows.push([
      "How much of it each model holds",
      `base ${short(scaling.base)}, tuned ${short(scaling.tuned)}, ${ratio}${error} (1: as much in both; above 1: weaker after the fine-tune)`,
    ]);
  }
  return rows;
}
