import type { FinetuneRecord, MetricsLine } from "../../records/index.ts";
import { count, counted, duration, short } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { lineChart, smoothed, thinned } from "../plots/lineChart.ts";
import { facts } from "./facts.ts";

const MOST_POINTS = 400;

/** What the training did. */
export function trainingSection({ finetune, metrics }: ReportInput): Markup {
  const body =
    finetune === null && metrics.length === 0
      ? html`<p class="empty">This run trained nothing: it audited a fine-tune that was made elsewhere.</p>`
      : html`<div class="split">${metrics.length > 0 ? lossChart(metrics) : html`<p class="empty">No metrics were kept.</p>`}${finetune ? summary(finetune) : null}</div>`;
  return html`<section id="training"><h2>The training</h2>${body}</section>`;
}

function lossChart(metrics: readonly MetricsLine[]): Markup {
  // The trend looks back over about an eighth of the run.
  const window = metrics.length / 8;
  const keep = window > 2 ? Math.min(0.98, 1 - 2 / (window + 1)) : 0;
  const smooth = smoothed(
    metrics.map((line) => line.loss),
    keep,
  );
  const raw = thinned(metrics, MOST_POINTS).map((line) => [line.step, line.loss] as const);
  const trend = thinned(
    metrics.map((line, i) => [line.step, smooth[i] ?? line.loss] as const),
    MOST_POINTS,
  );
  const [first, last] = [metrics[0], metrics.at(-1)];
  const label = `Training loss over ${counted(metrics.length, "step")}, from ${short(first?.loss ?? 0)} to ${short(last?.loss ?? 0)} nats per token.`;
  const lines = [
    { name: "each step", className: keep ? "line-faint" : "line-a", points: raw } as const,
    ...(keep ? [{ name: "trend", className: "line-a", points: trend } as const] : []),
  ];
  const key = keep
    ? html` <span class="key"><span class="swatch line-faint"></span>each step</span> <span class="key"><span class="swatch line-a"></span>trend</span>`
    : null;
  return html`<figure><figcaption>Training loss, nats per token${key}</figcaption>${lineChart({ label, xTitle: "Step", lines })}</figure>`;
}

function summary(f: FinetuneRecord): Markup {
  const merged = f.merged
    ? `equal to base + adapter within ${short(f.merged.maxLogitDifference, 2)} on any logit, ${short(f.merged.meanKlNats, 2)} nats of mean divergence, over ${count(f.merged.positions)} positions (${f.merged.dtype})`
    : "not made in this run";
  return facts([
    ["Method", `LoRA, rank ${f.rank}, alpha ${f.alpha}, on ${f.targetModules.join(", ")}`],
    ["Trained parameters", `${count(f.trainableParameters)} of ${count(f.base.parameters)}`],
    [
      "Length",
      `${counted(f.steps, "step")} of ${counted(f.batchRows, "row")}, ${counted(f.epochs, "epoch")}, ${count(f.trainedTokens)} tokens`,
    ],
    ["Learning rate", short(f.learningRate)],
    ["Loss", `${short(f.firstLoss)} → ${short(f.finalLoss)} nats per token`],
    ["Seed", String(f.seed)],
    ["Time", duration(f.durationMs)],
    ["Merged model", merged],
  ]);
}
