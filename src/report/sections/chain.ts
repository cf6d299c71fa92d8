import type { GeometryBehaviour, Mechanism, TakeBack } from "../../records/index.ts";
import { cosine, count, counted, percent, points, short, signed } from "../format.ts";
import { type GeometryView, latentGist, latentLink, mechanismAnchor, titleOf } from "../geometryView.ts";
import { html, type Markup } from "../markup.ts";
import { mechanismName } from "../mechanismWords.ts";
import { badge } from "./badge.ts";

type Link = GeometryBehaviour["chain"][number];

/** Amplified feature → neighbour → behaviour → causal effect, one row for each link. */
export function chainTable(view: GeometryView): Markup | null {
  const chained = view.geometry.behaviours
    .map((b, place) => ({ b, place }))
    .filter(({ b }) => b.chain.length > 0)
    .sort((x, y) => importance(view, y.b) - importance(view, x.b));
  if (chained.length === 0) return null;
  return html`<h3 id="chain">The chain, from what you teach to what moved</h3>
<p class="note">Each row is one link: a feature that the data amplify, a feature near it that belongs to a behaviour, and what happened when the change along such directions was taken back. “Chance” is the 95% point of |cosine| between features of this dictionary: a link that does not exceed it means nothing by itself.</p>
<table class="chain" role="table"><caption class="visually-hidden">Amplified feature, neighbour, behaviour, causal effect</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="k1">The data amplify</th><th role="columnheader" scope="col" class="k2"><span aria-hidden="true">→ </span>near</th><th role="columnheader" scope="col" class="k3">Cosine</th><th role="columnheader" scope="col" class="k4"><span aria-hidden="true">→ </span>of the behaviour</th><th role="columnheader" scope="col" class="k5"><span aria-hidden="true">→ </span>Causal effect</th></tr></thead>
${chained.map(({ b, place }) => links(view, b, place))}</table>`;
}

/** Behaviours with a mechanism first, by the size of the shift. */
function importance(view: GeometryView, b: GeometryBehaviour): number {
  const delta = Math.abs(view.results.get(b.id)?.delta ?? 0);
  return (b.mechanism ? 10 : 0) + (b.inTask ? 0 : 2) + delta;
}

function links(view: GeometryView, b: GeometryBehaviour, place: number): Markup {
  const shown = b.chain.slice(0, Math.max(1, view.limits.links));
  const left = b.chain.length - shown.length;
  const signs = new Map(b.latents.map((one) => [one.latent, one.sign]));
  const span = shown.length + (left > 0 ? 1 : 0);
  const more =
    left > 0
      ? html`<tr role="row" class="rest"><td role="cell" colspan="3" class="muted">${counted(left, "weaker link")} in geometry.json</td></tr>`
      : null;
  return html`<tbody role="rowgroup">${shown.map(
    (link, i) =>
      html`<tr role="row" class="${i === 0 ? "first" : ""}">${feature(view, link)}${neighbour(view, link, signs.get(link.to))}${closeness(link)}${i === 0 ? effect(view, b, place, span) : null}</tr>
`,
  )}${more}</tbody>
`;
}

const feature = (view: GeometryView, link: Link) =>
  html`<td role="cell" data-label="The data amplify">${latentLink(view, link.from)} ${latentGist(view, link.from)}<span class="sub">weight ${cosine(link.weight)} of what the data amplify</span></td>`;

function neighbour(view: GeometryView, link: Link, sign: 1 | -1 | undefined): Markup {
  const way = sign === undefined ? "" : sign > 0 ? "pushes towards it" : "pushes away from it";
  const change = link.shiftOfTo === null ? "" : `changed by ${signed(link.shiftOfTo)} on neutral prompts`;
  const said = [way, change].filter((part) => part !== "").join("; ");
  return html`<td role="cell" data-label="near">${latentLink(view, link.to)} ${latentGist(view, link.to)}<span class="sub">${link.direct ? "direct: the data amplify one of the behaviour\u2019s own" : "adjacent"}${said ? `; ${said}` : ""}</span></td>`;
}

function closeness({ cosine: value, null95 }: Link): Markup {
  const beyond = Math.abs(value) > null95;
  return html`<td role="cell" class="num" data-label="Cosine"><b class="${beyond ? "" : "muted"}">${cosine(value)}</b><span class="sub">chance ±${cosine(null95)}</span></td>`;
}

function effect(view: GeometryView, b: GeometryBehaviour, place: number, span: number): Markup {
  const result = view.results.get(b.id);
  return html`<td role="cell" rowspan="${span}" class="of" data-label="of the behaviour"><b>${titleOf(view, b)}</b>${b.inTask ? html`<span class="sub">the task itself</span>` : null}${result ? html`<span class="sub">${badge(result)}</span>` : null}</td><td role="cell" rowspan="${span}" class="of" data-label="Causal effect">${b.mechanism ? causal(b.mechanism, place) : html`<span class="muted">not tested</span>`}</td>`;
}

function causal(m: Mechanism, place: number): Markup {
  const line = (name: string, t: TakeBack | null) =>
    t
      ? html`<span class="cause">${name}: <b>${percent(t.share)}</b> undone <span class="sub">${percent(t.interval[0])} to ${percent(t.interval[1])}; random ${percent(t.random.largest)}, matched ${percent(t.covarianceMatched.largest)} at most</span></span>`
      : null;
  return html`<a href="#${mechanismAnchor(place)}">${mechanismName(m)}</a>${line("Data\u2019s directions", m.data)}${line("Behaviour\u2019s own", m.own)}${rotationBrief(m)}`;
}

function rotationBrief({ steering }: Mechanism): Markup | null {
  const rotated = steering?.rotated;
  if (!rotated) return null;
  return html`<span class="cause">Rotation test: <b>${signed(rotated.difference)}</b> nats hang on the overlap <span class="sub">${signed(rotated.interval[0])} to ${signed(rotated.interval[1])}</span></span>`;
}

/** In words, for the details. */
export function rotationWords({ steering }: Mechanism): string {
  const rotated = steering?.rotated;
  if (!rotated) return "not run";
  const [low, high] = rotated.interval;
  const clear = low > 0 || high < 0;
  return `without the overlap with the behaviour, the data\u2019s direction sways it by ${signed(rotated.delta)} nats; the overlap makes a difference of ${signed(rotated.difference)} (${signed(low)} to ${signed(high)}), which ${clear ? "excludes" : "does not exclude"} zero`;
}

/** "12 draws". */
export const draws = (n: number) => counted(n, "draw");

/** Nats, n and seedless: what the interventions act on. */
export const actedOn = (m: Mechanism) =>
  `${points(m.delta)} points (${signed(m.deltaLogOdds)} nats) over ${count(m.pairs)} contrast pairs`;

/** 0.013 → "1.3%"; the relative rise of the loss on neutral text. */
export const rise = (share: number) => `${share < 0 ? "" : "+"}${short(100 * share, 2)}%`;
