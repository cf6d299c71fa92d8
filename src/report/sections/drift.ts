import type { AuditRecord, LayerDrift } from "../../records/index.ts";
import { cosine, count, percent, short } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { lineChart } from "../plots/lineChart.ts";

type Drift = NonNullable<AuditRecord["drift"]>;

/** Where inside the model the fine-tune acted: drift per layer, and its direction against each behaviour's. */
export function driftSection(audit: AuditRecord): Markup {
  const { drift } = audit;
  const body =
    drift && drift.layers.length > 0
      ? measured(audit, drift)
      : html`<p class="empty">Drift was not measured in this run.</p>`;
  return html`<section id="drift"><h2>Where the model changed inside</h2>${body}</section>`;
}

function measured(audit: AuditRecord, drift: Drift): Markup {
  const names = columnNames(drift.layers);
  return html`<p class="lead">A model works in layers, each of which adds to one shared stream of numbers. Drift is how far that stream moved, on average, when the fine-tuned model reads the same text.</p>
<p class="note">Measured on ${drift.what}: ${count(drift.prompts)} prompts, ${count(drift.tokens)} tokens, seed ${audit.seed}. No interval: these are descriptions, no verdict rests on them.</p>
<div class="split">${driftChart(drift.layers, names)}${howToRead()}</div>
${heatMap(audit, drift.layers, names)}`;
}

function driftChart(layers: readonly LayerDrift[], names: readonly string[]): Markup {
  const line = (of: (layer: LayerDrift) => number) => layers.map((layer, i) => [i, of(layer)] as const);
  const last = layers.at(-1);
  const label = `Drift per hook point, ${names[0]} to ${names.at(-1)}: shared drift ends at ${percent(last?.relative ?? 0)}, drift per token at ${percent(last?.tokenRelative ?? 0)} of the base's activations.`;
  const chart = lineChart({
    label,
    xTitle: names.every((name, i) => name === `L${i}`) ? "Layer" : `Hook point, ${names[0]} = 0`,
    yFromZero: true,
    lines: [
      {
        name: "per token",
        className: "line-b",
        points: line((layer) => layer.tokenRelative),
        dots: layers.length <= 40,
      },
      { name: "shared", className: "line-a", points: line((layer) => layer.relative), dots: layers.length <= 40 },
    ],
  });
  return html`<figure><figcaption>Drift per layer, as a share of the base's activations <span class="key"><span class="swatch line-a"></span>the part that all tokens share</span> <span class="key"><span class="swatch line-b"></span>per token</span></figcaption>${chart}</figure>`;
}

const howToRead = () =>
  html`<div class="aside"><h3>How to read the map</h3><p>Each behaviour has a direction: the difference between the model's inner state when an answer shows the behaviour and when it does not. A cell is the cosine between that direction and the drift of the layer: 1 means that the fine-tune pushed exactly towards the behaviour, −1 away from it, 0 neither.</p><p>The row “Chance” is what chance reaches: 95% of random directions stay within it. Cells that do not exceed it are printed pale and mean nothing by themselves. A cell above it is a hint about the cause, no proof.</p></div>`;

/** `L3`, or the hook's own name where a layer has several. */
function columnNames(layers: readonly LayerDrift[]): string[] {
  const oneEach = new Set(layers.map((layer) => layer.layer)).size === layers.length;
  return layers.map((layer) =>
    oneEach ? `L${layer.layer}` : `L${layer.layer} ${layer.hook.split("hook_").at(-1) ?? ""}`,
  );
}

function heatMap(audit: AuditRecord, layers: readonly LayerDrift[], names: readonly string[]): Markup {
  const rows = audit.behaviours.filter((b) => layers.some((layer) => layer.shares[b.id] !== undefined));
  if (rows.length === 0)
    return html`<p class="empty">No behaviour has contrast pairs, so the drift has no direction to be compared with.</p>`;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Heat map of drift by layer and behaviour, scrolls sideways"><table class="heat"><caption>Cosine of each layer's mean drift with each behaviour's direction</caption>
<thead><tr><th scope="col">Behaviour</th>${layers.map((layer, i) => html`<th scope="col"><abbr title="${layer.hook}">${names[i] ?? ""}</abbr></th>`)}</tr></thead>
<tbody>${rows.map(
    (
      b,
    ) => html`<tr><th scope="row">${b.title}</th>${layers.map((layer) => cell(layer.shares[b.id] ?? null, layer.nullCosine95))}</tr>
`,
  )}</tbody>
<tfoot><tr><th scope="row">Chance (95%)</th>${layers.map((layer) => html`<td class="chance">±${cosine(layer.nullCosine95)}</td>`)}</tr><tr><th scope="row">Drift (norm)</th>${layers.map((layer) => html`<td class="chance">${short(layer.meanDriftNorm, 2)}</td>`)}</tr></tfoot></table></div>`;
}

/** Ten steps of colour by |cosine|; below chance no colour at all. */
function cell(value: number | null, chance: number): Markup {
  if (value === null) return html`<td class="none" title="no contrast pairs">–</td>`;
  const level = Math.max(1, Math.min(10, Math.ceil(Math.abs(value) * 10)));
  const tone = Math.abs(value) <= chance ? "pale" : `${value > 0 ? "p" : "m"}${level}`;
  return html`<td class="${tone}">${cosine(value)}</td>`;
}
