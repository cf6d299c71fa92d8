import type { GeometryBehaviour, Mechanism } from "../../records/index.ts";
import { cosine, count, counted, percent, points, short, signed } from "../format.ts";
import { type GeometryView, latentGist, latentLink, mechanismAnchor, titleOf } from "../geometryView.ts";
import { type Content, html, type Markup } from "../markup.ts";
import { mechanismName, mechanismPlain } from "../mechanismWords.ts";
import { type Line, lineChart } from "../plots/lineChart.ts";
import { type TakeBackRow, takeBackPlot } from "../plots/takeBackPlot.ts";
import { badge } from "./badge.ts";
import { actedOn, chainTable, draws, rise, rotationWords } from "./chain.ts";
import { facts } from "./facts.ts";
import { abstention } from "./fidelity.ts";
import { folded } from "./folded.ts";

/** The strongest stand open, the others fold; a link to one of them opens the fold. */
const OPEN = 4;

/** Why the behaviours moved: the chain, then every behaviour with what the interventions showed. */
export function whySection(view: GeometryView): Markup {
  const tested = view.geometry.behaviours
    .map((b, place) => ({ b, place }))
    .filter(({ b }) => b.mechanism)
    .sort((x, y) => size(view, y.b) - size(view, x.b));
  const cards = tested.map(({ b, place }) => mechanismCard(view, b, place));
  const shown =
    tested.length > 0
      ? html`<h3 id="interventions">What the interventions showed</h3>
<p class="note">To test a cause, it is taken away: the fine-tuned model runs again with the change along some directions put back to where the base was. If the behaviour returns, the shift ran through them.</p>
${cards.slice(0, OPEN)}${folded(cards.slice(OPEN), "behaviour")}`
      : html`<p class="empty">No behaviour\u2019s shift was tested by intervention in this run.</p>`;
  return html`<section id="why"><h2>Why it moved</h2>
<p class="lead">Which features the data amplify, which lie near them, what behaviours those control, and whether that is really how it happened.</p>
${abstention(view.geometry)}${chainTable(view)}${shown}${untested(view)}</section>`;
}

const size = (view: GeometryView, b: GeometryBehaviour) =>
  (b.inTask ? 0 : 10) + Math.abs(view.results.get(b.id)?.delta ?? 0);

function mechanismCard(view: GeometryView, b: GeometryBehaviour, place: number): Markup | null {
  const { mechanism: m } = b;
  if (!m) return null;
  const result = view.results.get(b.id);
  return html`<article class="card mechanism" id="${mechanismAnchor(place)}"><header><h4 class="title">${titleOf(view, b)}</h4>${result ? badge(result) : null}${result?.delta ? html`<span class="muted">${points(result.delta)} points</span>` : null}<span class="tag">${mechanismName(m)}</span></header>
<p class="reason">${m.why}</p><p class="note">${mechanismPlain({ ...m, measured: result?.delta ?? null })}</p>
<div class="split even">${takenBack(m)}${doseResponse(m)}</div>
${facts(readings(b, m))}${residue(view, b)}${ownLatents(view, b)}</article>
`;
}

function takenBack({ own, data }: Mechanism): Markup {
  const rows = takenRows({ own, data });
  const first = data ?? own;
  if (!first) return html`<p class="empty">Nothing was taken back: the shift does not show on the contrast pairs.</p>`;
  return html`<figure><figcaption>Share of the shift undone <span class="key"><span class="tick random"></span>best of ${draws(first.random.draws)} at random</span> <span class="key"><span class="tick matched"></span>best of ${draws(first.covarianceMatched.draws)} shaped like the activations</span></figcaption>${takeBackPlot(rows)}</figure>`;
}

const takenRows = ({ own, data }: Pick<Mechanism, "own" | "data">): TakeBackRow[] => [
  ...(data ? [{ name: `Directions from the data alone (rank ${data.rank})`, takeBack: data }] : []),
  ...(own ? [{ name: `The behaviour\u2019s own directions (rank ${own.rank})`, takeBack: own }] : []),
];

type Steering = NonNullable<Mechanism["steering"]>;

function doseResponse({ steering: s }: Mechanism): Markup {
  if (!s || s.doses.length === 0) return html`<p class="empty">The base was not steered for this behaviour.</p>`;
  const doses = rising(s.doses);
  const outside = s.rotated && differ(s.doses, s.rotated.doses) ? rising(s.rotated.doses) : null;
  const label = `Change of log-odds when the data\u2019s direction is added to the base: ${doses.map((one) => `${signed(one.delta)} at ${signed(one.strength)}`).join(", ")}; none of ${draws(s.random.draws)} of random directions goes beyond ${short(s.random.largest)}.`;
  const line = (name: string, className: Line["className"], all: Steering["doses"]): Line => ({
    name,
    className,
    points: all.map((one) => [one.strength, one.delta] as const),
    dots: true,
  });
  const chart = lineChart({
    label,
    xTitle: "Strength, in units of the data\u2019s own difference",
    lines: [line("dose", "line-a", doses), ...(outside ? [line("outside", "line-b", outside)] : [])],
    band: [-s.random.largest, s.random.largest],
    ...(s.rotated ? { marks: [[1, s.rotated.delta] as const] } : {}),
  });
  return html`<figure><figcaption>Adding the data\u2019s direction to the base: change of log-odds, nats <span class="key"><span class="swatch line-a"></span>by dose, both signs</span>${outside ? html` <span class="key"><span class="swatch line-b"></span>without the behaviour\u2019s own latents</span>` : null}${s.rotated ? html` <span class="key"><span class="shape hollow"></span>overlap removed</span>` : null} <span class="key"><span class="swatch patch"></span>largest of ${draws(s.random.draws)} at random</span></figcaption>${chart}</figure>`;
}

const rising = (doses: Steering["doses"]) => [...doses].sort((a, b) => a.strength - b.strength);

/** What the rotation test starts from: does it act as a cause would? */
function testedWords(whole: Steering["doses"], tested: NonNullable<Steering["rotated"]>): string {
  const what = differ(whole, tested.doses)
    ? "the data\u2019s without the behaviour\u2019s own latents"
    : "the data\u2019s";
  const said = rising(tested.doses).map(
    ({ strength, delta }) => `${signed(delta)} nats at strength ${signed(strength)}`,
  );
  return `${what}: sways it by ${said.join(", ")}; loss on neutral text ${rise(tested.neutralRise)}`;
}

/** Without a dictionary the rotation test is of the data's whole direction, and one line says both. */
const differ = (whole: Steering["doses"], outside: Steering["doses"]) =>
  outside.some((one) => whole.every((each) => each.strength !== one.strength || each.delta !== one.delta));

function readings(b: GeometryBehaviour, m: Mechanism): [string, Content][] {
  const { steering: s } = m;
  const rows: [string, Content][] = [
    ["Shift acted on", actedOn(m)],
    ...takenRows(m).map(({ name, takeBack: t }): [string, Content] => [
      name,
      `${percent(t.share)} undone (${percent(t.interval[0])} to ${percent(t.interval[1])}); random at most ${percent(t.random.largest)} (${draws(t.random.draws)}), matched at most ${percent(t.covarianceMatched.largest)} (${draws(t.covarianceMatched.draws)})`,
    ]),
  ];
  if (s) {
    rows.push(["Rotation test", rotationWords(m)]);
    if (s.rotated) rows.push(["Direction that is tested so", testedWords(s.doses, s.rotated)]);
    rows.push([
      "Random directions",
      `sway it by ${short(s.random.largest)} nats at most (${draws(s.random.draws)}, strength 1)`,
    ]);
    rows.push(["Cost on neutral text", html`loss ${rise(s.neutralRise)} at strength 1, at <code>${s.hook}</code>`]);
  }
  if (m.cosine !== null) rows.push(["Cosine of data and behaviour", cosine(m.cosine)]);
  if (m.sharedWeight !== null)
    rows.push(["Data\u2019s weight on the behaviour\u2019s latents", cosine(m.sharedWeight)]);
  if (b.driftCosine !== null) rows.push(["Cosine of drift and behaviour", drift(b)]);
  if (b.agreement !== null) rows.push(["Agreement of the two halves on the latents", cosine(b.agreement)]);
  return rows;
}

const drift = (b: GeometryBehaviour) =>
  `${cosine(b.driftCosine ?? 0)}${b.driftNull95 === null ? "" : ` (chance ±${cosine(b.driftNull95)})`}`;

/** Which channel of the model carries the shift; what only a dictionary could tell is left out where there is none. */
function residue(view: GeometryView, { residue: r }: GeometryBehaviour): Markup | null {
  if (!r) return null;
  const channels = [
    ...(view.geometry.dictionary
      ? ([
          ["features of the dictionary", r.features],
          ["what the dictionary leaves out", r.error],
        ] as const)
      : []),
    ["the template before the answer", r.prefix],
    ["attention", r.attention],
    ["the whole residual stream", r.wholeResidual],
  ] as const;
  return html`<p class="residue"><span class="muted">Shift carried by</span> ${channels.map(
    ([name, carried]) => html`<span class="channel">${name} ${carriedWords(carried)}</span> `,
  )}<span class="muted">In brackets 95% over ${counted(r.pairs, "pair")}. Channels overlap and need not add up.</span></p>`;
}

const carriedWords = (carried: NonNullable<GeometryBehaviour["residue"]>["features"]) =>
  carried
    ? html`<b>${percent(carried.share)}</b> <span class="muted">(${percent(carried.interval[0])} to ${percent(carried.interval[1])})</span>`
    : html`<b>not measured</b>`;

/** T_b with what both halves of the pairs say. */
function ownLatents(view: GeometryView, b: GeometryBehaviour): Markup | null {
  if (b.latents.length === 0) return null;
  return html`<details><summary>The behaviour\u2019s own ${b.latents.length === 1 ? "latent" : `${count(b.latents.length)} latents`}</summary><div class="scroll" role="region" tabindex="0" aria-label="Latents of the behaviour, scrolls sideways"><table class="grid"><caption class="visually-hidden">Latents of the behaviour</caption><thead><tr><th scope="col">Latent</th><th scope="col">Pushes</th><th scope="col" class="num">Attribution, chosen on</th><th scope="col" class="num">checked on</th><th scope="col" class="num">Activation difference</th></tr></thead><tbody>${b.latents.map(
    (one) =>
      html`<tr><th scope="row">${latentLink(view, one.latent)} ${latentGist(view, one.latent)}</th><td>${one.sign > 0 ? "towards" : "away"}</td><td class="num">${signed(one.attribution)}</td><td class="num">${signed(one.check)}</td><td class="num">${signed(one.activationDifference)}</td></tr>
`,
  )}</tbody></table></div><p class="note">Nats a pair. Chosen on one half of the contrast pairs and checked on the other.</p></details>`;
}

/** Behaviours without an intervention still have their drift and their latents. */
function untested(view: GeometryView): Markup | null {
  const rest = view.geometry.behaviours.filter((b) => !b.mechanism);
  if (rest.length === 0) return null;
  return html`<details><summary>${rest.length === 1 ? "The behaviour" : `The ${count(rest.length)} behaviours`} without an intervention</summary><p class="note">An intervention is run where a behaviour moved.</p>${rest.map(
    (b) =>
      html`<div class="item"><h4 class="title">${titleOf(view, b)}</h4>${facts(quiet(b))}${residue(view, b)}${ownLatents(view, b)}</div>`,
  )}</details>`;
}

function quiet(b: GeometryBehaviour): [string, Content][] {
  const rows: [string, Content][] = [
    ["Cosine of drift and behaviour", b.driftCosine === null ? "not measured" : drift(b)],
  ];
  if (b.agreement !== null) rows.push(["Agreement of the two halves on the latents", cosine(b.agreement)]);
  return rows;
}
